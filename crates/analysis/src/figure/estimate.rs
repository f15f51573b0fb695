//! A number with its uncertainty.

use crate::summary::Summary;

/// A mean and the interval around it, in the units of the data; NaN where there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The mean.
    pub mean: f64,
    /// Lower end of the interval.
    pub low: f64,
    /// Upper end of the interval.
    pub high: f64,
}

impl Estimate {
    /// Mean of the finite `values` with one standard error to either side; NaN throughout where none is finite. A
    /// single value has an interval of length zero.
    #[must_use]
    pub fn with_standard_error(values: &[f64]) -> Self {
        let finite: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        match Summary::of(&finite) {
            Ok(summary) => {
                let error = summary.standard_error();
                Self { mean: summary.mean, low: summary.mean - error, high: summary.mean + error }
            }
            Err(_) => Self { mean: f64::NAN, low: f64::NAN, high: f64::NAN },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_left_out() {
        let estimate = Estimate::with_standard_error(&[1.0, f64::NAN, 3.0]);
        assert_eq!((estimate.mean, estimate.low, estimate.high), (2.0, 1.0, 3.0));
        assert!(Estimate::with_standard_error(&[f64::INFINITY]).mean.is_nan());
    }
}
