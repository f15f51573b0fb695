//! Columns of weighted outer products, in double or single precision.

use nalgebra::{DMatrix, DMatrixView, Dyn, Matrix, ViewStorage};

use crate::linalg::{axpy, dot};

/// From this dimension on columns are stored in single precision.
///
/// There the outer products are about 1e-3 of C, so that rounding them moves a code by less than
/// 1e-10 of its length; and 75 generations take 50 MB instead of 100.
pub(super) const SINGLE_FROM: usize = 2048;

/// Fewer right-hand sides than this are multiplied column by column: the blocked product would
/// spend its time packing. So are fewer columns, for the reason of [`THIN`].
const FEW: usize = 6;

/// Products of strided matrices with so few rows or columns step out of their bounds in nalgebra 0.35 (its issue 1616):
/// it multiplies by `matrixmultiply` only if all sizes are above 5, else by columns whose strides it counts twice.
const THIN: usize = 8;

type Strided<'a, T> = Matrix<T, Dyn, Dyn, ViewStorage<'a, T, Dyn, Dyn, Dyn, Dyn>>;

/// The transpose of the `rows x columns` matrix that `values` holds column by column.
pub(super) fn transposed(values: &[f64], rows: usize, columns: usize) -> Strided<'_, f64> {
    Strided::from_slice_with_strides_generic(values, Dyn(columns), Dyn(rows), Dyn(rows), Dyn(1))
}

fn transposed_single(values: &[f32], rows: usize, columns: usize) -> Strided<'_, f32> {
    Strided::from_slice_with_strides_generic(values, Dyn(columns), Dyn(rows), Dyn(rows), Dyn(1))
}

/// `V'U` of the columns of length `dim` in `v` and `u`.
fn inner_products(v: &[f64], u: &[f64], dim: usize) -> DMatrix<f64> {
    let (rows, columns) = (v.len() / dim, u.len() / dim);
    let u = DMatrixView::from_slice(u, dim, columns);
    if rows.min(columns).min(dim) <= THIN {
        return DMatrixView::from_slice(v, dim, rows).tr_mul(&u);
    }
    let mut inner = DMatrix::zeros(rows, columns);
    inner.gemm(1.0, &transposed(v, dim, rows), &u, 0.0);
    inner
}

/// The same in single precision.
fn inner_products_single(v: &[f32], u: &[f32], dim: usize) -> DMatrix<f64> {
    let (rows, columns) = (v.len() / dim, u.len() / dim);
    let u = DMatrixView::from_slice(u, dim, columns);
    if rows.min(columns).min(dim) <= THIN {
        return DMatrixView::from_slice(v, dim, rows).tr_mul(&u).map(f64::from);
    }
    let mut inner = DMatrix::zeros(rows, columns);
    inner.gemm(1.0, &transposed_single(v, dim, rows), &u, 0.0);
    inner.map(f64::from)
}

/// Columns of length N, one after the other.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Values {
    Double(Vec<f64>),
    Single(Vec<f32>),
}

/// `V W V'` with V of shape `N x R` and W diagonal.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Columns {
    dim: usize,
    values: Values,
    weights: Vec<f64>,
}

impl Columns {
    /// No columns yet, room for `capacity`.
    pub(super) fn new(dim: usize, capacity: usize) -> Self {
        let values = if dim < SINGLE_FROM {
            Values::Double(Vec::with_capacity(dim * capacity))
        } else {
            Values::Single(Vec::with_capacity(dim * capacity))
        };
        Self { dim, values, weights: Vec::with_capacity(capacity) }
    }

    /// Number R of columns.
    pub(super) fn len(&self) -> usize {
        self.weights.len()
    }

    /// Appends `weight * column column'`; nothing if the weight is zero.
    #[expect(clippy::cast_possible_truncation, reason = "single precision is meant")]
    pub(super) fn push(&mut self, weight: f64, column: &[f64]) {
        if weight == 0.0 {
            return;
        }
        self.weights.push(weight);
        match &mut self.values {
            Values::Double(values) => values.extend_from_slice(column),
            Values::Single(values) => values.extend(column.iter().map(|&x| x as f32)),
        }
    }

    /// `out += factor V W V' z`; z and out are `N x n`.
    pub(super) fn multiply_add(&self, factor: f64, z: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        if self.len() == 0 {
            return;
        }
        let few = z.ncols().min(self.len()).min(self.dim) < FEW;
        match &self.values {
            Values::Double(values) if few => self.few_double(values, factor, z, out),
            Values::Single(values) if few => self.few_single(values, factor, z, out),
            Values::Double(values) => {
                let mut inner = DMatrix::zeros(self.len(), z.ncols());
                inner.gemm(1.0, &transposed(values, self.dim, self.len()), z, 0.0);
                self.weigh(factor, &mut inner);
                out.gemm(1.0, &DMatrixView::from_slice(values, self.dim, self.len()), &inner, 1.0);
            }
            Values::Single(values) => self.many_single(values, factor, z, out),
        }
    }

    fn many_single(&self, values: &[f32], factor: f64, z: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        let z = to_single(z);
        let mut inner = DMatrix::<f32>::zeros(self.len(), z.ncols());
        inner.gemm(1.0, &transposed_single(values, self.dim, self.len()), &z, 0.0);
        let mut weighted = inner.map(f64::from);
        self.weigh(factor, &mut weighted);
        let mut product = z;
        product.gemm(1.0, &DMatrixView::from_slice(values, self.dim, self.len()), &to_single(&weighted), 0.0);
        for (x, y) in out.as_mut_slice().iter_mut().zip(product.as_slice()) {
            *x += f64::from(*y);
        }
    }

    /// `inner = factor W inner`, inner of shape `R x n`.
    fn weigh(&self, factor: f64, inner: &mut DMatrix<f64>) {
        for column in inner.as_mut_slice().chunks_exact_mut(self.len()) {
            for (x, weight) in column.iter_mut().zip(&self.weights) {
                *x *= factor * weight;
            }
        }
    }

    fn few_double(&self, values: &[f64], factor: f64, z: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        for (v, weight) in values.chunks_exact(self.dim).zip(&self.weights) {
            for j in 0..z.ncols() {
                let projection = dot(v, z.column(j).as_slice());
                axpy(factor * weight * projection, v, out.column_mut(j).as_mut_slice());
            }
        }
    }

    fn few_single(&self, values: &[f32], factor: f64, z: &DMatrix<f64>, out: &mut DMatrix<f64>) {
        let z = to_single(z);
        let mut product = DMatrix::<f32>::zeros(self.dim, z.ncols());
        for (v, weight) in values.chunks_exact(self.dim).zip(&self.weights) {
            for j in 0..z.ncols() {
                let projection = f64::from(dot_single(v, z.column(j).as_slice()));
                #[expect(clippy::cast_possible_truncation, reason = "single precision is meant")]
                let coefficient = (factor * weight * projection) as f32;
                for (x, v) in product.column_mut(j).as_mut_slice().iter_mut().zip(v) {
                    *x += coefficient * v;
                }
            }
        }
        for (x, y) in out.as_mut_slice().iter_mut().zip(product.as_slice()) {
            *x += f64::from(*y);
        }
    }

    /// `tr(V W V' U X U') = sum_ij w_i x_j (v_i'u_j)^2` with the columns U and weights X of `other`.
    pub(super) fn trace_of_product(&self, other: &Self) -> f64 {
        const AT_A_TIME: usize = 256;
        let mut sum = 0.0;
        for start in (0..other.len()).step_by(AT_A_TIME) {
            let part = start..(start + AT_A_TIME).min(other.len());
            let range = part.start * self.dim..part.end * self.dim;
            let inner = match (&self.values, &other.values) {
                (Values::Single(v), Values::Single(u)) => inner_products_single(v, &u[range], self.dim),
                (Values::Double(v), Values::Double(u)) => inner_products(v, &u[range], self.dim),
                _ => continue, // not reached: the dimension decides the precision
            };
            for (column, x) in inner.column_iter().zip(&other.weights[part]) {
                sum += x * column.iter().zip(&self.weights).map(|(p, w)| w * p * p).sum::<f64>();
            }
        }
        sum
    }

    /// `tr(M V W V')`, M being handed one column v after the other and giving `v'Mv`.
    pub(super) fn trace_of_product_with(&self, quadratic: impl Fn(&[f64]) -> f64) -> f64 {
        let plain = |j: usize| -> Vec<f64> {
            let range = j * self.dim..(j + 1) * self.dim;
            match &self.values {
                Values::Double(values) => values[range].to_vec(),
                Values::Single(values) => values[range].iter().map(|&x| f64::from(x)).collect(),
            }
        };
        self.weights.iter().enumerate().map(|(j, weight)| weight * quadratic(&plain(j))).sum()
    }

    /// `out += V W V'`, out of shape `N x N`, some columns at a time.
    pub(super) fn add_to(&self, out: &mut DMatrix<f64>) {
        const AT_A_TIME: usize = 256;
        for start in (0..self.len()).step_by(AT_A_TIME) {
            let part = start..(start + AT_A_TIME).min(self.len());
            let range = part.start * self.dim..part.end * self.dim;
            let plain: Vec<f64> = match &self.values {
                Values::Double(values) => values[range].to_vec(),
                Values::Single(values) => values[range].iter().map(|&x| f64::from(x)).collect(),
            };
            let mut weighted = DMatrix::from_column_slice(self.dim, part.len(), &plain);
            for (mut column, weight) in weighted.column_iter_mut().zip(&self.weights[part.clone()]) {
                column *= *weight;
            }
            out.gemm(1.0, &weighted, &transposed(&plain, self.dim, part.len()), 1.0);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "single precision is meant")]
fn to_single(z: &DMatrix<f64>) -> DMatrix<f32> {
    z.map(|x| x as f32)
}

/// Inner product in single precision, in sixteen partial sums.
fn dot_single(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut lanes = [0.0; LANES];
    let (blocks_a, blocks_b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail: f32 = blocks_a.remainder().iter().zip(blocks_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in blocks_a.zip(blocks_b) {
        for i in 0..LANES {
            lanes[i] += x[i] * y[i];
        }
    }
    lanes.iter().sum::<f32>() + tail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Stream, fill_normal, stream_rng};

    /// Few columns, few right-hand sides and few dimensions, each beside many of the others, in both precisions.
    #[test]
    fn products_are_those_of_the_sums() {
        for dim in [3, 300, SINGLE_FROM] {
            for (len, sides) in [(1, 8), (4, 8), (5, 40), (6, 6), (7, 40), (40, 2), (40, 40)] {
                let mut rng = stream_rng(1, Stream::Shuffle, 0);
                let mut normals = |count: usize| {
                    let mut values = DMatrix::zeros(dim, count);
                    fill_normal(&mut rng, values.as_mut_slice());
                    values
                };
                let (v, z, start) = (normals(len), normals(sides), normals(sides));
                let mut columns = Columns::new(dim, 0);
                let mut expected = start.clone();
                for (i, column) in v.column_iter().enumerate() {
                    let weight = 0.1 * (i as f64 - 1.5);
                    columns.push(weight, column.as_slice());
                    expected += 2.0 * weight * column * (column.transpose() * &z);
                }
                let mut out = start;
                columns.multiply_add(2.0, &z, &mut out);
                let tolerance = if dim < SINGLE_FROM { 1e-12 } else { 1e-5 };
                let error = (&out - &expected).amax() / expected.amax();
                assert!(error < tolerance, "{dim} dimensions, {len} columns, {sides} sides: {error}");
            }
        }
    }
}
