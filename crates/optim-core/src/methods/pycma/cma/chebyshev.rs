//! Roots of a symmetric operator by Chebyshev polynomials.

use std::f64::consts::PI;

use nalgebra::DMatrix;

use crate::linalg::real;

/// Size, relative to the first, below which the terms of a series are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Tolerance(pub(super) f64);

/// An interval that holds the spectrum of a symmetric positive definite operator.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Interval {
    pub(super) smallest: f64,
    pub(super) largest: f64,
}

impl Interval {
    pub(super) fn centre(self) -> f64 {
        0.5 * (self.smallest + self.largest)
    }

    pub(super) fn half_width(self) -> f64 {
        0.5 * (self.largest - self.smallest)
    }

    /// Degree at which the series of a root has converged: its coefficients fall like the powers of
    /// `(sqrt(kappa) - 1) / (sqrt(kappa) + 1)`, kappa the condition number (Trefethen 2013,
    /// "Approximation Theory and Approximation Practice", theorem 8.2).
    pub(super) fn degree(self, tolerance: Tolerance) -> usize {
        let root = (self.largest / self.smallest).sqrt();
        let rate = (root - 1.0) / (root + 1.0);
        let degree = if rate > 0.0 { (tolerance.0.ln() / rate.ln()).ceil() } else { 0.0 };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and not negative")]
        let degree = degree.clamp(0.0, 1e6) as usize;
        degree
    }
}

/// Coefficients of a function of the centred and scaled operator X, whose spectrum lies in [-1, 1]:
/// `f(C) = sum_k a_k T_k(X)`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Series(Vec<f64>);

impl Series {
    /// The series of `f` on `interval`, without the terms below `tolerance` of the first.
    pub(super) fn new(interval: Interval, tolerance: Tolerance, f: impl Fn(f64) -> f64) -> Self {
        let nodes = interval.degree(tolerance) + 4;
        let angle = |j: usize| PI * (real(j) + 0.5) / real(nodes);
        let values: Vec<f64> =
            (0..nodes).map(|j| f(interval.centre() + interval.half_width() * angle(j).cos())).collect();
        let coefficient = |k: usize| {
            let sum: f64 = values.iter().enumerate().map(|(j, y)| y * (real(k) * angle(j)).cos()).sum();
            sum * if k == 0 { 1.0 } else { 2.0 } / real(nodes)
        };
        let mut coefficients: Vec<f64> = (0..nodes).map(coefficient).collect();
        let negligible = tolerance.0 * coefficients[0].abs();
        while coefficients.len() > 1 && coefficients.last().is_some_and(|a| a.abs() < negligible) {
            coefficients.pop();
        }
        Self(coefficients)
    }

    /// Highest power of the operator.
    pub(super) fn degree(&self) -> usize {
        self.0.len() - 1
    }

    /// `f(C) z` by the three-term recurrence `T_k+1 = 2 X T_k - T_k-1`, every column of z at once;
    /// `multiply(factor, z, beta, out)` computes `out = factor X z + beta out`.
    pub(super) fn apply(
        &self,
        z: &DMatrix<f64>,
        multiply: impl Fn(f64, &DMatrix<f64>, f64, &mut DMatrix<f64>),
    ) -> DMatrix<f64> {
        let mut out = z * self.0[0];
        if self.degree() == 0 {
            return out;
        }
        let mut previous = z.clone();
        let mut current = DMatrix::zeros(z.nrows(), z.ncols());
        multiply(1.0, z, 0.0, &mut current);
        add(self.0[1], &current, &mut out);
        for &a in &self.0[2..] {
            multiply(2.0, &current, -1.0, &mut previous);
            std::mem::swap(&mut previous, &mut current);
            add(a, &current, &mut out);
        }
        out
    }
}

fn add(factor: f64, term: &DMatrix<f64>, out: &mut DMatrix<f64>) {
    crate::linalg::axpy(factor, term.as_slice(), out.as_mut_slice());
}
