//! Ratios of mean scores with intervals over units.

use std::collections::BTreeMap;

use analysis::StatsError;
use analysis::bootstrap::GroupBootstrap;
use analysis::compare::TTest;
use analysis::comparison::PooledRatio;
use analysis::figure::pairwise_ratios::PairwiseRatios;
use analysis::interval::expanded_coverage;
use numpy::{PyReadonlyArray1, PyReadonlyArray2};
use optim_core::nalgebra::DMatrix;
use optim_core::{Stream, stream_rng};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use rand::RngExt;

use super::{array, matrix};
use crate::errors::unfit;

/// Ratio, lower and upper end of its interval, p of the paired test: `[k, k]` each, row over column.
struct Table {
    ratio: DMatrix<f64>,
    low: DMatrix<f64>,
    high: DMatrix<f64>,
    p: DMatrix<f64>,
}

impl Table {
    /// `scores` has shape `[n, k]`; `units[i]` numbers the unit of row `i` from 0.
    fn of(
        scores: &DMatrix<f64>,
        units: &[usize],
        coverage: f64,
        (resamples, seed): (usize, u64),
    ) -> Result<Self, StatsError> {
        let (count, of_units) = (scores.ncols(), units.iter().max().map_or(0, |last| last + 1));
        let mut rng = stream_rng(seed, Stream::Resampling, 0);
        let draw = GroupBootstrap::draw(of_units, resamples, |n| rng.random_range(0..n))?;
        let coverage = expanded_coverage(of_units, coverage)?;
        let columns: Vec<Vec<f64>> = scores.column_iter().map(|column| column.as_slice().to_vec()).collect();
        let means: Vec<Vec<f64>> = columns.iter().map(|column| by_unit(column, units)).collect();
        let square = || DMatrix::from_element(count, count, f64::NAN);
        let mut table = Self { ratio: square(), low: square(), high: square(), p: square() };
        for row in 0..count {
            for column in (0..count).filter(|column| *column != row) {
                let place = (row, column);
                let found = PooledRatio::of(&columns[row], &columns[column], units, &draw, coverage)?;
                (table.ratio[place], table.low[place], table.high[place]) = (found.ratio, found.low, found.high);
                table.p[place] = match TTest::paired(&means[row], &means[column]) {
                    Err(StatsError::Constant) => f64::NAN,
                    test => test?.p,
                };
            }
        }
        Ok(table)
    }
}

/// Mean of every unit.
fn by_unit(values: &[f64], units: &[usize]) -> Vec<f64> {
    let mut found: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    values.iter().zip(units).for_each(|(value, unit)| found.entry(*unit).or_default().push(*value));
    found.into_values().map(|values| values.iter().sum::<f64>() / values.len() as f64).collect()
}

/// The numbers of `actmax.Ratios` by name, of scores `[n, k]` of runs whose units `[n]` are numbered from 0.
#[pyfunction]
pub(crate) fn ratios<'py>(
    py: Python<'py>,
    scores: PyReadonlyArray2<'py, f64>,
    units: PyReadonlyArray1<'py, i64>,
    coverage: f64,
    resamples: usize,
    seed: u64,
) -> PyResult<Bound<'py, PyDict>> {
    let scores = matrix(&scores);
    let units: Vec<usize> =
        units.as_array().iter().map(|&unit| usize::try_from(unit)).collect::<Result<_, _>>().map_err(unfit)?;
    if units.len() != scores.nrows() {
        let message = format!("{} runs have {} units: give one a run", scores.nrows(), units.len());
        return Err(PyValueError::new_err(message));
    }
    let table = py.detach(|| Table::of(&scores, &units, coverage, (resamples, seed))).map_err(unfit)?;
    let numbers = PyDict::new(py);
    numbers.set_item("ratio", array(py, &table.ratio)?)?;
    numbers.set_item("low", array(py, &table.low)?)?;
    numbers.set_item("high", array(py, &table.high)?)?;
    numbers.set_item("p_values", array(py, &table.p)?)?;
    Ok(numbers)
}

/// The table of ratios `[k, k]` as SVG, with stars for p.
#[pyfunction]
pub(crate) fn ratio_figure(
    optimizers: Vec<String>,
    ratio: PyReadonlyArray2<'_, f64>,
    p_values: PyReadonlyArray2<'_, f64>,
    units: usize,
) -> PyResult<String> {
    let rows = |values: &PyReadonlyArray2<'_, f64>| {
        matrix(values).row_iter().map(|row| row.iter().copied().collect()).collect()
    };
    let test = format!("paired t over {units} units");
    let title = "Ratio of mean scores, row over column".to_owned();
    let (ratios, p_values) = (rows(&ratio), rows(&p_values));
    PairwiseRatios { title, optimizers, ratios, p_values, test }.to_svg().map_err(unfit)
}
