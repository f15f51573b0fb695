//! The CMA-ES of pycma with a diagonal covariance matrix.
//!
//! # References
//! * Ros and Hansen, "A simple modification in CMA-ES achieving linear time and space complexity", 2008.
//! * Hansen, Akimoto and Baudis, pycma 3.0.3, 2020.

pub(crate) mod strategy;
mod tpa;

use rand::Rng;

use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::real;
use crate::methods::pycma::constants::Constants;
use crate::methods::pycma::start::{scale_start, start_norm, validate_start};
use crate::methods::recombination::mean_of_best;
use crate::methods::sources::PYCMA;
use crate::options::{Options, options};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, Ranking, TellError};
use strategy::DiagonalStrategy;

options! {
    /// Options of [`DiagonalCma`], under the names of the reference.
    DiagonalCmaConfig {
        /// Codes a generation (lambda), 1 or more.
        population_size: usize = 40, "codes a generation";
        /// Initial step size, in units of the code.
        sigma0: f64 = 2.0, "initial step size";
        /// Every component of the initial mean.
        x0: f64 = 0.0, "every component of the initial mean";
    }
}

impl Options for DiagonalCmaConfig {
    type Method = DiagonalCma;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<DiagonalCma, ConfigError> {
        DiagonalCma::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        DiagonalStrategy::numbers_held(dim, real(self.population_size))
    }

    fn start_norm(&self, dim: usize) -> f64 {
        start_norm(self.sigma0, self.x0, dim)
    }

    fn set_start_norm(&mut self, norm: f64, dim: usize) -> bool {
        scale_start(&mut self.sigma0, &mut self.x0, norm, dim);
        true
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "diagonal-cma",
    aliases: &["pycmaDiagonal"],
    about: "CMA-ES with a diagonal covariance matrix; above 299 dimensions with two-point step-size adaptation",
    source: PYCMA,
    options: DiagonalCmaConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
};

/// CMA-ES whose covariance matrix is `diag(s)^2`.
///
/// ```text
/// ask    z_k ~ N(0, I);  x_k = mean + sigma s * z_k,  k = 1..lambda             (* by component)
///        N >= 300: from the second generation on x_1, x_2 are probes on both sides of the mean, along
///        its last shift; from the third on as long as a sample
/// tell   foreign x_k (not a sample, bit for bit): shortened to the Mahalanobis distance sqrt(N) + 2N/(N + 2)
///        u_k = (x_k - mean)/(sigma s);  u_w = sum_(i <= mu) w_i u_(i:lambda)     (best first)
///        mean += sigma s * u_w
///        ps = (1 - cs) ps + sqrt(cs (2 - cs) mueff) u_w
///        hsig = |ps|^2 / (1 - (1 - cs)^(2t)) / N < 2 + 4/(N + 1)                 (t updates, this one included)
///        pc = (1 - cc) pc + hsig sqrt(cc (2 - cc) mueff) u_w
///        u_0 = pc;  h_0 = c1 (1 - (1 - hsig) cc (2 - cc)) / 2;  h_i = cmu w_i / 2   (0 for probes)
///        q = sum_i h_i u_i^2;  eta = sum of positive h;  r = (sum over positive h of h_i u_i^2)/eta
///        eta_max = max ln(r_j)/(r_j - 1) over the coordinates j with r_j > 1
///        s *= exp(min(1, eta_max/eta) ln 2 (q - sum_i h_i))
///        N < 300:  sigma *= exp(clip((cs/damps) (|ps|/chiN - 1), -1, 1))
///        N >= 300: z = (#{better than x_2} - #{better than x_1})/(lambda - 1)
///                  S = 0.7 S + 0.3 sign(z) sqrt|z|;  sigma *= exp(S/(0.7 + ln N))
/// ```
///
/// The constants are those of [`Constants`] with `_sep`. The method uses only the order of the scores. NaN
/// becomes the median of the others; among equal scores the lower index is first.
///
/// Quirks of the reference that are kept: above 299 dimensions it is another method, whose step size grows
/// as long as the probe ahead wins; the first two step-size updates compare ordinary samples; a probe whose
/// code the caller changed has the weight of its rank; eta_max is the largest over the coordinates.
/// Left out: the mirroring of populations below 6, the termination criteria. A population of 1 takes its
/// only code as the mean and adapts its step by the path. sigma and s stay within 1e-100..1e100.
///
/// [`start_from`](Optimizer::start_from) one code: it becomes the initial mean. It is evaluated alone first,
/// and its score changes nothing. Several codes: they are the first generation, and the weighted mean of their
/// best becomes the initial mean. The method learns nothing else from them. [`recommend`](Optimizer::recommend) gives the mean.
///
/// # Source
/// `CMAEvolutionStrategy` of pycma 3.0.3 with `CMA_diagonal=True`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DiagonalCma {
    ledger: Ledger,
    first: GivenCodes,
    strategy: DiagonalStrategy,
}

impl DiagonalCma {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: DiagonalCmaConfig) -> Result<Self, ConfigError> {
        let DiagonalCmaConfig { population_size, sigma0, x0 } = config;
        validate_start(population_size, sigma0, x0)?;
        let ledger = Ledger::new(dim)?;
        Ok(Self {
            ledger,
            first: GivenCodes::default(),
            strategy: DiagonalStrategy::new(vec![x0; dim], sigma0, population_size),
        })
    }

    /// [`ask`](Optimizer::ask) with given normals: `draw` fills vectors of length N, first those whose
    /// lengths the probes take (none, one, two or three), then one a sample. Given first codes use none.
    pub fn ask_with(&mut self, draw: impl FnMut(&mut [f64]), out: &mut Population) {
        if !self.first.hand_out(&mut self.ledger, out) {
            self.strategy.sample(draw, out);
            self.ledger.note_ask(out.len());
        }
    }

    /// Puts the initial mean, of length N, elsewhere.
    #[cfg(feature = "replay")]
    pub(crate) fn set_mean(&mut self, mean: &[f64]) {
        self.strategy.mean_mut().copy_from_slice(mean);
    }

    /// Strategy constants.
    #[must_use]
    pub fn constants(&self) -> &Constants {
        self.strategy.constants()
    }

    /// Mean of the distribution, length N.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        self.strategy.mean()
    }

    /// Step size.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.strategy.sigma()
    }

    /// Standard deviations s, in units of sigma, length N.
    #[must_use]
    pub fn sigma_vec(&self) -> &[f64] {
        self.strategy.sigma_vec()
    }

    /// Evolution path of the deviations, length N.
    #[must_use]
    pub fn pc(&self) -> &[f64] {
        self.strategy.pc()
    }

    /// Evolution path of the step size, length N.
    #[must_use]
    pub fn ps(&self) -> &[f64] {
        self.strategy.ps()
    }

    /// Number of updates.
    #[must_use]
    pub fn countiter(&self) -> u64 {
        self.strategy.countiter()
    }

    /// S of the two-point adaptation; `None` below 300 dimensions.
    #[must_use]
    pub fn tpa_s(&self) -> Option<f64> {
        self.strategy.tpa_s()
    }
}

impl Optimizer for DiagonalCma {
    through_ledger!(given);

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.ask_with(|normals| fill_normal(&mut rng, normals), out);
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let ranking = Ranking::best_first(scores);
        if self.first.take() {
            let Constants { weights, mu, .. } = self.strategy.constants().clone();
            mean_of_best(&weights[..mu], codes, &ranking, self.strategy.mean_mut());
        } else {
            self.strategy.update(codes, scores);
        }
        self.ledger.note_tell(codes, scores, ranking.order()[0]);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        self.strategy.mean()
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        self.strategy.diagnostics()
    }
}
