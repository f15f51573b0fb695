//! The metric of a generator, measured by steps of codes.

use analysis::figure::metric_spectrum::{Eigenvalues, MetricSpectrum};
use analysis::metric::Spectrum;
use experiments::probe::{Difference, Directions, MetricPlan, ProbeError, metric};
use gen_models::{GeneratorSession, Images};
use numpy::{PyArray1, PyReadonlyArray2};
use optim_core::nalgebra::DMatrix;
use optim_core::{Population, Stream, stream_rng};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rand_distr::{Distribution, StandardNormal};

use crate::analyses::array;
use crate::errors::{ActmaxError, report, unfit};
use crate::networks::{Generator, fitting, images_array};

/// Pixels are averaged over squares to at most this many a side.
const SIDE: usize = 64;

/// What `actmax.Generator.metric` is told.
struct Plan {
    measure: MetricPlan,
    axes: usize,
    seed: u64,
    features: Option<Py<PyAny>>,
}

impl Plan {
    /// Features of a batch. Signals are heard here, so that Ctrl-C ends a long measurement.
    fn append_features(&self, images: &Images, out: &mut Vec<f32>) -> PyResult<()> {
        Python::attach(|py| {
            py.check_signals()?;
            let Some(features) = &self.features else {
                images.append_averaged(SIDE, out);
                return Ok(());
            };
            let returned = features.bind(py).call1((images_array(py, images)?,))?;
            let returned: PyReadonlyArray2<'_, f32> = returned.extract()?;
            out.extend(returned.as_array().iter());
            Ok(())
        })
    }

    fn at(&self, session: &mut GeneratorSession, code: &[f64]) -> PyResult<DMatrix<f64>> {
        metric(session, code, &self.measure, |images, out| self.append_features(images, out), |_, _| ())
            .map_err(refused)
    }

    /// The mean of the metrics at all codes: its leading axes, or all of them where the eigenvalues do not fall off.
    fn spectrum(&self, session: &mut GeneratorSession, codes: &Population) -> PyResult<Spectrum> {
        let (count, mut codes) = (codes.len(), codes.iter());
        let first = codes.next().ok_or_else(|| PyValueError::new_err("a metric is measured at one code or more"))?;
        // The sum alone is held: a metric along all axes has N² numbers.
        let at_first = self.at(session, first)?;
        let sum = codes.try_fold(at_first, |sum, code| Ok::<_, PyErr>(sum + self.at(session, code)?))?;
        let mean = sum / count as f64;
        if let Directions::Columns(columns) = &self.measure.directions {
            return Spectrum::of(&mean).and_then(|found| found.in_code_space(columns)).map_err(unfit);
        }
        let mut rng = stream_rng(self.seed, Stream::Resampling, 0);
        let count = self.axes.min(mean.nrows());
        Spectrum::leading(&mean, count, || StandardNormal.sample(&mut rng))
            .or_else(|_| Spectrum::of(&mean))
            .map_err(unfit)
    }
}

/// The exception for a metric that cannot be measured; one that `features` raised is raised again.
fn refused(error: ProbeError) -> PyErr {
    match error {
        ProbeError::Evaluation(source) => {
            source.downcast::<PyErr>().map_or_else(|source| ActmaxError::new_err(report(&*source)), |raised| *raised)
        }
        error => unfit(error),
    }
}

/// The numbers of `actmax.Metric` by name. Codes are `[n, N]`; without `step` it is a hundredth of the generator's norm of codes.
#[pyfunction]
#[pyo3(signature = (generator, codes, axes, directions, step, central, seed, features))]
#[expect(clippy::too_many_arguments, reason = "of Python, where they have names")]
pub(crate) fn measure_metric<'py>(
    py: Python<'py>,
    generator: &Generator,
    codes: PyReadonlyArray2<'py, f64>,
    axes: usize,
    directions: Option<usize>,
    step: Option<f64>,
    central: bool,
    seed: u64,
    features: Option<Py<PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let codes = fitting(&codes, generator.dim)?;
    let directions = match directions {
        None => Directions::Axes,
        Some(count) => {
            let mut rng = stream_rng(seed, Stream::Resampling, 1);
            Directions::random(generator.dim, count, &mut rng).map_err(refused)?
        }
    };
    let step = step.unwrap_or(generator.code_norm / 100.0);
    let difference = if central { Difference::Central } else { Difference::Forward };
    let plan = Plan { measure: MetricPlan { directions, step, difference, batch: 40 }, axes, seed, features };
    let found = generator.session.lend(py, |session| plan.spectrum(session, &codes))??;
    let numbers = PyDict::new(py);
    numbers.set_item("participation_ratio", found.participation_ratio().unwrap_or(f64::NAN))?;
    numbers.set_item("trace", found.trace)?;
    numbers.set_item("eigenvectors", array(py, &found.eigenvectors)?)?;
    numbers.set_item("eigenvalues", PyArray1::from_vec(py, found.eigenvalues))?;
    numbers.set_item("step", step)?;
    Ok(numbers)
}

/// The figure of a spectrum, as SVG.
#[pyfunction]
pub(crate) fn metric_figure(eigenvalues: Vec<f64>, trace: f64, title: String, note: String) -> PyResult<String> {
    let average = Eigenvalues { values: eigenvalues, trace };
    MetricSpectrum { title, note, codes: Vec::new(), average }.to_svg().map_err(unfit)
}
