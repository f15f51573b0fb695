//! Pycma behind nevergrad's queues: codes are handed out one at a time, told one at a time.

use super::base::comparable;
use crate::linalg::real;
use crate::methods::pycma::cma::Form;
use crate::methods::pycma::cma::strategy::Strategy;
use crate::methods::pycma::diagonal_cma::strategy::DiagonalStrategy;
use crate::methods::recombination::mean_of_best;
use crate::{Population, Ranking};

/// Which strategy samples.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Core {
    Full(Box<Strategy>),
    Diagonal(Box<DiagonalStrategy>),
}

/// Calls the same method of whichever strategy it is.
macro_rules! either {
    ($core:expr, $strategy:ident => $call:expr) => {
        match $core {
            Core::Full($strategy) => $call,
            Core::Diagonal($strategy) => $call,
        }
    };
}

/// State of the strategy inside a method of nevergrad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SamplerState<'a> {
    /// Mean of the distribution, length N.
    pub mean: &'a [f64],
    /// Step size.
    pub sigma: f64,
    /// Number of updates.
    pub countiter: u64,
}

/// A queue of samples, and the list of told codes that wait for an update.
///
/// ```text
/// ask    the next sample of the queue; where it is empty: queue = a batch of popsize samples
/// tell   pending += code;  where there are popsize or more, and a batch was sampled since the last update:
///        update with all of pending;  pending = {}
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Sampler {
    core: Core,
    popsize: usize,
    /// The batch that is being handed out, and how many of its codes were handed out before the last tell.
    queue: Population,
    handed_out: usize,
    /// The same after the last ask; the batch is `None` where that ask sampled none.
    asked: (Option<Population>, usize),
    pending: Vec<(Vec<f64>, f64)>,
}

impl Sampler {
    /// A strategy that starts at the origin with step size 1, and `popsize = max(slots, 4 + floor(3 ln N))`.
    pub(super) fn new(dim: usize, slots: usize, diagonal: bool) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
        let popsize = slots.max(4 + (3.0 * real(dim).ln()) as usize);
        let origin = vec![0.0; dim];
        let core = if diagonal {
            Core::Diagonal(Box::new(DiagonalStrategy::new(origin, 1.0, popsize)))
        } else {
            Core::Full(Box::new(Strategy::new(origin, 1.0, popsize, None, Form::Auto)))
        };
        let queue = Population::new(dim);
        Self { core, popsize, queue, handed_out: 0, asked: (None, 0), pending: Vec::new() }
    }

    /// An upper estimate of the numbers of 8 bytes that a sampler of so many slots holds at once.
    pub(super) fn numbers_held(slots: usize, diagonal: bool, dim: f64, generations: f64) -> f64 {
        let popsize = real(slots).max(4.0 + 3.0 * dim.ln());
        let strategy = match diagonal {
            true => DiagonalStrategy::numbers_held(dim, popsize),
            // Up to two batches are told in one update.
            false => Strategy::numbers_held(dim, 2.0 * popsize, generations, None),
        };
        strategy + 5.0 * dim * popsize
    }

    /// Writes the next samples, one for each of `slots`; `draw` fills the normals of a batch.
    pub(super) fn ask<'a>(&mut self, slots: impl Iterator<Item = &'a mut [f64]>, draw: &mut dyn FnMut(&mut [f64])) {
        let (mut batch, mut position) = (None, self.handed_out);
        for code in slots {
            if position == batch.as_ref().unwrap_or(&self.queue).len() {
                let mut fresh = Population::new(self.queue.dim());
                either!(&mut self.core, strategy => strategy.sample(&mut *draw, &mut fresh));
                (batch, position) = (Some(fresh), 0);
            }
            code.copy_from_slice(batch.as_ref().unwrap_or(&self.queue).code(position));
            position += 1;
        }
        self.asked = (batch, position);
    }

    /// Takes one code with its score.
    pub(super) fn tell(&mut self, code: &[f64], score: f64) {
        self.pending.push((code.to_vec(), comparable(score)));
        let waiting = either!(&mut self.core, strategy => strategy.batches().waiting());
        if waiting && self.pending.len() >= self.popsize {
            let (codes, scores): (Vec<_>, Vec<_>) = self.pending.drain(..).unzip();
            let mut told = Population::zeros(self.queue.dim(), codes.len());
            codes.iter().enumerate().for_each(|(i, code)| told.code_mut(i).copy_from_slice(code));
            either!(&mut self.core, strategy => strategy.update(&told, &scores));
        }
    }

    /// Called after all codes of an ask were told: they count as handed out.
    pub(super) fn commit(&mut self) {
        if let Some(batch) = self.asked.0.take() {
            self.queue = batch;
        }
        self.handed_out = self.asked.1;
        either!(&mut self.core, strategy => strategy.batches().keep());
    }

    /// Starts from given codes: the mean is the weighted mean of their best.
    pub(super) fn start_at(&mut self, codes: &Population, scores: &[f64]) {
        let ranking = Ranking::best_first(scores);
        let (constants, mean) =
            either!(&mut self.core, strategy => (strategy.constants().clone(), strategy.mean_mut()));
        mean_of_best(&constants.weights[..constants.mu], codes, &ranking, mean);
    }

    pub(super) fn state(&self) -> SamplerState<'_> {
        let (mean, sigma, countiter) =
            either!(&self.core, strategy => (strategy.mean(), strategy.sigma(), strategy.countiter()));
        SamplerState { mean, sigma, countiter }
    }

    pub(super) fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        either!(&self.core, strategy => strategy.diagnostics())
    }
}
