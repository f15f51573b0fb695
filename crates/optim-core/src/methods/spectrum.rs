//! The shape of a covariance matrix C, in a few numbers.

/// What the eigenvalues of C say about its shape.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CovarianceSpectrum {
    /// Smallest eigenvalue of C.
    pub smallest: f64,
    /// Largest eigenvalue of C.
    pub largest: f64,
    /// `||C - I||^2 / ||C||^2` (Frobenius).
    pub deviation_from_identity: f64,
}

impl CovarianceSpectrum {
    /// Ratio of the largest to the smallest eigenvalue.
    #[must_use]
    pub fn condition_number(&self) -> f64 {
        self.largest / self.smallest
    }
}
