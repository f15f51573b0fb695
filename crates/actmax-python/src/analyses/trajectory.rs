//! Principal components of a trajectory, its steps and turns, and the random walk it is compared with.

use analysis::StatsError;
use analysis::drift::Drift;
use analysis::figure::projections::{ProjectionRow, Projections};
use analysis::pca::Pca;
use analysis::{published_cosine, random_walk as theory};
use numpy::{PyArray1, PyReadonlyArray2};
use optim_core::nalgebra::DMatrix;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use super::{array, matrix};
use crate::errors::unfit;

/// Principal components of a trajectory `[T, N]` and the cosines that fit them.
struct Components {
    pca: Pca,
    fits: Vec<published_cosine::PublishedFit>,
    random_walk: Vec<f64>,
}

impl Components {
    fn of(trajectory: &DMatrix<f64>, count: usize) -> Result<Self, StatsError> {
        let pca = Pca::fit(trajectory, count)?;
        let fit = |k: usize| published_cosine::fit(&pca.projection(k)?, k + 1);
        let walk = |k: usize| theory::explained_variance_ratio(k + 1, trajectory.nrows());
        let fits = (0..count).map(fit).collect::<Result<_, _>>()?;
        let random_walk = (0..count).map(walk).collect::<Result<_, _>>()?;
        Ok(Self { fits, random_walk, pca })
    }
}

/// The numbers of `actmax.TrajectoryPca` by name.
#[pyfunction]
pub(crate) fn trajectory_pca<'py>(
    py: Python<'py>,
    trajectory: PyReadonlyArray2<'py, f64>,
    components: usize,
) -> PyResult<Bound<'py, PyDict>> {
    let trajectory = matrix(&trajectory);
    let Components { pca, fits, random_walk } = py.detach(|| Components::of(&trajectory, components)).map_err(unfit)?;
    let numbers = PyDict::new(py);
    numbers.set_item("projections", array(py, &pca.projections)?)?;
    let put = |name: &str, values: Vec<f64>| numbers.set_item(name, PyArray1::from_vec(py, values));
    put("explained_variance_ratio", pca.explained_variance_ratio[..components].to_vec())?;
    put("random_walk", random_walk)?;
    put("periods", fits.iter().map(|fit| fit.omega).collect())?;
    put("r_squared_free", fits.iter().map(|fit| fit.r_squared_free).collect())?;
    put("r_squared_fixed", fits.iter().map(|fit| fit.r_squared_fixed).collect())?;
    Ok(numbers)
}

/// The numbers of `actmax.Drift` by name.
#[pyfunction]
pub(crate) fn drift<'py>(py: Python<'py>, trajectory: PyReadonlyArray2<'py, f64>) -> PyResult<Bound<'py, PyDict>> {
    let trajectory = matrix(&trajectory);
    let drift = py.detach(|| Drift::of(&trajectory)).map_err(unfit)?;
    let numbers = PyDict::new(py);
    let gaps = |values: Vec<Option<f64>>| values.into_iter().map(|value| value.unwrap_or(f64::NAN)).collect();
    let put = |name: &str, values: Vec<f64>| numbers.set_item(name, PyArray1::from_vec(py, values));
    put("squared_norms", drift.squared_norms)?;
    put("step_lengths", drift.step_lengths)?;
    put("code_angles", gaps(drift.code_angles))?;
    put("step_angles", gaps(drift.step_angles))?;
    numbers.set_item("squared_growth", drift.growth.slope)?;
    numbers.set_item("r_squared", drift.growth.r_squared)?;
    Ok(numbers)
}

/// The figure of a trajectory's first components with their cosines, as SVG.
#[pyfunction]
pub(crate) fn trajectory_figure(
    py: Python<'_>,
    optimizer: &str,
    trajectory: PyReadonlyArray2<'_, f64>,
) -> PyResult<String> {
    let trajectory = matrix(&trajectory);
    let row = py.detach(|| ProjectionRow::of(optimizer, "", &trajectory)).map_err(unfit)?;
    let title = "Principal components of the trajectory".to_owned();
    Projections { title, rows: vec![row] }.to_svg().map_err(unfit)
}

/// The numbers of `actmax.RandomWalk` by name.
#[pyfunction]
pub(crate) fn random_walk(py: Python<'_>, generations: usize, components: usize) -> PyResult<Bound<'_, PyDict>> {
    let numbers = PyDict::new(py);
    let put = |name: &str, ratio: &dyn Fn(usize) -> Result<f64, StatsError>| {
        let values: Vec<f64> = (1..=components).map(ratio).collect::<Result<_, _>>().map_err(unfit)?;
        numbers.set_item(name, PyArray1::from_vec(py, values))
    };
    put("explained_variance_ratio", &|k| theory::explained_variance_ratio(k, generations))?;
    put("limit", &theory::limiting_ratio)?;
    Ok(numbers)
}
