//! The CMA-ES of pycma, with a full covariance matrix.
//!
//! # References
//! * Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, 2016.
//! * Hansen and Ostermeier, "Completely derandomized self-adaptation in evolution strategies", 2001.
//! * Hansen, Akimoto and Baudis, pycma 3.0.3, 2020.

mod chebyshev;
mod columns;
mod covariance;
mod eigen;
mod lanczos;
mod options;
pub(crate) mod strategy;
mod structured;

pub use covariance::Form;
pub(in crate::methods) use eigen::symmetric_eigen;
pub use options::CmaConfig;
pub(crate) use options::INFO;

use nalgebra::DMatrix;
use rand::Rng;

use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::methods::pycma::constants::Constants;
use crate::methods::recombination::mean_of_best;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, Optimizer, Population, Ranking, TellError};
use strategy::Strategy;

/// CMA-ES: samples `N(mean, sigma^2 C)`, learns mean, step size and covariance matrix.
///
/// ```text
/// ask    every lazy_update_gap updates: decompose C
///        z_k ~ N(0, I);  x_k = mean + sigma C^(1/2) z_k,  k = 1..lambda        (C of the last decomposition)
/// tell   foreign x_k (not a sample, bit for bit): shortened to the Mahalanobis distance sqrt(N) + 2N/(N + 2)
///        y_k = (x_k - mean)/sigma;  y_w = sum_(i <= mu) w_i y_(i:lambda)       (best first)
///        mean += sigma y_w
///        ps = (1 - cs) ps + sqrt(cs (2 - cs) mueff) C^(-1/2) y_w
///        hsig = |ps|^2 / (1 - (1 - cs)^(2t)) / N < 2 + 4/(N + 1)               (t updates, this one included)
///        pc = (1 - cc) pc + hsig sqrt(cc (2 - cc) mueff) y_w
///        c1a = c1 (1 - (1 - hsig) cc (2 - cc));  W_i = cmu w_i
///        C *= 1 - c1a - sum W_i
///        W_i *= N / (|C^(-1/2) y_(i:lambda)| + 1e-9)^2                         where W_i < 0
///        C += c1 pc pc' + sum_i W_i y_(i:lambda) y_(i:lambda)'
///        sigma *= exp(clip((cs/damps) (|ps|/chiN - 1), -1, 1))
/// ```
///
/// The samples use the symmetric root of C where the reference uses `B D` (`C = B D^2 B'`): the same
/// distribution, by the rotation `B z` of the normals, and no eigenvectors are needed. C starts as
/// `diag(exp(1e-4 i / N))`. In high dimension it is kept as a scaled diagonal plus outer products,
/// with roots by Chebyshev series, else in full; [`Form`] says which. From N = 2048 on the outer products
/// are in single precision: codes are within 1e-9, relative, of those of a C in double precision.
///
/// The method uses only the order of the scores. NaN becomes the median of the others; among equal scores
/// the lower index is first.
///
/// Quirks of the reference that are kept: decompositions lag behind (at N = 4096 and lambda = 40 before
/// generations 20, 40 and 60); the weights' decay is computed before the negative ones are rescaled.
/// Left out: the selective mirroring of populations below 6; the reference's termination criteria, its
/// alleviation of condition numbers above 1e12 (axes are kept within a ratio of 1e7 instead), its shift
/// of a step size above `1e9 sigma0` into C (sigma and the mean variance stay within 1e-100..1e100).
/// With a population of 1 the only code becomes the mean; the reference refuses such a population.
///
/// [`start_from`](Optimizer::start_from) one code: it becomes the initial mean. It is evaluated alone first,
/// and its score changes nothing. Several codes: they are the first generation, and the weighted mean of their
/// best becomes the initial mean. The method learns nothing else from them. [`recommend`](Optimizer::recommend) gives the mean.
///
/// # Source
/// `CMAEvolutionStrategy` of pycma 3.0.3.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cma {
    ledger: Ledger,
    first: GivenCodes,
    strategy: Strategy,
}

impl Cma {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: CmaConfig) -> Result<Self, ConfigError> {
        Self::with_form(dim, config, Form::Auto)
    }

    /// A run with the covariance matrix kept in a given form.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn with_form(dim: usize, config: CmaConfig, form: Form) -> Result<Self, ConfigError> {
        config.validate()?;
        let ledger = Ledger::new(dim)?;
        let CmaConfig { population_size, sigma0, x0, updatecovwait } = config;
        let strategy = Strategy::new(vec![x0; dim], sigma0, population_size, updatecovwait, form);
        Ok(Self { ledger, first: GivenCodes::default(), strategy })
    }

    /// [`ask`](Optimizer::ask) with given normals, `N x lambda`, one column a code. Given first codes
    /// use none.
    ///
    /// # Panics
    /// If the shape of `z` is not `N x lambda`.
    pub fn ask_with(&mut self, z: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(z.shape(), (self.dim(), self.strategy.lambda()), "normals must be N x lambda");
        self.propose(out, |normals| normals.copy_from_slice(z.as_slice()));
    }

    fn propose(&mut self, out: &mut Population, draw: impl FnOnce(&mut [f64])) {
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

    /// Updates between two decompositions of C.
    #[must_use]
    pub fn lazy_update_gap(&self) -> f64 {
        self.strategy.lazy_update_gap()
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

    /// Evolution path of the covariance, length N.
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

    /// C in full, `N x N`.
    #[must_use]
    pub fn covariance(&self) -> DMatrix<f64> {
        self.strategy.covariance().to_dense()
    }

    /// Roots of the eigenvalues of C as of the last decomposition, ascending; `None` while C is structured.
    #[must_use]
    pub fn axis_lengths(&self) -> Option<&[f64]> {
        self.strategy.covariance().axis_lengths()
    }
}

impl Optimizer for Cma {
    through_ledger!(given);

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.propose(out, |normals| fill_normal(&mut rng, normals));
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
