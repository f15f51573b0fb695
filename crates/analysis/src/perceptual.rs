//! Distance between images as a network sees them, from features given as arrays.
//!
//! R. Zhang, P. Isola, A. A. Efros, E. Shechtman, O. Wang, 2018. The Unreasonable Effectiveness of Deep Features as a
//! Perceptual Metric. CVPR.

use crate::error::{StatsError, check_count, check_finite, check_lengths};

/// Added to the length of a feature vector before dividing by it, as the published implementation does.
const EPSILON: f64 = 1e-10;

/// Activations of one layer to one image.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeatureMap<'a> {
    /// Number of channels; 1 position a channel after fully connected layers.
    pub channels: usize,
    /// C-order `[channels, positions]`.
    pub values: &'a [f64],
}

/// Perceptual distance of two images: feature vectors are brought to unit length at every position, their squared
/// differences summed over channels, averaged over positions and summed over layers (Zhang et al., 2018, equation 1 with
/// all channel weights 1).
///
/// # Errors
/// No layer, a different number of layers, layers whose shapes differ or are not whole, or a value that is not finite.
pub fn perceptual_distance(a: &[FeatureMap<'_>], b: &[FeatureMap<'_>]) -> Result<f64, StatsError> {
    check_count(a.len(), 1)?;
    check_lengths(a.len(), b.len())?;
    a.iter().zip(b).map(|(first, second)| layer_distance(first, second)).sum()
}

fn layer_distance(a: &FeatureMap<'_>, b: &FeatureMap<'_>) -> Result<f64, StatsError> {
    check_lengths(a.channels, b.channels)?;
    check_lengths(a.values.len(), b.values.len())?;
    check_count(a.channels.min(a.values.len()), 1)?;
    let positions = a.values.len() / a.channels;
    check_lengths(positions * a.channels, a.values.len())?;
    check_finite(a.values)?;
    check_finite(b.values)?;
    let (lengths_a, lengths_b) = (lengths(a, positions), lengths(b, positions));
    let mut differences = vec![0.0; positions];
    for (row_a, row_b) in a.values.chunks_exact(positions).zip(b.values.chunks_exact(positions)) {
        for (position, difference) in differences.iter_mut().enumerate() {
            *difference += (row_a[position] / lengths_a[position] - row_b[position] / lengths_b[position]).powi(2);
        }
    }
    Ok(differences.iter().sum::<f64>() / positions as f64)
}

/// Lengths of the feature vectors, one a position.
fn lengths(map: &FeatureMap<'_>, positions: usize) -> Vec<f64> {
    let mut squares = vec![0.0; positions];
    for row in map.values.chunks_exact(positions) {
        squares.iter_mut().zip(row).for_each(|(sum, value)| *sum += value * value);
    }
    squares.into_iter().map(|sum: f64| sum.sqrt() + EPSILON).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_does_not_count_and_direction_does() {
        // Two channels, two positions: parallel at the first, orthogonal at the second.
        let a = [FeatureMap { channels: 2, values: &[1.0, 1.0, 1.0, 0.0] }];
        let b = [FeatureMap { channels: 2, values: &[5.0, 0.0, 5.0, 2.0] }];
        approx::assert_relative_eq!(perceptual_distance(&a, &b).unwrap(), 1.0, epsilon = 1e-9);
        assert_eq!(perceptual_distance(&a, &a).unwrap(), 0.0);
        let other = [FeatureMap { channels: 4, values: &[1.0, 1.0, 1.0, 0.0] }];
        assert_eq!(perceptual_distance(&a, &other), Err(StatsError::LengthMismatch { left: 2, right: 4 }));
    }
}
