//! Directions to step along.

use nalgebra::{DMatrix, DMatrixView};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::error::{ProbeError, check_length};

/// A direction shorter than this after the part within the earlier ones is gone lies within their span.
const DEPENDENT: f64 = 1e-8;

/// Orthonormal directions in code space.
#[derive(Debug, Clone, PartialEq)]
pub enum Directions {
    /// The N axes of code space.
    Axes,
    /// The columns of a matrix, shape `[N, k]`.
    Columns(DMatrix<f64>),
}

impl Directions {
    /// `count` random orthonormal directions of `dim` dimensions, all equally likely.
    ///
    /// # Errors
    /// No direction, or more than dimensions.
    pub fn random(dim: usize, count: usize, rng: &mut impl Rng) -> Result<Self, ProbeError> {
        if count == 0 {
            return Err(ProbeError::Directions { dim, found: count });
        }
        fill_up(&DMatrix::zeros(dim, 0), count, rng).map(Self::Columns)
    }

    /// Number of directions in `dim` dimensions.
    #[must_use]
    pub fn count(&self, dim: usize) -> usize {
        match self {
            Self::Axes => dim,
            Self::Columns(columns) => columns.ncols(),
        }
    }

    pub(super) fn check(&self, dim: usize) -> Result<(), ProbeError> {
        if let Self::Columns(columns) = self {
            check_length("a direction", dim, columns.nrows())?;
        }
        match self.count(dim) {
            found if (1..=dim).contains(&found) => Ok(()),
            found => Err(ProbeError::Directions { dim, found }),
        }
    }

    /// Adds `step` times direction `index` to a code.
    pub(super) fn add_to(&self, code: &mut [f64], index: usize, step: f64) {
        match self {
            Self::Axes => code[index] += step,
            Self::Columns(columns) => {
                code.iter_mut().zip(&columns.column(index)).for_each(|(value, along)| *value += step * along);
            }
        }
    }
}

/// Completes given directions, such as the leading axes of a metric, with `extra` random ones at right angles to them and
/// to one another; all come back orthonormal, shape `[N, given + extra]`, the given ones first.
///
/// # Errors
/// More directions than dimensions, or given ones that are not independent.
pub fn fill_up(given: &DMatrix<f64>, extra: usize, rng: &mut impl Rng) -> Result<DMatrix<f64>, ProbeError> {
    let (dim, found) = (given.nrows(), given.ncols() + extra);
    if found > dim {
        return Err(ProbeError::Directions { dim, found });
    }
    let mut basis = given.clone().resize_horizontally(found, 0.0);
    for value in basis.columns_mut(given.ncols(), extra).iter_mut() {
        *value = StandardNormal.sample(rng);
    }
    for index in 0..found {
        let (earlier, mut rest) = basis.columns_range_pair_mut(..index, index..);
        orthonormalise(&earlier.as_view(), rest.column_mut(0).as_mut_slice(), index)?;
    }
    Ok(basis)
}

/// Gram-Schmidt with a second pass (Giraud, Langou & Rozloznik, 2005).
fn orthonormalise(earlier: &DMatrixView<'_, f64>, vector: &mut [f64], index: usize) -> Result<(), ProbeError> {
    let length = |vector: &[f64]| vector.iter().map(|value| value * value).sum::<f64>().sqrt();
    let before = length(vector);
    for _ in 0..2 {
        for column in earlier.column_iter() {
            let along: f64 = column.iter().zip(&*vector).map(|(x, y)| x * y).sum();
            vector.iter_mut().zip(column.iter()).for_each(|(value, x)| *value -= along * x);
        }
    }
    let after = length(vector);
    if after.is_nan() || after <= DEPENDENT * before {
        return Err(ProbeError::Dependent { index });
    }
    vector.iter_mut().for_each(|value| *value /= after);
    Ok(())
}

#[cfg(test)]
mod tests {
    use optim_core::{Stream, stream_rng};

    use super::*;

    #[test]
    fn given_directions_come_first_and_all_are_orthonormal() {
        let given = DMatrix::from_fn(20, 2, |i, j| if i == j { 4.0 } else { 0.0 });
        let basis = fill_up(&given, 7, &mut stream_rng(1, Stream::Resampling, 0)).unwrap();
        assert_eq!(basis.shape(), (20, 9));
        assert_eq!((basis[(0, 0)], basis[(1, 1)]), (1.0, 1.0));
        let error = (basis.transpose() * &basis - DMatrix::identity(9, 9)).norm();
        assert!(error < 1e-13, "{error}");
    }

    #[test]
    fn too_many_or_dependent_directions_are_refused() {
        let mut rng = stream_rng(1, Stream::Resampling, 0);
        let twice = DMatrix::from_element(5, 2, 1.0);
        assert!(matches!(fill_up(&twice, 0, &mut rng), Err(ProbeError::Dependent { index: 1 })));
        assert!(matches!(fill_up(&twice, 4, &mut rng), Err(ProbeError::Directions { dim: 5, found: 6 })));
        assert!(Directions::random(5, 0, &mut rng).is_err());
        assert!(Directions::Columns(twice).check(4).is_err());
    }
}
