//! What principal component analysis shows of a high-dimensional isotropic random walk.
//!
//! In the limit of infinitely many dimensions the steps of a walk are orthogonal, and the pseudo-inverse of the
//! centred Gram matrix of its `T` positions is the Laplacian of a path of `T` nodes. Its eigenvalues are
//! `2 - 2 cos(pi k / T)` and its eigenvectors `cos(pi k (t + 1/2) / T)`, `k = 1 .. T - 1`, so the variance along
//! component `k` is proportional to `1 / (2 - 2 cos(pi k / T))` exactly, at every `T`
//! (Antognini & Sohl-Dickstein, 2018).

use crate::error::{StatsError, check_finite};

/// Explained variance ratio of component `k` (from 1) of a walk with `generations` positions, in the limit of
/// infinitely many dimensions: `3 / ((T^2 - 1) (1 - cos(pi k / T)))`. Exact at finite `T`.
///
/// # Errors
/// [`StatsError::OutOfRange`] where `k` is not in `1 .. T`.
pub fn explained_variance_ratio(k: usize, generations: usize) -> Result<f64, StatsError> {
    let t = generations as f64;
    if k == 0 || k >= generations {
        return Err(StatsError::OutOfRange { name: "component", value: k as f64, low: 1.0, high: t - 1.0 });
    }
    // 1 - cos(x) = 2 sin^2(x / 2), without the cancellation at small x.
    let half = (std::f64::consts::PI * k as f64 / (2.0 * t)).sin();
    Ok(3.0 / ((t * t - 1.0) * 2.0 * half * half))
}

/// The same in the limit of infinitely many generations: `(6 / pi^2) / k^2` (Antognini & Sohl-Dickstein, 2018;
/// Wang & Ponce, 2022).
///
/// # Errors
/// [`StatsError::OutOfRange`] where `k` is 0.
pub fn limiting_ratio(k: usize) -> Result<f64, StatsError> {
    if k == 0 {
        return Err(StatsError::OutOfRange { name: "component", value: 0.0, low: 1.0, high: f64::INFINITY });
    }
    let pi_k = std::f64::consts::PI * k as f64;
    Ok(6.0 / (pi_k * pi_k))
}

/// Explained variance of one component beside what a random walk would have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstTheory {
    /// Component, counted from 1.
    pub component: usize,
    /// Measured share of the variance.
    pub measured: f64,
    /// [`explained_variance_ratio`] at the trajectory's length.
    pub finite: f64,
    /// [`limiting_ratio`].
    pub limit: f64,
}

/// Sets measured shares (largest first, as [`crate::pca::Pca::explained_variance_ratio`]) beside the theory.
///
/// # Errors
/// More shares than the `generations - 1` components of a trajectory, or one that is not finite.
pub fn against_theory(measured: &[f64], generations: usize) -> Result<Vec<AgainstTheory>, StatsError> {
    check_finite(measured)?;
    let row = |(index, measured): (usize, &f64)| {
        let component = index + 1;
        let (finite, limit) = (explained_variance_ratio(component, generations)?, limiting_ratio(component)?);
        Ok(AgainstTheory { component, measured: *measured, finite, limit })
    };
    measured.iter().enumerate().map(row).collect()
}

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, SymmetricEigen};

    use super::*;

    /// Eigenvalues of the centred expected Gram matrix `min(s, t)` of a walk, as shares of their sum.
    fn numerical_ratios(generations: usize) -> Vec<f64> {
        let gram = DMatrix::from_fn(generations, generations, |s, t| (s.min(t) + 1) as f64);
        let centring = DMatrix::identity(generations, generations)
            - DMatrix::from_element(generations, generations, 1.0).scale(1.0 / generations as f64);
        let eigen = SymmetricEigen::new(&centring * gram * &centring);
        let total = eigen.eigenvalues.sum();
        let mut ratios: Vec<f64> = eigen.eigenvalues.iter().map(|value| value / total).collect();
        ratios.sort_by(|a, b| b.total_cmp(a));
        ratios
    }

    #[test]
    fn finite_form_is_the_spectrum_of_the_expected_gram_matrix() {
        for generations in [2, 5, 75] {
            let numerical = numerical_ratios(generations);
            for k in 1..generations {
                let exact = explained_variance_ratio(k, generations).unwrap();
                approx::assert_relative_eq!(exact, numerical[k - 1], max_relative = 1e-9);
            }
        }
    }

    #[test]
    fn tends_to_the_limit() {
        for k in 1..=5 {
            let finite = explained_variance_ratio(k, 100_000).unwrap();
            approx::assert_relative_eq!(finite, limiting_ratio(k).unwrap(), max_relative = 1e-8);
        }
    }

    #[test]
    fn published_values_at_75_generations() {
        // Wang & Ponce (2022), theory of the random walk at T = 75.
        for (k, expected) in [(1, 0.6081241094944865), (3, 0.06764844126786447), (10, 0.006170042087574122)] {
            approx::assert_relative_eq!(explained_variance_ratio(k, 75).unwrap(), expected, max_relative = 1e-12);
        }
    }

    #[test]
    fn shares_stand_beside_both_forms() {
        let rows = against_theory(&[0.6, 0.2, 0.1], 4).unwrap();
        assert_eq!((rows[1].component, rows[1].measured, rows[2].limit), (2, 0.2, limiting_ratio(3).unwrap()));
        approx::assert_relative_eq!(rows.iter().map(|row| row.finite).sum::<f64>(), 1.0, max_relative = 1e-14);
        assert!(against_theory(&[0.6, 0.2, 0.1, 0.1], 4).is_err());
    }

    #[test]
    fn refuses_components_that_do_not_exist() {
        assert!(explained_variance_ratio(0, 75).is_err());
        assert!(explained_variance_ratio(75, 75).is_err());
        assert!(limiting_ratio(0).is_err());
    }
}
