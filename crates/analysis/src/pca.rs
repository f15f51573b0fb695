//! Principal components of a trajectory with far fewer rows than columns.

use nalgebra::{DMatrix, SymmetricEigen};

use crate::error::{StatsError, check_count, check_finite};

/// Eigenvalue sweeps before giving up; tens suffice for a hundred rows.
const MAX_SWEEPS: usize = 100_000;

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
        let eigen = SymmetricEigen::try_new(gram, f64::EPSILON, MAX_SWEEPS)
            .ok_or(StatsError::NoConvergence { size: row_count })?;
        Ok(Self::from_eigen(&eigen, components, total))
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

    fn from_eigen(eigen: &SymmetricEigen<f64, nalgebra::Dyn>, components: usize, total: f64) -> Self {
        let row_count = eigen.eigenvalues.len();
        let mut order: Vec<usize> = (0..row_count).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        order.truncate(components);
        let lambda: Vec<f64> = order.iter().map(|&index| eigen.eigenvalues[index].max(0.0)).collect();
        let projections = DMatrix::from_fn(row_count, components, |t, k| {
            let axis = eigen.eigenvectors.column(order[k]);
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
