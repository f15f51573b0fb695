//! Runs in a folder: of networks by name as the command makes them, and of callables.

use std::ops::ControlFlow;
use std::path::PathBuf;

use actmax::{CommandError, CustomImages, CustomRun, Ending, EvolveArgs, ExistingRun, ImagesError};
use experiments::{EvolveError, GenerationReport, Goal, Keep, Noise, Observer, RunSpec, RunStart};
use gen_models::Images;
use networks::{Library, StartNorm};
use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadonlyArray4};
use optim_core::{Objective, Population};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::command;
use crate::errors::{ActmaxError, report, unfit};
use crate::networks::{as_images, failed};
use crate::optimizer::{configured, population};

/// What both kinds of runs are told, as JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    optimizer: String,
    options: Map<String, Value>,
    /// Norm of the first codes, where the options do not hold it.
    norm: Option<f64>,
    seed: u64,
    generations: u32,
    maximize: bool,
    /// Standard deviation relative to the score.
    noise: f64,
    out: PathBuf,
    overwrite: bool,
    resume: bool,
    keep_codes: String,
}

impl Settings {
    fn parse(json: &str) -> PyResult<Self> {
        serde_json::from_str(json).map_err(unfit)
    }

    fn keep(&self) -> PyResult<Keep> {
        match self.keep_codes.as_str() {
            "all" => Ok(Keep::All),
            "last" => Ok(Keep::LastOnly),
            "none" => Ok(Keep::None),
            other => Err(PyValueError::new_err(format!("keep_codes is 'all', 'last' or 'none', not '{other}'"))),
        }
    }

    fn existing(&self) -> ExistingRun {
        match (self.resume, self.overwrite) {
            (true, _) => ExistingRun::Resume,
            (false, true) => ExistingRun::Overwrite,
            (false, false) => ExistingRun::Refuse,
        }
    }
}

/// Networks by name, as JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    generator: String,
    cnn: String,
    units: Vec<String>,
    models: Option<PathBuf>,
    threads: Option<std::num::NonZeroUsize>,
    device: String,
    init: Option<PathBuf>,
}

/// Runs `actmax evolve` without its words. `stop` is called after each generation. Returns whether all were scored.
#[pyfunction]
pub(crate) fn evolve_named(py: Python<'_>, settings: &str, networks: &str, stop: Py<PyAny>) -> PyResult<bool> {
    let settings = Settings::parse(settings)?;
    let named: Named = serde_json::from_str(networks).map_err(unfit)?;
    let mut args = EvolveArgs {
        units: named.units,
        minimize: !settings.maximize,
        generator: Some(named.generator),
        cnn: Some(named.cnn),
        optimizer: Some(settings.optimizer.clone()),
        options: settings.options.iter().map(|(name, value)| (name.clone(), written(value))).collect(),
        norm: settings.norm.map(StartNorm::Number),
        generations: Some(settings.generations.into()),
        noise: Some(settings.noise),
        seed: Some(settings.seed),
        init: named.init,
        out: Some(settings.out.clone()),
        resume: settings.resume,
        overwrite: settings.overwrite,
        keep_codes: Some(settings.keep()?),
        threads: named.threads,
        quiet: true,
        ..EvolveArgs::default()
    };
    args.device.device = named.device.parse().map_err(unfit)?;
    let library = Library::open(named.models.as_deref()).map_err(|error| failed(&error))?;
    let library = library.with_messages(|message| eprintln!("{message}"));
    let signals = Signals { stop };
    ended(py.detach(|| actmax::evolve(&library, &args, &mut std::io::sink(), || Ok(signals))))
}

/// A value as it is written after `--option NAME=`.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(word) => word.clone(),
        value => value.to_string(),
    }
}

/// Runs an evolution of `objective`, which takes codes `[n, N]` and returns scores `[n]`; `images`, if there is any, returns
/// images `[n, 3, H, W]` of codes. Returns whether all generations were scored.
#[pyfunction]
#[pyo3(signature = (settings, dim, words, title, objective, images, init_codes, stop))]
#[expect(clippy::too_many_arguments, reason = "of Python, where they have names")]
pub(crate) fn evolve_callables(
    py: Python<'_>,
    settings: &str,
    dim: usize,
    words: &str,
    title: String,
    objective: Py<PyAny>,
    images: Option<Py<PyAny>>,
    init_codes: Option<PyReadonlyArray2<'_, f64>>,
    stop: Py<PyAny>,
) -> PyResult<bool> {
    let settings = Settings::parse(settings)?;
    let words: Value = serde_json::from_str(words).map_err(unfit)?;
    let initial = init_codes.map(|codes| population(&codes)).transpose()?;
    let spec = RunSpec {
        method: configured(&settings.optimizer, &settings.options, settings.norm, dim)?,
        dim,
        seed: settings.seed,
        generations: settings.generations,
        noise: if settings.noise == 0.0 { Noise::None } else { Noise::Multiplicative { level: settings.noise } },
        goal: if settings.maximize { Goal::Maximize } else { Goal::Minimize },
        objective: words.into(),
        initial_codes_sha256: initial.as_ref().map(experiments::codes_sha256),
        reps: 1,
        stop: experiments::StopRules::default(),
        initial_norm: None,
    };
    let (keep, existing) = (settings.keep()?, settings.existing());
    let run = CustomRun { spec, initial, folder: settings.out, existing, keep, title };
    let mut objective = Callable { dim, call: objective };
    let mut signals = Signals { stop };
    ended(py.detach(|| {
        let mut make = |codes: &[f32]| match &images {
            Some(images) => images_of(images, codes, dim).map_err(|error| Box::new(error) as ImagesError),
            None => Err("there is no generator".into()),
        };
        let make: Option<CustomImages<'_>> = if images.is_some() { Some(&mut make) } else { None };
        run.run(&mut objective, make, &mut signals)
    }))
}

/// The end of a run; an exception that a callable raised is raised again.
fn ended(result: Result<Ending, CommandError>) -> PyResult<bool> {
    match result {
        Ok(ending) => Ok(ending == Ending::Done),
        Err(CommandError::Evolve(EvolveError::Evaluation { generation, source })) => {
            Err(source.downcast::<PyErr>().map_or_else(
                |source| ActmaxError::new_err(format!("generation {generation}: {}", report(&*source))),
                |raised| *raised,
            ))
        }
        Err(CommandError::CustomImages(source)) => Err(source
            .downcast::<PyErr>()
            .map_or_else(|source| ActmaxError::new_err(report(&*source)), |raised| *raised)),
        Err(CommandError::Evolve(error @ (EvolveError::WrongScoreCount { .. } | EvolveError::AllNan { .. }))) => {
            Err(unfit(error))
        }
        Err(error) => Err(command::failed(error)),
    }
}

/// A callable as an objective.
struct Callable {
    dim: usize,
    call: Py<PyAny>,
}

impl Objective for Callable {
    type Error = PyErr;

    fn dim(&self) -> usize {
        self.dim
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), PyErr> {
        Python::attach(|py| {
            let array = PyArray1::from_slice(py, codes.as_slice()).reshape([codes.len(), codes.dim()])?;
            let returned = self.call.bind(py).call1((array,))?;
            let returned: PyReadonlyArray1<'_, f64> = returned.extract()?;
            scores.clear();
            scores.extend(returned.as_array().iter());
            Ok(())
        })
    }
}

fn images_of(generator: &Py<PyAny>, codes: &[f32], dim: usize) -> PyResult<Images> {
    Python::attach(|py| {
        let array: Bound<'_, PyArray2<f32>> = PyArray1::from_slice(py, codes).reshape([codes.len() / dim, dim])?;
        let images: PyReadonlyArray4<'_, f32> = generator.bind(py).call1((array,))?.extract()?;
        as_images(&images)
    })
}

/// Ends a run after the generation in flight when the caller says so.
struct Signals {
    stop: Py<PyAny>,
}

impl Signals {
    /// Python's handlers of signals run here. One that raises ends the run too.
    fn look(&mut self) -> ControlFlow<()> {
        let asked = Python::attach(|py| {
            py.check_signals()?;
            self.stop.bind(py).call0()?.is_truthy()
        });
        if matches!(asked, Ok(false)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }
}

impl Observer for Signals {
    fn on_start(&mut self, _start: &RunStart) -> ControlFlow<()> {
        self.look()
    }

    fn on_generation(&mut self, _report: &GenerationReport<'_>) -> ControlFlow<()> {
        self.look()
    }
}
