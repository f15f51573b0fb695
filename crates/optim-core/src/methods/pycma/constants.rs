//! Strategy constants of the CMA family, from N and lambda.

use crate::linalg::real;
use crate::linalg::{dot, scale};

/// Strategy constants, equations of Hansen 2016 ("The CMA Evolution Strategy: A Tutorial") with the
/// numbers of pycma 3.0.3. Names ending in `_sep` are those of the diagonal variant.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Constants {
    /// Weights by rank, best first, length lambda: `mu` positive ones that sum to 1, then zero or
    /// negative ones.
    pub weights: Vec<f64>,
    /// Number of positive weights.
    pub mu: usize,
    /// Variance-effective number of parents, `1 / sum w^2` over the positive weights.
    pub mueff: f64,
    /// Learning rate of the evolution path.
    pub cc: f64,
    /// Learning rate of the rank-one update.
    pub c1: f64,
    /// Learning rate of the rank-mu update.
    pub cmu: f64,
    /// Learning rate of the evolution path, diagonal.
    pub cc_sep: f64,
    /// Learning rate of the rank-one update, diagonal.
    pub c1_sep: f64,
    /// Learning rate of the rank-mu update, diagonal.
    pub cmu_sep: f64,
    /// Learning rate of the step-size path.
    pub cs: f64,
    /// Damping of the step size.
    pub damps: f64,
    /// Expected norm of a standard normal vector, `sqrt(N) (1 - 1/(4N) + 1/(21 N^2))`.
    #[cfg_attr(feature = "serde", serde(rename = "chiN"))]
    pub chi_n: f64,
    /// Longest Mahalanobis distance of a point that the strategy did not sample,
    /// `sqrt(N) + 2N / (N + 2)`.
    pub longest: f64,
}

impl Constants {
    /// Constants of the full covariance; the negative weights keep C positive definite.
    pub(crate) fn full(dim: usize, lambda: usize) -> Self {
        let mut constants = Self::common(dim, lambda);
        let Self { c1, cmu, .. } = constants;
        constants.limit_negative_weights(1.0 + c1 / cmu);
        constants.limit_negative_weights((1.0 - c1 - cmu) / cmu / real(dim));
        constants.respect_mueff();
        constants
    }

    /// Constants of the diagonal covariance.
    pub(crate) fn diagonal(dim: usize, lambda: usize) -> Self {
        let mut constants = Self::common(dim, lambda);
        constants.limit_negative_weights(1.0 + constants.c1_sep / constants.cmu_sep);
        constants.respect_mueff();
        constants
    }

    /// Everything but the scale of the negative weights, whose absolute sum is left large.
    fn common(dim: usize, lambda: usize) -> Self {
        let (n, lambda) = (real(dim), real(lambda));
        let weights = signed_log_weights(lambda);
        let mu = weights.iter().filter(|w| **w > 0.0).count();
        let mueff = 1.0 / dot(&weights[..mu], &weights[..mu]);
        let c1 = (lambda / 6.0).min(1.0) * 2.0 / ((n + 1.3).powi(2) + mueff);
        let c1_sep = 1.0 / (n + 2.0 * n.sqrt() + mueff / n);
        let gain = 0.25 + mueff + 1.0 / mueff - 2.0;
        let cs = (mueff + 2.0) / (n + mueff + 3.0);
        Self {
            cc: (4.0 + mueff / n) / (n + 4.0 + 2.0 * mueff / n),
            c1,
            cmu: (2.0 * gain / ((n + 2.0).powi(2) + mueff)).min(1.0 - c1),
            cc_sep: (1.0 + 1.0 / n + mueff / n) / (n.sqrt() + 1.0 / n + 2.0 * mueff / n),
            c1_sep,
            cmu_sep: (gain / (n + 4.0 * n.sqrt() + mueff / 2.0)).min(1.0 - c1_sep),
            cs,
            damps: 1.0 + cs + 2.0 * (((mueff - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0),
            chi_n: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
            longest: n.sqrt() + 2.0 * n / (n + 2.0),
            weights,
            mu,
            mueff,
        }
    }

    fn negative_sum(&self) -> f64 {
        self.weights[self.mu..].iter().sum::<f64>().abs()
    }

    /// Bounds the absolute sum of the negative weights.
    fn limit_negative_weights(&mut self, bound: f64) {
        let sum = self.negative_sum();
        if sum > bound {
            scale(bound.max(0.0) / sum, &mut self.weights[self.mu..]);
        }
    }

    /// A learning rate of the negative weights that respects their own variance-effective number.
    fn respect_mueff(&mut self) {
        let negative = &self.weights[self.mu..];
        let squares = dot(negative, negative);
        if squares > 0.0 {
            let mueffminus = self.negative_sum().powi(2) / squares;
            self.limit_negative_weights(1.0 + 2.0 * mueffminus / (self.mueff + 2.0));
        }
    }
}

/// `ln((lambda + 1)/2) - ln(i)`, `i = 1..=lambda`, divided by the sum of the positive ones; the
/// negative ones are scaled to a sum that every bound lies below. A single code has weight 1.
fn signed_log_weights(lambda: f64) -> Vec<f64> {
    const LARGE: f64 = 1e30;
    if lambda < 2.0 {
        return vec![1.0];
    }
    let mut weights = Vec::new();
    let mut rank = 1.0;
    while rank <= lambda {
        weights.push(((lambda + 1.0) / 2.0).ln() - f64::ln(rank));
        rank += 1.0;
    }
    let sum = |sign: f64| weights.iter().map(|w| (sign * w).max(0.0)).sum::<f64>();
    let (positive, negative) = (sum(1.0), sum(-1.0));
    for w in &mut weights {
        *w *= if *w > 0.0 { 1.0 / positive } else { LARGE / negative };
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::Constants;

    #[test]
    fn the_published_numbers_at_4096() {
        let full = Constants::full(4096, 40);
        let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-5, "{a} is not {b}");
        close(full.mueff, 11.30948);
        close(full.cc, 9.7628e-4);
        close(full.c1, 1.19134e-7);
        close(full.cmu, 1.14900e-6);
        close(full.cs, 3.23807e-3);
        close(full.damps, 1.00324);
        close(full.negative_sum(), 1.10368);
        let diagonal = Constants::diagonal(4096, 40);
        close(diagonal.c1_sep, 2.36742e-4);
        close(diagonal.cmu_sep, 2.21401e-3);
        close(diagonal.cc_sep, 1.56705e-2);
        close(diagonal.negative_sum(), 1.10693);
    }

    #[test]
    fn every_small_size_has_finite_constants() {
        for dim in 1..6 {
            for lambda in 1..60 {
                for constants in [Constants::full(dim, lambda), Constants::diagonal(dim, lambda)] {
                    assert!(constants.weights.len() == lambda && constants.mu >= 1);
                    assert!(constants.weights.iter().all(|w| w.is_finite()));
                    assert!(constants.cmu >= 0.0 && constants.c1 + constants.cmu <= 1.0 + 1e-12);
                }
            }
        }
    }
}
