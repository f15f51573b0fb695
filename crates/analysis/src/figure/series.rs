//! Mean and spread of repeated runs, generation by generation.

use crate::summary::Summary;

/// Mean and standard deviation (divisor `n - 1`) over the finite values of every generation; NaN where there is none.
///
/// `repeats[r][t]` is run `r` at generation `t`; runs may differ in length.
pub(crate) fn by_generation(repeats: &[Vec<f64>]) -> Vec<(f64, f64)> {
    let length = longest(repeats);
    let at = |t: usize| {
        let values: Vec<f64> =
            repeats.iter().filter_map(|run| run.get(t)).copied().filter(|value| value.is_finite()).collect();
        Summary::of(&values).map_or((f64::NAN, f64::NAN), |summary| (summary.mean, summary.sd))
    };
    (0..length).map(at).collect()
}

/// Length of the longest run.
pub(crate) fn longest(repeats: &[Vec<f64>]) -> usize {
    repeats.iter().map(Vec::len).max().unwrap_or(0)
}

/// Means against generation.
pub(crate) fn line(means: &[(f64, f64)]) -> Vec<(f64, f64)> {
    means.iter().enumerate().map(|(t, (mean, _))| (t as f64, *mean)).collect()
}

/// One standard deviation on either side of the mean, against generation.
pub(crate) fn band(means: &[(f64, f64)]) -> Vec<(f64, f64, f64)> {
    means.iter().enumerate().map(|(t, (mean, sd))| (t as f64, mean - sd, mean + sd)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_short_runs_are_left_out() {
        let means = by_generation(&[vec![1.0, f64::NAN, f64::NAN], vec![3.0, 4.0]]);
        assert_eq!(means[0], (2.0, 2f64.sqrt()));
        assert_eq!(means[1], (4.0, 0.0));
        assert!(means[2].0.is_nan() && means.len() == 3);
        assert!(by_generation(&[]).is_empty());
    }
}
