//! A dense covariance matrix with its eigendecomposition.

use nalgebra::{DMatrix, DVector, SymmetricEigen};

use super::columns::transposed;
use crate::linalg::real;
use crate::linalg::scale;
use crate::methods::spectrum::CovarianceSpectrum;

/// Eigenvalues in ascending order and eigenvectors (columns) of a symmetric matrix; `None` if the
/// iteration does not converge or the matrix is not finite.
pub(in crate::methods) fn symmetric_eigen(matrix: DMatrix<f64>) -> Option<(DVector<f64>, DMatrix<f64>)> {
    let iterations = 100 * matrix.nrows().max(10);
    if matrix.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let eigen = SymmetricEigen::try_new(matrix, f64::EPSILON, iterations)?;
    let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
    order.sort_by(|&a, &b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b]));
    let values = DVector::from_iterator(order.len(), order.iter().map(|&i| eigen.eigenvalues[i]));
    Some((values, eigen.eigenvectors.select_columns(&order)))
}

/// Least ratio of an axis length to the longest: a condition number of 1e14, where the reference
/// would stop.
const SHORTEST_AXIS: f64 = 1e-7;

/// C in full, with `C = B D^2 B'` as of the last decomposition.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Eigen {
    c: DMatrix<f64>,
    /// Eigenvectors, columns.
    b: DMatrix<f64>,
    /// Axis lengths, roots of the eigenvalues, ascending.
    d: DVector<f64>,
}

impl Eigen {
    /// A diagonal C, decomposed; the diagonal is ascending.
    pub(super) fn new(diagonal: Vec<f64>) -> Self {
        let n = diagonal.len();
        let diagonal = DVector::from_vec(diagonal);
        Self { c: DMatrix::from_diagonal(&diagonal), b: DMatrix::identity(n, n), d: diagonal.map(f64::sqrt) }
    }

    /// C with the decomposition of an older one.
    pub(super) fn with_axes_of(older: DMatrix<f64>, c: DMatrix<f64>) -> Self {
        let n = c.nrows();
        let mut eigen = Self { c: older, b: DMatrix::identity(n, n), d: DVector::repeat(n, 1.0) };
        eigen.decompose();
        eigen.c = c;
        eigen
    }

    /// `C = decay C + sum_i weights[i] columns[i] columns[i]'`.
    pub(super) fn update(&mut self, decay: f64, weights: &[f64], columns: &DMatrix<f64>) {
        let mut weighted = columns.clone();
        for (mut column, weight) in weighted.column_iter_mut().zip(weights) {
            column *= *weight;
        }
        self.c.gemm(1.0, &weighted, &transposed(columns.as_slice(), columns.nrows(), columns.ncols()), decay);
    }

    /// Multiplies C, not its decomposition.
    pub(super) fn rescale(&mut self, factor: f64) {
        scale(factor, self.c.as_mut_slice());
    }

    /// Brings B and D up to date. They stay as they are where C has no finite decomposition.
    pub(super) fn decompose(&mut self) {
        let symmetric = (&self.c + self.c.transpose()) * 0.5;
        if let Some((values, vectors)) = symmetric_eigen(symmetric.clone()) {
            let largest = values[values.len() - 1];
            if largest > 0.0 && largest.is_finite() {
                self.d = values.map(|x| x.max(0.0).sqrt().max(SHORTEST_AXIS * largest.sqrt()));
                self.b = vectors;
            }
        }
        self.c = symmetric;
    }

    fn through_axes(&self, z: &DMatrix<f64>, factor: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let mut inner = self.b.tr_mul(z);
        let factors = self.d.map(factor);
        for mut column in inner.column_iter_mut() {
            column.component_mul_assign(&factors);
        }
        &self.b * inner
    }

    /// `C^(1/2) z = B D B' z`.
    pub(super) fn root(&self, z: &DMatrix<f64>) -> DMatrix<f64> {
        self.through_axes(z, |d| d)
    }

    /// `C^(-1/2) y = B D^-1 B' y`.
    pub(super) fn inverse_root(&self, y: &DMatrix<f64>) -> DMatrix<f64> {
        self.through_axes(y, |d| 1.0 / d)
    }

    /// Spectrum of B D^2 B'.
    pub(super) fn spectrum(&self) -> CovarianceSpectrum {
        let squared = |offset: f64| self.d.iter().map(|d| (d * d - offset) * (d * d - offset)).sum::<f64>();
        CovarianceSpectrum {
            smallest: self.d[0].powi(2),
            largest: self.d[self.d.len() - 1].powi(2),
            deviation_from_identity: squared(1.0) / squared(0.0),
        }
    }

    pub(super) fn mean_variance(&self) -> f64 {
        self.c.trace() / real(self.c.nrows())
    }

    pub(super) fn to_dense(&self) -> DMatrix<f64> {
        self.c.clone()
    }

    /// Axis lengths, ascending.
    pub(super) fn axis_lengths(&self) -> &[f64] {
        self.d.as_slice()
    }
}
