//! Mean and spread of repeated runs, generation by generation.

use crate::summary::Summary;

/// Mean and spread of one generation; NaN where no repeat has a finite value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) mean: f64,
    /// One standard deviation (divisor `n - 1`) below the mean, but not below the smallest value: with few repeats it
    /// would reach values that cannot be.
    low: f64,
    /// The same above.
    high: f64,
    /// Standard error of the mean; 0 for one repeat.
    error: f64,
}

/// Mean and spread over the finite values of every generation.
///
/// `repeats[r][t]` is run `r` at generation `t`; runs may differ in length.
pub(crate) fn by_generation(repeats: &[Vec<f64>]) -> Vec<Spread> {
    let at = |t: usize| {
        let values: Vec<f64> =
            repeats.iter().filter_map(|run| run.get(t)).copied().filter(|value| value.is_finite()).collect();
        match Summary::of(&values) {
            Ok(summary) => {
                let Summary { mean, sd, min, max, .. } = summary;
                Spread { mean, low: (mean - sd).max(min), high: (mean + sd).min(max), error: summary.standard_error() }
            }
            Err(_) => Spread { mean: f64::NAN, low: f64::NAN, high: f64::NAN, error: f64::NAN },
        }
    };
    (0..longest(repeats)).map(at).collect()
}

/// Length of the longest run.
pub(crate) fn longest(repeats: &[Vec<f64>]) -> usize {
    repeats.iter().map(Vec::len).max().unwrap_or(0)
}

/// Means against generation.
pub(crate) fn line(spreads: &[Spread]) -> Vec<(f64, f64)> {
    spreads.iter().enumerate().map(|(t, spread)| (t as f64, spread.mean)).collect()
}

/// The spread around the mean, against generation.
pub(crate) fn band(spreads: &[Spread]) -> Vec<(f64, f64, f64)> {
    spreads.iter().enumerate().map(|(t, spread)| (t as f64, spread.low, spread.high)).collect()
}

/// One standard error to either side of the mean, against generation.
pub(crate) fn error_band(spreads: &[Spread]) -> Vec<(f64, f64, f64)> {
    let around = |(t, spread): (usize, &Spread)| (t as f64, spread.mean - spread.error, spread.mean + spread.error);
    spreads.iter().enumerate().map(around).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_short_runs_are_left_out() {
        let means = by_generation(&[vec![1.0, f64::NAN, f64::NAN], vec![3.0, 4.0]]);
        assert_eq!(line(&means)[..2], [(0.0, 2.0), (1.0, 4.0)]);
        assert!(means[2].mean.is_nan() && means.len() == 3);
        assert!(by_generation(&[]).is_empty());
    }

    #[test]
    fn the_band_is_one_deviation_within_the_values() {
        let three = by_generation(&[vec![0.0], vec![0.0], vec![3.0]]);
        assert_eq!(band(&three), [(0.0, 0.0, 1.0 + 3f64.sqrt())]);
        assert_eq!(error_band(&three), [(0.0, 0.0, 2.0)]);
    }
}
