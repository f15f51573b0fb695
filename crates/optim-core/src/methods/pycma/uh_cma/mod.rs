//! The CMA-ES with uncertainty handling.

mod noise;
mod options;

use nalgebra::DMatrix;
use rand::Rng;

use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::real;
use crate::methods::pycma::cma::Form;
use crate::methods::pycma::cma::strategy::Strategy;
use crate::methods::pycma::constants::Constants;
use crate::methods::recombination::mean_of_best;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, Optimizer, Population, Ranking, TellError};
pub(crate) use options::INFO;
pub use options::UhCmaConfig;

/// Learning rate of the measure.
const CUMULATION: f64 = 0.3;

/// CMA-ES with uncertainty handling: [`Cma`](crate::methods::Cma), whose step size grows while noise decides the ranks.
///
/// ```text
/// ask    lambda = population_size - r codes of cma,  r = reevaluations;  codes 1..r again
/// tell   the update of cma, with the first scores of the lambda codes
///        a_i, b_i = ranks, from 0, of the two scores of code i among the 2 lambda scores; codes beyond r count twice
///        limit(R) = 25th percentile of |k - R|, k = 1..2 lambda - 1
///        s = mean_(i <= r) (|a_i - b_i| - 1 - max(1, (limit(a_i + [a_i <= b_i]) + limit(b_i + [b_i <= a_i])) / 2))
///        noise += 0.3 (s - noise)
///        noise > 0:  sigma *= 1 + 2 / (N + 10)
/// ```
///
/// The noise is negative while a code's second score ranks where its first did. Second scores serve this measure alone. A larger step
/// makes the samples more different, so that their ranks say more, and keeps the method from converging where it stands.
/// Evaluations of a generation that the second scores take are not available for samples.
///
/// What [`Cma`](crate::methods::Cma) says of samples, ranks, guards and quirks holds here. A code with one of two scores has that one in
/// the update; a pair with a missing score does not enter s. Equal scores are ranked by code, and in the reference by the
/// sorting algorithm. Populations with few samples (5, say) give poor measures.
///
/// [`start_from`](Optimizer::start_from): as for [`Cma`](crate::methods::Cma); nothing is scored again then.
/// [`recommend`](Optimizer::recommend) gives the mean.
///
/// # Source
/// Hansen, Niederberger, Guzzella and Koumoutsakos 2009, A method for handling uncertainty in evolutionary optimization with an
/// application to feedback control of combustion (IEEE Transactions on Evolutionary Computation 13). Measure and treatment are those
/// of `NoiseHandler` of pycma 3.0.3 (the same in 4.5.0) with one evaluation a score and `epsilon` 0, whose runs it repeats:
/// the publication has other constants, ranks a code by both of its scores, and lengthens evaluations before it widens the
/// step size, which a presentation cannot. Which codes are scored again is chosen as in Hansen's `cmaes.m` 3.61: the first ones,
/// so that they are known before any score is. pycma takes half of them from the best codes, which are not known when a generation
/// is asked.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UhCma {
    reevaluations: usize,
    ledger: Ledger,
    first: GivenCodes,
    strategy: Strategy,
    noise: f64,
}

impl UhCma {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: UhCmaConfig) -> Result<Self, ConfigError> {
        Self::with_form(dim, config, Form::Auto)
    }

    /// A run with the covariance matrix kept in a given form.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn with_form(dim: usize, config: UhCmaConfig, form: Form) -> Result<Self, ConfigError> {
        config.validate()?;
        let (ledger, lambda) = (Ledger::new(dim)?, config.lambda());
        let UhCmaConfig { sigma0, x0, updatecovwait, reevaluations, .. } = config;
        let strategy = Strategy::new(vec![x0; dim], sigma0, lambda, updatecovwait, form);
        Ok(Self { reevaluations, ledger, first: GivenCodes::default(), strategy, noise: 0.0 })
    }

    /// [`ask`](Optimizer::ask) with given normals, `N x lambda`, one column a new sample. Given first codes use none.
    ///
    /// # Panics
    /// If the shape of `z` is not `N x lambda`.
    pub fn ask_with(&mut self, z: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(z.shape(), (self.dim(), self.strategy.lambda()), "normals must be N x lambda");
        self.propose(out, |normals| normals.copy_from_slice(z.as_slice()));
    }

    fn propose(&mut self, out: &mut Population, draw: impl FnOnce(&mut [f64])) {
        if self.first.hand_out(&mut self.ledger, out) {
            return;
        }
        let (dim, mut samples) = (self.dim(), Population::new(self.dim()));
        self.strategy.sample(draw, &mut samples);
        out.reshape(dim, samples.len() + self.reevaluations);
        let (new, again) = out.as_mut_slice().split_at_mut(samples.as_slice().len());
        new.copy_from_slice(samples.as_slice());
        again.copy_from_slice(&new[..dim * self.reevaluations]);
        self.ledger.note_ask(out.len());
    }

    /// Updates the distribution with the new samples, then the noise, then the step size.
    fn update(&mut self, told: &Population, scores: &[f64]) {
        let lambda = self.strategy.lambda();
        let mut samples = Population::zeros(self.dim(), lambda);
        samples.as_mut_slice().copy_from_slice(&told.as_slice()[..self.dim() * lambda]);
        let (first, again) = scores.split_at(lambda);
        let mut known = first.to_vec();
        known.iter_mut().zip(again).filter(|(score, _)| score.is_nan()).for_each(|(score, other)| *score = *other);
        self.strategy.update(&samples, &known);
        if let Some(excess) = noise::excess(first, again) {
            self.noise += CUMULATION * (excess - self.noise);
            if self.noise > 0.0 {
                self.strategy.widen(1.0 + 2.0 / (real(self.dim()) + 10.0));
            }
        }
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

    /// By how much rank changes exceed their limits; above 0 the step size grows.
    #[must_use]
    pub fn noise(&self) -> f64 {
        self.noise
    }

    /// C in full, `N x N`.
    #[must_use]
    pub fn covariance(&self) -> DMatrix<f64> {
        self.strategy.covariance().to_dense()
    }
}

impl Optimizer for UhCma {
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
            self.update(codes, scores);
        }
        self.ledger.note_tell(codes, scores, ranking.order()[0]);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        self.strategy.mean()
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        let mut diagnostics = self.strategy.diagnostics();
        diagnostics.push(("noise", self.noise));
        diagnostics
    }
}
