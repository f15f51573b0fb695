//! Analyses: arrays in, the numbers of dataclasses by name out, figures as SVG.

mod axes;
mod geometry;
mod growth;
mod pooled;
mod trajectory;

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray2, PyUntypedArrayMethods};
use optim_core::nalgebra::DMatrix;
use pyo3::prelude::*;

pub(crate) use self::axes::{alignment, alignment_figure};
pub(crate) use self::geometry::{step_figure, step_geometry};
pub(crate) use self::growth::{norm_contrast, norm_figure, norm_growth};
pub(crate) use self::pooled::{ratio_figure, ratios};
pub(crate) use self::trajectory::{drift, random_walk, trajectory_figure, trajectory_pca};
use crate::optimizer::c_order;

/// An array of any strides as a matrix.
fn matrix(values: &PyReadonlyArray2<'_, f64>) -> DMatrix<f64> {
    let (rows, columns) = (values.shape()[0], values.shape()[1]);
    DMatrix::from_row_slice(rows, columns, &c_order(&values.as_array()))
}

/// A matrix as an array in C order.
pub(crate) fn array<'py>(py: Python<'py>, values: &DMatrix<f64>) -> PyResult<Bound<'py, PyArray2<f64>>> {
    let rows: Vec<f64> = values.transpose().as_slice().to_vec();
    PyArray1::from_vec(py, rows).reshape([values.nrows(), values.ncols()])
}

/// Rows of one length as an array.
fn rows_array<'py>(py: Python<'py>, rows: &[Vec<f64>]) -> PyResult<Bound<'py, PyArray2<f64>>> {
    PyArray1::from_vec(py, rows.concat()).reshape([rows.len(), rows.first().map_or(0, Vec::len)])
}
