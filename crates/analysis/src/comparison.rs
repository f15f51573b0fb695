//! Tables that compare optimizers: cells, places within a row, the best and its equals, ratios of pooled means.

use std::collections::BTreeMap;

use crate::bootstrap::{GroupBootstrap, ratio_interval};
use crate::compare::{TTest, descending_ranks};
use crate::error::{StatsError, check_count, check_lengths};
use crate::summary::Summary;

/// An optimizer equals the best one where the p value of their two-sample t test is above this (Wang & Ponce, 2022).
pub const EQUAL_ABOVE: f64 = 0.001;

/// Mean and spread of every cell of a table: all runs of one key, such as (layer, noise level).
///
/// `keys[i]` is the cell of `values[i]`; the standard error is [`Summary::standard_error`].
///
/// # Errors
/// Lengths that differ, or a value that is not finite.
pub fn cells<K: Ord + Clone>(values: &[f64], keys: &[K]) -> Result<BTreeMap<K, Summary>, StatsError> {
    check_lengths(values.len(), keys.len())?;
    let mut groups: BTreeMap<K, Vec<f64>> = BTreeMap::new();
    for (value, key) in values.iter().zip(keys) {
        groups.entry(key.clone()).or_default().push(*value);
    }
    groups.into_iter().map(|(key, values)| Ok((key, Summary::of(&values)?))).collect()
}

/// Ranks of the optimizers within every row, averaged over rows: 1 is the best, ties share the mean of their ranks.
///
/// # Errors
/// No rows, rows of different lengths, or a score that is not finite.
pub fn mean_ranks(rows: &[Vec<f64>]) -> Result<Vec<f64>, StatsError> {
    check_count(rows.len(), 1)?;
    let mut sums = vec![0.0; rows[0].len()];
    for row in rows {
        check_lengths(sums.len(), row.len())?;
        sums.iter_mut().zip(descending_ranks(row)?).for_each(|(sum, rank)| *sum += rank);
    }
    sums.iter_mut().for_each(|sum| *sum /= rows.len() as f64);
    Ok(sums)
}

/// The optimizer with the largest mean, and what a test says of the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Best {
    /// Column with the largest mean; the leftmost of several.
    pub column: usize,
    /// One entry a column: whether it equals the best one, false for the best itself; an error where the two samples
    /// have no test, as where neither varies.
    pub equals: Vec<Result<bool, StatsError>>,
}

impl Best {
    /// Finds the best of `columns` (one an optimizer, its scores in any order) and its equals: those whose `test`
    /// against it has p above [`EQUAL_ABOVE`]. The published test is the two-sample t with pooled variances.
    ///
    /// A column that holds a value that is not finite is not the best, and has no test.
    ///
    /// # Errors
    /// No column whose values are all finite.
    pub fn of(
        columns: &[Vec<f64>],
        test: impl Fn(&[f64], &[f64]) -> Result<TTest, StatsError>,
    ) -> Result<Self, StatsError> {
        let means = columns.iter().map(|column| Summary::of(column).map(|summary| summary.mean));
        let mut best: Option<(usize, f64)> = None;
        for (index, mean) in means.enumerate().filter_map(|(index, mean)| Some((index, mean.ok()?))) {
            if best.is_none_or(|(_, largest)| mean > largest) {
                best = Some((index, mean));
            }
        }
        let (best, _) = best.ok_or(StatsError::TooFew { needed: 1, found: 0 })?;
        let equals = |index: usize| match index == best {
            true => Ok(false),
            false => test(&columns[best], &columns[index]).map(|test| test.p > EQUAL_ABOVE),
        };
        Ok(Self { column: best, equals: (0..columns.len()).map(equals).collect() })
    }
}

/// Ratio of two pooled means with an interval that allows for runs of one unit being alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PooledRatio {
    /// Mean of the first over mean of the second.
    pub ratio: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl PooledRatio {
    /// Compares two optimizers over the same runs; `units[i]` numbers the unit of run `i` among the groups of `draw`,
    /// from 0.
    ///
    /// # Errors
    /// Lengths that differ, values that are not finite, a unit that `draw` does not have, a coverage outside 0..1, or a
    /// denominator of zero.
    pub fn of(
        above: &[f64],
        below: &[f64],
        units: &[usize],
        draw: &GroupBootstrap,
        coverage: f64,
    ) -> Result<Self, StatsError> {
        check_lengths(above.len(), below.len())?;
        let (above, below) = (draw.group_sums(above, units)?, draw.group_sums(below, units)?);
        let total: f64 = below.iter().sum();
        if total == 0.0 {
            return Err(StatsError::Constant);
        }
        let (low, high) = ratio_interval(&draw.totals(&above)?, &draw.totals(&below)?, coverage)?;
        Ok(Self { ratio: above.iter().sum::<f64>() / total, low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Variances;

    #[test]
    fn ranks_average_over_rows() {
        let ranks = mean_ranks(&[vec![3.0, 1.0, 1.0], vec![1.0, 2.0, 3.0]]).unwrap();
        assert_eq!(ranks, [2.0, 2.25, 1.75]);
        assert!(mean_ranks(&[vec![1.0], vec![1.0, 2.0]]).is_err());
    }

    #[test]
    fn a_cell_holds_the_runs_of_its_key() {
        let cells = cells(&[1.0, 5.0, 3.0], &["a", "b", "a"]).unwrap();
        assert_eq!((cells["a"].n, cells["a"].mean, cells["b"].n), (2, 2.0, 1));
    }

    #[test]
    fn the_best_has_equals() {
        let columns = [vec![1.0, 1.1, 0.9, 1.0], vec![1.0, 1.2, 1.0, 0.9], vec![9.0, 9.1, 9.2, 9.0], vec![8.9; 4]];
        let best = Best::of(&columns, |a, b| TTest::independent(a, b, Variances::Equal)).unwrap();
        assert_eq!(best.column, 2);
        assert_eq!(best.equals, [Ok(false), Ok(false), Ok(false), Ok(true)]);
        let constant = Best::of(&[vec![1.0; 3], vec![2.0; 3]], |a, b| TTest::independent(a, b, Variances::Equal));
        assert_eq!(constant.unwrap().equals, [Err(StatsError::Constant), Ok(false)]);
    }

    #[test]
    fn units_that_agree_have_a_narrow_interval() {
        let mut next = 0;
        let draw = GroupBootstrap::draw(2, 50, |n| {
            next = (next * 5 + 3) % 16;
            next * n / 16
        });
        let ratio = |above: &[f64]| PooledRatio::of(above, &[1.0, 1.0, 1.0], &[0, 0, 1], draw.as_ref().unwrap(), 0.95);
        let same = ratio(&[2.0, 2.0, 2.0]).unwrap();
        assert_eq!((same.ratio, same.low, same.high), (2.0, 2.0, 2.0));
        let apart = ratio(&[1.0, 1.0, 4.0]).unwrap();
        assert_eq!((apart.ratio, apart.low, apart.high), (2.0, 1.0, 4.0));
        assert!(PooledRatio::of(&[1.0], &[1.0], &[7], draw.as_ref().unwrap(), 0.95).is_err());
    }
}
