//! Simple linear regression.

use crate::error::{StatsError, check_count, check_finite, check_lengths};
use crate::summary::{is_constant, mean, sum_of_squares};

/// Ordinary least squares `y = intercept + slope x`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LinearFit {
    /// Slope, units of `y` a unit of `x`.
    pub slope: f64,
    /// Value at `x = 0`, units of `y`.
    pub intercept: f64,
    /// Coefficient of determination; `None` where `y` varies by rounding only.
    pub r_squared: Option<f64>,
    /// Standard error of the slope.
    pub slope_error: f64,
    /// Standard error of the intercept.
    pub intercept_error: f64,
    /// Number of points.
    pub n: usize,
}

impl LinearFit {
    /// Fits a line through the points `(x[i], y[i])`.
    ///
    /// # Errors
    /// Lengths that differ, fewer than three points, values that are not finite, or `x` that does not vary.
    pub fn fit(x: &[f64], y: &[f64]) -> Result<Self, StatsError> {
        check_lengths(x.len(), y.len())?;
        check_count(x.len(), 3)?;
        check_finite(x)?;
        check_finite(y)?;
        if is_constant(x) {
            return Err(StatsError::Constant);
        }
        let (mean_x, mean_y) = (mean(x), mean(y));
        let spread_x = sum_of_squares(x);
        let shared: f64 = x.iter().zip(y).map(|(a, b)| (a - mean_x) * (b - mean_y)).sum();
        let slope = shared / spread_x;
        let intercept = mean_y - slope * mean_x;
        let residual: f64 = x.iter().zip(y).map(|(a, b)| (b - mean_y - slope * (a - mean_x)).powi(2)).sum();
        let n = x.len();
        let variance = residual / (n - 2) as f64;
        Ok(Self {
            slope,
            intercept,
            r_squared: (!is_constant(y)).then(|| 1.0 - residual / sum_of_squares(y)),
            slope_error: (variance / spread_x).sqrt(),
            intercept_error: (variance * (1.0 / n as f64 + mean_x * mean_x / spread_x)).sqrt(),
            n,
        })
    }

    /// Value of the line at `x`.
    #[must_use]
    pub fn value(&self, x: f64) -> f64 {
        self.intercept + self.slope * x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_constant_has_a_slope_but_no_r_squared() {
        let norms = [300.0, 300.0 + 1e-13, 300.0 - 1e-13, 300.0];
        let fit = LinearFit::fit(&[0.0, 1.0, 2.0, 3.0], &norms).unwrap();
        assert!(fit.slope.abs() < 1e-12);
        assert_eq!(fit.r_squared, None);
    }

    #[test]
    fn refuses_what_has_no_answer() {
        assert_eq!(LinearFit::fit(&[1.0; 3], &[1.0, 2.0, 3.0]), Err(StatsError::Constant));
        assert_eq!(LinearFit::fit(&[1.0, 2.0], &[1.0, 2.0]), Err(StatsError::TooFew { needed: 3, found: 2 }));
        let error = LinearFit::fit(&[1.0, 2.0, 3.0], &[1.0, f64::INFINITY, 3.0]);
        assert_eq!(error, Err(StatsError::NotFinite { index: 1 }));
    }
}
