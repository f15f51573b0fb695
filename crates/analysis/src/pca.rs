//! Principal components of a trajectory with far fewer rows than columns.

use nalgebra::DMatrix;

use crate::eigen::{SymmetricEigen, symmetric};
use crate::error::{StatsError, check_count, check_finite, check_lengths};

/// Centred principal component analysis of `T` rows in `N` dimensions.
///
/// With `Xc` the rows minus their mean, `Xc Xc^T = U diag(lambda) U^T` is `T x T`, and the projection of row `t` on
/// component `k` is `U[t, k] sqrt(lambda_k)`: no `N x N` matrix is formed.
///
/// Sign convention: every component points so that the projection of row 0 is not negative. On a random walk, whose
/// `k`-th projection is `cos(pi k (t + 1/2) / T)`, row 0 is where the projection is largest, so the sign is stable.
#[derive(Debug, Clone, PartialEq)]
pub struct Pca {
    /// Projections, shape `[T, k]`, in the units of the data.
    pub projections: DMatrix<f64>,
    /// Variance of each projection with divisor `T - 1`, largest first, length `k`.
    pub explained_variance: Vec<f64>,
    /// The same divided by the total variance of the data, length `k`.
    pub explained_variance_ratio: Vec<f64>,
}

impl Pca {
    /// Analyses `rows` (shape `[T, N]`) and keeps the first `components`.
    ///
    /// # Errors
    /// Fewer than two rows, a value that is not finite, rows that are all equal, or more components than
    /// `min(T - 1, N)`.
    pub fn fit(rows: &DMatrix<f64>, components: usize) -> Result<Self, StatsError> {
        let (row_count, columns) = rows.shape();
        check_count(row_count, 2)?;
        check_finite(rows.as_slice())?;
        let available = (row_count - 1).min(columns);
        if components > available {
            return Err(StatsError::TooManyComponents { asked: components, available, rows: row_count, columns });
        }
        let centred = centre_columns(rows);
        let gram = &centred * centred.transpose();
        let total = gram.trace();
        if total <= rounding_floor(rows) {
            return Err(StatsError::Constant);
        }
        Ok(Self::from_eigen(&symmetric(&gram)?, components, total))
    }

    /// Number of components kept.
    #[must_use]
    pub fn components(&self) -> usize {
        self.explained_variance.len()
    }

    /// Projection of all rows on component `k` (counted from 0), length `T`.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] where the component was not kept.
    pub fn projection(&self, k: usize) -> Result<Vec<f64>, StatsError> {
        if k >= self.components() {
            let high = self.components() as f64 - 1.0;
            return Err(StatsError::OutOfRange { name: "component", value: k as f64, low: 0.0, high });
        }
        Ok(self.projections.column(k).iter().copied().collect())
    }

    /// Principal axes in code space, shape `[N, k]`, one unit vector a column with the signs of the projections;
    /// `rows` are the data that were analysed.
    ///
    /// # Errors
    /// Rows of another number than were analysed, or a component kept that has no variance and so no axis.
    pub fn axes(&self, rows: &DMatrix<f64>) -> Result<DMatrix<f64>, StatsError> {
        check_lengths(self.projections.nrows(), rows.nrows())?;
        let mut axes = centre_columns(rows).transpose() * &self.projections;
        let freedom = (rows.nrows() - 1) as f64;
        // What rounding of the Gram matrix leaves of an eigenvalue that is zero.
        let floor = 8.0 * f64::EPSILON * rows.nrows() as f64 * self.explained_variance.first().copied().unwrap_or(0.0);
        for (mut axis, variance) in axes.column_iter_mut().zip(&self.explained_variance) {
            if *variance <= floor {
                return Err(StatsError::Constant);
            }
            axis /= variance * freedom;
        }
        Ok(axes)
    }

    fn from_eigen(eigen: &SymmetricEigen, components: usize, total: f64) -> Self {
        let row_count = eigen.values.len();
        let lambda: Vec<f64> = eigen.values.iter().take(components).map(|value| value.max(0.0)).collect();
        let projections = DMatrix::from_fn(row_count, components, |t, k| {
            let axis = eigen.vectors.column(k);
            let sign = if axis[0] < 0.0 { -1.0 } else { 1.0 };
            sign * axis[t] * lambda[k].sqrt()
        });
        Self {
            projections,
            explained_variance: lambda.iter().map(|value| value / (row_count - 1) as f64).collect(),
            explained_variance_ratio: lambda.iter().map(|value| value / total).collect(),
        }
    }
}

/// How far two sets of axes agree: `|cosine|` of every axis of `a` with every axis of `b`, shape `[k_a, k_b]`.
///
/// `a` and `b` hold unit vectors in their columns, shapes `[N, k_a]` and `[N, k_b]`, as [`Pca::axes`] returns them: the
/// axes of the generations' means against those of all codes (Wang & Ponce, 2022, supplement).
///
/// # Errors
/// Axes of different lengths.
pub fn axis_agreement(a: &DMatrix<f64>, b: &DMatrix<f64>) -> Result<DMatrix<f64>, StatsError> {
    check_lengths(a.nrows(), b.nrows())?;
    Ok((a.transpose() * b).map(f64::abs))
}

/// Subtracts from every column its mean.
fn centre_columns(rows: &DMatrix<f64>) -> DMatrix<f64> {
    let mut centred = rows.clone();
    for mut column in centred.column_iter_mut() {
        let mean = column.mean();
        column.add_scalar_mut(-mean);
    }
    centred
}

/// Squared length that rounding alone can leave in rows that are all equal.
fn rounding_floor(rows: &DMatrix<f64>) -> f64 {
    let unit = 8.0 * f64::EPSILON;
    rows.norm_squared() * unit * unit
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_straight_line_has_one_component() {
        let rows = DMatrix::from_fn(6, 9, |t, n| 3.0 + t as f64 * (n as f64 - 2.0));
        let pca = Pca::fit(&rows, 2).unwrap();
        approx::assert_relative_eq!(pca.explained_variance_ratio[0], 1.0, epsilon = 1e-12);
        assert!(pca.explained_variance_ratio[1] < 1e-12);
        assert!(pca.projections[(0, 0)] > 0.0 && pca.projections[(5, 0)] < 0.0);
    }

    #[test]
    fn axes_reproduce_the_projections() {
        let rows = DMatrix::from_fn(6, 9, |t, n| ((t * 5 + n * n * 3) % 11) as f64);
        let pca = Pca::fit(&rows, 3).unwrap();
        let axes = pca.axes(&rows).unwrap();
        let projected = centre_columns(&rows) * &axes;
        assert!((projected - &pca.projections).norm() < 1e-12 * pca.projections.norm());
        let own = axis_agreement(&axes, &axes).unwrap();
        assert!((own - DMatrix::identity(3, 3)).norm() < 1e-12);
        assert!(axis_agreement(&axes, &DMatrix::zeros(8, 1)).is_err());
        let line = DMatrix::from_fn(6, 9, |t, n| t as f64 * n as f64);
        assert_eq!(Pca::fit(&line, 2).unwrap().axes(&line), Err(StatsError::Constant));
    }

    #[test]
    fn refuses_what_has_no_answer() {
        let rows = DMatrix::from_element(4, 5, 0.1);
        assert_eq!(Pca::fit(&rows, 1), Err(StatsError::Constant));
        let error = Pca::fit(&DMatrix::from_fn(3, 5, |t, n| (t * n) as f64), 3).unwrap_err();
        assert_eq!(error, StatsError::TooManyComponents { asked: 3, available: 2, rows: 3, columns: 5 });
        assert_eq!(Pca::fit(&DMatrix::zeros(1, 5), 1), Err(StatsError::TooFew { needed: 2, found: 1 }));
        let with_nan = DMatrix::from_row_slice(2, 2, &[1.0, 2.0, f64::NAN, 0.0]);
        assert_eq!(Pca::fit(&with_nan, 1), Err(StatsError::NotFinite { index: 1 }));
    }
}
