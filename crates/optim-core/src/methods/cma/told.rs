//! What the CMA family makes of told solutions before its update.

use std::borrow::Cow;

use nalgebra::DMatrix;
use serde::{Deserialize, Serialize};

use crate::linalg::{norm, scale, weighted_sum};
use crate::{Population, Ranking};

/// Codes that were sampled together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Batch {
    /// `N x lambda`.
    pub(crate) codes: Population,
    /// Normals behind the codes, `N x lambda`; empty where the strategy does not need them.
    pub(crate) z: DMatrix<f64>,
    /// Codes, from the first, that are probes of the step size.
    pub(crate) probes: usize,
}

/// A sample: its batch and its column.
pub(crate) type Origin = (usize, usize);

/// The batches sampled since the last update: as a rule one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Batches {
    list: Vec<Batch>,
    /// Batches that asking again does not replace.
    kept: usize,
    /// Whether a batch was sampled since the last update.
    waiting: bool,
}

impl Batches {
    pub(crate) fn new() -> Self {
        Self { list: Vec::new(), kept: 0, waiting: false }
    }

    /// Room for a new batch, which replaces all that were not kept.
    pub(crate) fn begin(&mut self, dim: usize) -> &mut Batch {
        self.waiting = true;
        self.list.truncate(self.kept + 1);
        if self.list.len() == self.kept {
            self.list.push(Batch { codes: Population::new(dim), z: DMatrix::zeros(0, 0), probes: 0 });
        }
        &mut self.list[self.kept]
    }

    /// Keeps what was sampled for updates to come.
    pub(crate) fn keep(&mut self) {
        self.kept = if self.waiting { self.list.len() } else { 0 };
    }

    /// After an update: the samples are samples no longer.
    pub(crate) fn close(&mut self) {
        self.waiting = false;
        self.kept = 0;
    }

    pub(crate) fn waiting(&self) -> bool {
        self.waiting
    }

    pub(crate) fn batch(&self, origin: Origin) -> &Batch {
        &self.list[origin.0]
    }

    /// For each solution the sample that it is, bit for bit: the one in its own column if there are
    /// several; each sample once. `None` for foreign solutions.
    pub(crate) fn origins(&self, told: &Population) -> Vec<Option<Origin>> {
        let all: Vec<(Origin, &[f64])> = self.list.iter().enumerate().flat_map(samples).collect();
        let mut free = vec![true; all.len()];
        (0..told.len())
            .map(|column| {
                let is = |sample: usize| free[sample] && same_bits(told.code(column), all[sample].1);
                let own = Some(column).filter(|&sample| sample < all.len() && is(sample));
                let found = own.or_else(|| (0..all.len()).find(|&sample| is(sample)))?;
                free[found] = false;
                Some(all[found].0)
            })
            .collect()
    }
}

fn samples((number, batch): (usize, &Batch)) -> impl Iterator<Item = (Origin, &[f64])> {
    batch.codes.iter().enumerate().map(move |(column, code)| ((number, column), code))
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits())
}

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
        crate::linalg::axpy(weight, columns.column(i).as_slice(), out);
    }
}

/// The initial mean after a first generation of given codes: the weighted mean of their best.
pub(crate) fn first_mean(weights: &[f64], mu: usize, codes: &Population, ranking: &Ranking, mean: &mut [f64]) {
    let weights = &weights[..mu.min(codes.len())];
    weighted_sum(weights, codes, ranking.order(), mean);
    scale(1.0 / weights.iter().sum::<f64>(), mean);
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
