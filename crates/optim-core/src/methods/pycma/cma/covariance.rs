//! The covariance matrix of the CMA-ES, in whichever form is cheaper.

use nalgebra::DMatrix;

use super::eigen::Eigen;
use super::structured::Structured;
use crate::linalg::real;
use crate::methods::spectrum::CovarianceSpectrum;

/// In which form C is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Form {
    /// Structured while that is cheaper, then dense for good.
    Auto,
    /// Structured as long as its roots can be computed at all.
    Structured,
    /// Dense from the beginning.
    Dense,
}

/// A symmetric positive definite `N x N` matrix C that is updated every generation and decomposed
/// now and then.
///
/// ```text
/// structured   C = d (base + V W V'), roots by Chebyshev series in C as of the last decomposition
/// dense        C, and B, D with C = B D^2 B' as of the last decomposition
/// ```
///
/// [`root`](Self::root) and [`inverse_root`](Self::inverse_root) are those of the last decomposition.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Covariance {
    form: Form,
    /// Columns that are usually multiplied at once.
    lambda: usize,
    state: State,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum State {
    Structured(Box<Structured>),
    Dense(Eigen),
}

/// Below this dimension a decomposition costs less than keeping structure.
const DENSE_BELOW: usize = 32;

/// Longest series that is ever used.
const LONGEST_SERIES: usize = 400;

impl Covariance {
    /// `diag(exp(1e-4 i / N))`, decomposed: slightly unequal, as in the reference.
    pub(crate) fn new(dim: usize, lambda: usize, form: Form) -> Self {
        let diagonal: Vec<f64> = (0..dim).map(|i| (1e-4 / real(dim) * real(i)).exp()).collect();
        let dense = form == Form::Dense || (form == Form::Auto && dim < DENSE_BELOW);
        let state = if dense {
            State::Dense(Eigen::new(diagonal))
        } else {
            State::Structured(Box::new(Structured::new(diagonal)))
        };
        Self { form, lambda, state }
    }

    /// An upper estimate of the numbers of 8 bytes that [`Form::Auto`] holds after so many updates of
    /// `columns` columns each, decomposed every `gap` updates.
    pub(crate) fn numbers_held(dim: f64, columns: f64, updates: f64, gap: f64) -> f64 {
        let dense = 7.0 * dim * dim;
        let limit = Structured::columns_kept(dim) + 2.0 * (gap + 1.0) * columns;
        let structured = Structured::numbers_of_columns(dim, limit.min(updates * columns));
        // Below this dimension the series may become longer than a decomposition before columns are folded.
        let may_become_dense = dim < 1024.0 || updates * columns > Structured::columns_kept(dim);
        if may_become_dense { dense + structured } else { structured }
    }

    /// `C = decay C + sum_i weights[i] columns[i] columns[i]'`, columns of shape `N x R`.
    pub(crate) fn update(&mut self, decay: f64, weights: &[f64], columns: &DMatrix<f64>) {
        if let State::Structured(structured) = &mut self.state {
            if structured.update(decay, weights, columns) {
                return;
            }
            let dense = Eigen::with_axes_of(structured.frozen_to_dense(), structured.to_dense());
            self.state = State::Dense(dense);
        }
        if let State::Dense(eigen) = &mut self.state {
            eigen.update(decay, weights, columns);
        }
    }

    /// Multiplies C, not its decomposition.
    pub(crate) fn rescale(&mut self, factor: f64) {
        match &mut self.state {
            State::Structured(structured) => structured.rescale(factor),
            State::Dense(eigen) => eigen.rescale(factor),
        }
    }

    /// Makes C the matrix whose roots are computed.
    pub(crate) fn decompose(&mut self) {
        let longest = self.longest_series();
        match &mut self.state {
            State::Dense(eigen) => eigen.decompose(),
            State::Structured(structured) => {
                if !structured.decompose(longest) {
                    let c = structured.to_dense();
                    self.state = State::Dense(Eigen::with_axes_of(c.clone(), c));
                }
            }
        }
    }

    /// Degree up to which a series is cheaper than a decomposition: `2 N^2 lambda` operations a degree
    /// against some `20 N^3`.
    fn longest_series(&self) -> usize {
        let dim = match &self.state {
            State::Structured(structured) => structured.dim(),
            State::Dense(_) => 0,
        };
        match self.form {
            Form::Auto => (10 * dim / self.lambda.max(1)).min(LONGEST_SERIES),
            Form::Structured | Form::Dense => LONGEST_SERIES,
        }
    }

    /// `C^(1/2) z`, every column of z.
    pub(crate) fn root(&self, z: &DMatrix<f64>) -> DMatrix<f64> {
        match &self.state {
            State::Structured(structured) => structured.root(z),
            State::Dense(eigen) => eigen.root(z),
        }
    }

    /// `C^(-1/2) y`, every column of y.
    pub(crate) fn inverse_root(&self, y: &DMatrix<f64>) -> DMatrix<f64> {
        match &self.state {
            State::Structured(structured) => structured.inverse_root(y),
            State::Dense(eigen) => eigen.inverse_root(y),
        }
    }

    /// Spectrum as of the last decomposition; of the structured form its ends are bounds, its distance from the
    /// identity is exact.
    pub(crate) fn spectrum(&self) -> CovarianceSpectrum {
        match &self.state {
            State::Structured(structured) => structured.spectrum(),
            State::Dense(eigen) => eigen.spectrum(),
        }
    }

    /// Mean of the diagonal of C.
    pub(crate) fn mean_variance(&self) -> f64 {
        match &self.state {
            State::Structured(structured) => structured.mean_variance(),
            State::Dense(eigen) => eigen.mean_variance(),
        }
    }

    /// C in full.
    pub(crate) fn to_dense(&self) -> DMatrix<f64> {
        match &self.state {
            State::Structured(structured) => structured.to_dense(),
            State::Dense(eigen) => eigen.to_dense(),
        }
    }

    /// Axis lengths, ascending, of the dense form.
    pub(crate) fn axis_lengths(&self) -> Option<&[f64]> {
        match &self.state {
            State::Structured(_) => None,
            State::Dense(eigen) => Some(eigen.axis_lengths()),
        }
    }
}

#[cfg(test)]
mod tests {
    use nalgebra::DMatrix;

    use super::{Covariance, Form};
    use crate::methods::pycma::constants::Constants;
    use crate::rng::{Stream, fill_normal, stream_rng};

    fn normals(dim: usize, columns: usize, generation: u64) -> DMatrix<f64> {
        let mut matrix = DMatrix::zeros(dim, columns);
        fill_normal(&mut stream_rng(3, Stream::Shuffle, generation), matrix.as_mut_slice());
        matrix
    }

    /// Updates with the weights of a CMA-ES and samples of its own, and the same C in double precision.
    fn learnt(dim: usize, form: Form, generations: u64) -> (Covariance, DMatrix<f64>) {
        const LAMBDA: usize = 40;
        let constants = Constants::full(dim, LAMBDA);
        let mut covariance = Covariance::new(dim, LAMBDA, form);
        let mut c = covariance.to_dense();
        let weights: Vec<f64> = constants.weights.iter().map(|w| constants.cmu * w).collect();
        for generation in 0..generations {
            let steps = covariance.root(&normals(dim, LAMBDA, generation));
            let decay = 1.0 - weights.iter().sum::<f64>();
            covariance.update(decay, &weights, &steps);
            let weighted = DMatrix::from_fn(dim, LAMBDA, |i, j| weights[j] * steps[(i, j)]);
            c.gemm(1.0, &weighted, &steps.transpose(), decay);
        }
        covariance.decompose();
        (covariance, c)
    }

    fn relative(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
        (a - b).amax() / b.amax()
    }

    #[test]
    fn roots_are_roots_in_every_form() {
        for (dim, form, generations, tolerance) in [
            (24, Form::Dense, 30, 1e-12),
            (24, Form::Structured, 30, 1e-11),
            (40, Form::Auto, 60, 1e-11),
            (200, Form::Structured, 20, 1e-12),
            (2048, Form::Auto, 12, 1e-9),
        ] {
            let (covariance, c) = learnt(dim, form, generations);
            assert!(relative(&covariance.to_dense(), &c) < tolerance, "N = {dim}, {form:?}: C");
            let z = normals(dim, 8, 1000);
            let y = covariance.root(&z);
            assert!(relative(&covariance.root(&y), &(&c * &z)) < tolerance, "N = {dim}, {form:?}: root");
            assert!(relative(&covariance.inverse_root(&y), &z) < tolerance, "N = {dim}, {form:?}: inverse root");
            let few = covariance.root(&z.columns(0, 1).into_owned());
            assert!(relative(&few, &y.columns(0, 1).into_owned()) < tolerance, "N = {dim}, {form:?}: one column");
        }
    }

    #[test]
    fn the_spectrum_is_that_of_the_dense_matrix() {
        // 24: the columns are multiplied into the base; 700: three blocks of columns; 2048: in single precision.
        for (dim, form, rounds, tolerance) in [
            (24, Form::Dense, 3, 1e-9),
            (24, Form::Structured, 3, 1e-9),
            (700, Form::Structured, 3, 1e-9),
            (2048, Form::Structured, 2, 1e-4),
        ] {
            let (mut covariance, _) = learnt(dim, form, 2);
            for round in 1..rounds {
                covariance.update(0.98, &[0.01; 40], &covariance.root(&normals(dim, 40, 100 + round)));
                covariance.decompose();
            }
            let (c, spectrum) = (covariance.to_dense(), covariance.spectrum());
            let deviation = (&c - DMatrix::identity(dim, dim)).norm_squared() / c.norm_squared();
            let found = spectrum.deviation_from_identity;
            assert!((found / deviation - 1.0).abs() < tolerance, "N = {dim}, {form:?}: {found}, not {deviation}");
            if dim < 1000 {
                let eigenvalues = c.symmetric_eigenvalues();
                let (smallest, largest) = (eigenvalues.min(), eigenvalues.max());
                assert!(spectrum.smallest <= smallest * (1.0 + 1e-9) && largest * (1.0 - 1e-9) <= spectrum.largest);
                assert!(spectrum.smallest > 0.9 * smallest && spectrum.largest < 1.1 * largest, "N = {dim}, {form:?}");
            }
        }
    }

    #[test]
    fn a_decomposition_lags_behind_until_it_is_asked_for() {
        for form in [Form::Dense, Form::Structured] {
            let (mut covariance, _) = learnt(12, form, 5);
            let z = normals(12, 8, 7);
            let before = covariance.root(&z);
            covariance.update(0.9, &[0.1], &normals(12, 1, 8));
            assert_eq!(covariance.root(&z), before);
            covariance.decompose();
            assert!(relative(&covariance.root(&z), &before) > 1e-3);
        }
    }
}
