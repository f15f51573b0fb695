//! Runs of objectives that the caller brings, kept as `actmax evolve` keeps its own.

use std::cell::RefCell;
use std::error::Error;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::rc::Rc;

use experiments::{
    Event, Evolver, GenerationReport, Goal, Journal, Keep, Needs, Noise, Observer, Outcome, Provenance, RunFolder,
    RunPlan, RunSpec, RunSummary, codes_to_npy,
};
use gen_models::Images;
use optim_core::{Objective, Population};

use super::{EvolveSummary, ImageSource, Outputs, SessionTime, event_in_words};
use crate::{CommandError, Ending};

/// Why the caller's generator made no images.
pub type ImagesError = Box<dyn Error + Send + Sync>;

/// Makes images of codes, C-order `[n, N]`.
pub type CustomImages<'a> = &'a mut dyn FnMut(&[f32]) -> Result<Images, ImagesError>;

/// A run of the caller's objective in a folder of its own.
pub struct CustomRun {
    /// The run. Its objective is in the caller's words.
    pub spec: RunSpec,
    /// Codes to start from, of which `spec` holds the checksum.
    pub initial: Option<Population>,
    /// The folder.
    pub folder: PathBuf,
    /// What to do with a run that the folder holds.
    pub existing: ExistingRun,
    /// Codes that are kept.
    pub keep: Keep,
    /// What is evolved, for headings.
    pub title: String,
}

/// What to do with a run that a folder holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ExistingRun {
    /// Refuse the folder.
    #[default]
    Refuse,
    /// Remove the run.
    Overwrite,
    /// Go on with it; there must be one.
    Resume,
}

impl CustomRun {
    /// Runs, and writes what `actmax evolve` writes; `images` makes images of codes, C-order `[n, N]`, and without it no
    /// image is written. If the objective fails, the files hold the generations before, from which the run goes on.
    ///
    /// # Errors
    /// If settings do not fit, the folder cannot be used, or the objective fails.
    pub fn run<F: Objective>(
        self,
        objective: &mut F,
        images: Option<CustomImages<'_>>,
        observer: &mut dyn Observer,
    ) -> Result<Ending, CommandError> {
        let plan = RunPlan { keep: self.keep, ..self.spec.plan() };
        let needs = Needs::of_run(&self.spec.method, self.spec.dim, &plan);
        let needs = needs.with_journal(&self.spec.method, self.spec.dim, &plan);
        needs.check_memory("the run")?;
        needs.check_disk("the run", &self.folder)?;
        let provenance = Provenance::here().with_version("actmax", env!("CARGO_PKG_VERSION"));
        let optimizer = self.spec.optimizer(self.initial.as_ref())?;
        let (folder, journal) = self.storage(&provenance)?;
        let replayed = journal.recorded().len();
        let warnings = Warnings::of(self.spec.goal);
        let mut evolver = Evolver::new(optimizer, plan)?
            .with_journal(journal)
            .with_observer(warnings.clone())
            .with_observer(observer);
        let driven = evolver.drive(objective);
        if driven.is_err() && evolver.generation() == 0 {
            drop(evolver);
            folder.discard_unscored()?;
            return driven.map(|()| Ending::Done).map_err(CommandError::from);
        }
        let evolution = evolver.finish()?;
        let recorded = self.spec.noise == Noise::None;
        let summary = EvolveSummary {
            run: RunSummary::new(&evolution, &self.spec, &provenance, None),
            onnx_seconds: SessionTime::of(&evolution, replayed, 0.0),
            reference: None,
            warnings: warnings.texts.take(),
        };
        let mut caller = images.map(FromCaller);
        let generator = caller.as_mut().map(|caller| caller as &mut dyn ImageSource);
        let outputs = Outputs {
            folder: &folder,
            generator,
            evolution: &evolution,
            optimizer: self.spec.method.name(),
            geometry: None,
            references: None,
            only: None,
            recorded,
            title: self.title,
            published: false,
        };
        // What stopped the objective is told before what stopped the images.
        let written = outputs.write(&summary);
        driven?;
        written?;
        Ok(if evolution.outcome == Outcome::Interrupted { Ending::Interrupted } else { Ending::Done })
    }

    fn storage(&self, here: &Provenance) -> Result<(RunFolder, Journal), CommandError> {
        if self.existing == ExistingRun::Resume {
            let folder = RunFolder::resume(&self.folder)?;
            let journal = Journal::resume(&folder.journal(), &self.spec, here)?;
            return Ok((folder, journal));
        }
        let folder = RunFolder::create(&self.folder, self.existing == ExistingRun::Overwrite)?;
        if let Some(codes) = &self.initial {
            let failed = |source| CommandError::Write { path: experiments::INITIAL_CODES_FILE.into(), source };
            folder.write_atomic(experiments::INITIAL_CODES_FILE, &codes_to_npy(codes).map_err(failed)?)?;
        }
        let journal = Journal::create(&folder.journal(), &self.spec, self.keep, here)?;
        Ok((folder, journal))
    }
}

/// The caller's generator.
struct FromCaller<'a>(CustomImages<'a>);

impl ImageSource for FromCaller<'_> {
    fn images(&mut self, codes: &[f32]) -> Result<Images, CommandError> {
        (self.0)(codes).map_err(CommandError::CustomImages)
    }
}

/// Keeps the warnings of a run for its summary.
#[derive(Clone)]
pub(crate) struct Warnings {
    goal: Goal,
    pub(crate) texts: Rc<RefCell<Vec<String>>>,
}

impl Warnings {
    pub(crate) fn of(goal: Goal) -> Self {
        Self { goal, texts: Rc::default() }
    }
}

impl Observer for Warnings {
    fn on_generation(&mut self, _report: &GenerationReport<'_>) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn on_warning(&mut self, event: &Event) {
        self.texts.borrow_mut().extend(event_in_words(event, self.goal));
    }
}
