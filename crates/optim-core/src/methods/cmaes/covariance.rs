//! The covariance matrix in full, with its eigendecomposition.

use nalgebra::{DMatrix, DVector};

use super::options::Constants;
use crate::linalg::{axpy, real, scale};
use crate::methods::pycma::symmetric_eigen;

/// Largest condition number of a covariance that is taken over: there the reference would stop.
const LARGEST_CONDITION: f64 = 1e14;

/// C of determinant 1 with `C = B D^2 B'`, and the path of the rank-one update.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Covariance {
    c: DMatrix<f64>,
    b: DMatrix<f64>,
    d: DVector<f64>,
    path: Vec<f64>,
}

/// What an update asks for, in units of the old `sigma^2`.
pub(super) struct Change {
    /// Sigma after the update less Sigma before, `N x N`.
    delta: DMatrix<f64>,
    /// The same in local coordinates over the root of 2, `N N` numbers.
    pub(super) local: Vec<f64>,
}

impl Covariance {
    pub(super) fn new(dim: usize) -> Self {
        let identity = DMatrix::identity(dim, dim);
        Self { c: identity.clone(), b: identity, d: DVector::repeat(dim, 1.0), path: vec![0.0; dim] }
    }

    fn through_axes(&self, factor: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let mut scaled = self.b.clone();
        for (mut column, d) in scaled.column_iter_mut().zip(&self.d) {
            column *= factor(*d);
        }
        scaled * self.b.transpose()
    }

    /// `C^(1/2)`, symmetric.
    pub(super) fn root(&self) -> DMatrix<f64> {
        self.through_axes(|d| d)
    }

    /// `C^(-1/2)`, symmetric.
    pub(super) fn inverse_root(&self) -> DMatrix<f64> {
        self.through_axes(|d| 1.0 / d)
    }

    pub(super) fn matrix(&self) -> &DMatrix<f64> {
        &self.c
    }

    /// The change that the rank-one and rank-mu updates and a step size times `growth` ask for. `y` holds the steps
    /// from the mean, `N x lambda`, best first, in units of sigma; `y_w` their weighted sum; `stalled` says that the path
    /// takes no step; `inverse_root` is [`inverse_root`](Self::inverse_root).
    pub(super) fn change(
        &mut self,
        constants: &Constants,
        inverse_root: &DMatrix<f64>,
        y: &DMatrix<f64>,
        y_w: &[f64],
        stalled: bool,
        growth: f64,
    ) -> Change {
        let Constants { c1, cmu, cc, mu_eff, .. } = *constants;
        scale(1.0 - cc, &mut self.path);
        if !stalled {
            axpy((cc * (2.0 - cc) * mu_eff).sqrt(), y_w, &mut self.path);
        }
        let lost = if stalled { cc * (2.0 - cc) } else { 0.0 };
        let local = inverse_root * y;
        let mut weighted = y.clone();
        let mut total = 0.0;
        for ((mut column, u), &w) in weighted.column_iter_mut().zip(local.column_iter()).zip(&constants.weights) {
            total += w;
            column *= cmu * if w < 0.0 { w * real(y.nrows()) / (u.norm_squared() + 1e-8) } else { w };
        }
        let path = DVector::from_column_slice(&self.path);
        let mut delta = self.c.clone();
        delta.ger(c1, &path, &path, 1.0 + c1 * lost - c1 - cmu * total);
        delta.gemm(1.0, &weighted, &y.transpose(), 1.0);
        delta *= growth * growth;
        delta -= &self.c;
        let local = inverse_root * &delta * inverse_root * std::f64::consts::FRAC_1_SQRT_2;
        Change { delta, local: local.as_slice().to_vec() }
    }

    /// Takes the share `eta` of a change, and gives the factor of the step size that keeps the determinant of C at 1. A
    /// covariance that is not positive definite is not taken.
    pub(super) fn take(&mut self, change: &Change, eta: f64) -> f64 {
        let mut sum = &self.c + &change.delta * eta;
        sum = (&sum + sum.transpose()) * 0.5;
        let Some((values, vectors)) = symmetric_eigen(sum.clone()) else { return 1.0 };
        let (least, largest) = (values[0], values[values.len() - 1]);
        if !(largest > 0.0 && least * LARGEST_CONDITION > largest) {
            return 1.0;
        }
        let factor = (values.iter().map(|value| value.ln()).sum::<f64>() / (2.0 * real(values.len()))).exp();
        self.c = sum / (factor * factor);
        self.d = values.map(|value| value.sqrt() / factor);
        self.b = vectors;
        factor
    }
}
