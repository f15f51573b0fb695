//! Distances of codes within generations and of mean codes across them.

use analysis::StatsError;
use analysis::distances::CodeDistances;
use analysis::figure::step_geometry::{Distances, StepGeometry, StepSeries};
use numpy::{PyArray1, PyReadonlyArray1, PyReadonlyArray2};
use optim_core::nalgebra::DMatrix;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::matrix;
use crate::errors::unfit;

/// Mean angles in degrees and mean Euclidean distances over pairs; NaN where there is no such number.
#[derive(Default)]
struct Means {
    angles: Vec<f64>,
    distances: Vec<f64>,
}

impl Means {
    fn push(&mut self, codes: &DMatrix<f64>) -> Result<(), StatsError> {
        match CodeDistances::of(codes) {
            Ok(found) => {
                self.angles.push(found.mean_angle());
                self.distances.push(found.mean_euclidean());
            }
            // One code has no pair, and a code of length zero no angle.
            Err(StatsError::TooFew { .. } | StatsError::ZeroVector) => {
                self.angles.push(f64::NAN);
                self.distances.push(f64::NAN);
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

/// Within every generation, and across successive ones. `lengths` are numbers of codes; the codes are in their order.
fn measured(codes: &DMatrix<f64>, lengths: &[usize]) -> Result<[Means; 2], StatsError> {
    let [mut within, mut across] = [Means::default(), Means::default()];
    let mut means = DMatrix::zeros(lengths.len(), codes.ncols());
    let mut first = 0;
    for (generation, &length) in lengths.iter().enumerate() {
        let here = codes.rows(first, length).into_owned();
        within.push(&here)?;
        means.set_row(generation, &here.row_mean());
        first += length;
    }
    for generation in 1..lengths.len() {
        across.push(&means.rows(generation - 1, 2).into_owned())?;
    }
    Ok([within, across])
}

/// The numbers of `actmax.StepGeometry` by name. `generations` `[n]` do not fall.
#[pyfunction]
pub(crate) fn step_geometry<'py>(
    py: Python<'py>,
    codes: PyReadonlyArray2<'py, f64>,
    generations: PyReadonlyArray1<'py, i64>,
) -> PyResult<Bound<'py, PyDict>> {
    let (codes, generations) = (matrix(&codes), generations.as_array().to_vec());
    if codes.nrows() != generations.len() {
        let message = format!("{} codes have {} generations", codes.nrows(), generations.len());
        return Err(PyValueError::new_err(message));
    }
    if !generations.is_sorted() {
        return Err(PyValueError::new_err(
            "generations must not fall: give the codes in the order of their generations",
        ));
    }
    let lengths: Vec<usize> = generations.chunk_by(|a, b| a == b).map(<[i64]>::len).collect();
    let [within, across] = py.detach(|| measured(&codes, &lengths)).map_err(unfit)?;
    let numbers = PyDict::new(py);
    let put = |name: &str, values: Vec<f64>| numbers.set_item(name, PyArray1::from_vec(py, values));
    put("within_angles", within.angles)?;
    put("within_distances", within.distances)?;
    put("across_angles", across.angles)?;
    put("across_distances", across.distances)?;
    Ok(numbers)
}

/// The figure of one run's steps, as SVG: angles and distances within generations `[G]` and across them `[G - 1]`.
#[pyfunction]
pub(crate) fn step_figure(
    optimizer: &str,
    within: [PyReadonlyArray1<'_, f64>; 2],
    across: [PyReadonlyArray1<'_, f64>; 2],
) -> PyResult<String> {
    let distances = |[angle, euclidean]: [PyReadonlyArray1<'_, f64>; 2], gap: bool| {
        // The first generation has no step behind it.
        let run = |values: PyReadonlyArray1<'_, f64>| {
            vec![gap.then_some(f64::NAN).into_iter().chain(values.as_array().iter().copied()).collect()]
        };
        Distances { angle: run(angle), euclidean: run(euclidean), perceptual: Vec::new() }
    };
    let series = StepSeries {
        optimizer: optimizer.to_owned(),
        within: distances(within, false),
        across: distances(across, true),
    };
    let title = "Steps".to_owned();
    StepGeometry { title, series: vec![series], contrast: Vec::new(), tangent: Vec::new() }.to_svg().map_err(unfit)
}
