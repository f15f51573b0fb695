//! The metric of a generator: how much an image changes a step in each direction of code space.
//!
//! With J the Jacobian of the image (its pixels or a network's features of it) at a code, `J'J` measures squared image
//! distances of small steps. Its eigenvectors are the axes of the image manifold, its eigenvalues how visible they are;
//! averaged over codes they hold for the whole space (Wang & Ponce, 2021, The geometry of deep generative image models
//! and its applications, ICLR). `J'J` comes as an array: the part that runs the generator makes it.

use nalgebra::DMatrix;

use crate::eigen::{SymmetricEigen, leading, symmetric};
use crate::error::{StatsError, check_count, check_lengths};

/// Shares of the trace for which [`Spectrum::effective_dimensions`] counts eigenvalues.
pub const SHARES: [f64; 3] = [0.9, 0.99, 0.999];

/// Eigenvalues of a metric, with what they say of its dimension.
#[derive(Debug, Clone, PartialEq)]
pub struct Spectrum {
    /// Eigenvalues, largest first, in squared image units a squared unit of code; all, or the leading ones. Rounding can
    /// leave those that belong at zero slightly negative.
    pub eigenvalues: Vec<f64>,
    /// Their eigenvectors, one a column, shape `[N, k]`.
    pub eigenvectors: DMatrix<f64>,
    /// Sum of all N eigenvalues.
    pub trace: f64,
    /// Sum of their squares.
    pub sum_of_squares: f64,
}

impl Spectrum {
    /// All eigenvalues of a metric of shape `[N, N]`.
    ///
    /// # Errors
    /// A matrix that is not square, an entry that is not finite, or an iteration that does not settle.
    pub fn of(metric: &DMatrix<f64>) -> Result<Self, StatsError> {
        Ok(Self::from_eigen(metric, symmetric(metric)?))
    }

    /// The `count` largest eigenvalues of a metric of shape `[N, N]`, such as all that differ from zero where the
    /// generator passes through a layer narrower than N. Trace and participation ratio remain those of the whole.
    ///
    /// # Errors
    /// As [`of`](Self::of), and as [`leading`] where the eigenvalues do not fall off fast enough.
    pub fn leading(metric: &DMatrix<f64>, count: usize, normal: impl FnMut() -> f64) -> Result<Self, StatsError> {
        Ok(Self::from_eigen(metric, leading(metric, count, normal)?))
    }

    fn from_eigen(metric: &DMatrix<f64>, eigen: SymmetricEigen) -> Self {
        Self {
            eigenvalues: eigen.values,
            eigenvectors: eigen.vectors,
            trace: metric.trace(),
            sum_of_squares: metric.norm_squared(),
        }
    }

    /// Participation ratio: the squared sum of the eigenvalues over the sum of their squares; N where all are equal, 1
    /// where one stands alone.
    ///
    /// # Errors
    /// A metric of zero.
    pub fn participation_ratio(&self) -> Result<f64, StatsError> {
        if self.sum_of_squares == 0.0 {
            return Err(StatsError::Constant);
        }
        Ok(self.trace * self.trace / self.sum_of_squares)
    }

    /// Smallest number of eigenvalues that make up a share of the trace; `None` where the leading ones known do not.
    ///
    /// # Errors
    /// A share outside 0..1.
    pub fn dimensions_for(&self, share: f64) -> Result<Option<usize>, StatsError> {
        if !(0.0..=1.0).contains(&share) {
            return Err(StatsError::OutOfRange { name: "share of the trace", value: share, low: 0.0, high: 1.0 });
        }
        let mut sum = 0.0;
        let reached = self.eigenvalues.iter().position(|value| {
            sum += value;
            sum >= share * self.trace
        });
        Ok(reached.map(|index| index + 1))
    }

    /// [`dimensions_for`](Self::dimensions_for) each of [`SHARES`].
    #[must_use]
    pub fn effective_dimensions(&self) -> [Option<usize>; 3] {
        SHARES.map(|share| self.dimensions_for(share).unwrap_or(None))
    }

    /// Carries the spectrum of a metric within a subspace back to code space: `directions` (shape `[N, k]`, orthonormal
    /// columns) are those along which the metric of shape `[k, k]` was measured.
    ///
    /// # Errors
    /// Directions of another number than the eigenvectors' length.
    pub fn in_code_space(mut self, directions: &DMatrix<f64>) -> Result<Self, StatsError> {
        check_lengths(directions.ncols(), self.eigenvectors.nrows())?;
        self.eigenvectors = directions * self.eigenvectors;
        Ok(self)
    }
}

/// Mean of the metrics at several codes, such as all evolved ones.
///
/// # Errors
/// No metric, or metrics of different shapes.
pub fn average<'a>(metrics: impl IntoIterator<Item = &'a DMatrix<f64>>) -> Result<DMatrix<f64>, StatsError> {
    let mut metrics = metrics.into_iter();
    let mut sum = metrics.next().ok_or(StatsError::TooFew { needed: 1, found: 0 })?.clone();
    let mut count = 1.0;
    for metric in metrics {
        check_lengths(sum.nrows(), metric.nrows())?;
        check_lengths(sum.ncols(), metric.ncols())?;
        sum += metric;
        count += 1.0;
    }
    Ok(sum / count)
}

/// Trace of the whole metric from its part along `k` random orthonormal directions of N: the part's trace times N/k,
/// right on average over directions.
///
/// # Errors
/// No direction, or more of them than dimensions.
pub fn trace_from_directions(part: &DMatrix<f64>, dim: usize) -> Result<f64, StatsError> {
    check_count(part.nrows(), 1)?;
    check_count(dim, part.nrows())?;
    Ok(part.trace() * dim as f64 / part.nrows() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_axes_all_count() {
        let flat = Spectrum::of(&DMatrix::from_diagonal_element(10, 10, 3.0)).unwrap();
        approx::assert_relative_eq!(flat.participation_ratio().unwrap(), 10.0, max_relative = 1e-14);
        assert_eq!(flat.dimensions_for(0.55).unwrap(), Some(6));
        assert_eq!(flat.effective_dimensions(), [Some(9), Some(10), Some(10)]);
        assert_eq!(Spectrum::of(&DMatrix::zeros(2, 2)).unwrap().participation_ratio(), Err(StatsError::Constant));
        assert!(flat.dimensions_for(1.5).is_err());
    }

    #[test]
    fn a_subspace_is_carried_back() {
        let directions = DMatrix::from_row_slice(3, 2, &[0.0, 0.0, 1.0, 0.0, 0.0, 1.0]);
        let part = DMatrix::from_row_slice(2, 2, &[2.0, 0.0, 0.0, 5.0]);
        let spectrum = Spectrum::of(&part).unwrap().in_code_space(&directions).unwrap();
        assert_eq!(spectrum.eigenvalues, [5.0, 2.0]);
        assert_eq!(spectrum.eigenvectors.column(0).map(f64::abs).as_slice(), [0.0, 0.0, 1.0]);
        approx::assert_relative_eq!(trace_from_directions(&part, 6).unwrap(), 21.0);
        assert!(trace_from_directions(&part, 1).is_err());
    }

    #[test]
    fn the_average_is_entrywise() {
        let (a, b) = (DMatrix::from_element(2, 2, 1.0), DMatrix::from_element(2, 2, 4.0));
        assert_eq!(average([&a, &b, &a]).unwrap(), DMatrix::from_element(2, 2, 2.0));
        assert!(average([&a, &DMatrix::zeros(3, 3)]).is_err());
        assert!(average(std::iter::empty::<&DMatrix<f64>>()).is_err());
    }
}
