//! XDream's own optimizers: the genetic algorithm and two that estimate gradients from scores.
//!
//! # References
//! * Xiao and Kreiman, "XDream: finding preferred stimuli for visual neurons using generative networks
//!   and gradient-free optimization", PLoS Computational Biology 2020.
//! * Ponce, Xiao, Schade, Hartmann, Kreiman and Livingstone, "Evolving images for visual neurons using a
//!   deep generative network reveals coding principles and neuronal preferences", Cell 2019.

pub mod fdgd;
pub mod genetic;
pub mod nes;

pub use fdgd::{XdreamFdgd, XdreamFdgdConfig};
pub use genetic::{Ancestry, XdreamGenetic, XdreamGeneticConfig};
pub use nes::{XdreamNes, XdreamNesConfig};

use super::require;
use crate::ConfigError;
use crate::contract::GivenCodes;
use crate::linalg::{norm, scale};
use crate::ranking::without_infinities;

const SOURCE: &str = "Xiao and Kreiman 2020, XDream";

/// Components of a centre, radii and scores beyond this could make codes overflow; the reference has
/// no such bound.
const LARGEST: f64 = 1e100;

/// An option above 0 that no code overflows with.
fn require_positive(option: &'static str, value: f64) -> Result<(), ConfigError> {
    require(value > 0.0 && value <= LARGEST, option, value, "above 0 and at most 1e100")
}

/// The point that a gradient method moves, length N.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Center {
    code: Vec<f64>,
    /// Length of the last move; NaN before.
    moved: f64,
    /// Given codes that are the first generation, until they are told.
    first: GivenCodes,
}

impl Center {
    /// At zero.
    fn new(dim: usize) -> Self {
        Self { code: vec![0.0; dim], moved: f64::NAN, first: GivenCodes::default() }
    }

    /// Goes to the best of the given codes, if these were the generation that was told.
    fn settle(&mut self, best: &[f64]) -> bool {
        let given = self.first.take();
        if given {
            self.code.copy_from_slice(best);
        }
        given
    }

    /// Moves by `rate * gradient`, which is used up, and no further than codes may lie.
    fn climb(&mut self, rate: f64, gradient: &mut [f64]) {
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
fn bounded(scores: &[f64]) -> Vec<f64> {
    without_infinities(scores).iter().map(|score| score.clamp(-LARGEST, LARGEST)).collect()
}
