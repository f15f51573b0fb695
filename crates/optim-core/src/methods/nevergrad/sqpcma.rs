//! Nevergrad's `SQPCMA`: half CMA, half gradient ascents.

use rand::Rng;

use super::archive::Estimate;
use super::base::{Base, WORKERS, base_numbers, comparable, options, through_base};
use super::bounce::{BOUNDS, Bounce};
use super::sampler::{Sampler, SamplerState};
use super::slsqp::Slsqp;
use crate::linalg::real;
use crate::methods::sources::NEVERGRAD;
use crate::options::{OptionValue, Options, ValueKind};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

/// Where the gradient ascents of [`NgSqpcma`] start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Restarts {
    /// All at the same point, as nevergrad does it, which sets the starts that it draws on the wrong object: all
    /// ascents ask for the same codes, as long as equal codes score equal.
    #[default]
    Origin,
    /// The first there, the others at standard normal points: the mended behaviour.
    Random,
}

impl OptionValue for Restarts {
    const KIND: ValueKind = ValueKind::Word(&["origin", "random"]);
}

options! {
    /// Options of [`NgSqpcma`].
    NgSqpcmaConfig of NgSqpcma, |_| &INFO,
    {
        /// Where the gradient ascents start.
        restarts: Restarts = Restarts::Origin,
            "ascents start at the origin (all the same codes) or random (all but the first)";
    }
    numbers_held: |config, dim, generations| {
        let searches = real(config.workers - config.workers / 2);
        Sampler::numbers_held(config.workers, false, dim, generations)
            + searches * Slsqp::numbers_held(dim, generations)
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "ng-sqpcma",
    aliases: &["SQPCMA"],
    about: "nevergrad's SQPCMA: half CMA, half SLSQP along forward-difference gradients",
    source: NEVERGRAD,
    options: NgSqpcmaConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: false,
    carries_all_nan: false,
};

/// A portfolio of pycma's CMA-ES and of many SLSQP, which all see every score.
///
/// ```text
/// half = floor(workers/2)
/// ask    codes 0..half: bounce(next sample) of one CMA with popsize = max(half, 4 + floor(3 ln N))
///        codes half..workers: bounce(next point) of workers - half SLSQP, one each
/// tell   archive; every code: CMA's list, and once popsize codes wait and a batch was sampled since the last
///        update: pycma's update with all of them; an SLSQP takes the score of its own point
/// ```
///
/// The CMA's update ([`Cma`](crate::methods::Cma)) gets more codes than it sampled, and zero weights stand between the
/// positive and the negative ones. Codes of an earlier batch, bounced ones and those of the SLSQP are foreign: their
/// Mahalanobis length is clipped.
///
/// An SLSQP (Kraft 1988) starts at the origin: it asks for the origin, then for the origin with `1.49e-8 e_j`,
/// j = 0, 1, ...: at N = 4096 and 75 generations the first gradient is never complete, and half of all evaluations go to
/// the origin. Once it is, line searches along a damped BFGS direction follow, with tolerance 0; a search that ends
/// starts again at the best end so far.
///
/// Quirk of the reference that is kept: all SLSQP start at the same point ([`Restarts`]); option `restarts`: `random`
/// mends it. Deviations: NaN scores count as the worst of all; a search that meets values that are not finite ends; with
/// one worker there is no CMA.
///
/// [`start_from`](Optimizer::start_from): the codes, inside the box, are the first generation; the initial mean of the CMA
/// is the weighted mean of their best, and the SLSQP start at the best. [`recommend`](Optimizer::recommend) gives the
/// code with the best mean score.
///
/// # Source
/// `SQPCMA` of nevergrad 0.4.2.post5 (over pycma 3.0.3 and scipy's SLSQP).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgSqpcma {
    pub(crate) base: Base,
    sampler: Sampler,
    /// Codes of an ask that are samples of the CMA.
    half: usize,
    restarts: Restarts,
    searches: Vec<Slsqp>,
    /// Whether the searches have had a score.
    launched: bool,
}

impl NgSqpcma {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgSqpcmaConfig) -> Result<Self, ConfigError> {
        let base = Base::new(dim, config.workers, config.bounds, config.bounce)?;
        let half = config.workers / 2;
        Ok(Self {
            base,
            sampler: Sampler::new(dim, half, false),
            half,
            restarts: config.restarts,
            searches: vec![Slsqp::new(vec![0.0; dim]); config.workers - half],
            launched: false,
        })
    }

    /// State of the strategy, in its own coordinates.
    #[must_use]
    pub fn sampler_state(&self) -> SamplerState<'_> {
        self.sampler.state()
    }

    /// [`ask`](Optimizer::ask) with given normals: `draw` fills a whole batch of the CMA, `N x popsize`, one column a
    /// code; before that, in the first own ask and with random restarts, one start of length N for each search but
    /// the first.
    pub fn ask_with(&mut self, mut draw: impl FnMut(&mut [f64]), out: &mut Population) {
        if self.base.hand_out_first(out) {
            return;
        }
        self.base.prepare(out);
        if !self.launched {
            self.place_searches(&mut draw);
        }
        let dim = self.base.dim();
        let (samples, points) = out.as_mut_slice().split_at_mut(self.half * dim);
        self.sampler.ask(samples.chunks_exact_mut(dim), &mut draw);
        self.searches.iter().zip(points.chunks_exact_mut(dim)).for_each(|(search, code)| search.point(code));
        self.base.walls.keep(out.as_mut_slice());
    }

    fn place_searches(&mut self, draw: &mut impl FnMut(&mut [f64])) {
        let start = self.base.best(Estimate::Average).to_vec();
        for (i, search) in self.searches.iter_mut().enumerate() {
            let mut start = start.clone();
            if i > 0 && self.restarts == Restarts::Random {
                draw(&mut start);
            }
            *search = Slsqp::new(start);
        }
    }
}

impl Optimizer for NgSqpcma {
    through_base!();

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.ask_with(|normals| fill_normal(&mut rng, normals), out);
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.base.check_tell(codes, scores)?;
        for (code, &score) in codes.iter().zip(scores) {
            self.base.archive.tell(code, score);
        }
        if self.base.waits_for_first() {
            self.sampler.start_at(codes, scores);
        } else {
            self.launched = true;
            if self.half > 0 {
                codes.iter().zip(scores).for_each(|(code, &score)| self.sampler.tell(code, score));
                self.sampler.commit();
            }
            let own = scores[self.half..].iter();
            self.searches.iter_mut().zip(own).for_each(|(search, &score)| search.tell(comparable(score)));
        }
        self.base.note_tell(codes, scores);
        Ok(())
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        self.sampler.diagnostics()
    }
}
