//! A generation of latent codes.

use nalgebra::DMatrix;

use crate::linalg::{axpy, norm, scale};

/// The latent codes of one generation: an `N x lambda` column-major matrix, one code a column.
///
/// Its slice is therefore the C-order `[lambda, N]` array that ONNX and NumPy expect, with no
/// transpose. Codes are `f64`; [`write_f32`](Self::write_f32) gives the `f32` that generators take.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Population {
    codes: DMatrix<f64>,
}

impl Population {
    /// An empty population of codes of length `dim`, to be filled by [`crate::Optimizer::ask`].
    #[must_use]
    pub fn new(dim: usize) -> Self {
        Self::zeros(dim, 0)
    }

    /// `len` codes of length `dim`, all zero.
    #[must_use]
    pub fn zeros(dim: usize, len: usize) -> Self {
        Self { codes: DMatrix::zeros(dim, len) }
    }

    /// Takes an `N x lambda` matrix, one code a column.
    #[must_use]
    pub fn from_matrix(codes: DMatrix<f64>) -> Self {
        Self { codes }
    }

    /// Copies a C-order `[lambda, dim]` array.
    ///
    /// # Panics
    /// If the length of `values` is no multiple of `dim`.
    #[must_use]
    pub fn from_rows(dim: usize, values: &[f64]) -> Self {
        assert!(dim > 0 && values.len().is_multiple_of(dim), "{} values are no multiple of {dim}", values.len());
        Self { codes: DMatrix::from_column_slice(dim, values.len() / dim, values) }
    }

    /// Length N of a code.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.codes.nrows()
    }

    /// Number lambda of codes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.codes.ncols()
    }

    /// Whether there is no code at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Code `i`, a slice of length N.
    ///
    /// # Panics
    /// If `i >= len()`.
    #[must_use]
    pub fn code(&self, i: usize) -> &[f64] {
        let dim = self.dim();
        &self.codes.as_slice()[i * dim..(i + 1) * dim]
    }

    /// Code `i`, mutable.
    ///
    /// # Panics
    /// If `i >= len()`.
    pub fn code_mut(&mut self, i: usize) -> &mut [f64] {
        let dim = self.dim();
        &mut self.codes.as_mut_slice()[i * dim..(i + 1) * dim]
    }

    /// The codes, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &[f64]> {
        (0..self.len()).map(|i| self.code(i))
    }

    /// The whole generation as a C-order `[lambda, N]` slice.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        self.codes.as_slice()
    }

    /// The whole generation as a mutable C-order `[lambda, N]` slice.
    pub fn as_mut_slice(&mut self) -> &mut [f64] {
        self.codes.as_mut_slice()
    }

    /// The `N x lambda` matrix.
    #[must_use]
    pub fn matrix(&self) -> &DMatrix<f64> {
        &self.codes
    }

    /// Sets the shape to `len` codes of length `dim`. The content is unspecified afterwards. This allocates only
    /// when the shape changes.
    pub fn reshape(&mut self, dim: usize, len: usize) {
        if self.codes.shape() != (dim, len) {
            self.codes = DMatrix::zeros(dim, len);
        }
    }

    /// Mean code of the generation, length N; `None` if there is no code.
    #[must_use]
    pub fn mean(&self) -> Option<Vec<f64>> {
        let mut mean = vec![0.0; self.dim()];
        self.iter().for_each(|code| axpy(1.0, code, &mut mean));
        #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
        scale(1.0 / self.len() as f64, &mut mean);
        (!self.is_empty()).then_some(mean)
    }

    /// Euclidean norm of each code, in order.
    pub fn norms(&self) -> impl ExactSizeIterator<Item = f64> {
        self.iter().map(norm)
    }

    /// Overwrites `out` with the C-order `[lambda, N]` array in single precision.
    pub fn write_f32(&self, out: &mut Vec<f32>) {
        out.clear();
        self.append_f32(out);
    }

    /// Appends the C-order `[lambda, N]` array in single precision to `out`.
    pub fn append_f32(&self, out: &mut Vec<f32>) {
        out.extend(narrowed(self.as_slice()));
    }
}

/// Numbers in single precision, in which networks compute.
#[must_use]
pub fn to_f32(values: &[f64]) -> Vec<f32> {
    narrowed(values).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
fn narrowed(values: &[f64]) -> impl Iterator<Item = f32> {
    values.iter().map(|&x| x as f32)
}
