//! Whether one sample tends to lie above another: the rank-sum test of Wilcoxon (1945).

use crate::compare::descending_ranks;
use crate::error::{StatsError, check_count};

/// Result of a two-sided rank-sum test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankSum {
    /// Rank sum of the first sample in standard deviations from its expectation; positive where it lies above.
    pub z: f64,
    /// Two-sided p value of the normal approximation, without correction for ties or continuity (SciPy's `ranksums`,
    /// which the published scripts use).
    pub p: f64,
}

impl RankSum {
    /// Tests two independent samples.
    ///
    /// # Errors
    /// An empty sample, or a value that is not finite.
    pub fn of(a: &[f64], b: &[f64]) -> Result<Self, StatsError> {
        check_count(a.len().min(b.len()), 1)?;
        let ranks = descending_ranks(&[a, b].concat())?;
        let (n, m) = (a.len() as f64, b.len() as f64);
        let sum: f64 = ranks[..a.len()].iter().sum();
        let z = (n * (n + m + 1.0) / 2.0 - sum) / (n * m * (n + m + 1.0) / 12.0).sqrt();
        Ok(Self { z, p: statrs::function::erf::erfc(z.abs() / std::f64::consts::SQRT_2) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_above_has_the_positive_z() {
        let test = RankSum::of(&[3.0, 4.0], &[1.0, 2.0]).unwrap();
        // Rank sum 7 of expected 5, variance 2 * 2 * 5 / 12.
        approx::assert_relative_eq!(test.z, 2.0 / (5.0f64 / 3.0).sqrt(), max_relative = 1e-14);
        assert_eq!(RankSum::of(&[1.0], &[]), Err(StatsError::TooFew { needed: 1, found: 0 }));
    }
}
