//! Nevergrad's `CMA` and `DiagonalCMA`: pycma in a box.

use rand::Rng;

use super::archive::Estimate;
use super::base::{Base, WORKERS, base_numbers, options, through_base};
use super::bounce::{BOUNDS, Bounce};
use super::sampler::{Sampler, SamplerState};
use crate::linalg::real;
use crate::methods::sources::NEVERGRAD;
use crate::options::Options;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

options! {
    /// Options of [`NgCma`].
    NgCmaConfig of NgCma, |config| if config.diagonal { &DIAGONAL_CMA } else { &CMA },
    {
        /// Whether the covariance matrix is diagonal (`DiagonalCMA`).
        diagonal: bool = false, "whether the covariance matrix is diagonal";
    }
    numbers_held: |config, dim, generations| Sampler::numbers_held(config.workers, config.diagonal, dim, generations)
}

pub(crate) static CMA: MethodInfo = MethodInfo {
    name: "ng-cma",
    aliases: &["CMA"],
    about: "nevergrad's CMA: CMA-ES with a full covariance matrix, in a box",
    source: NEVERGRAD,
    options: NgCmaConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: false,
    carries_all_nan: false,
};

pub(crate) static DIAGONAL_CMA: MethodInfo = MethodInfo {
    name: "ng-diagonal-cma",
    aliases: &["DiagonalCMA"],
    about: "nevergrad's DiagonalCMA: CMA-ES with a diagonal covariance matrix, in a box",
    ..CMA
};

/// Pycma's CMA-ES in a box.
///
/// ```text
/// popsize = max(workers, 4 + floor(3 ln N)), sigma0 = 1, initial mean 0
/// ask    code = bounce(next sample); a new batch of popsize samples where the last one is used up
/// tell   archive; once popsize codes were told: pycma's update with the codes as they were told
/// ```
///
/// The update is that of [`Cma`](crate::methods::Cma), or of [`DiagonalCma`](crate::methods::DiagonalCma) with
/// `diagonal` (two-point step-size adaptation from 300 dimensions on). Samples that were not bounced are recognised,
/// bit for bit; bounced ones are foreign: their Mahalanobis length is clipped to `sqrt(N) + 2N/(N + 2)`.
///
/// Deviations: NaN scores count as the worst of all; where one ask takes codes from two batches (`workers` below
/// popsize), the diagonal variant computes its two probes for each batch, where the reference stops with an error.
///
/// [`start_from`](Optimizer::start_from): the codes, inside the box, are the first generation; the initial mean is the
/// weighted mean of their best. [`recommend`](Optimizer::recommend) gives the code with the best mean score.
///
/// # Source
/// `CMA` and `DiagonalCMA` of nevergrad 0.4.2.post5 (over pycma 3.0.3).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgCma {
    pub(crate) base: Base,
    sampler: Sampler,
}

impl NgCma {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgCmaConfig) -> Result<Self, ConfigError> {
        let base = Base::new(dim, config.workers, config.bounds, config.bounce)?;
        Ok(Self { base, sampler: Sampler::new(dim, config.workers, config.diagonal) })
    }

    /// State of the strategy, in its own coordinates.
    #[must_use]
    pub fn sampler_state(&self) -> SamplerState<'_> {
        self.sampler.state()
    }

    /// [`ask`](Optimizer::ask) with given normals: `draw` fills the slices that it is given, a whole batch
    /// (`N x popsize`, one column a code) for a full covariance matrix, else vectors of length N.
    pub fn ask_with(&mut self, mut draw: impl FnMut(&mut [f64]), out: &mut Population) {
        if self.base.hand_out_first(out) {
            return;
        }
        self.base.prepare(out);
        self.sampler.ask(out.as_mut_slice().chunks_exact_mut(self.base.dim()), &mut draw);
        self.base.walls.keep(out.as_mut_slice());
    }
}

impl Optimizer for NgCma {
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
            codes.iter().zip(scores).for_each(|(code, &score)| self.sampler.tell(code, score));
            self.sampler.commit();
        }
        self.base.note_tell(codes, scores);
        Ok(())
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        self.sampler.diagnostics()
    }
}
