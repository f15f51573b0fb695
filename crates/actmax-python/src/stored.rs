//! What a run left in its folder.

use std::path::PathBuf;

use experiments::campaign::{CampaignError, Store};
use experiments::{ArrayFileError, EVOLUTION_FILE, StoredEvolution};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Value, json};

use crate::errors::{ActmaxError, report, unfit};

/// The finished runs of a campaign's folder, in the order of the grid: a list of `[record, path of the arrays]` as JSON.
#[pyfunction]
pub(crate) fn campaign_runs(py: Python<'_>, folder: PathBuf) -> PyResult<String> {
    let runs = || -> Result<Vec<Value>, CampaignError> {
        Store::open(&folder)?.runs().map(|run| run.map(|run| json!([run.record, run.npz]))).collect()
    };
    let runs = py.detach(runs).map_err(|error| match error {
        error @ CampaignError::NoCampaign { .. } => unfit(error),
        error => ActmaxError::new_err(report(&error)),
    })?;
    Ok(Value::Array(runs).to_string())
}

/// The arrays of a run's `.npz`, or of that in its folder, by their names there.
#[pyfunction]
pub(crate) fn read_evolution<'py>(py: Python<'py>, path: PathBuf) -> PyResult<Bound<'py, PyDict>> {
    let file =
        if path.extension().is_some_and(|extension| extension == "npz") { path } else { path.join(EVOLUTION_FILE) };
    let stored = py.detach(|| StoredEvolution::read(&file)).map_err(|error| match error {
        error @ ArrayFileError::NotFound { .. } => unfit(error),
        error => ActmaxError::new_err(report(&error)),
    })?;
    let (dim, arrays) = (stored.dim, PyDict::new(py));
    let codes = |values: Vec<f32>| {
        let rows = values.len() / dim.max(1);
        PyArray1::from_vec(py, values).reshape([rows, dim])
    };
    arrays.set_item("codes_all", stored.codes_all.map(codes).transpose()?)?;
    arrays.set_item("last_codes", codes(stored.last_codes)?)?;
    arrays.set_item("scores_all", PyArray1::from_vec(py, stored.scores_all))?;
    arrays.set_item("cleanscores_all", PyArray1::from_vec(py, stored.cleanscores_all))?;
    arrays.set_item("generations", PyArray1::from_vec(py, stored.generations))?;
    arrays.set_item("generation_means", codes(stored.generation_means)?)?;
    arrays.set_item("mean_norms", PyArray1::from_vec(py, stored.mean_norms))?;
    arrays.set_item("next_codes", codes(stored.next_codes)?)?;
    arrays.set_item("best_code", stored.best_code.map(|code| PyArray1::from_vec(py, code)))?;
    arrays.set_item("recommended", PyArray1::from_vec(py, stored.recommended))?;
    arrays.set_item("runtime", stored.runtime)?;
    let diagnostics = PyDict::new(py);
    for (name, values) in stored.diagnostics {
        diagnostics.set_item(name, PyArray1::from_vec(py, values))?;
    }
    arrays.set_item("diagnostics", diagnostics)?;
    Ok(arrays)
}

/// The figure of all scores of a run, as SVG. `generations`, `clean` and `noisy` are `[n]`.
#[pyfunction]
pub(crate) fn score_trace(
    optimizer: &str,
    generations: PyReadonlyArray1<'_, i64>,
    clean: PyReadonlyArray1<'_, f64>,
    noisy: PyReadonlyArray1<'_, f64>,
    minimized: bool,
    recorded: bool,
) -> PyResult<String> {
    let (clean, noisy) = (clean.as_array().to_vec(), noisy.as_array().to_vec());
    let generations: Vec<u32> =
        generations.as_array().iter().map(|&generation| u32::try_from(generation)).collect::<Result<_, _>>()?;
    if [clean.len(), noisy.len()] != [generations.len(); 2] {
        return Err(PyValueError::new_err("generations and scores have different lengths"));
    }
    let trace = actmax::score_trace(String::new(), optimizer, &generations, [&clean, &noisy], minimized, recorded);
    Ok(trace.to_svg())
}
