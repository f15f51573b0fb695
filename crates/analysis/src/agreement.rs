//! Do the principal axes of different runs point the same way?
//!
//! The null hypothesis is that they know nothing of each other: all axes of a run are directions in N dimensions, drawn
//! independently of those of other runs, all directions alike. A squared cosine then follows the beta distribution with
//! parameters 1/2 and (N - 1)/2, with mean 1/N, and those of two pairs of runs are uncorrelated. Codes that move along a
//! few preferred directions of a generator break this without any likeness of the runs otherwise.

use nalgebra::DMatrix;
use statrs::distribution::{Beta, ContinuousCDF, Gamma};

use crate::error::{StatsError, check_count, check_finite, check_lengths};
use crate::pca::axis_agreement;

/// How far the axes of several runs agree, over all pairs of runs.
#[derive(Debug, Clone, PartialEq)]
pub struct RunAgreement {
    /// Number of pairs of runs.
    pub pairs: usize,
    /// Mean `|cosine|` of component i of a run with component j of another, `[k, k]`, symmetric: each pair counts both
    /// ways.
    pub mean: DMatrix<f64>,
    /// `|cosine|` of the mean when axes are independent.
    pub by_chance: f64,
    /// The test of each component against the same one of other runs, length `k`.
    pub components: Vec<ComponentAgreement>,
    /// `|cosine|` of the same component of each pair, `[pairs][k]`; the pairs (0, 1), (0, 2), .., (1, 2), ...
    pub each: Vec<Vec<f64>>,
}

/// One component of all runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ComponentAgreement {
    /// Counted from 1.
    pub component: usize,
    /// Mean over pairs of the squared cosine.
    pub mean_squared: f64,
    /// What it is by chance: 1/N.
    pub by_chance: f64,
    /// Probability of as large a mean by chance; see [`chance_of_mean_squared`].
    pub p: f64,
    /// The same, corrected for testing all components (Holm, 1979).
    pub p_holm: f64,
}

impl RunAgreement {
    /// Compares runs by their axes, each of shape `[N, k]` with unit columns, as [`Pca::axes`](crate::pca::Pca::axes)
    /// gives them.
    ///
    /// # Errors
    /// Fewer than two runs, runs that differ in N or k, no axes, or N below 2.
    pub fn of(runs: &[DMatrix<f64>]) -> Result<Self, StatsError> {
        check_count(runs.len(), 2)?;
        let (dim, components) = runs[0].shape();
        check_count(components, 1)?;
        for run in runs {
            check_lengths(run.nrows(), dim)?;
            check_lengths(run.ncols(), components)?;
            check_finite(run.as_slice())?;
        }
        let (mut mean, mut each) = (DMatrix::zeros(components, components), Vec::new());
        for (index, first) in runs.iter().enumerate() {
            for second in &runs[index + 1..] {
                let cosines = axis_agreement(first, second)?;
                mean += &cosines + cosines.transpose();
                each.push(cosines.diagonal().iter().copied().collect::<Vec<f64>>());
            }
        }
        let pairs = each.len();
        mean /= 2.0 * pairs as f64;
        let mean_squared = |k: usize| each.iter().map(|cosines| cosines[k].powi(2)).sum::<f64>() / pairs as f64;
        let squared: Vec<f64> = (0..components).map(mean_squared).collect();
        let chance = |mean_squared: &f64| chance_of_mean_squared(*mean_squared, pairs, dim);
        let p = squared.iter().map(chance).collect::<Result<Vec<f64>, StatsError>>()?;
        let by_chance = 1.0 / dim as f64;
        let component = |(k, ((&mean_squared, &p), p_holm)): (usize, ((&f64, &f64), f64))| ComponentAgreement {
            component: k + 1,
            mean_squared,
            by_chance,
            p,
            p_holm,
        };
        let components = squared.iter().zip(&p).zip(holm(&p)).enumerate().map(component).collect();
        Ok(Self { pairs, mean, by_chance: absolute_cosine(dim), components, each })
    }
}

/// Probabilities corrected for their number: the smallest of m times m, the next times m - 1 and so on, none below the one
/// before it, and none above 1 (Holm, 1979).
fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let (mut corrected, mut before) = (vec![0.0; p.len()], 0.0_f64);
    for (rank, index) in order.into_iter().enumerate() {
        before = before.max(((p.len() - rank) as f64 * p[index]).min(1.0));
        corrected[index] = before;
    }
    corrected
}

/// Mean `|cosine|` of two independent directions in `dim` dimensions: `sqrt(2 / (pi dim))` for many of them.
fn absolute_cosine(dim: usize) -> f64 {
    // Gamma(n/2) / (sqrt(pi) Gamma((n + 1)/2)).
    let n = dim as f64;
    (statrs::function::gamma::ln_gamma(n / 2.0) - statrs::function::gamma::ln_gamma(n.midpoint(1.0))).exp()
        / std::f64::consts::PI.sqrt()
}

/// Probability that the mean of `pairs` squared cosines of independent directions in `dim` dimensions is at least
/// `mean_squared`.
///
/// Of one pair it is exact, by the beta distribution. Of several the sum has the gamma distribution of the same mean and
/// variance, which for many dimensions is chi-squared with `pairs` degrees of freedom over `dim`.
///
/// # Errors
/// No pairs, fewer than two dimensions, or a mean that is no number.
pub fn chance_of_mean_squared(mean_squared: f64, pairs: usize, dim: usize) -> Result<f64, StatsError> {
    check_count(pairs, 1)?;
    check_count(dim, 2)?;
    check_finite(&[mean_squared])?;
    let n = dim as f64;
    if pairs == 1 {
        let beta = Beta::new(0.5, (n - 1.0) / 2.0).map_err(|_| StatsError::TooFew { needed: 2, found: dim })?;
        return Ok(beta.sf(mean_squared.clamp(0.0, 1.0)));
    }
    // A squared cosine has the mean 1/n and the variance 2 (n - 1) / (n² (n + 2)).
    let relative_variance = 2.0 * (n - 1.0) / (n + 2.0) / pairs as f64;
    let (shape, rate) = (1.0 / relative_variance, n / relative_variance);
    let gamma = Gamma::new(shape, rate).map_err(|_| StatsError::TooFew { needed: 2, found: dim })?;
    Ok(gamma.sf(mean_squared.max(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unit(columns: &[&[f64]]) -> DMatrix<f64> {
        let mut axes = DMatrix::from_fn(columns[0].len(), columns.len(), |row, column| columns[column][row]);
        axes.column_iter_mut().for_each(|mut axis| {
            axis.normalize_mut();
        });
        axes
    }

    #[test]
    fn the_same_axes_agree_and_swapped_ones_agree_beside_the_diagonal() {
        let same = unit(&[&[1.0, 0.0, 0.0, 0.0], &[0.0, 1.0, 0.0, 0.0]]);
        let swapped = unit(&[&[0.0, -1.0, 0.0, 0.0], &[1.0, 0.0, 0.0, 0.0]]);
        let found = RunAgreement::of(&[same.clone(), -&same]).unwrap();
        assert_eq!((found.pairs, found.each.clone()), (1, vec![vec![1.0, 1.0]]));
        assert!(found.components.iter().all(|component| component.p < 1e-12 && component.by_chance == 0.25));
        let found = RunAgreement::of(&[same.clone(), swapped]).unwrap();
        assert_eq!(found.mean, DMatrix::from_row_slice(2, 2, &[0.0, 1.0, 1.0, 0.0]));
        assert!(found.components.iter().all(|component| component.p > 0.999));
        assert!(RunAgreement::of(std::slice::from_ref(&same)).is_err());
        assert!(RunAgreement::of(&[same, DMatrix::identity(5, 2)]).is_err());
    }

    #[test]
    fn corrected_probabilities_keep_their_order() {
        let found = holm(&[0.04, 0.01, 0.03, 0.9]);
        for (found, expected) in found.iter().zip([0.09, 0.04, 0.09, 0.9]) {
            approx::assert_relative_eq!(*found, expected, max_relative = 1e-12);
        }
        assert_eq!(holm(&[0.6, 0.7]), [1.0, 1.0]);
    }

    /// In three dimensions |cosine| is uniform, and in two the angle is.
    #[test]
    fn one_pair_is_exact() {
        approx::assert_relative_eq!(chance_of_mean_squared(0.49, 1, 3).unwrap(), 0.3, epsilon = 1e-12);
        approx::assert_relative_eq!(chance_of_mean_squared(0.5, 1, 2).unwrap(), 0.5, epsilon = 1e-12);
        approx::assert_relative_eq!(absolute_cosine(3), 0.5, epsilon = 1e-12);
        approx::assert_relative_eq!(absolute_cosine(2), 2.0 / std::f64::consts::PI, epsilon = 1e-12);
        assert!(chance_of_mean_squared(0.5, 0, 3).is_err() && chance_of_mean_squared(f64::NAN, 1, 3).is_err());
    }
}
