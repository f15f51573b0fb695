//! How the contrast of images depends on the norm of their codes.

use crate::correlation::Correlation;
use crate::error::{StatsError, check_count, check_finite, check_lengths};
use crate::regression::LinearFit;
use crate::summary::sum_of_squares;

/// Root-mean-square contrast of an image: the standard deviation of its values with divisor `n`, pixels and channels
/// pooled (Peli, 1990).
///
/// # Errors
/// No values, or one that is not finite.
pub fn rms_contrast(pixels: &[f64]) -> Result<f64, StatsError> {
    check_count(pixels.len(), 1)?;
    check_finite(pixels)?;
    Ok((sum_of_squares(pixels) / pixels.len() as f64).sqrt())
}

/// Contrast against norm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ContrastAgainstNorm {
    /// Contrast as a line in the norm.
    pub line: LinearFit,
    /// Whether contrast rises with the norm, linear or not.
    pub rank_correlation: Correlation,
}

impl ContrastAgainstNorm {
    /// Relates the contrasts of images to the norms of their codes.
    ///
    /// # Errors
    /// Lengths that differ, fewer than three images, values that are not finite or that do not vary.
    pub fn of(norms: &[f64], contrasts: &[f64]) -> Result<Self, StatsError> {
        check_lengths(norms.len(), contrasts.len())?;
        Ok(Self { line: LinearFit::fit(norms, contrasts)?, rank_correlation: Correlation::spearman(norms, contrasts)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn black_and_white_has_contrast_one_half() {
        assert_eq!(rms_contrast(&[0.0, 1.0, 0.0, 1.0]).unwrap(), 0.5);
        assert!(rms_contrast(&[]).is_err());
        let against = ContrastAgainstNorm::of(&[1.0, 2.0, 3.0, 4.0], &[0.1, 0.2, 0.3, 0.35]).unwrap();
        approx::assert_relative_eq!(against.rank_correlation.r, 1.0, max_relative = 1e-12);
        assert!(against.line.slope > 0.08);
    }
}
