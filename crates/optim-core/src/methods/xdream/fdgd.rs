//! XDream's gradient ascent by finite differences.

use nalgebra::DMatrix;
use rand::Rng;

use super::center::{Center, bounded, require_positive};
use crate::checks::{require, require_at_most};
use crate::contract::{Ledger, through_ledger};
use crate::linalg::real;
use crate::linalg::{scale, weighted_sum};
use crate::methods::sources::XDREAM;
use crate::options::{Options, options};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, Ranking, TellError};

options! {
    /// Options of [`XdreamFdgd`], under the names of the reference.
    ///
    /// The reference has no default for the first three; these are its settings for the DeePSiM fc6 space.
    XdreamFdgdConfig {
        /// Codes a generation (lambda), 2 or more; an odd number loses one where `antithetic`.
        n_samples: usize = 20, "codes a generation; an odd number loses one where antithetic";
        /// Standard deviation of a step, in units of the code.
        search_radius: f64 = 1.25, "standard deviation of a step from the centre";
        /// Length of a move in units of the gradient: to be chosen with the scale of the scores.
        learning_rate: f64 = 1.25, "length of a move in units of the gradient";
        /// Whether every direction is sampled both ways.
        antithetic: bool = true, "sample every direction both ways";
    }
}

impl XdreamFdgdConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        require(self.n_samples >= 2, "n_samples", real(self.n_samples), "2 or more")?;
        require_at_most("n_samples", self.n_samples)?;
        require_positive("search_radius", self.search_radius)?;
        require_positive("learning_rate", self.learning_rate)
    }

    /// Number n of directions a generation.
    fn directions(&self) -> usize {
        if self.antithetic { self.n_samples / 2 } else { self.n_samples - 1 }
    }
}

impl Options for XdreamFdgdConfig {
    type Method = XdreamFdgd;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.n_samples
    }

    fn build(self, dim: usize) -> Result<XdreamFdgd, ConfigError> {
        XdreamFdgd::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        dim * (real(self.n_samples) + 4.0)
    }

    fn start_norm(&self, dim: usize) -> f64 {
        self.search_radius * real(dim).sqrt()
    }

    fn set_start_norm(&mut self, norm: f64, dim: usize) -> bool {
        let factor = norm / self.start_norm(dim);
        self.search_radius *= factor;
        self.learning_rate *= factor * factor;
        true
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "xdream-fdgd",
    aliases: &[],
    about: "gradient ascent by finite differences in random directions",
    source: XDREAM,
    options: XdreamFdgdConfig::OPTIONS,
    size_option: "n_samples",
    smallest_size: 2,
    rank_based: false,
    carries_all_nan: false,
};

/// Weights beyond this could make a gradient overflow.
const LARGEST_WEIGHT: f64 = 1e200;

/// Gradient ascent with a gradient estimated by finite differences in random directions.
///
/// ```text
/// ask    steps_i ~ N(0, search_radius^2 I),  i = 1..n
///        antithetic:  center + steps_i, then center - steps_i       n = n_samples / 2, 2 n codes
///        else:        center + steps_i, then center                 n = n_samples - 1, n + 1 codes
/// tell   d_i    = (f(center + steps_i) - f(center - steps_i)) / 2,  or  f(center + steps_i) - f(center)
///        grad   = mean_i d_i steps_i / m_i^2,   m_i = mean of the absolute components of steps_i
///        center = center + learning_rate grad
/// ```
///
/// The centre starts at zero. Quirks of the reference that are kept: `m_i` stands where the norm of the
/// step would be expected, so that `grad` is about `pi / 2` times the gradient instead of `1 / N` of it;
/// steps are those that were drawn, whatever codes are told.
/// Guards where the reference gives NaN: a direction without both scores is left out of the mean, the
/// centre stays where it is if none is left; infinite scores count as the extreme finite ones; scores
/// and components of the centre stay within 1e100.
///
/// [`start_from`](Optimizer::start_from): the codes are the first generation, and their best is the
/// centre from then on (the reference starts at a given code without evaluating it).
/// [`recommend`](Optimizer::recommend) gives the centre, which is evaluated only if not antithetic.
///
/// # Source
/// `FDGD` of XDream (Xiao and Kreiman 2020).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct XdreamFdgd {
    config: XdreamFdgdConfig,
    ledger: Ledger,
    center: Center,
    /// Steps of the generation asked last, `N x n`.
    steps: Population,
}

impl XdreamFdgd {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: XdreamFdgdConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self { config, ledger: Ledger::new(dim)?, center: Center::new(dim), steps: Population::new(dim) })
    }

    /// [`ask`](Optimizer::ask) with given steps, `N x n`, scaled by the search radius already.
    ///
    /// # Panics
    /// If the steps are not `N x n`.
    pub fn ask_with(&mut self, steps: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(steps.shape(), (self.ledger.dim(), self.directions()), "steps must be N x n");
        self.propose(out, |all| all.copy_from_slice(steps.as_slice()));
    }

    /// Number n of directions a generation.
    #[must_use]
    pub fn directions(&self) -> usize {
        self.config.directions()
    }

    /// The centre, length N.
    #[must_use]
    pub fn center(&self) -> &[f64] {
        &self.center.code
    }

    /// Standard deviation of a step.
    #[must_use]
    pub fn search_radius(&self) -> f64 {
        self.config.search_radius
    }

    fn propose(&mut self, out: &mut Population, draw: impl FnOnce(&mut [f64])) {
        if self.center.first.hand_out(&mut self.ledger, out) {
            return;
        }
        self.steps.reshape(self.ledger.dim(), self.directions());
        draw(self.steps.as_mut_slice());
        self.spread(out);
        self.ledger.note_ask(out.len());
    }

    fn spread(&self, out: &mut Population) {
        let (n, center) = (self.directions(), &self.center.code);
        let len = if self.config.antithetic { 2 * n } else { n + 1 };
        out.reshape(self.ledger.dim(), len);
        for (i, steps) in self.steps.iter().enumerate() {
            write_sum(center, 1.0, steps, out.code_mut(i));
            if self.config.antithetic {
                write_sum(center, -1.0, steps, out.code_mut(n + i));
            }
        }
        if !self.config.antithetic {
            out.code_mut(n).copy_from_slice(center);
        }
    }

    /// Half the difference of the scores along a direction and against it, or the whole difference to
    /// the score of the centre; NaN where one is missing.
    fn difference(&self, scores: &[f64], i: usize) -> f64 {
        let n = self.directions();
        if self.config.antithetic { (scores[i] - scores[n + i]) / 2.0 } else { scores[i] - scores[n] }
    }

    fn update(&mut self, scores: &[f64]) {
        let scores = bounded(scores);
        let (mut weights, mut used) = (Vec::new(), Vec::new());
        for (i, steps) in self.steps.iter().enumerate() {
            let difference = self.difference(&scores, i);
            if difference.is_nan() {
                continue;
            }
            let size = steps.iter().map(|x| x.abs()).sum::<f64>() / real(steps.len());
            let weight = difference / (size * size);
            // A step of length zero says nothing.
            weights.push(if weight.is_nan() { 0.0 } else { weight.clamp(-LARGEST_WEIGHT, LARGEST_WEIGHT) });
            used.push(i);
        }
        let mut gradient = vec![0.0; self.ledger.dim()];
        weighted_sum(&weights, &self.steps, &used, &mut gradient);
        self.center.climb(self.config.learning_rate / real(used.len().max(1)), &mut gradient);
    }
}

/// `out = center + sign * step`.
fn write_sum(center: &[f64], sign: f64, step: &[f64], out: &mut [f64]) {
    for ((x, c), s) in out.iter_mut().zip(center).zip(step) {
        *x = c + sign * s;
    }
}

impl Optimizer for XdreamFdgd {
    through_ledger!();

    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.ledger.check_initial(codes)?;
        self.center.first.set(codes.clone());
        Ok(())
    }

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let (mut rng, radius) = (fork(rng), self.config.search_radius);
        self.propose(out, |steps| {
            fill_normal(&mut rng, steps);
            scale(radius, steps);
        });
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let best = Ranking::best_first(scores).order()[0];
        if !self.center.settle(codes.code(best)) {
            self.update(scores);
        }
        self.ledger.note_tell(codes, scores, best);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        &self.center.code
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("moved", self.center.moved)]
    }
}
