//! A covariance matrix near a multiple of a simple one, kept as such.

use nalgebra::{DMatrix, DVector};

use super::chebyshev::{Interval, Series, Tolerance};
use super::columns::{Columns, SINGLE_FROM};
use super::lanczos::spectrum;
use crate::linalg::real;
use crate::linalg::{axpy, dot, scale};
use crate::methods::spectrum::CovarianceSpectrum;

/// What the outer products are added to.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Base {
    /// The initial C: a diagonal of length N.
    Diagonal(Vec<f64>),
    /// It and older outer products, `N x N`.
    Dense(DMatrix<f64>),
}

/// C as of the last decomposition, and its roots.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Frozen {
    /// The scale d at that time.
    scale: f64,
    /// Sum of the diagonal of `base + V W V'` at that time.
    trace: f64,
    /// `None` while C is the initial diagonal, whose roots are plain.
    roots: Option<Roots>,
}

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Roots {
    interval: Interval,
    root: Series,
    inverse: Series,
}

/// `C = d (base + V W V')`.
///
/// An update multiplies d and appends columns to V; nothing old is touched, so the C of the last
/// decomposition is d of that time with the columns of that time. Its roots are Chebyshev series in C
/// itself: at N = 4096 C stays within 1e-3 of a multiple of the identity, and two products with
/// `V W V'` make a generation's samples to 1e-10.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Structured {
    dim: usize,
    scale: f64,
    base: Base,
    /// Outer products that the last decomposition knew.
    sealed: Vec<Columns>,
    /// Those since.
    fresh: Columns,
    frozen: Frozen,
    /// Sum of the diagonal of `base + V W V'`.
    trace: f64,
    /// Sum of the squares of `base + V W V'` without the fresh columns.
    norm_squared: f64,
}

impl Structured {
    /// The initial C, a diagonal.
    pub(super) fn new(diagonal: Vec<f64>) -> Self {
        let (dim, trace) = (diagonal.len(), diagonal.iter().sum());
        Self {
            dim,
            scale: 1.0,
            trace,
            norm_squared: dot(&diagonal, &diagonal),
            base: Base::Diagonal(diagonal),
            sealed: Vec::new(),
            fresh: Columns::new(dim, 0),
            frozen: Frozen { scale: 1.0, trace, roots: None },
        }
    }

    /// Relative error that the roots may have.
    pub(super) fn tolerance(&self) -> Tolerance {
        Tolerance(if self.dim < SINGLE_FROM { 1e-14 } else { 1e-10 })
    }

    /// `C = decay C + sum_i weights[i] columns[i] columns[i]'`; `false`, and C as it was, where d
    /// would leave the range in which weights can be divided by it.
    pub(super) fn update(&mut self, decay: f64, weights: &[f64], columns: &DMatrix<f64>) -> bool {
        let scale = self.scale * decay;
        if !(1e-50..1e50).contains(&scale) {
            return false;
        }
        self.scale = scale;
        for (weight, column) in weights.iter().zip(columns.column_iter()) {
            self.fresh.push(weight / scale, column.as_slice());
            self.trace += weight / scale * column.norm_squared();
        }
        true
    }

    /// Multiplies C, not the frozen one.
    pub(super) fn rescale(&mut self, factor: f64) {
        self.scale *= factor;
    }

    /// Length N.
    pub(super) fn dim(&self) -> usize {
        self.dim
    }

    /// Freezes the roots of the current C; `false`, and the roots as they were, where they would take
    /// more than `longest` products.
    pub(super) fn decompose(&mut self, longest: usize) -> bool {
        let room = self.fresh.len() + self.fresh.len() / 16;
        let fresh = std::mem::replace(&mut self.fresh, Columns::new(self.dim, room));
        self.norm_squared += self.norm_squared_gained(&fresh);
        self.sealed.push(fresh);
        if self.rank() > self.most_columns() {
            self.fold();
        }
        let scale = self.scale;
        let interval = spectrum(self.dim, |z, out| self.multiply(scale, z, out));
        let definite = interval.smallest > 0.0 && interval.largest.is_finite();
        if !definite || interval.degree(self.tolerance()) > longest {
            return false;
        }
        let tolerance = self.tolerance();
        let root = Series::new(interval, tolerance, f64::sqrt);
        let inverse = Series::new(interval, tolerance, |x| 1.0 / x.sqrt());
        self.frozen = Frozen { scale, trace: self.trace, roots: Some(Roots { interval, root, inverse }) };
        true
    }

    /// `|M + F|^2 - |M|^2` for M the base and the sealed columns, F the outer products of `fresh`.
    fn norm_squared_gained(&self, fresh: &Columns) -> f64 {
        let with_base = fresh.trace_of_product_with(|v| match &self.base {
            Base::Diagonal(diagonal) => v.iter().zip(diagonal).map(|(x, d)| d * x * x).sum(),
            Base::Dense(dense) => dense.column_iter().zip(v).map(|(column, x)| x * dot(column.as_slice(), v)).sum(),
        });
        let with_sealed: f64 = self.sealed.iter().map(|columns| columns.trace_of_product(fresh)).sum();
        2.0 * (with_base + with_sealed) + fresh.trace_of_product(fresh)
    }

    /// Columns above which they are multiplied out: two products with them cost as much as one with
    /// a dense matrix, which is in double precision always.
    fn most_columns(&self) -> usize {
        if self.dim < SINGLE_FROM { self.dim / 2 } else { self.dim }
    }

    /// The same as a real number.
    pub(super) fn columns_kept(dim: f64) -> f64 {
        if dim < real(SINGLE_FROM) { dim / 2.0 } else { dim }
    }

    /// Numbers of 8 bytes that so many columns take, with room to grow.
    pub(super) fn numbers_of_columns(dim: f64, columns: f64) -> f64 {
        let numbers = 1.25 * columns * (dim + 2.0) + 4.0 * dim;
        if dim < real(SINGLE_FROM) { numbers } else { 0.5 * numbers + 2.0 * columns }
    }

    /// Number of sealed columns.
    fn rank(&self) -> usize {
        self.sealed.iter().map(Columns::len).sum()
    }

    /// Multiplies the sealed columns out.
    fn fold(&mut self) {
        let mut dense = match std::mem::replace(&mut self.base, Base::Diagonal(Vec::new())) {
            Base::Diagonal(diagonal) => DMatrix::from_diagonal(&DVector::from_vec(diagonal)),
            Base::Dense(dense) => dense,
        };
        for columns in self.sealed.drain(..) {
            columns.add_to(&mut dense);
        }
        self.base = Base::Dense(dense);
    }

    /// `out = d (base + sealed) z` with d = `scale`.
    fn multiply(&self, scale: f64, z: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        self.multiply_add(scale, 0.0, z, 0.0, out);
    }

    /// `out = scale (base + sealed) z - shift z + beta out`.
    fn multiply_add(&self, scale: f64, shift: f64, z: &DMatrix<f64>, beta: f64, out: &mut DMatrix<f64>) {
        match &self.base {
            Base::Diagonal(diagonal) => {
                for (z, out) in z.column_iter().zip(out.column_iter_mut()) {
                    for ((x, z), d) in { out }.iter_mut().zip(z.iter()).zip(diagonal) {
                        *x = (scale * d - shift) * z + beta * *x;
                    }
                }
            }
            Base::Dense(dense) => {
                out.gemm(scale, dense, z, beta);
                axpy(-shift, z.as_slice(), out.as_mut_slice());
            }
        }
        for columns in &self.sealed {
            columns.multiply_add(scale, z, out);
        }
    }

    fn apply(&self, z: &DMatrix<f64>, which: impl Fn(&Roots) -> &Series, plain: impl Fn(f64) -> f64) -> DMatrix<f64> {
        match (&self.frozen.roots, &self.base) {
            (None, Base::Diagonal(diagonal)) => {
                let factors: Vec<f64> = diagonal.iter().map(|d| plain(self.frozen.scale * d)).collect();
                let mut out = z.clone();
                for mut column in out.column_iter_mut() {
                    column.iter_mut().zip(&factors).for_each(|(x, factor)| *x *= factor);
                }
                out
            }
            (None, Base::Dense(_)) => z.clone(), // not reached: only a decomposition makes the base dense
            (Some(roots), _) => {
                let (centre, width) = (roots.interval.centre(), roots.interval.half_width().max(f64::MIN_POSITIVE));
                which(roots).apply(z, |factor, z, beta, out| {
                    let factor = factor / width;
                    self.multiply_add(factor * self.frozen.scale, factor * centre, z, beta, out);
                })
            }
        }
    }

    /// `C^(1/2) z` of the frozen C, every column of z.
    pub(super) fn root(&self, z: &DMatrix<f64>) -> DMatrix<f64> {
        self.apply(z, |roots| &roots.root, f64::sqrt)
    }

    /// `C^(-1/2) y` of the frozen C, every column of y.
    pub(super) fn inverse_root(&self, y: &DMatrix<f64>) -> DMatrix<f64> {
        self.apply(y, |roots| &roots.inverse, |x| 1.0 / x.sqrt())
    }

    /// Spectrum of the frozen C; its ends are bounds.
    pub(super) fn spectrum(&self) -> CovarianceSpectrum {
        let Frozen { scale, trace, roots } = &self.frozen;
        let (smallest, largest) = match (roots, &self.base) {
            (Some(roots), _) => (roots.interval.smallest, roots.interval.largest),
            (None, Base::Diagonal(diagonal)) => {
                (scale * diagonal.first().unwrap_or(&1.0), scale * diagonal.last().unwrap_or(&1.0))
            }
            (None, Base::Dense(_)) => (*scale, *scale), // not reached: only a decomposition makes the base dense
        };
        let squared = scale * scale * self.norm_squared;
        let deviation = (squared - 2.0 * scale * trace + real(self.dim)).max(0.0);
        CovarianceSpectrum { smallest, largest, deviation_from_identity: deviation / squared }
    }

    /// Mean of the diagonal of the current C.
    pub(super) fn mean_variance(&self) -> f64 {
        self.scale * self.trace / real(self.dim)
    }

    /// The current C, `N x N`.
    pub(super) fn to_dense(&self) -> DMatrix<f64> {
        self.dense(self.scale, self.sealed.iter().chain([&self.fresh]))
    }

    /// C as of the last decomposition, `N x N`.
    pub(super) fn frozen_to_dense(&self) -> DMatrix<f64> {
        self.dense(self.frozen.scale, self.sealed.iter())
    }

    fn dense<'a>(&self, factor: f64, columns: impl Iterator<Item = &'a Columns>) -> DMatrix<f64> {
        let mut dense = match &self.base {
            Base::Diagonal(diagonal) => DMatrix::from_diagonal(&DVector::from_column_slice(diagonal)),
            Base::Dense(dense) => dense.clone(),
        };
        columns.for_each(|columns| columns.add_to(&mut dense));
        scale(factor, dense.as_mut_slice());
        dense
    }
}
