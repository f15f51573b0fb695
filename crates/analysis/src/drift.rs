//! How the mean code moves over a run.

use nalgebra::DMatrix;

use crate::error::{StatsError, check_count, check_finite};
use crate::geometry::{angle_degrees, norm};
use crate::regression::LinearFit;

/// Growth and turning of a trajectory of `T` mean codes.
///
/// A random walk from the origin has a squared norm that grows in proportion to the generation, and steps at right
/// angles to one another (Wang & Ponce, 2022).
#[derive(Debug, Clone, PartialEq)]
pub struct Drift {
    /// Squared Euclidean norm of every mean code, length `T`.
    pub squared_norms: Vec<f64>,
    /// Squared norm against generation (0, 1, ..).
    pub growth: LinearFit,
    /// Length of the step from each code to the next, length `T - 1`.
    pub step_lengths: Vec<f64>,
    /// Angle between successive mean codes in degrees, length `T - 1`; `None` where one of them is zero.
    pub code_angles: Vec<Option<f64>>,
    /// Angle between successive steps in degrees, length `T - 2`; `None` where one of them is zero.
    pub step_angles: Vec<Option<f64>>,
}

impl Drift {
    /// Measures a trajectory of shape `[T, N]`.
    ///
    /// # Errors
    /// Fewer than three rows, or a value that is not finite.
    pub fn of(trajectory: &DMatrix<f64>) -> Result<Self, StatsError> {
        check_count(trajectory.nrows(), 3)?;
        check_finite(trajectory.as_slice())?;
        let codes: Vec<Vec<f64>> = trajectory.row_iter().map(|row| row.iter().copied().collect()).collect();
        let steps: Vec<Vec<f64>> = codes
            .windows(2)
            .map(|pair| pair[1].iter().zip(&pair[0]).map(|(next, last)| next - last).collect())
            .collect();
        let squared_norms: Vec<f64> = codes.iter().map(|code| norm(code).powi(2)).collect();
        let generations: Vec<f64> = (0..codes.len()).map(|t| t as f64).collect();
        Ok(Self {
            growth: LinearFit::fit(&generations, &squared_norms)?,
            squared_norms,
            step_lengths: steps.iter().map(|step| norm(step)).collect(),
            code_angles: successive_angles(&codes)?,
            step_angles: successive_angles(&steps)?,
        })
    }
}

fn successive_angles(vectors: &[Vec<f64>]) -> Result<Vec<Option<f64>>, StatsError> {
    vectors
        .windows(2)
        .map(|pair| match angle_degrees(&pair[0], &pair[1]) {
            Ok(angle) => Ok(Some(angle)),
            Err(StatsError::ZeroVector) => Ok(None),
            Err(other) => Err(other),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orthogonal_unit_steps_grow_by_one() {
        let trajectory = DMatrix::from_fn(5, 4, |t, n| if n < t { 1.0 } else { 0.0 });
        let drift = Drift::of(&trajectory).unwrap();
        approx::assert_relative_eq!(drift.growth.slope, 1.0, epsilon = 1e-12);
        approx::assert_relative_eq!(drift.growth.r_squared.unwrap(), 1.0, epsilon = 1e-12);
        assert_eq!(drift.code_angles[0], None);
        approx::assert_relative_eq!(drift.code_angles[1].unwrap(), 45.0, epsilon = 1e-12);
        for angle in drift.step_angles {
            approx::assert_relative_eq!(angle.unwrap(), 90.0, epsilon = 1e-12);
        }
    }
}
