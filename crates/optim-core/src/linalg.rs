//! Vector kernels on slices, written so that the compiler vectorises them.
//!
//! Sums run in a fixed order: equal inputs give equal bits.

use crate::Population;

/// A count as a real number.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(crate) fn real(count: usize) -> f64 {
    count as f64
}

const LANES: usize = 8;

/// Inner product.
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (blocks_a, blocks_b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let tail: f64 = blocks_a.remainder().iter().zip(blocks_b.remainder()).map(|(x, y)| x * y).sum();
    for (x, y) in blocks_a.zip(blocks_b) {
        for i in 0..LANES {
            lanes[i] += x[i] * y[i];
        }
    }
    lanes.iter().sum::<f64>() + tail
}

/// Largest size of a component of a code: sums and products of a few such numbers do not overflow.
pub(crate) const LARGEST_COMPONENT: f64 = 1e250;

/// Whether every value is a number of size at most [`LARGEST_COMPONENT`].
///
/// `0 * x` is NaN exactly where x is not finite: a sum that vectorises, where a search would not.
pub(crate) fn all_usable(a: &[f64]) -> bool {
    const OVERFLOWS_BEYOND: f64 = f64::MAX / LARGEST_COMPONENT;
    let mut lanes = [0.0; LANES];
    let blocks = a.chunks_exact(LANES);
    let tail: f64 = blocks.remainder().iter().map(|x| x * OVERFLOWS_BEYOND * 0.0).sum();
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *lane += x * OVERFLOWS_BEYOND * 0.0;
        }
    }
    lanes.iter().sum::<f64>() + tail == 0.0
}

/// Euclidean norm.
pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// `y += factor * x`.
pub(crate) fn axpy(factor: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

/// `x *= factor`.
pub(crate) fn scale(factor: f64, x: &mut [f64]) {
    for x in x {
        *x *= factor;
    }
}

/// Whether `x` has a direction: a norm that is neither 0 nor beyond the largest double.
pub(crate) fn has_direction(x: &[f64]) -> bool {
    is_length(norm(x))
}

fn is_length(norm: f64) -> bool {
    norm > 0.0 && norm.is_finite()
}

/// Scales `x` to Euclidean norm `target`; `false`, and `x` as it was, if it has no direction.
pub(crate) fn scale_to_norm(x: &mut [f64], target: f64) -> bool {
    let length = norm(x);
    if is_length(length) {
        scale(target / length, x);
    }
    is_length(length)
}

/// `out = sum_i weights[i] * codes[columns[i]]`; ends with the shorter of the two lists.
pub(crate) fn weighted_sum(weights: &[f64], codes: &Population, columns: &[usize], out: &mut [f64]) {
    out.fill(0.0);
    for (&weight, &column) in weights.iter().zip(columns) {
        axpy(weight, codes.code(column), out);
    }
}
