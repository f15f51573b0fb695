//! Bootstrap over groups of observations that belong together, such as all runs of one unit.
//!
//! Rows of one unit are not independent of each other; units are. Whole units are therefore drawn with replacement
//! (cluster bootstrap: Davison & Hinkley, 1997, section 3.8), and an interval is cut from the quantiles of the
//! resampled statistic (percentile method: Efron, 1979). The random numbers are the caller's.

use crate::error::{StatsError, check_count, check_finite, check_lengths};
use crate::summary::quantiles;

/// Which groups each resample consists of. Statistics computed from one draw are paired: they saw the same resamples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupBootstrap {
    groups: usize,
    /// Group numbers, `[resamples, groups]`.
    picks: Vec<usize>,
}

impl GroupBootstrap {
    /// Draws `resamples` times `groups` groups; `pick(n)` returns a number in `0 .. n`, all equally likely.
    ///
    /// # Errors
    /// No groups or no resamples, or a pick that is not in `0 .. groups`.
    pub fn draw(groups: usize, resamples: usize, mut pick: impl FnMut(usize) -> usize) -> Result<Self, StatsError> {
        check_count(groups.min(resamples), 1)?;
        let picks: Vec<usize> = (0..groups * resamples).map(|_| pick(groups)).collect();
        match picks.iter().find(|&&group| group >= groups) {
            None => Ok(Self { groups, picks }),
            Some(&group) => {
                let high = groups as f64 - 1.0;
                Err(StatsError::OutOfRange { name: "group picked", value: group as f64, low: 0.0, high })
            }
        }
    }

    /// Sums `values` within groups; `members[i]` is the group of `values[i]`.
    ///
    /// # Errors
    /// Lengths that differ, or a group that is not among those drawn from.
    pub fn group_sums(&self, values: &[f64], members: &[usize]) -> Result<Vec<f64>, StatsError> {
        check_lengths(values.len(), members.len())?;
        let mut sums = vec![0.0; self.groups];
        for (value, &group) in values.iter().zip(members) {
            let high = self.groups as f64 - 1.0;
            let outside = StatsError::OutOfRange { name: "group", value: group as f64, low: 0.0, high };
            *sums.get_mut(group).ok_or(outside)? += value;
        }
        Ok(sums)
    }

    /// Total over every resample of a quantity that is summed within groups; one number a resample.
    ///
    /// # Errors
    /// A number of groups other than that drawn from, or a sum that is not finite.
    pub fn totals(&self, group_sums: &[f64]) -> Result<Vec<f64>, StatsError> {
        check_lengths(self.groups, group_sums.len())?;
        check_finite(group_sums)?;
        let total = |picks: &[usize]| picks.iter().map(|&group| group_sums[group]).sum();
        Ok(self.picks.chunks_exact(self.groups).map(total).collect())
    }
}

/// Percentile interval of the ratio of two totals that come from one draw, at a coverage such as 0.95.
///
/// The ratio of two means over the same rows is the ratio of their totals.
///
/// # Errors
/// Lengths that differ, a coverage outside 0..1, or a resample whose denominator is zero.
pub fn ratio_interval(numerators: &[f64], denominators: &[f64], coverage: f64) -> Result<(f64, f64), StatsError> {
    check_lengths(numerators.len(), denominators.len())?;
    if !(0.0..=1.0).contains(&coverage) {
        return Err(StatsError::OutOfRange { name: "coverage", value: coverage, low: 0.0, high: 1.0 });
    }
    if let Some(resample) = denominators.iter().position(|total| *total == 0.0) {
        return Err(StatsError::ZeroDenominator { resample });
    }
    let ratios: Vec<f64> = numerators.iter().zip(denominators).map(|(a, b)| a / b).collect();
    let tail = (1.0 - coverage) / 2.0;
    let [low, high] = quantiles(&ratios, [tail, 1.0 - tail])?;
    Ok((low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_has_no_answer() {
        assert!(GroupBootstrap::draw(0, 10, |_| 0).is_err());
        assert!(matches!(GroupBootstrap::draw(2, 1, |n| n), Err(StatsError::OutOfRange { .. })));
        let draw = GroupBootstrap::draw(2, 3, |_| 1).unwrap();
        assert_eq!(draw.totals(&[1.0, 5.0]).unwrap(), [10.0, 10.0, 10.0]);
        assert_eq!(draw.totals(&[1.0]), Err(StatsError::LengthMismatch { left: 2, right: 1 }));
        assert_eq!(ratio_interval(&[1.0, 1.0], &[1.0, 0.0], 0.9), Err(StatsError::ZeroDenominator { resample: 1 }));
    }
}
