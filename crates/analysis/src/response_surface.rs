//! An additive quadratic response surface: how a score depends on several settings, each by itself (Box & Wilson, 1951).

use nalgebra::{DMatrix, DVector};

use crate::error::{StatsError, check_count, check_finite, check_lengths};
use crate::summary::{is_constant, sum_of_squares};

/// Places at which a curve is looked for its ends: `0, 1/STEPS, ..., 1`.
const STEPS: usize = 50;
/// Largest ratio of singular values before columns count as dependent.
const CONDITION: f64 = 1e-9;

/// What scores at points of the unit cube are fitted by: `score = a + sum over k of b_k u_k + c_k u_k^2`, least squares.
///
/// One design serves many columns of scores: units, resamples of units, shuffles.
#[derive(Debug, Clone, PartialEq)]
pub struct SurfaceDesign {
    /// `[2 K + 1, n]`: scores times this are coefficients.
    solve: DMatrix<f64>,
    /// `[n, 2 K + 1]`.
    terms: DMatrix<f64>,
}

/// A fitted surface.
#[derive(Debug, Clone, PartialEq)]
pub struct Surface {
    /// `a, b_1, c_1, b_2, c_2, ...`.
    coefficients: Vec<f64>,
    /// Share of the scores' variance that it accounts for; `None` where they do not vary.
    pub r_squared: Option<f64>,
}

impl SurfaceDesign {
    /// A design of points, each a place in the unit cube of `K` sides.
    ///
    /// # Errors
    /// Fewer points than `2 K + 2`, points of different lengths or not finite, or a side on which they do not vary enough for
    /// a curve.
    pub fn new(points: &[Vec<f64>]) -> Result<Self, StatsError> {
        let sides = points.first().map_or(0, Vec::len);
        let columns = 2 * sides + 1;
        check_count(points.len(), columns + 1)?;
        for point in points {
            check_lengths(sides, point.len())?;
            check_finite(point)?;
        }
        let term = |point: usize, column: usize| match column {
            0 => 1.0,
            odd if odd % 2 == 1 => points[point][odd / 2],
            even => points[point][even / 2 - 1].powi(2),
        };
        let terms = DMatrix::from_fn(points.len(), columns, term);
        let svd = terms.clone().svd(true, true);
        if svd.rank(CONDITION * svd.singular_values.max()) < columns {
            return Err(StatsError::Constant);
        }
        let solve = svd.pseudo_inverse(0.0).map_err(|_| StatsError::Constant)?;
        Ok(Self { solve, terms })
    }

    /// Fits scores, one a point.
    ///
    /// # Errors
    /// Another number of scores than points, or one that is not finite.
    pub fn fit(&self, scores: &[f64]) -> Result<Surface, StatsError> {
        check_lengths(self.terms.nrows(), scores.len())?;
        check_finite(scores)?;
        let scores_ = DVector::from_column_slice(scores);
        let coefficients = &self.solve * &scores_;
        let residual = (&self.terms * &coefficients - scores_).norm_squared();
        let r_squared = (!is_constant(scores)).then(|| 1.0 - residual / sum_of_squares(scores));
        Ok(Surface { coefficients: coefficients.as_slice().to_vec(), r_squared })
    }
}

impl Surface {
    /// What side `k` adds to the score at a place of it, up to a constant.
    #[must_use]
    pub fn curve(&self, k: usize, place: f64) -> f64 {
        let [b, c] = [1, 2].map(|term| self.coefficients.get(2 * k + term).copied().unwrap_or(0.0));
        b * place + c * place * place
    }

    /// Highest less lowest value of the curve of side `k`: what this setting alone can gain or lose.
    #[must_use]
    pub fn effect(&self, k: usize) -> f64 {
        let values = places().map(|place| self.curve(k, place));
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        high - low
    }

    /// The place on side `k` with the highest value.
    #[must_use]
    pub fn best(&self, k: usize) -> f64 {
        let higher = |a: f64, b: f64| if self.curve(k, b) > self.curve(k, a) { b } else { a };
        places().reduce(higher).unwrap_or(0.0)
    }
}

fn places() -> impl Iterator<Item = f64> {
    (0..=STEPS).map(|step| step as f64 / STEPS as f64)
}

/// Ranks of values as places in the unit interval: `(rank - 1/2) / n`, ties sharing the mean of their ranks.
///
/// Of settings that a Latin hypercube spreads these are the places that it drew, whatever the scale of the setting.
///
/// # Errors
/// No values, or one that is not finite.
pub fn rank_places(values: &[f64]) -> Result<Vec<f64>, StatsError> {
    let negative: Vec<f64> = values.iter().map(|value| -value).collect();
    let ranks = crate::compare::descending_ranks(&negative)?;
    Ok(ranks.into_iter().map(|rank| (rank - 0.5) / values.len() as f64).collect())
}

/// The value at a place: the inverse of [`rank_places`], linear between values.
///
/// # Errors
/// No values, or one that is not finite.
pub fn value_at(values: &[f64], place: f64) -> Result<f64, StatsError> {
    check_count(values.len(), 1)?;
    check_finite(values)?;
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (place * sorted.len() as f64 - 0.5).clamp(0.0, sorted.len() as f64 - 1.0);
    let (low, high) = (sorted[rank.floor() as usize], sorted[rank.ceil() as usize]);
    Ok(low + (rank - rank.floor()) * (high - low))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(n: usize) -> Vec<Vec<f64>> {
        (0..n).map(|i| [7, 11, 13].map(|step| ((i * step) % n) as f64 / n as f64).to_vec()).collect()
    }

    #[test]
    fn a_surface_of_its_kind_is_found_again() {
        let points = points(17);
        let score = |u: &Vec<f64>| 2.0 + u[0] - 4.0 * (u[1] - 0.5).powi(2);
        let scores: Vec<f64> = points.iter().map(score).collect();
        let surface = SurfaceDesign::new(&points).unwrap().fit(&scores).unwrap();
        assert!((surface.r_squared.unwrap() - 1.0).abs() < 1e-12);
        for (side, effect, best) in [(0, 1.0, Some(1.0)), (1, 1.0, Some(0.5)), (2, 0.0, None)] {
            assert!((surface.effect(side) - effect).abs() < 1e-9, "{side}");
            assert!(best.is_none_or(|best: f64| (surface.best(side) - best).abs() < 1e-9), "{side}");
        }
        assert!((surface.curve(1, 1.0) - surface.curve(1, 0.0)).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        assert!(matches!(SurfaceDesign::new(&points(7)), Err(StatsError::TooFew { needed: 8, .. })));
        let mut flat = points(17);
        flat.iter_mut().for_each(|point| point[2] = 0.5);
        assert!(matches!(SurfaceDesign::new(&flat), Err(StatsError::Constant)));
        let design = SurfaceDesign::new(&points(17)).unwrap();
        assert!(design.fit(&[1.0; 16]).is_err() && design.fit(&[f64::NAN; 17]).is_err());
        assert_eq!(design.fit(&[1.0; 17]).unwrap().r_squared, None);
    }

    #[test]
    fn places_and_values_are_inverse() {
        let values = [10.0, 1000.0, 100.0, 1.0];
        let places = rank_places(&values).unwrap();
        assert_eq!(places, [0.375, 0.875, 0.625, 0.125]);
        for (value, place) in values.iter().zip(places) {
            assert!((value_at(&values, place).unwrap() - value).abs() < 1e-9);
        }
        assert_eq!((value_at(&values, 0.0).unwrap(), value_at(&values, 1.0).unwrap()), (1.0, 1000.0));
        assert_eq!(rank_places(&[1.0, 1.0]).unwrap(), [0.5, 0.5]);
    }
}
