//! Correlation of two quantities over the same observations.

use crate::compare::{descending_ranks, two_sided_p};
use crate::error::{StatsError, check_count, check_finite, check_lengths};
use crate::summary::{is_constant, mean};

/// A correlation coefficient with the p value of no correlation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Correlation {
    /// Coefficient, in `[-1, 1]`.
    pub r: f64,
    /// Two-sided p value: `r sqrt((n - 2) / (1 - r^2))` against Student's t with `n - 2` degrees of freedom.
    pub p: f64,
    /// Number of pairs.
    pub n: usize,
}

impl Correlation {
    /// Product-moment correlation (Pearson, 1895).
    ///
    /// # Errors
    /// Lengths that differ, fewer than three pairs, values that are not finite or that do not vary.
    pub fn pearson(x: &[f64], y: &[f64]) -> Result<Self, StatsError> {
        check_lengths(x.len(), y.len())?;
        check_count(x.len(), 3)?;
        check_finite(x)?;
        check_finite(y)?;
        if is_constant(x) || is_constant(y) {
            return Err(StatsError::Constant);
        }
        let (centred_x, centred_y) = (centred(x), centred(y));
        let r: f64 = centred_x.iter().zip(&centred_y).map(|(a, b)| a * b).sum();
        let r = r.clamp(-1.0, 1.0);
        let freedom = (x.len() - 2) as f64;
        let p = if r.abs() < 1.0 { two_sided_p(r * (freedom / ((1.0 - r) * (1.0 + r))).sqrt(), freedom)? } else { 0.0 };
        Ok(Self { r, p, n: x.len() })
    }

    /// Rank correlation (Spearman, 1904): Pearson's of the ranks, ties at the mean of their ranks.
    ///
    /// # Errors
    /// As [`pearson`](Self::pearson).
    pub fn spearman(x: &[f64], y: &[f64]) -> Result<Self, StatsError> {
        check_lengths(x.len(), y.len())?;
        Self::pearson(&descending_ranks(x)?, &descending_ranks(y)?)
    }
}

/// Values less their mean, at length one.
fn centred(values: &[f64]) -> Vec<f64> {
    let centre = mean(values);
    let mut centred: Vec<f64> = values.iter().map(|value| value - centre).collect();
    let length = centred.iter().map(|value| value * value).sum::<f64>().sqrt();
    centred.iter_mut().for_each(|value| *value /= length);
    centred
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_correlates_perfectly_and_a_constant_not_at_all() {
        let up = Correlation::spearman(&[1.0, 2.0, 30.0], &[0.1, 0.2, 0.3]).unwrap();
        assert_eq!((up.r.round(), up.n), (1.0, 3));
        approx::assert_relative_eq!(up.r, 1.0, max_relative = 1e-15);
        assert_eq!(Correlation::pearson(&[1.0, 2.0, 3.0], &[4.0; 3]), Err(StatsError::Constant));
        assert_eq!(Correlation::pearson(&[1.0, 2.0], &[4.0, 5.0]), Err(StatsError::TooFew { needed: 3, found: 2 }));
    }
}
