//! What XDream's methods share: the point that a gradient method moves, and bounds against overflow.

use crate::ConfigError;
use crate::checks::require;
use crate::contract::GivenCodes;
use crate::linalg::{norm, scale};
use crate::ranking::without_infinities;

/// Components of a centre, radii and scores beyond this could make codes overflow; the reference has
/// no such bound.
pub(super) const LARGEST: f64 = 1e100;

/// An option above 0 that no code overflows with.
pub(super) fn require_positive(option: &'static str, value: f64) -> Result<(), ConfigError> {
    require(value > 0.0 && value <= LARGEST, option, value, "above 0 and at most 1e100")
}

/// The point that a gradient method moves, length N.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Center {
    pub(super) code: Vec<f64>,
    /// Length of the last move; NaN before.
    pub(super) moved: f64,
    /// Given codes that are the first generation, until they are told.
    pub(super) first: GivenCodes,
}

impl Center {
    /// At zero.
    pub(super) fn new(dim: usize) -> Self {
        Self { code: vec![0.0; dim], moved: f64::NAN, first: GivenCodes::default() }
    }

    /// Moves to the best of the given codes, if they were the generation told; whether they were.
    pub(super) fn settle(&mut self, best: &[f64]) -> bool {
        let given = self.first.take();
        if given {
            self.code.copy_from_slice(best);
        }
        given
    }

    /// Moves by `rate * gradient`, which is used up, and no further than codes may lie.
    pub(super) fn climb(&mut self, rate: f64, gradient: &mut [f64]) {
        scale(rate, gradient);
        for (x, step) in self.code.iter_mut().zip(gradient.iter_mut()) {
            let next = (*x + *step).clamp(-LARGEST, LARGEST);
            *step = next - *x;
            *x = next;
        }
        self.moved = norm(gradient);
    }
}

/// Scores that can be computed with: infinities count as the extreme finite scores, and nothing is
/// beyond 1e100. NaN stays.
pub(super) fn bounded(scores: &[f64]) -> Vec<f64> {
    without_infinities(scores).iter().map(|score| score.clamp(-LARGEST, LARGEST)).collect()
}
