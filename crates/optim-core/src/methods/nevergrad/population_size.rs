//! The population size of nevergrad's TBPSA.

use crate::linalg::real;
use crate::options::{OptionValue, ValueKind};

/// How many codes an update of TBPSA takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum PopulationSizing {
    /// `max(4 N, workers)` at first, as in nevergrad, whatever the budget.
    #[default]
    Dimension,
    /// At most a twentieth of the budget (but one code a worker, and 4), and never more: 150 of 3000 evaluations.
    Budget,
}

impl OptionValue for PopulationSizing {
    const KIND: ValueKind = ValueKind::Word(&["dimension", "budget"]);
}

/// Numbers of offspring and parents, adapted by a test of progress.
///
/// ```text
/// when 5 lambda scores are recorded:  first, last = the first and the last lambda of them
///      z = (mean(last) - mean(first)) / sqrt(se(first)^2 + se(last)^2),  se = sd / sqrt(lambda - 1)
///      mu = 2 mu if z < 2, else max(min(mu_0, N), floor(0.84 mu));  lambda = 4 mu
///      with more than one worker: lambda = max(lambda, workers),  mu = floor(lambda / 4)
/// ```
///
/// `sd` has the divisor lambda. Where z is no number (no spread at all, infinite scores), mu shrinks as in the
/// reference.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct PopulationSize {
    lambda: usize,
    mu: usize,
    min_mu: usize,
    workers: usize,
    /// Bound of lambda.
    cap: Option<usize>,
    scores: Vec<f64>,
}

impl PopulationSize {
    pub(super) fn new(sizing: PopulationSizing, dim: usize, workers: usize, budget: usize) -> Self {
        let faithful = dim.saturating_mul(4).max(workers);
        let cap = (sizing == PopulationSizing::Budget).then(|| (budget / 20).max(workers).max(4));
        let lambda = cap.map_or(faithful, |cap| faithful.min(cap));
        let mu = dim.min(lambda / 4).max(1);
        Self { lambda, mu, min_mu: mu, workers, cap, scores: Vec::new() }
    }

    pub(super) fn lambda(&self) -> usize {
        self.lambda
    }

    pub(super) fn mu(&self) -> usize {
        self.mu
    }

    /// Records a score, and tests when there are enough.
    pub(super) fn record(&mut self, score: f64) {
        self.scores.push(score);
        if self.scores.len() < self.lambda.saturating_mul(5) {
            return;
        }
        let (first, last) = (&self.scores[..self.lambda], &self.scores[self.scores.len() - self.lambda..]);
        let ((mean_first, var_first), (mean_last, var_last)) = (moments(first), moments(last));
        let degrees = real(self.lambda) - 1.0;
        let z = (mean_last - mean_first) / (var_first / degrees + var_last / degrees).sqrt();
        self.resize(z < 2.0);
        self.scores.clear();
    }

    fn resize(&mut self, grow: bool) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a count")]
        let shrunk = (real(self.mu) * 0.84) as usize;
        self.mu = if grow { self.mu.saturating_mul(2) } else { shrunk.max(self.min_mu) };
        self.lambda = self.mu.saturating_mul(4).min(self.cap.unwrap_or(usize::MAX));
        if self.workers > 1 || self.cap.is_some() {
            self.lambda = self.lambda.max(self.workers);
            self.mu = (self.lambda / 4).max(1);
        }
    }
}

/// Mean and variance with divisor n.
fn moments(scores: &[f64]) -> (f64, f64) {
    let n = real(scores.len());
    let mean = scores.iter().sum::<f64>() / n;
    (mean, scores.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / n)
}

#[cfg(test)]
mod tests {
    use super::{PopulationSize, PopulationSizing};

    /// Sizes after `tests` tests of scores that rise by `slope` an evaluation, with a spread of about 1.
    fn sizes(mut size: PopulationSize, slope: f64, tests: usize) -> Vec<(usize, usize)> {
        let mut sizes = vec![(size.lambda(), size.mu())];
        for _ in 0..tests {
            for i in 0..5 * size.lambda() {
                size.record(slope * i as f64 + (i as f64 * 2.3).sin());
            }
            sizes.push((size.lambda(), size.mu()));
        }
        sizes
    }

    #[test]
    fn the_population_grows_without_progress_and_shrinks_with_it() {
        let size = || PopulationSize::new(PopulationSizing::Dimension, 20, 40, 3000);
        assert_eq!(sizes(size(), 0.0, 2), [(80, 20), (160, 40), (320, 80)]);
        let mut grown = size();
        (0..400).for_each(|i| grown.record(f64::from(i % 7)));
        assert_eq!(sizes(grown, 1.0, 5), [(160, 40), (132, 33), (108, 27), (88, 22), (80, 20), (80, 20)]);
    }

    #[test]
    fn workers_are_the_least_offspring_and_the_budget_caps_them() {
        let workers = PopulationSize::new(PopulationSizing::Dimension, 6, 40, 3000);
        assert_eq!(sizes(workers, 0.0, 2), [(40, 6), (48, 12), (96, 24)]);
        let capped = PopulationSize::new(PopulationSizing::Budget, 4096, 40, 3000);
        assert_eq!(sizes(capped, 0.0, 1), [(150, 37), (150, 37)]);
        for workers in 1..4 {
            let tiny = PopulationSize::new(PopulationSizing::Budget, 1, workers, 1);
            assert!(sizes(tiny, 1.0, 3).iter().all(|&size| size == (4, 1)));
        }
    }

    #[test]
    fn scores_without_spread_shrink_it() {
        let mut size = PopulationSize::new(PopulationSizing::Dimension, 1, 1, 3000);
        (0..100).for_each(|_| size.record(0.0));
        assert_eq!((size.lambda(), size.mu()), (4, 1));
    }
}
