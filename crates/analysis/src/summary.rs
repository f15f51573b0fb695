//! Mean, spread and quantiles of a sample.

use crate::error::{StatsError, check_count, check_finite};

/// Spread below this share of the largest magnitude is rounding, not variation.
const ROUNDING: f64 = 1e-12;

/// Mean and spread of `n` numbers, in their units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Summary {
    /// Number of observations.
    pub n: usize,
    /// Arithmetic mean.
    pub mean: f64,
    /// Standard deviation with divisor `n - 1`; 0 for one observation.
    pub sd: f64,
    /// Smallest observation.
    pub min: f64,
    /// Largest observation.
    pub max: f64,
}

impl Summary {
    /// Summarises `values`.
    ///
    /// # Errors
    /// No values, or one that is not finite.
    pub fn of(values: &[f64]) -> Result<Self, StatsError> {
        check_count(values.len(), 1)?;
        check_finite(values)?;
        let n = values.len();
        let sd = if n > 1 { (sum_of_squares(values) / (n - 1) as f64).sqrt() } else { 0.0 };
        Ok(Self {
            n,
            mean: mean(values),
            sd,
            min: values.iter().copied().fold(f64::INFINITY, f64::min),
            max: values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        })
    }

    /// Standard error of the mean, `sd / sqrt(n)`.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        self.sd / (self.n as f64).sqrt()
    }
}

/// Quantile at `probability` in `[0, 1]`, linear between order statistics (Hyndman & Fan, 1996, type 7; the default of
/// NumPy).
///
/// # Errors
/// No values, a value that is not finite, or a probability outside `[0, 1]`.
pub fn quantile(values: &[f64], probability: f64) -> Result<f64, StatsError> {
    quantiles(values, [probability]).map(|[value]| value)
}

/// Several [`quantile`]s of one sample.
///
/// # Errors
/// As [`quantile`].
pub fn quantiles<const K: usize>(values: &[f64], probabilities: [f64; K]) -> Result<[f64; K], StatsError> {
    check_count(values.len(), 1)?;
    check_finite(values)?;
    if let Some(&value) = probabilities.iter().find(|probability| !(0.0..=1.0).contains(*probability)) {
        return Err(StatsError::OutOfRange { name: "probability", value, low: 0.0, high: 1.0 });
    }
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    Ok(probabilities.map(|probability| {
        let position = probability * (sorted.len() - 1) as f64;
        let below = position.floor() as usize;
        let above = (below + 1).min(sorted.len() - 1);
        sorted[below] + (sorted[above] - sorted[below]) * (position - below as f64)
    }))
}

/// Largest value so far at every position, as in best-so-far curves; values that are not finite are passed over, and the
/// positions before the first finite value are NaN.
#[must_use]
pub fn running_maximum(values: &[f64]) -> Vec<f64> {
    let mut best = f64::NAN;
    let advance = |value: &f64| {
        if value.is_finite() {
            best = best.max(*value);
        }
        best
    };
    values.iter().map(advance).collect()
}

/// Arithmetic mean of a non-empty slice.
pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sum of squares around the mean, by the corrected two-pass algorithm (Chan, Golub & LeVeque, 1983): the rounding of
/// the mean does not enter, so that numbers that differ in their last digits only keep their spread.
pub(crate) fn sum_of_squares(values: &[f64]) -> f64 {
    let centre = mean(values);
    let (mut sum, mut squares) = (0.0, 0.0);
    for value in values {
        let deviation = value - centre;
        sum += deviation;
        squares += deviation * deviation;
    }
    (squares - sum * sum / values.len() as f64).max(0.0)
}

/// True where the values differ by rounding only.
pub(crate) fn is_constant(values: &[f64]) -> bool {
    let centre = mean(values);
    let largest = values.iter().fold(0.0f64, |largest, value| largest.max(value.abs()));
    values.iter().all(|value| (value - centre).abs() <= ROUNDING * largest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_maximum_passes_over_gaps() {
        let best = running_maximum(&[f64::NAN, 1.0, f64::INFINITY, 0.5, 3.0]);
        assert!(best[0].is_nan());
        assert_eq!(best[1..], [1.0, 1.0, 1.0, 3.0]);
    }

    #[test]
    fn numbers_that_differ_in_the_last_digit_keep_their_spread() {
        let step = f64::EPSILON / 2.0;
        let values: Vec<f64> = (0..175).map(|index| 1.0 - f64::from(index % 3) * step).collect();
        // 59 zeros, 58 ones and 58 twos, in steps.
        let (n, sum, squares) = (175.0f64, 174.0f64, 290.0f64);
        let exact = step * ((squares - sum * sum / n) / (n - 1.0)).sqrt();
        approx::assert_relative_eq!(Summary::of(&values).unwrap().sd, exact, max_relative = 1e-12);
    }

    #[test]
    fn refuses_what_has_no_answer() {
        assert_eq!(Summary::of(&[]), Err(StatsError::TooFew { needed: 1, found: 0 }));
        assert_eq!(quantile(&[1.0, f64::NAN], 0.5), Err(StatsError::NotFinite { index: 1 }));
        assert!(matches!(quantile(&[1.0], 1.1), Err(StatsError::OutOfRange { .. })));
    }
}
