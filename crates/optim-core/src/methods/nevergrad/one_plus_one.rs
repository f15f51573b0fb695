//! Nevergrad's `OnePlusOne`.

use rand::Rng;

use super::archive::Estimate;
use super::base::{Base, WORKERS, base_numbers, options, through_base};
use super::bounce::{BOUNDS, Bounce};
use crate::linalg::real;
use crate::methods::sources::NEVERGRAD;
use crate::options::{OptionValue, Options, ValueKind};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

/// When the step size changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum StepRule {
    /// At every score, as in nevergrad: one generation of 40 without success multiplies the step by
    /// 0.84^40 = 9.4e-4, one of 40 equal scores by 2^40.
    #[default]
    EachEvaluation,
    /// Once a generation, by whether it held a success: the mended behaviour.
    EachGeneration,
}

impl OptionValue for StepRule {
    const KIND: ValueKind = ValueKind::Word(&["each-evaluation", "each-generation"]);
}

options! {
    /// Options of [`NgOnePlusOne`].
    NgOnePlusOneConfig of NgOnePlusOne, |_| &INFO, {
        /// By which estimate the best point is chosen that all others are drawn around.
        best: Estimate = Estimate::Pessimistic,
            "point that all others are drawn around: pessimistic (freezes after a repeated evaluation) or average";
        /// When the step size changes.
        step_rule: StepRule = StepRule::EachEvaluation,
            "the step changes at each-evaluation (0.84^40 a failed generation) or each-generation";
    }
    numbers_held: |_, dim, _| dim
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "ng-one-plus-one",
    aliases: &["OnePlusOne"],
    about: "nevergrad's OnePlusOne: Gaussian steps from the best point, one-fifth rule",
    source: NEVERGRAD,
    options: NgOnePlusOneConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: false,
    carries_all_nan: false,
};

/// A (1 + workers) evolution strategy with a one-fifth success rule.
///
/// ```text
/// sigma = 1
/// ask     the first code of the run: the origin
///         else  code = bounce(best + sigma z),  z ~ N(0, I)      (best: the origin before the first tell)
/// tell    code by code: archive, then  sigma *= 2 if score >= mean score of best, else 0.84
/// ```
///
/// `best` is the **pessimistic** best of the archive ([`Estimate`]), compared after the code itself was filed: a
/// success is a code that became best, ties included.
///
/// Quirks of the reference that are kept: the rule is for one evaluation at a time but 40 codes share a step
/// ([`StepRule`]), so that sigma collapses in one bad generation, and explodes on ties until the bounce throws every
/// coordinate to a wall (norm `6 sqrt(N)`); once sigma is below rounding, all codes repeat the best one, which freezes
/// it. Options `step_rule`: `each-generation` and `best`: `average` mend these.
/// Deviation: sigma stays within the finite doubles.
///
/// [`start_from`](Optimizer::start_from): the codes, inside the box, are the first generation, in place of the
/// origin and its neighbours. [`recommend`](Optimizer::recommend) gives the code with the best mean score.
///
/// # Source
/// `OnePlusOne` of nevergrad 0.4.2.post5 (Schumer and Steiglitz 1968; Rechenberg 1973).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgOnePlusOne {
    pub(crate) base: Base,
    best: Estimate,
    step_rule: StepRule,
    sigma: f64,
}

impl NgOnePlusOne {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgOnePlusOneConfig) -> Result<Self, ConfigError> {
        let base = Base::new(dim, config.workers, config.bounds, config.bounce)?;
        Ok(Self { base, best: config.best, step_rule: config.step_rule, sigma: 1.0 })
    }

    /// The step size.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// [`ask`](Optimizer::ask) with given standard normals, `N x workers`; those of the first code of the run, the
    /// origin, are not read.
    ///
    /// # Panics
    /// If the shape does not fit.
    pub fn ask_with(&mut self, normals: &Population, out: &mut Population) {
        self.base.prepare(out);
        out.as_mut_slice().copy_from_slice(normals.as_slice());
        self.mutate(out);
    }

    /// Whether code `i` of the coming ask is the origin.
    #[must_use]
    pub fn is_origin(&self, i: usize) -> bool {
        self.base.told() + i == 0
    }

    /// Makes codes from standard normals in place.
    fn mutate(&self, out: &mut Population) {
        let best = self.base.best(self.best);
        for i in 0..out.len() {
            let code = out.code_mut(i);
            if self.is_origin(i) {
                code.fill(0.0);
                continue;
            }
            for (x, best) in code.iter_mut().zip(best) {
                *x = self.sigma * *x + best;
            }
            self.base.walls.keep(code);
        }
    }

    fn adapt(&mut self, success: bool) {
        self.sigma = (self.sigma * if success { 2.0 } else { 0.84 }).min(f64::MAX);
    }
}

impl Optimizer for NgOnePlusOne {
    through_base!();

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        if self.base.hand_out_first(out) {
            return;
        }
        self.base.prepare(out);
        fill_normal(&mut fork(rng), out.as_mut_slice());
        self.mutate(out);
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.base.check_tell(codes, scores)?;
        let mut any_success = false;
        for (code, &score) in codes.iter().zip(scores) {
            self.base.archive.tell(code, score);
            let success = self.base.archive.best(self.best).is_some_and(|(_, mean)| score >= mean);
            any_success |= success;
            if self.step_rule == StepRule::EachEvaluation {
                self.adapt(success);
            }
        }
        if self.step_rule == StepRule::EachGeneration {
            self.adapt(any_success);
        }
        self.base.note_tell(codes, scores);
        Ok(())
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("sigma", self.sigma), ("largest_count", f64::from(self.base.archive.largest_count()))]
    }
}
