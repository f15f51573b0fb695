//! Growth of the norm, against runs driven by noise.

use analysis::StatsError;
use analysis::figure::norms::{NormSeries, Norms};
use analysis::norm_growth::{Contrast, NormGrowth};
use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::matrix;
use crate::errors::unfit;

/// Growth of one run, from mean codes `[T, N]` and the codes of the last generation `[n, N]`: norms `[T]`, R² of the
/// squared norm's line (NaN where it is constant), last norm, last spread.
#[pyfunction]
pub(crate) fn norm_growth<'py>(
    py: Python<'py>,
    trajectory: PyReadonlyArray2<'py, f64>,
    last_codes: PyReadonlyArray2<'py, f64>,
) -> PyResult<(Bound<'py, PyArray1<f64>>, f64, f64, f64)> {
    let (means, last) = (matrix(&trajectory), matrix(&last_codes));
    let growth = py.detach(|| NormGrowth::of_trajectory(&means, &last)).map_err(unfit)?;
    let norms = means.row_iter().map(|row| row.norm()).collect();
    let r_squared = growth.r_squared.unwrap_or(f64::NAN);
    Ok((PyArray1::from_vec(py, norms), r_squared, growth.final_norm, growth.final_spread))
}

/// The numbers of `actmax.AgainstControl` by name; None where the values have no test: too few, or without variation.
#[pyfunction]
pub(crate) fn norm_contrast<'py>(
    py: Python<'py>,
    evolved: PyReadonlyArray1<'py, f64>,
    control: PyReadonlyArray1<'py, f64>,
) -> PyResult<Option<Bound<'py, PyDict>>> {
    let found = match Contrast::of(&evolved.as_array().to_vec(), &control.as_array().to_vec()) {
        Err(StatsError::TooFew { .. } | StatsError::Constant) => return Ok(None),
        found => found.map_err(unfit)?,
    };
    let numbers = PyDict::new(py);
    numbers.set_item("evolved_mean", found.evolved.mean)?;
    numbers.set_item("control_mean", found.control.mean)?;
    numbers.set_item("t", found.t_test.t)?;
    numbers.set_item("degrees_of_freedom", found.t_test.degrees_of_freedom)?;
    numbers.set_item("t_p", found.t_test.p)?;
    numbers.set_item("rank_sum_z", found.rank_sum.z)?;
    numbers.set_item("rank_sum_p", found.rank_sum.p)?;
    Ok(Some(numbers))
}

/// The figure of norms by generation `[T]` of evolved and noise-driven runs, as SVG.
#[pyfunction]
pub(crate) fn norm_figure(
    optimizer: &str,
    evolved: Vec<PyReadonlyArray1<'_, f64>>,
    control: Vec<PyReadonlyArray1<'_, f64>>,
) -> PyResult<String> {
    let rows = |runs: Vec<PyReadonlyArray1<'_, f64>>| runs.iter().map(|run| run.as_array().to_vec()).collect();
    let series = NormSeries { optimizer: optimizer.to_owned(), norms: rows(evolved), control: rows(control) };
    Norms { title: "Norm of the mean code".to_owned(), series: vec![series] }.to_svg().map_err(unfit)
}
