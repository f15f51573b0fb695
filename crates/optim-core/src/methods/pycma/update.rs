//! The steps of an update that the full and the diagonal covariance share.

use std::borrow::Cow;

use nalgebra::DMatrix;

use crate::Ranking;
use crate::linalg::real;
use crate::linalg::{axpy, norm, scale};

/// Scores with NaN replaced by the median of the others (of an even number: the mean of the middle
/// two, or the higher of them where they are opposite infinities).
pub(crate) fn nan_to_median(scores: &[f64]) -> Cow<'_, [f64]> {
    if scores.iter().all(|s| !s.is_nan()) {
        return Cow::Borrowed(scores);
    }
    let mut known: Vec<f64> = scores.iter().copied().filter(|s| !s.is_nan()).collect();
    known.sort_by(f64::total_cmp);
    let (low, high) = (known[known.len().saturating_sub(1) / 2], known[known.len() / 2]);
    let mean = 0.5 * low + 0.5 * high;
    let median = if mean.is_nan() { high } else { mean };
    Cow::Owned(scores.iter().map(|&s| if s.is_nan() { median } else { s }).collect())
}

/// The weight of the solution of that rank among `count >= lambda`: zeros stand between the positive
/// and the negative weights where there are more solutions than weights.
pub(crate) fn weight_of_rank(weights: &[f64], mu: usize, count: usize, rank: usize) -> f64 {
    let surplus = count.saturating_sub(weights.len());
    match rank {
        _ if rank < mu => weights[rank],
        _ if rank < mu + surplus => 0.0,
        _ => weights.get(rank - surplus).copied().unwrap_or(0.0),
    }
}

/// Shortens a step to the Mahalanobis length `longest`; `z` is the step in the coordinates in which
/// the distribution is standard normal. A step without a finite length becomes zero.
pub(crate) fn clip(longest: f64, step: &mut [f64], z: &mut [f64]) {
    let length = norm(z);
    if !length.is_finite() {
        step.fill(0.0);
        z.fill(0.0);
    } else if length > longest {
        scale(longest / length, step);
        scale(longest / length, z);
    }
}

/// `out = sum_i weight(rank of i) columns[i]` over the best `mu`.
pub(crate) fn recombine(weights: &[f64], mu: usize, columns: &DMatrix<f64>, ranking: &Ranking, out: &mut [f64]) {
    out.fill(0.0);
    for (&weight, &i) in weights[..mu].iter().zip(ranking.order()) {
        axpy(weight, columns.column(i).as_slice(), out);
    }
}

/// Whether the step-size path is no longer than expected: `|ps|^2 / (1 - (1 - cs)^(2t)) / N < 2 + 4 / (N + 1)`.
pub(crate) fn hsig(ps: &[f64], cs: f64, countiter: u64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let unfolded = 1.0 - (1.0 - cs).powf(2.0 * countiter as f64);
    let n = real(ps.len());
    norm(ps).powi(2) / unfolded / n - 1.0 < 1.0 + 4.0 / (n + 1.0)
}

#[cfg(test)]
mod tests {
    use super::{nan_to_median, weight_of_rank};

    #[test]
    fn nan_becomes_the_median_of_the_others() {
        let nan = f64::NAN;
        assert_eq!(*nan_to_median(&[3.0, nan, 1.0, 2.0]), [3.0, 2.0, 1.0, 2.0]);
        assert_eq!(*nan_to_median(&[3.0, nan, 1.0]), [3.0, 2.0, 1.0]);
        let infinite = [f64::INFINITY, nan, f64::NEG_INFINITY];
        assert_eq!(nan_to_median(&infinite)[1], f64::INFINITY);
        assert_eq!(*nan_to_median(&[f64::NEG_INFINITY, nan]), [f64::NEG_INFINITY; 2]);
    }

    #[test]
    fn surplus_solutions_weigh_nothing() {
        let of_rank = |rank| weight_of_rank(&[0.75, 0.25, -0.5, -0.5], 2, 6, rank);
        assert_eq!((0..6).map(of_rank).collect::<Vec<_>>(), [0.75, 0.25, 0.0, 0.0, -0.5, -0.5]);
    }
}
