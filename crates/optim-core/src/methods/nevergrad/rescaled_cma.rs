//! Nevergrad's `RescaledCMA`: its `CMA`, with codes that are shrunk.

use rand::Rng;

use super::archive::Estimate;
use super::base::{Base, WORKERS, base_numbers, options, through_base};
use super::bounce::{BOUNDS, Bounce};
use super::sampler::{Sampler, SamplerState};
use crate::checks::require;
use crate::linalg::real;
use crate::linalg::scale;
use crate::methods::sources::NEVERGRAD;
use crate::options::Options;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

/// Evaluations of the published benchmark.
const BUDGET: usize = 3000;

options! {
    /// Options of [`NgRescaledCma`].
    NgRescaledCmaConfig of NgRescaledCma, |_| &INFO,
    {
        /// Evaluations that the scale is computed for, 2 or more; `None`: those of the run where they are known, else
        /// 3000.
        budget: Option<usize> = None, "evaluations that the scale is computed for; none: those of the run, else 3000";
    }
    numbers_held: |config, dim, generations| {
        Sampler::numbers_held(config.workers, false, dim, generations) + 3.0 * dim * real(config.workers)
    },
    start_norm: |config, _| real(config.budget.unwrap_or(BUDGET)).ln().sqrt(),
    fit_generations: |config, generations| {
        config.budget.get_or_insert(generations.saturating_mul(config.workers).max(2));
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "ng-rescaled-cma",
    aliases: &["RescaledCMA"],
    about: "nevergrad's RescaledCMA: its CMA on codes shrunk towards the origin",
    source: NEVERGRAD,
    options: NgRescaledCmaConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: false,
    carries_all_nan: false,
};

/// Pycma's CMA-ES in a box, whose codes are multiplied by `sqrt(ln(budget) / N)` before they are evaluated.
///
/// ```text
/// scale = sqrt(ln(budget) / N)
/// ask    inner = bounce(next sample);  code = bounce(scale inner)             (samples as in [`NgCma`](super::NgCma))
/// tell   archive; pycma's update with the inner codes: those remembered where the code is as it was asked,
///        bit for bit, else code / scale
/// ```
///
/// At N = 4096 and 3000 evaluations the scale is 0.044: codes stay in a ball of norm 7 around the origin.
/// Deviation: NaN scores count as the worst of all.
///
/// [`start_from`](Optimizer::start_from): the codes, inside the box, are the first generation; the initial inner mean
/// is the weighted mean of their best, divided by the scale. [`recommend`](Optimizer::recommend) gives the code with
/// the best mean score.
///
/// # Source
/// `RescaledCMA` of nevergrad 0.4.2.post5 (over pycma 3.0.3).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgRescaledCma {
    pub(crate) base: Base,
    sampler: Sampler,
    scale: f64,
    /// Inner codes of the last ask, and the codes made of them.
    inner: Population,
    asked: Population,
}

impl NgRescaledCma {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgRescaledCmaConfig) -> Result<Self, ConfigError> {
        let base = Base::new(dim, config.workers, config.bounds, config.bounce)?;
        let budget = config.budget.unwrap_or(BUDGET);
        require(budget >= 2, "budget", real(budget), "2 or more")?;
        Ok(Self {
            base,
            sampler: Sampler::new(dim, config.workers, false),
            scale: (real(budget).ln() / real(dim)).sqrt(),
            inner: Population::new(dim),
            asked: Population::new(dim),
        })
    }

    /// What inner codes are multiplied by.
    #[must_use]
    pub fn scale(&self) -> f64 {
        self.scale
    }

    /// State of the strategy, in its own coordinates.
    #[must_use]
    pub fn sampler_state(&self) -> SamplerState<'_> {
        self.sampler.state()
    }

    /// [`ask`](Optimizer::ask) with given normals: `draw` fills a whole batch, `N x popsize`, one column a code.
    pub fn ask_with(&mut self, mut draw: impl FnMut(&mut [f64]), out: &mut Population) {
        if self.base.hand_out_first(out) {
            return;
        }
        self.base.prepare(out);
        self.sampler.ask(out.as_mut_slice().chunks_exact_mut(self.base.dim()), &mut draw);
        self.base.walls.keep(out.as_mut_slice());
        self.inner.clone_from(out);
        scale(self.scale, out.as_mut_slice());
        self.base.walls.keep(out.as_mut_slice());
        self.asked.clone_from(out);
    }

    /// The inner codes of what was told.
    fn inner_of(&self, codes: &Population) -> Population {
        let mut inner = codes.clone();
        scale(1.0 / self.scale, inner.as_mut_slice());
        for i in 0..codes.len().min(self.asked.len()) {
            let unchanged = codes.code(i).iter().zip(self.asked.code(i)).all(|(a, b)| a.to_bits() == b.to_bits());
            if unchanged {
                inner.code_mut(i).copy_from_slice(self.inner.code(i));
            } else {
                self.base.walls.keep(inner.code_mut(i));
            }
        }
        inner
    }
}

impl Optimizer for NgRescaledCma {
    through_base!();

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.ask_with(|normals| fill_normal(&mut rng, normals), out);
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.base.check_tell(codes, scores)?;
        let inner = self.inner_of(codes);
        for (code, &score) in codes.iter().zip(scores) {
            self.base.archive.tell(code, score);
        }
        if self.base.waits_for_first() {
            self.sampler.start_at(&inner, scores);
        } else {
            inner.iter().zip(scores).for_each(|(code, &score)| self.sampler.tell(code, score));
            self.sampler.commit();
        }
        self.base.note_tell(codes, scores);
        Ok(())
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        let mut diagnostics = self.sampler.diagnostics();
        diagnostics.push(("scale", self.scale));
        diagnostics
    }
}
