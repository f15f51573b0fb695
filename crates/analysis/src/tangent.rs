//! One perturbation at several norms: the codes that show whether an image changes with the distance moved or with the
//! angle turned.
//!
//! The published demonstration (Wang & Ponce, 2022, figure 5; `tutorials/GAN_geometry_demo.py`) adds a tangent vector
//! `v` to a code at one, three and five times its length, once unscaled, once scaled along and put back onto the sphere.

use nalgebra::DMatrix;

use crate::error::{StatsError, check_finite, check_lengths};
use crate::geometry::norm;

/// How a perturbation is applied at a norm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// `s z + v`: the same Euclidean distance at every norm.
    Euclidean,
    /// `s |z| (z + v) / |z + v|`: the same angle at every norm.
    Angular,
}

/// Part of `perturbation` at right angles to `code`.
///
/// # Errors
/// Lengths that differ, values that are not finite, or a code of length zero.
pub fn tangent(code: &[f64], perturbation: &[f64]) -> Result<Vec<f64>, StatsError> {
    check_lengths(code.len(), perturbation.len())?;
    check_finite(code)?;
    check_finite(perturbation)?;
    let squared: f64 = code.iter().map(|value| value * value).sum();
    if squared == 0.0 {
        return Err(StatsError::ZeroVector);
    }
    let along = code.iter().zip(perturbation).map(|(x, y)| x * y).sum::<f64>() / squared;
    Ok(code.iter().zip(perturbation).map(|(x, y)| y - along * x).collect())
}

/// Codes `[3 scales, N]`: for every scale `s` the code moved by `-v`, not moved, and moved by `v`, where `v` is the
/// tangent part of `perturbation`.
///
/// # Errors
/// As [`tangent`], or a scale that is not positive.
pub fn codes_at(code: &[f64], perturbation: &[f64], scales: &[f64], step: Step) -> Result<DMatrix<f64>, StatsError> {
    let tangent = tangent(code, perturbation)?;
    if let Some(&value) = scales.iter().find(|scale| !(scale.is_finite() && **scale > 0.0)) {
        return Err(StatsError::OutOfRange { name: "scale", value, low: 0.0, high: f64::INFINITY });
    }
    let mut codes = DMatrix::zeros(3 * scales.len(), code.len());
    for (index, &scale) in scales.iter().enumerate() {
        for (offset, sign) in [-1.0, 0.0, 1.0].into_iter().enumerate() {
            let moved = move_code(code, &tangent, scale, sign, step);
            codes.row_mut(3 * index + offset).iter_mut().zip(moved).for_each(|(place, value)| *place = value);
        }
    }
    Ok(codes)
}

fn move_code(code: &[f64], tangent: &[f64], scale: f64, sign: f64, step: Step) -> Vec<f64> {
    let sum = |factor: f64| code.iter().zip(tangent).map(|(z, v)| scale * z + factor * v).collect::<Vec<f64>>();
    match step {
        Step::Euclidean => sum(sign),
        Step::Angular => {
            let turned = sum(sign * scale);
            let factor = scale * norm(code) / norm(&turned);
            turned.into_iter().map(|value| factor * value).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geometry::angle_degrees;

    #[test]
    fn one_keeps_the_distance_the_other_the_angle() {
        let (code, perturbation) = ([3.0, 0.0, 0.0], [7.0, 3.0, 0.0]);
        let row = |codes: &DMatrix<f64>, index: usize| codes.row(index).iter().copied().collect::<Vec<_>>();
        let far = codes_at(&code, &perturbation, &[1.0, 5.0], Step::Euclidean).unwrap();
        assert_eq!(row(&far, 3), [15.0, -3.0, 0.0]);
        assert_eq!(row(&far, 4), [15.0, 0.0, 0.0]);
        let turned = codes_at(&code, &perturbation, &[1.0, 5.0], Step::Angular).unwrap();
        for (scale, index) in [(1.0, 2), (5.0, 5)] {
            let moved = row(&turned, index);
            approx::assert_relative_eq!(norm(&moved), 3.0 * scale, max_relative = 1e-14);
            approx::assert_relative_eq!(angle_degrees(&moved, &code).unwrap(), 45.0, max_relative = 1e-14);
        }
        assert_eq!(tangent(&[0.0], &[1.0]), Err(StatsError::ZeroVector));
        assert!(codes_at(&code, &perturbation, &[0.0], Step::Angular).is_err());
    }
}
