//! Pairs of principal projections of a trajectory against each other.
//!
//! Two cosines of frequencies `i/2` and `j/2` periods draw a Lissajous figure; so do the projections of a
//! high-dimensional random walk (Wang & Ponce, 2022, figure 4).

use std::f64::consts::PI;

use crate::error::{StatsError, check_count};
use crate::pca::Pca;

/// Projections on two components, generation by generation, with the curve of the random walk beside them.
#[derive(Debug, Clone, PartialEq)]
pub struct LissajousPair {
    /// Component on the horizontal axis, counted from 1.
    pub horizontal: usize,
    /// Component on the vertical axis, counted from 1; larger than `horizontal`.
    pub vertical: usize,
    /// Projections, length `T`, in the units of the codes.
    pub points: Vec<[f64; 2]>,
    /// `A_k cos(pi k (t + 1/2) / T)` on both axes, with amplitudes that give each curve the variance of its projection.
    pub theory: Vec<[f64; 2]>,
    /// Share of the squared distances of the points from the origin that the theory explains.
    pub r_squared: f64,
}

/// All pairs of the first `components` of an analysis, in the order (1, 2), (1, 3), (2, 3), (1, 4), ..: the rows of the
/// published triangle of panels, which has `components` = 7.
///
/// # Errors
/// Fewer than two components asked for, or more than `pca` keeps.
pub fn pairs(pca: &Pca, components: usize) -> Result<Vec<LissajousPair>, StatsError> {
    check_count(components, 2)?;
    let curves = (0..components).map(|k| Curve::of(pca, k)).collect::<Result<Vec<_>, _>>()?;
    let row = |vertical: usize| {
        let curves = &curves;
        (0..vertical).map(move |horizontal| pair(&curves[horizontal], &curves[vertical], horizontal, vertical))
    };
    Ok((1..components).flat_map(row).collect())
}

struct Curve {
    measured: Vec<f64>,
    theory: Vec<f64>,
}

impl Curve {
    fn of(pca: &Pca, k: usize) -> Result<Self, StatsError> {
        let measured = pca.projection(k)?;
        let generations = measured.len() as f64;
        // Over t the squared cosine sums to T/2, the squared projection to (T - 1) times its variance.
        let amplitude = (2.0 * pca.explained_variance[k] * (generations - 1.0) / generations).sqrt();
        let angle = |t: usize| PI * (k + 1) as f64 * (t as f64 + 0.5) / generations;
        let theory = (0..measured.len()).map(|t| amplitude * angle(t).cos()).collect();
        Ok(Self { measured, theory })
    }
}

fn pair(first: &Curve, second: &Curve, horizontal: usize, vertical: usize) -> LissajousPair {
    let join = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| [*x, *y]).collect::<Vec<_>>();
    let (points, theory) = (join(&first.measured, &second.measured), join(&first.theory, &second.theory));
    let total: f64 = points.iter().flatten().map(|value| value * value).sum();
    let residual: f64 = points.iter().flatten().zip(theory.iter().flatten()).map(|(a, b)| (a - b).powi(2)).sum();
    let r_squared = 1.0 - residual / total;
    LissajousPair { horizontal: horizontal + 1, vertical: vertical + 1, points, theory, r_squared }
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::*;

    #[test]
    fn orthogonal_cosines_are_explained() {
        let wave = |k: usize, t: usize| (PI * k as f64 * (t as f64 + 0.5) / 20.0).cos();
        let rows = DMatrix::from_fn(20, 3, |t, n| wave(n + 1, t) / (n + 1) as f64);
        let pairs = pairs(&Pca::fit(&rows, 3).unwrap(), 3).unwrap();
        let axes: Vec<_> = pairs.iter().map(|pair| (pair.horizontal, pair.vertical)).collect();
        assert_eq!(axes, [(1, 2), (1, 3), (2, 3)]);
        for pair in pairs {
            approx::assert_relative_eq!(pair.r_squared, 1.0, epsilon = 1e-12);
            approx::assert_relative_eq!(pair.points[3][1], pair.theory[3][1], epsilon = 1e-12);
        }
    }

    #[test]
    fn more_components_than_kept_are_refused() {
        let rows = DMatrix::from_fn(6, 3, |t, n| (t * (n + 2) % 5) as f64);
        let pca = Pca::fit(&rows, 2).unwrap();
        assert!(matches!(pairs(&pca, 3), Err(StatsError::OutOfRange { .. })));
        assert!(pairs(&pca, 1).is_err());
    }
}
