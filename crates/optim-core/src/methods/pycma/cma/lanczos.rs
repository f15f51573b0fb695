//! Bounds of a spectrum by the Lanczos iteration.

use nalgebra::DMatrix;

use super::chebyshev::Interval;
use crate::linalg::{axpy, dot, norm, scale, scale_to_norm};
use crate::rng::splitmix64;

/// Steps of the iteration: enough for the ends of a spectrum without far outliers; far outliers are
/// found first.
const STEPS: usize = 12;

/// An interval around the spectrum of the symmetric operator `multiply(z, out)`, out = A z, on
/// vectors of length `dim` (`dim x 1` matrices).
///
/// Lanczos with full reorthogonalisation from a fixed vector of random signs; each end is moved
/// outwards by the residual of its Ritz vector (Parlett 1998, "The Symmetric Eigenvalue Problem",
/// section 13.2).
pub(super) fn spectrum(dim: usize, multiply: impl Fn(&DMatrix<f64>, &mut DMatrix<f64>)) -> Interval {
    let mut basis: Vec<Vec<f64>> = Vec::new();
    let (mut alphas, mut betas) = (Vec::new(), Vec::new());
    let mut z = DMatrix::from_fn(dim, 1, |i, _| if splitmix64(i as u64) & 1 == 0 { 1.0 } else { 0.5 });
    scale_to_norm(z.as_mut_slice(), 1.0);
    let mut next = DMatrix::zeros(dim, 1);
    for _ in 0..STEPS.min(dim) {
        multiply(&z, &mut next);
        let size = norm(next.as_slice());
        alphas.push(dot(z.as_slice(), next.as_slice()));
        basis.push(z.as_slice().to_vec());
        // Twice: once leaves rounding errors that grow.
        for q in basis.iter().chain(&basis) {
            axpy(-dot(q, next.as_slice()), q, next.as_mut_slice());
        }
        let beta = norm(next.as_slice());
        betas.push(beta);
        if !size.is_finite() || beta <= 1e-14 * size {
            break;
        }
        scale(1.0 / beta, next.as_mut_slice());
        std::mem::swap(&mut z, &mut next);
    }
    around(&alphas, &betas)
}

/// Extreme eigenvalues of the tridiagonal matrix, with their residuals; `betas` holds the last,
/// left-over one too.
fn around(alphas: &[f64], betas: &[f64]) -> Interval {
    let steps = alphas.len();
    let broken = Interval { smallest: f64::NAN, largest: f64::NAN };
    if alphas.iter().chain(betas).any(|x| !x.is_finite()) {
        return broken;
    }
    let tridiagonal = DMatrix::from_fn(steps, steps, |i, j| match i.abs_diff(j) {
        0 => alphas[i],
        1 => betas[i.min(j)],
        _ => 0.0,
    });
    let Some((values, vectors)) = super::eigen::symmetric_eigen(tridiagonal) else { return broken };
    let left_over = betas[steps - 1];
    let residual = |i: usize| left_over * vectors[(steps - 1, i)].abs();
    let (first, last) = (0, steps - 1);
    Interval { smallest: values[first] - residual(first), largest: values[last] + residual(last) }
}
