//! `J'J` of a tall matrix of single-precision differences.

use nalgebra::{DMatrix, DMatrixView};

/// Rows that are multiplied in single precision before their products are added up in double.
const ROWS: usize = 2048;
/// Columns a block: few enough to leave out most of the products above the diagonal, enough for the kernel to run at
/// speed.
const COLUMNS: usize = 512;

/// `J'J` times `scale`, shape `[k, k]`, of `columns` = J stored column by column (shape `[P, k]`).
///
/// Products are of single precision over blocks of 2048 rows, their sums over blocks of double. Of the symmetric
/// matrix the blocks on and below the diagonal are computed, the others copied. Besides J and the result this holds a
/// transposed block of rows and a block of products, 42 MB at k = 4096.
pub(super) fn gram(columns: &[f32], count: usize, scale: f64) -> DMatrix<f64> {
    let height = columns.len() / count;
    let jacobian = DMatrixView::from_slice(columns, height, count);
    let mut gram = DMatrix::zeros(count, count);
    let mut products = DMatrix::<f32>::zeros(0, 0);
    for top in (0..height).step_by(ROWS) {
        let block = jacobian.rows(top, ROWS.min(height - top));
        let turned = block.transpose();
        for first in (0..count).step_by(COLUMNS) {
            let width = COLUMNS.min(count - first);
            products.resize_mut(count - first, width, 0.0);
            products.gemm(1.0, &turned.rows(first, count - first), &block.columns(first, width), 0.0);
            let mut sums = gram.view_mut((first, first), products.shape());
            sums.zip_apply(&products, |sum, value| *sum += f64::from(value));
        }
    }
    for column in 0..count {
        for row in 0..column {
            gram[(row, column)] = gram[(column, row)];
        }
    }
    gram * scale
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_add_up_to_the_product() {
        let (height, count) = (2 * ROWS + 77, COLUMNS + 33);
        let columns: Vec<f32> = (0..height * count).map(|i| ((i * 7919) % 1009) as f32 / 1009.0 - 0.5).collect();
        let exact = DMatrix::from_iterator(height, count, columns.iter().map(|value| f64::from(*value)));
        let exact = exact.transpose() * exact * 0.25;
        let error = (gram(&columns, count, 0.25) - &exact).amax() / exact.amax();
        assert!(error < 1e-6, "{error}");
    }
}
