//! How far the codes of a run grow, against runs driven by noise.
//!
//! A random walk's squared norm grows in proportion to the generation. Evolution and its noise-driven control are
//! compared by how well that holds, by the norm they end with and by the spread of their last generation (Wang & Ponce,
//! 2022).

use nalgebra::DMatrix;

use crate::compare::{TTest, Variances};
use crate::error::{StatsError, check_count, check_finite};
use crate::geometry::norm;
use crate::rank_sum::RankSum;
use crate::regression::LinearFit;
use crate::summary::{Summary, sum_of_squares};

/// Growth of one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NormGrowth {
    /// Coefficient of determination of the squared norm of the mean code on the generation; `None` where it is constant.
    pub r_squared: Option<f64>,
    /// Norm of the mean code of the last generation.
    pub final_norm: f64,
    /// Standard deviation (divisor `n - 1`) of the codes of the last generation, averaged over the N coordinates.
    pub final_spread: f64,
}

impl NormGrowth {
    /// Measures a run from the norms of its generations' mean codes (length `T`) and the codes of its last generation
    /// (shape `[lambda, N]`).
    ///
    /// # Errors
    /// Fewer than three generations, fewer than two codes, or a value that is not finite.
    pub fn of(mean_norms: &[f64], last_codes: &DMatrix<f64>) -> Result<Self, StatsError> {
        let squared: Vec<f64> = mean_norms.iter().map(|norm| norm * norm).collect();
        let generations: Vec<f64> = (0..squared.len()).map(|t| t as f64).collect();
        let growth = LinearFit::fit(&generations, &squared)?;
        Ok(Self {
            r_squared: growth.r_squared,
            final_norm: mean_norms[mean_norms.len() - 1],
            final_spread: spread(last_codes)?,
        })
    }

    /// The same from the mean codes themselves, shape `[T, N]`.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub fn of_trajectory(means: &DMatrix<f64>, last_codes: &DMatrix<f64>) -> Result<Self, StatsError> {
        let norms: Vec<f64> = means.row_iter().map(|row| norm(&row.iter().copied().collect::<Vec<_>>())).collect();
        Self::of(&norms, last_codes)
    }
}

/// Standard deviation of the codes of a generation (shape `[lambda, N]`) in every coordinate, averaged over coordinates.
///
/// # Errors
/// Fewer than two codes, codes of length zero, or a value that is not finite.
pub fn spread(codes: &DMatrix<f64>) -> Result<f64, StatsError> {
    check_count(codes.nrows(), 2)?;
    check_count(codes.ncols(), 1)?;
    check_finite(codes.as_slice())?;
    let freedom = (codes.nrows() - 1) as f64;
    let sd = |column: &[f64]| (sum_of_squares(column) / freedom).sqrt();
    Ok(codes.as_slice().chunks_exact(codes.nrows()).map(sd).sum::<f64>() / codes.ncols() as f64)
}

/// One quantity of evolutions and of their controls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contrast {
    /// Over evolutions.
    pub evolved: Summary,
    /// Over noise-driven runs.
    pub control: Summary,
    /// Two-sample t test with pooled variances, as published.
    pub t_test: TTest,
    /// Rank-sum test, as published.
    pub rank_sum: RankSum,
}

impl Contrast {
    /// Compares one value a run.
    ///
    /// # Errors
    /// Fewer than two runs on a side, a value that is not finite, or values that do not vary on either side.
    pub fn of(evolved: &[f64], control: &[f64]) -> Result<Self, StatsError> {
        Ok(Self {
            evolved: Summary::of(evolved)?,
            control: Summary::of(control)?,
            t_test: TTest::independent(evolved, control, Variances::Equal)?,
            rank_sum: RankSum::of(evolved, control)?,
        })
    }
}

/// Evolutions against their noise-driven controls.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AgainstControl {
    /// Linearity of the squared norm, over evolutions that have one.
    pub evolved_r_squared: Summary,
    /// The same over controls.
    pub control_r_squared: Summary,
    /// Final norm.
    pub final_norm: Contrast,
    /// Final spread.
    pub final_spread: Contrast,
}

impl AgainstControl {
    /// Compares runs.
    ///
    /// # Errors
    /// As [`Contrast::of`], or a side on which the norm of every run is constant, as on a sphere.
    pub fn of(evolved: &[NormGrowth], control: &[NormGrowth]) -> Result<Self, StatsError> {
        let linearity =
            |runs: &[NormGrowth]| Summary::of(&runs.iter().filter_map(|run| run.r_squared).collect::<Vec<_>>());
        let contrast = |pick: fn(&NormGrowth) -> f64| {
            let of = |runs: &[NormGrowth]| runs.iter().map(pick).collect::<Vec<_>>();
            Contrast::of(&of(evolved), &of(control))
        };
        Ok(Self {
            evolved_r_squared: linearity(evolved)?,
            control_r_squared: linearity(control)?,
            final_norm: contrast(|run| run.final_norm)?,
            final_spread: contrast(|run| run.final_spread)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(length: f64) -> NormGrowth {
        let means = DMatrix::from_fn(5, 8, |t, n| if n < t { length } else { 0.0 });
        let last = DMatrix::from_fn(2, 8, |row, _| length * row as f64);
        NormGrowth::of_trajectory(&means, &last).unwrap()
    }

    #[test]
    fn orthogonal_steps_grow_linearly() {
        let growth = run(3.0);
        approx::assert_relative_eq!(growth.r_squared.unwrap(), 1.0, epsilon = 1e-12);
        approx::assert_relative_eq!(growth.final_norm, 6.0, epsilon = 1e-12);
        approx::assert_relative_eq!(growth.final_spread, 3.0 / 2f64.sqrt(), epsilon = 1e-12);
    }

    #[test]
    fn evolutions_that_grow_more_have_a_positive_t() {
        let (evolved, control) = ([run(3.0), run(3.1), run(3.2)], [run(1.0), run(1.1)]);
        let against = AgainstControl::of(&evolved, &control).unwrap();
        assert!(against.final_norm.t_test.t > 10.0 && against.final_spread.rank_sum.z > 1.0);
        assert_eq!(against.evolved_r_squared.n, 3);
        assert!(AgainstControl::of(&evolved, &control[..1]).is_err());
    }

    #[test]
    fn one_code_has_no_spread() {
        assert_eq!(spread(&DMatrix::zeros(1, 4)), Err(StatsError::TooFew { needed: 2, found: 1 }));
    }
}
