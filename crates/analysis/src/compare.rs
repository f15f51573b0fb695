//! Comparison of optimizers over many runs.
//!
//! A table of scores has one row a run (unit, noise, repeat) and one column an optimizer.

use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};
use statrs::stats_tests::NaNPolicy;
use statrs::stats_tests::f_oneway::f_oneway;

use crate::error::{StatsError, check_count, check_finite, check_lengths};
use crate::summary::{Summary, mean};

/// How a two-sample t test treats the two variances.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variances {
    /// Pooled (Student, 1908).
    Equal,
    /// Not pooled (Welch, 1947).
    Unequal,
}

/// Result of a two-sided two-sample t test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TTest {
    /// t statistic, positive where the first sample has the larger mean.
    pub t: f64,
    /// Degrees of freedom (Welch-Satterthwaite where variances are unequal).
    pub degrees_of_freedom: f64,
    /// Two-sided p value.
    pub p: f64,
}

impl TTest {
    /// Tests whether two independent samples have one mean.
    ///
    /// # Errors
    /// A sample of fewer than two values, a value that is not finite, or two samples that both do not vary.
    pub fn independent(a: &[f64], b: &[f64], variances: Variances) -> Result<Self, StatsError> {
        check_count(a.len().min(b.len()), 2)?;
        let (first, second) = (Summary::of(a)?, Summary::of(b)?);
        let (n_a, n_b) = (first.n as f64, second.n as f64);
        let (var_a, var_b) = (first.sd.powi(2), second.sd.powi(2));
        let (squared_error, degrees_of_freedom) = match variances {
            Variances::Equal => {
                let freedom = n_a + n_b - 2.0;
                let pooled = ((n_a - 1.0) * var_a + (n_b - 1.0) * var_b) / freedom;
                (pooled * (1.0 / n_a + 1.0 / n_b), freedom)
            }
            Variances::Unequal => {
                let (share_a, share_b) = (var_a / n_a, var_b / n_b);
                let sum = share_a + share_b;
                (sum, sum * sum / (share_a * share_a / (n_a - 1.0) + share_b * share_b / (n_b - 1.0)))
            }
        };
        if squared_error == 0.0 {
            return Err(StatsError::Constant);
        }
        Self::of((first.mean - second.mean) / squared_error.sqrt(), degrees_of_freedom)
    }

    /// Tests whether the differences `a[i] - b[i]` of pairs have mean zero (Student, 1908).
    ///
    /// # Errors
    /// Lengths that differ, fewer than two pairs, a value that is not finite, or differences that do not vary.
    pub fn paired(a: &[f64], b: &[f64]) -> Result<Self, StatsError> {
        check_lengths(a.len(), b.len())?;
        check_count(a.len(), 2)?;
        let differences: Vec<f64> = a.iter().zip(b).map(|(x, y)| x - y).collect();
        let summary = Summary::of(&differences)?;
        if summary.sd == 0.0 {
            return Err(StatsError::Constant);
        }
        Self::of(summary.mean / summary.standard_error(), (summary.n - 1) as f64)
    }

    fn of(t: f64, degrees_of_freedom: f64) -> Result<Self, StatsError> {
        Ok(Self { t, degrees_of_freedom, p: two_sided_p(t, degrees_of_freedom)? })
    }
}

/// Probability of a Student t at least as far from zero as `t`.
pub(crate) fn two_sided_p(t: f64, degrees_of_freedom: f64) -> Result<f64, StatsError> {
    let distribution =
        StudentsT::new(0.0, 1.0, degrees_of_freedom).map_err(|_| degrees_out_of_range(degrees_of_freedom))?;
    Ok(2.0 * distribution.cdf(-t.abs()))
}

/// Probability of a Fisher F at least as large as `f`.
pub(crate) fn f_tail(f: f64, between: usize, within: usize) -> Result<f64, StatsError> {
    let (between, within) = (between as f64, within as f64);
    let distribution = FisherSnedecor::new(between, within).map_err(|_| degrees_out_of_range(between.min(within)))?;
    Ok(distribution.sf(f))
}

fn degrees_out_of_range(value: f64) -> StatsError {
    StatsError::OutOfRange { name: "degrees of freedom", value, low: 0.0, high: f64::INFINITY }
}

/// Result of a one-way analysis of variance (Fisher, 1925).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Anova {
    /// F statistic: mean square between groups over mean square within.
    pub f: f64,
    /// Degrees of freedom between groups.
    pub between: usize,
    /// Degrees of freedom within groups.
    pub within: usize,
    /// p value.
    pub p: f64,
}

impl Anova {
    /// Tests whether the groups have one mean, by statrs.
    ///
    /// # Errors
    /// Fewer than two groups, an empty group, no more values than groups, a value that is not finite, or a group of
    /// several values that does not vary: statrs takes none.
    pub fn one_way(groups: &[&[f64]]) -> Result<Self, StatsError> {
        check_count(groups.len(), 2)?;
        for group in groups {
            check_count(group.len(), 1)?;
            check_finite(group)?;
        }
        let all = groups.concat();
        check_count(all.len(), groups.len() + 1)?;
        // statrs subtracts sums of squares, which lose fewer digits around zero.
        let grand = mean(&all);
        let centred = groups.iter().map(|group| group.iter().map(|value| value - grand).collect()).collect();
        let (f, _) = f_oneway(centred, NaNPolicy::Error).map_err(|_| StatsError::Constant)?;
        let (between, within) = (groups.len() - 1, all.len() - groups.len());
        // The p of statrs is 1 less the distribution function, which rounds to 0 below 1e-16.
        Ok(Self { f, between, within, p: f_tail(f, between, within)? })
    }
}

/// Ranks of values among each other: 1 is the largest, ties share the mean of their ranks.
///
/// # Errors
/// A score that is not finite.
pub fn descending_ranks(scores: &[f64]) -> Result<Vec<f64>, StatsError> {
    check_finite(scores)?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut ranks = vec![0.0; scores.len()];
    let mut above = 0;
    for tied in order.chunk_by(|&a, &b| scores[a] == scores[b]) {
        let rank = above as f64 + (tied.len() as f64 + 1.0) / 2.0;
        tied.iter().for_each(|&index| ranks[index] = rank);
        above += tied.len();
    }
    Ok(ranks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anova_refuses_what_has_no_answer() {
        assert_eq!(Anova::one_way(&[&[1.0, 2.0], &[3.0, 3.0]]), Err(StatsError::Constant));
        assert_eq!(Anova::one_way(&[&[1.0, 2.0], &[f64::NAN]]), Err(StatsError::NotFinite { index: 0 }));
        assert_eq!(Anova::one_way(&[&[1.0, 2.0]]), Err(StatsError::TooFew { needed: 2, found: 1 }));
        assert_eq!(Anova::one_way(&[&[1.0], &[2.0]]), Err(StatsError::TooFew { needed: 3, found: 2 }));
        assert_eq!(Anova::one_way(&[&[1.0, 1.0], &[2.0, 2.0]]), Err(StatsError::Constant));
    }

    #[test]
    fn two_constant_samples_have_no_t() {
        let error = TTest::independent(&[1.0, 1.0], &[2.0, 2.0], Variances::Unequal).unwrap_err();
        assert_eq!(error, StatsError::Constant);
    }
}
