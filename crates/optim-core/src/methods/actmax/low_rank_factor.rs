//! A square factor of a covariance matrix that stays a scaled identity plus a few outer products.

use nalgebra::{DMatrix, DVector};

use crate::linalg::real;
use crate::linalg::{axpy, dot, scale};
use crate::methods::spectrum::CovarianceSpectrum;

/// The factor A of a covariance C = A'A (rows: code = mean + sigma z A), and its inverse.
///
/// ```text
/// structured   A = alpha (I + sum_j d_j u_j' w_j)      u_j, w_j rows of length N, j = 1..rank
/// dense        A and A^-1 in full
/// ```
///
/// Starting at the identity, every rank-one update of the Cholesky CMA-ES (Krause, Arbonès and Igel
/// 2016) adds one outer product, so the structured form is exact. It costs `O(N rank)` a product and
/// `16 N rank` bytes. The factor becomes dense once two products of rank `rank` cost as much as one dense
/// product (`2 rank > N`), or once large learning rates have shrunk alpha so far that the structured form
/// would lose digits.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Factor {
    dim: usize,
    form: Form,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Form {
    Structured { alpha: f64, products: Vec<OuterProduct> },
    Dense { a: DMatrix<f64>, inverse: DMatrix<f64> },
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct OuterProduct {
    d: f64,
    u: Vec<f64>,
    w: Vec<f64>,
}

/// Below this scale of the identity the structured form loses digits. Never reached with the default
/// learning rate: at N = 4096 it takes 4e7 updates.
const SMALLEST_ALPHA: f64 = 0.1;

/// Components that are worked on at a time: 4 KiB.
const BLOCK: usize = 512;

impl Factor {
    /// The identity in `dim` dimensions.
    #[must_use]
    pub fn identity(dim: usize) -> Self {
        Self { dim, form: Form::Structured { alpha: 1.0, products: Vec::new() } }
    }

    /// An upper estimate of the numbers of 8 bytes that a factor holds at once after so many updates
    /// with learning rate `c1`.
    pub(super) fn numbers_held(dim: f64, updates: f64, c1: f64) -> f64 {
        let products = 2.0 * dim * updates.min(dim / 2.0 + 1.0);
        let shrunk = (1.0 - c1).powf(updates / 2.0) < SMALLEST_ALPHA;
        let dense = shrunk || 2.0 * (updates + 1.0) > dim;
        products + if dense { 5.0 * dim * dim } else { 4.0 * products }
    }

    /// Number of outer products held; `None` once dense.
    #[must_use]
    pub fn rank(&self) -> Option<usize> {
        match &self.form {
            Form::Structured { products, .. } => Some(products.len()),
            Form::Dense { .. } => None,
        }
    }

    /// Row product: `out = z A`, both of length N.
    ///
    /// # Panics
    /// If a length differs from N.
    pub fn apply(&self, z: &[f64], out: &mut [f64]) {
        match &self.form {
            Form::Structured { alpha, products } => {
                let coefficients: Vec<f64> = products.iter().map(|p| alpha * p.d * dot(z, &p.u)).collect();
                // Block by block, so that `out` stays in the nearest cache while the w_j stream by.
                for start in (0..self.dim).step_by(BLOCK) {
                    let block = start..(start + BLOCK).min(self.dim);
                    let out = &mut out[block.clone()];
                    for (x, z) in out.iter_mut().zip(&z[block.clone()]) {
                        *x = alpha * z;
                    }
                    for (c, p) in coefficients.iter().zip(products) {
                        axpy(*c, &p.w[block.clone()], out);
                    }
                }
            }
            Form::Dense { a, .. } => row_product(z, a, out),
        }
    }

    /// Row product with the inverse: `v A^-1`, by the Woodbury identity in the structured form:
    /// `(1/alpha) (v - (v U) D (I + W'U D)^-1 W')`.
    #[must_use]
    pub fn apply_inverse(&self, v: &[f64]) -> Vec<f64> {
        let mut out = v.to_vec();
        match &self.form {
            Form::Dense { inverse, .. } => row_product(v, inverse, &mut out),
            Form::Structured { alpha, products } => {
                if let Some(coefficients) = woodbury_coefficients(products, v) {
                    for (p, c) in products.iter().zip(coefficients.iter()) {
                        axpy(-c, &p.w, &mut out);
                    }
                }
                scale(1.0 / alpha, &mut out);
            }
        }
        out
    }

    /// Rank-one update of the reference, with learning rate `c1` in [0, 1) and evolution path `pc`:
    ///
    /// ```text
    /// v = pc A^-1;  n = |v|^2;  a = sqrt(1 - c1);  b = sqrt(1 + n c1 / (1 - c1))
    /// A    <- a A + (a/n)(b - 1) v' pc
    /// A^-1 <- A^-1 / a - (1/(a n))(1 - 1/b) (A^-1 v') v
    /// ```
    ///
    /// A zero path only scales: the limit of the formula as n goes to 0.
    pub fn rank_one_update(&mut self, pc: &[f64], c1: f64) {
        if self.should_become_dense() {
            self.make_dense();
        }
        let v = self.apply_inverse(pc);
        let n = dot(&v, &v);
        let a = (1.0 - c1).sqrt();
        let b = (1.0 + n * c1 / (1.0 - c1)).sqrt();
        // (b - 1)/n, written so that it does not cancel for short paths.
        let gain = (c1 / (1.0 - c1)) / (b + 1.0);
        match &mut self.form {
            Form::Structured { alpha, products } => {
                *alpha *= a;
                if n > 0.0 {
                    products.push(OuterProduct { d: a * gain / *alpha, u: v, w: pc.to_vec() });
                }
            }
            Form::Dense { a: factor, inverse } => {
                let (v, pc) = (DVector::from_vec(v), DVector::from_column_slice(pc));
                let column = &*inverse * &v;
                factor.ger(a * gain, &v, &pc, a);
                inverse.ger(-gain / (a * b), &column, &v, 1.0 / a);
            }
        }
    }

    /// A in full, `N x N`; entry (i, j) is row i, column j of the row convention above.
    #[must_use]
    pub fn to_dense(&self) -> DMatrix<f64> {
        match &self.form {
            Form::Dense { a, .. } => a.clone(),
            Form::Structured { .. } => self.densify(|row, out| self.apply(row, out)),
        }
    }

    /// The inverse of A in full, `N x N`.
    #[must_use]
    pub fn inverse_to_dense(&self) -> DMatrix<f64> {
        match &self.form {
            Form::Dense { inverse, .. } => inverse.clone(),
            Form::Structured { .. } => self.densify(|row, out| out.copy_from_slice(&self.apply_inverse(row))),
        }
    }

    /// Extreme eigenvalues of C = A'A and its distance from the identity.
    ///
    /// In the structured form all eigenvalues but those in the span of the `u_j` and `w_j` are
    /// `alpha^2`, so only a matrix of twice the rank is decomposed.
    #[must_use]
    pub fn covariance_spectrum(&self) -> CovarianceSpectrum {
        let (mut eigenvalues, bulk, bulk_count) = match &self.form {
            Form::Dense { a, .. } => ((a.transpose() * a).symmetric_eigenvalues().as_slice().to_vec(), 1.0, 0),
            Form::Structured { alpha, products } => {
                let inside = subspace_eigenvalues(*alpha, products, self.dim);
                let outside = self.dim - inside.len();
                (inside, alpha * alpha, outside)
            }
        };
        let squared = |values: &[f64], offset: f64| values.iter().map(|l| (l - offset) * (l - offset)).sum::<f64>();
        let deviation = squared(&eigenvalues, 1.0) + real(bulk_count) * (bulk - 1.0) * (bulk - 1.0);
        let size = squared(&eigenvalues, 0.0) + real(bulk_count) * bulk * bulk;
        if bulk_count > 0 {
            eigenvalues.push(bulk);
        }
        CovarianceSpectrum {
            smallest: eigenvalues.iter().copied().fold(f64::INFINITY, f64::min),
            largest: eigenvalues.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            deviation_from_identity: deviation / size,
        }
    }

    /// Whether another product would cost more than a dense factor, or alpha has become so small that
    /// the identity and the products cancel.
    fn should_become_dense(&self) -> bool {
        match &self.form {
            Form::Structured { alpha, products } => 2 * (products.len() + 1) > self.dim || *alpha < SMALLEST_ALPHA,
            Form::Dense { .. } => false,
        }
    }

    fn make_dense(&mut self) {
        let (a, inverse) = (self.to_dense(), self.inverse_to_dense());
        self.form = Form::Dense { a, inverse };
    }

    /// The matrix whose row i is the image of the i-th unit row.
    fn densify(&self, map: impl Fn(&[f64], &mut [f64])) -> DMatrix<f64> {
        let (mut unit, mut row) = (vec![0.0; self.dim], vec![0.0; self.dim]);
        let mut dense = DMatrix::zeros(self.dim, self.dim);
        for i in 0..self.dim {
            unit[i] = 1.0;
            map(&unit, &mut row);
            unit[i] = 0.0;
            for (j, x) in row.iter().enumerate() {
                dense[(i, j)] = *x;
            }
        }
        dense
    }
}

/// `out = z M` for a row `z`.
fn row_product(z: &[f64], m: &DMatrix<f64>, out: &mut [f64]) {
    for (x, column) in out.iter_mut().zip(m.as_slice().chunks_exact(m.nrows())) {
        *x = dot(z, column);
    }
}

/// `(v U) D (I + W'U D)^-1`, a row of length rank; `None` at rank 0.
fn woodbury_coefficients(products: &[OuterProduct], v: &[f64]) -> Option<DVector<f64>> {
    let rank = products.len();
    let system = DMatrix::from_fn(rank, rank, |i, j| {
        f64::from(u8::from(i == j)) + dot(&products[i].w, &products[j].u) * products[j].d
    });
    let right = DVector::from_fn(rank, |j, _| dot(v, &products[j].u) * products[j].d);
    // x (I + W'U D) = right for a row x: the transposed system. It is regular, as A is.
    (rank > 0).then(|| system.transpose().lu().solve(&right)).flatten()
}

/// Eigenvalues of C inside the span of all `u_j` and `w_j`, orthonormalised as Q: those of
/// `alpha^2 (I + B)'(I + B)` with `B = sum_j d_j (Q'u_j)(Q'w_j)'`.
fn subspace_eigenvalues(alpha: f64, products: &[OuterProduct], dim: usize) -> Vec<f64> {
    if products.is_empty() {
        return Vec::new();
    }
    let vectors: Vec<&Vec<f64>> = products.iter().flat_map(|p| [&p.u, &p.w]).collect();
    let span = DMatrix::from_fn(dim, vectors.len(), |i, j| vectors[j][i]);
    let q = span.qr().q();
    let inside = |x: &[f64]| q.tr_mul(&DVector::from_column_slice(x));
    let mut factor = DMatrix::identity(q.ncols(), q.ncols());
    for p in products {
        factor.ger(p.d, &inside(&p.u), &inside(&p.w), 1.0);
    }
    let c = factor.tr_mul(&factor) * (alpha * alpha);
    c.symmetric_eigenvalues().as_slice().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Stream, fill_normal, stream_rng};

    fn updated(dim: usize, updates: usize) -> Factor {
        let mut rng = stream_rng(3, Stream::Method, 0);
        let (mut factor, mut pc) = (Factor::identity(dim), vec![0.0; dim]);
        for _ in 0..updates {
            fill_normal(&mut rng, &mut pc);
            factor.rank_one_update(&pc, 0.1);
        }
        factor
    }

    #[test]
    fn inverse_is_inverse_in_both_forms() {
        for (dim, updates, structured) in [(20, 6, true), (6, 9, false), (1, 4, false)] {
            let factor = updated(dim, updates);
            assert_eq!(factor.rank().is_some(), structured);
            let product = factor.to_dense() * factor.inverse_to_dense();
            assert!((product - DMatrix::identity(dim, dim)).amax() < 1e-12);
        }
    }

    #[test]
    fn many_large_updates_keep_their_digits() {
        let factor = updated(200, 90);
        assert_eq!(factor.rank(), None, "alpha is 0.9^45 = 0.009");
        let product = factor.to_dense() * factor.inverse_to_dense();
        assert!((product - DMatrix::identity(200, 200)).amax() < 1e-11);
    }

    #[test]
    fn update_is_the_covariance_update() {
        let mut factor = updated(20, 3);
        let before = factor.to_dense();
        let pc = DVector::from_fn(20, |i, _| (real(i) * 0.7).sin());
        factor.rank_one_update(pc.as_slice(), 0.2);
        let after = factor.to_dense();
        let expected = before.tr_mul(&before) * 0.8 + &pc * pc.transpose() * 0.2;
        assert!((after.tr_mul(&after) - expected).amax() < 1e-12);
    }

    #[test]
    fn structured_spectrum_equals_dense_spectrum() {
        let factor = updated(30, 5);
        let a = factor.to_dense();
        let c = a.tr_mul(&a);
        let eigenvalues = c.clone().symmetric_eigenvalues();
        let spectrum = factor.covariance_spectrum();
        assert!((spectrum.largest - eigenvalues.max()).abs() < 1e-12);
        assert!((spectrum.smallest - eigenvalues.min()).abs() < 1e-12);
        let deviation = (&c - DMatrix::identity(30, 30)).norm_squared() / c.norm_squared();
        assert!((spectrum.deviation_from_identity - deviation).abs() < 1e-12);
    }

    #[test]
    fn a_zero_path_only_scales() {
        let mut factor = Factor::identity(4);
        factor.rank_one_update(&[0.0; 4], 0.19);
        assert!((factor.to_dense() - DMatrix::identity(4, 4) * 0.9).amax() < 1e-15);
        assert_eq!(factor.rank(), Some(0));
    }
}
