//! Codes along a path: at several norms or angles of one code, or between two.

use crate::error::{StatsError, check_finite, check_lengths};
use crate::geometry::{angle_degrees, norm};
use crate::tangent::tangent;

/// Angles nearer to 0 or 180 degrees than this name no plane.
const SMALLEST_ANGLE: f64 = 1e-6;

/// The code of this norm in the direction of `code`.
///
/// # Errors
/// A code of length zero, or values that are not finite.
pub fn at_norm(code: &[f64], wanted: f64) -> Result<Vec<f64>, StatsError> {
    check_finite(code)?;
    check_finite(&[wanted])?;
    let length = norm(code);
    if length == 0.0 { Err(StatsError::ZeroVector) } else { Ok(code.iter().map(|x| x * wanted / length).collect()) }
}

/// The code turned by `degrees` in the plane that it spans with `direction`, towards that; its norm stays.
///
/// `r (cos(a) z / |z| + sin(a) v / |v|)`, where `r = |z|` and `v` is the part of the direction at right angles to `z`.
///
/// # Errors
/// Lengths that differ, values that are not finite, a vector of length zero, or two vectors in one line.
pub fn turned(code: &[f64], direction: &[f64], degrees: f64) -> Result<Vec<f64>, StatsError> {
    check_finite(&[degrees])?;
    let angle = angle_degrees(code, direction)?;
    if !(SMALLEST_ANGLE..=180.0 - SMALLEST_ANGLE).contains(&angle) {
        return Err(StatsError::Collinear);
    }
    let aside = at_norm(&tangent(code, direction)?, norm(code))?;
    let (sin, cos) = degrees.to_radians().sin_cos();
    Ok(code.iter().zip(&aside).map(|(z, v)| cos * z + sin * v).collect())
}

/// How two codes are connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Path {
    /// The straight line. In the middle codes are shorter than at its ends.
    Line,
    /// The shorter arc between the directions; the norm changes evenly from one end to the other.
    GreatCircle,
}

/// The code at a share of the way from `from` (0) to `to` (1).
///
/// # Errors
/// Lengths that differ, or values that are not finite; on a great circle a code of length zero, or opposite codes.
pub fn between(from: &[f64], to: &[f64], share: f64, path: Path) -> Result<Vec<f64>, StatsError> {
    check_lengths(from.len(), to.len())?;
    check_finite(from)?;
    check_finite(to)?;
    let line = || from.iter().zip(to).map(|(a, b)| a + share * (b - a)).collect::<Vec<f64>>();
    if path == Path::Line {
        return Ok(line());
    }
    let angle = angle_degrees(from, to)?;
    if angle < SMALLEST_ANGLE {
        return Ok(line());
    }
    let length = norm(from) + share * (norm(to) - norm(from));
    at_norm(&turned(from, to, share * angle)?, length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: [f64; 3] = [3.0, 0.0, 0.0];
    const B: [f64; 3] = [5.0, 5.0, 0.0];

    fn close(a: &[f64], b: &[f64]) {
        assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12), "{a:?} {b:?}");
    }

    #[test]
    fn a_code_is_scaled_and_turned() {
        close(&at_norm(&B, 10.0).unwrap(), &[50_f64.sqrt(), 50_f64.sqrt(), 0.0]);
        close(&turned(&A, &B, 90.0).unwrap(), &[0.0, 3.0, 0.0]);
        close(&turned(&A, &B, -180.0).unwrap(), &[-3.0, 0.0, 0.0]);
        assert_eq!(turned(&A, &[-1.0, 0.0, 0.0], 10.0), Err(StatsError::Collinear));
        assert_eq!(at_norm(&[0.0], 1.0), Err(StatsError::ZeroVector));
    }

    #[test]
    fn paths_lead_from_one_code_to_the_other() {
        for path in [Path::Line, Path::GreatCircle] {
            close(&between(&A, &B, 0.0, path).unwrap(), &A);
            close(&between(&A, &B, 1.0, path).unwrap(), &B);
        }
        close(&between(&A, &B, 0.5, Path::Line).unwrap(), &[4.0, 2.5, 0.0]);
        let middle = between(&A, &B, 0.5, Path::GreatCircle).unwrap();
        assert!((norm(&middle) - (3.0 + 50_f64.sqrt()) / 2.0).abs() < 1e-12);
        assert!((angle_degrees(&A, &middle).unwrap() - 22.5).abs() < 1e-12);
        let longer = A.map(|x| 2.0 * x);
        close(&between(&A, &longer, 0.5, Path::GreatCircle).unwrap(), &[4.5, 0.0, 0.0]);
        let opposite = A.map(|x| -x);
        assert_eq!(between(&A, &opposite, 0.5, Path::GreatCircle), Err(StatsError::Collinear));
        close(&between(&A, &opposite, 0.5, Path::Line).unwrap(), &[0.0; 3]);
    }
}
