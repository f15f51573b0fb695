//! Norms of codes and angles between them.

use crate::error::{StatsError, check_finite, check_lengths};

/// Euclidean norm of a code.
#[must_use]
pub fn norm(code: &[f64]) -> f64 {
    code.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// Euclidean distance of two codes.
///
/// # Errors
/// Lengths that differ, or values that are not finite.
pub fn euclidean(a: &[f64], b: &[f64]) -> Result<f64, StatsError> {
    check_lengths(a.len(), b.len())?;
    check_finite(a)?;
    check_finite(b)?;
    Ok(a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum::<f64>().sqrt())
}

/// Angle between two codes in degrees, in `[0, 180]`.
///
/// `2 atan2(|u - v|, |u + v|)` of the unit vectors (Kahan, 2006): unlike the arc cosine of the inner product, it keeps
/// its digits at small angles.
///
/// # Errors
/// Lengths that differ, values that are not finite, or a code of norm zero.
pub fn angle_degrees(a: &[f64], b: &[f64]) -> Result<f64, StatsError> {
    check_lengths(a.len(), b.len())?;
    check_finite(a)?;
    check_finite(b)?;
    let (norm_a, norm_b) = (norm(a), norm(b));
    if norm_a == 0.0 || norm_b == 0.0 {
        return Err(StatsError::ZeroVector);
    }
    let mut difference = 0.0;
    let mut sum = 0.0;
    for (x, y) in a.iter().zip(b) {
        let (x, y) = (x / norm_a, y / norm_b);
        difference += (x - y) * (x - y);
        sum += (x + y) * (x + y);
    }
    Ok((2.0 * difference.sqrt().atan2(sum.sqrt())).to_degrees())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_angles_keep_their_digits() {
        let angle = angle_degrees(&[1.0, 0.0], &[1.0, 1e-9]).unwrap();
        approx::assert_relative_eq!(angle, 1e-9f64.to_degrees(), max_relative = 1e-12);
        approx::assert_relative_eq!(angle_degrees(&[2.0, 0.0], &[-5.0, 0.0]).unwrap(), 180.0);
        assert_eq!(angle_degrees(&[0.0, 0.0], &[1.0, 0.0]), Err(StatsError::ZeroVector));
        assert_eq!(angle_degrees(&[0.0], &[1.0, 0.0]), Err(StatsError::LengthMismatch { left: 1, right: 2 }));
    }
}
