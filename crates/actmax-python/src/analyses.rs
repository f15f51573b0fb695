//! Analyses of trajectories.

use analysis::StatsError;
use analysis::drift::Drift;
use analysis::figure::projections::{ProjectionRow, Projections};
use analysis::pca::Pca;
use analysis::{published_cosine, random_walk};
use numpy::{PyArray1, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use optim_core::nalgebra::DMatrix;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::errors::unfit;
use crate::optimizer::c_order;

fn matrix(trajectory: &PyReadonlyArray2<'_, f64>) -> DMatrix<f64> {
    let (rows, columns) = (trajectory.shape()[0], trajectory.shape()[1]);
    DMatrix::from_row_slice(rows, columns, &c_order(&trajectory.as_array()))
}

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
        let theory = |k: usize| random_walk::explained_variance_ratio(k + 1, trajectory.nrows());
        let fits = (0..count).map(fit).collect::<Result<_, _>>()?;
        let random_walk = (0..count).map(theory).collect::<Result<_, _>>()?;
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
    let rows: Vec<f64> = pca.projections.transpose().as_slice().to_vec();
    let shape = [pca.projections.nrows(), pca.projections.ncols()];
    numbers.set_item("projections", PyArray1::from_vec(py, rows).reshape(shape)?)?;
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
