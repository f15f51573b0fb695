//! Codes on the axes of a generator's metric.

use analysis::StatsError;
use analysis::alignment::{
    Alignment, Projections, ROUNDING, Shuffled, axes_above_rounding, axes_beyond_shuffles, singular_value_shares,
};
use analysis::correlation::Correlation;
use analysis::figure::alignment::{Alignment as Figure, Correlations};
use analysis::ks::KsTest;
use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use optim_core::nalgebra::DMatrix;
use optim_core::{Stream, stream_rng};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rand::RngExt;

use super::{matrix, rows_array};
use crate::errors::unfit;

/// Level at which singular values are compared with those of shuffles, as published.
const LEVEL: f64 = 0.01;

/// Codes, their shuffles and codes of noise-driven runs on the same axes.
struct Found {
    evolved: Vec<f64>,
    shuffled: Shuffled,
    noise_driven: Option<Vec<f64>>,
    alignment: Alignment,
    of_shuffled: f64,
    of_noise_driven: f64,
    shares: Vec<f64>,
    beyond: usize,
}

impl Found {
    fn of(
        [codes, axes]: [&DMatrix<f64>; 2],
        noise_driven: Option<&DMatrix<f64>>,
        eigenvalues: &[f64],
        cutoff: usize,
        (shuffles, seed): (usize, u64),
    ) -> Result<Self, StatsError> {
        let mut rng = stream_rng(seed, Stream::Resampling, 0);
        let evolved = Projections::of(codes, axes)?.mean_absolute;
        let shuffled = Shuffled::of(codes, axes, shuffles, |n| rng.random_range(0..n))?;
        let noise_driven = noise_driven.map(|codes| Projections::of(codes, axes)).transpose()?;
        let noise_driven = noise_driven.map(|sizes| sizes.mean_absolute);
        let alignment = Alignment::of(&evolved, &shuffled.mean_absolute, eigenvalues, cutoff)?;
        let relate = |sizes: &[f64]| Alignment::of(sizes, &shuffled.mean_absolute, eigenvalues, cutoff);
        let correlation = |sizes: &[f64]| relate(sizes).map_or(f64::NAN, |found| found.pearson.r);
        let shares = singular_value_shares(codes)?;
        Ok(Self {
            of_shuffled: correlation(&shuffled.mean_absolute),
            of_noise_driven: noise_driven.as_deref().map_or(f64::NAN, correlation),
            beyond: axes_beyond_shuffles(&shares, &shuffled.shares, LEVEL)?,
            evolved,
            shuffled,
            noise_driven,
            alignment,
            shares,
        })
    }
}

/// The numbers of `actmax.Alignment` by name. Codes are `[M, N]`, eigenvectors `[N, k]`; no cut-off: what is above rounding.
#[pyfunction]
#[pyo3(signature = (codes, eigenvalues, eigenvectors, noise_driven, cutoff, shuffles, seed))]
#[expect(clippy::too_many_arguments, reason = "of Python, where they have names")]
pub(crate) fn alignment<'py>(
    py: Python<'py>,
    codes: PyReadonlyArray2<'py, f64>,
    eigenvalues: PyReadonlyArray1<'py, f64>,
    eigenvectors: PyReadonlyArray2<'py, f64>,
    noise_driven: Option<PyReadonlyArray2<'py, f64>>,
    cutoff: Option<usize>,
    shuffles: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let (codes, axes) = (matrix(&codes), matrix(&eigenvectors));
    let eigenvalues = eigenvalues.as_array().to_vec();
    if !eigenvalues.is_sorted_by(|a, b| a >= b) {
        return Err(PyValueError::new_err("eigenvalues must fall: give the largest first, and its eigenvector first"));
    }
    let noise_driven = noise_driven.map(|codes| matrix(&codes));
    let cutoff = cutoff.unwrap_or_else(|| axes_above_rounding(&eigenvalues));
    let found = py
        .detach(|| Found::of([&codes, &axes], noise_driven.as_ref(), &eigenvalues, cutoff, (shuffles, seed)))
        .map_err(|error| match error {
            StatsError::TooFew { needed: 3, found } => PyValueError::new_err(format!(
                "{found} eigenvalues before the cut-off {cutoff} are positive, 3 are needed; without cutoff it lies where                  they fall below {ROUNDING:e} of the largest"
            )),
            error => unfit(error),
        })?;
    let numbers = PyDict::new(py);
    let put = |name: &str, values: Vec<f64>| numbers.set_item(name, PyArray1::from_vec(py, values));
    put("eigenvalues", eigenvalues)?;
    put("evolved", found.evolved)?;
    put("shuffled", found.shuffled.mean_absolute)?;
    numbers.set_item("noise_driven", found.noise_driven.map(|sizes| PyArray1::from_vec(py, sizes)))?;
    numbers.set_item("cutoff", cutoff)?;
    numbers.set_item("pearson", correlation(py, &found.alignment.pearson)?)?;
    numbers.set_item("spearman", correlation(py, &found.alignment.spearman)?)?;
    numbers.set_item("before", distance(py, &found.alignment.before)?)?;
    numbers.set_item("after", found.alignment.after.map(|test| distance(py, &test)).transpose()?)?;
    numbers.set_item("shuffled_pearson", found.of_shuffled)?;
    numbers.set_item("noise_driven_pearson", found.of_noise_driven)?;
    put("singular_values", roots(&found.shares))?;
    let shuffled: Vec<Vec<f64>> = found.shuffled.shares.iter().map(|shares| roots(shares)).collect();
    numbers.set_item("shuffled_singular_values", rows_array(py, &shuffled)?)?;
    numbers.set_item("axes_beyond_shuffles", found.beyond)?;
    Ok(numbers)
}

/// Singular values of codes of squared length 1 in total, from their shares.
fn roots(shares: &[f64]) -> Vec<f64> {
    shares.iter().map(|share| share.sqrt()).collect()
}

fn correlation<'py>(py: Python<'py>, found: &Correlation) -> PyResult<Bound<'py, PyDict>> {
    let numbers = PyDict::new(py);
    numbers.set_item("r", found.r)?;
    numbers.set_item("p", found.p)?;
    numbers.set_item("n", found.n)?;
    Ok(numbers)
}

fn distance<'py>(py: Python<'py>, test: &KsTest) -> PyResult<Bound<'py, PyDict>> {
    let numbers = PyDict::new(py);
    numbers.set_item("statistic", test.statistic)?;
    numbers.set_item("p", test.p)?;
    Ok(numbers)
}

/// The figure of an alignment, as SVG. `correlations` are those of evolved, shuffled and noise-driven codes.
#[pyfunction]
pub(crate) fn alignment_figure(
    eigenvalues: Vec<f64>,
    evolved: Vec<f64>,
    shuffled: Vec<f64>,
    noise_driven: Vec<f64>,
    correlations: [f64; 3],
    singular_values: Vec<f64>,
    shuffled_singular_values: Vec<Vec<f64>>,
) -> PyResult<String> {
    let [evolved_r, shuffled_r, noise_driven_r] = correlations;
    let figure = Figure {
        title: "Codes on the axes of the generator's metric".to_owned(),
        correlations: Some(Correlations { evolved: evolved_r, shuffled: shuffled_r, noise_driven: noise_driven_r }),
        eigenvalues,
        evolved,
        shuffled,
        noise_driven,
        singular_values,
        shuffled_singular_values,
    };
    figure.to_svg().map_err(unfit)
}
