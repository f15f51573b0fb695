//! Distances between codes, within a generation and along a run.

use nalgebra::DMatrix;

use crate::error::{StatsError, check_count, check_finite};
use crate::geometry::{angle_degrees, euclidean};
use crate::perceptual::{FeatureMap, perceptual_distance};
use crate::summary::mean;

/// Distances between all pairs of some codes: `[n, n]`, symmetric, zero on the diagonal.
#[derive(Debug, Clone, PartialEq)]
pub struct CodeDistances {
    /// Angles in degrees.
    pub angles: DMatrix<f64>,
    /// Euclidean distances, in the units of the codes.
    pub euclidean: DMatrix<f64>,
}

impl CodeDistances {
    /// Measures codes of shape `[n, N]`: those of one generation, or the mean codes of all generations.
    ///
    /// # Errors
    /// Fewer than two codes, a value that is not finite, or a code of length zero, which has no angle (the first
    /// generation of the Cholesky CMA-ES).
    pub fn of(codes: &DMatrix<f64>) -> Result<Self, StatsError> {
        Self::measured(codes, angle_degrees)
    }

    fn measured(
        codes: &DMatrix<f64>,
        angle: impl Fn(&[f64], &[f64]) -> Result<f64, StatsError>,
    ) -> Result<Self, StatsError> {
        check_count(codes.nrows(), 2)?;
        check_finite(codes.as_slice())?;
        let rows: Vec<Vec<f64>> = codes.row_iter().map(|row| row.iter().copied().collect()).collect();
        Ok(Self { angles: pairwise(&rows, |a, b| angle(a, b))?, euclidean: pairwise(&rows, |a, b| euclidean(a, b))? })
    }

    /// Measures the mean codes along a run as [`of`](Self::of) does, but a code of length zero has NaN for its angles.
    ///
    /// # Errors
    /// Fewer than two codes, or a value that is not finite.
    pub fn along(codes: &DMatrix<f64>) -> Result<Self, StatsError> {
        Self::measured(codes, |a, b| match angle_degrees(a, b) {
            Err(StatsError::ZeroVector) => Ok(f64::NAN),
            other => other,
        })
    }

    /// Mean angle over pairs in degrees.
    #[must_use]
    pub fn mean_angle(&self) -> f64 {
        mean(&pairs(&self.angles))
    }

    /// Mean Euclidean distance over pairs.
    #[must_use]
    pub fn mean_euclidean(&self) -> f64 {
        mean(&pairs(&self.euclidean))
    }
}

/// Perceptual distances between all pairs of images, `[n, n]`; `images[i]` holds the layers of image `i`.
///
/// # Errors
/// Fewer than two images, or layers that differ in number or size or hold a value that is not finite.
pub fn perceptual_distances(images: &[Vec<FeatureMap<'_>>]) -> Result<DMatrix<f64>, StatsError> {
    check_count(images.len(), 2)?;
    pairwise(images, |a, b| perceptual_distance(a, b))
}

/// The entries above the diagonal of a matrix of distances, row by row.
#[must_use]
pub fn pairs(distances: &DMatrix<f64>) -> Vec<f64> {
    let row = |i: usize| (i + 1..distances.ncols()).map(move |j| distances[(i, j)]);
    (0..distances.nrows()).flat_map(row).collect()
}

fn pairwise<T>(items: &[T], distance: impl Fn(&T, &T) -> Result<f64, StatsError>) -> Result<DMatrix<f64>, StatsError> {
    let mut matrix = DMatrix::zeros(items.len(), items.len());
    for i in 0..items.len() {
        for j in i + 1..items.len() {
            let value = distance(&items[i], &items[j])?;
            matrix[(i, j)] = value;
            matrix[(j, i)] = value;
        }
    }
    Ok(matrix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_angle() {
        let codes = DMatrix::from_row_slice(3, 2, &[3.0, 0.0, 0.0, 4.0, -3.0, 0.0]);
        let distances = CodeDistances::of(&codes).unwrap();
        approx::assert_relative_eq!(distances.angles[(0, 1)], 90.0, epsilon = 1e-12);
        approx::assert_relative_eq!(distances.mean_angle(), 120.0, epsilon = 1e-12);
        assert_eq!(pairs(&distances.euclidean), [5.0, 6.0, 5.0]);
        approx::assert_relative_eq!(distances.mean_euclidean(), 16.0 / 3.0, epsilon = 1e-12);
        assert_eq!(CodeDistances::of(&DMatrix::zeros(2, 3)), Err(StatsError::ZeroVector));
        let from_zero = CodeDistances::along(&DMatrix::from_row_slice(3, 2, &[0.0, 0.0, 3.0, 0.0, 0.0, 4.0])).unwrap();
        assert!(from_zero.angles[(0, 1)].is_nan() && from_zero.angles[(0, 0)] == 0.0);
        assert_eq!((from_zero.angles[(1, 2)].round(), from_zero.euclidean[(0, 2)]), (90.0, 4.0));
    }
}
