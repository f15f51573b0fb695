//! The CMA-ES with adapted learning rates.

use nalgebra::DMatrix;
use rand::Rng;

use super::covariance::Covariance;
use super::learning_rate::LearningRate;
use super::options::{Constants, LraCmaConfig};
use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::{axpy, norm, real, scale};
use crate::methods::pycma::start::RANGE;
use crate::methods::recombination::mean_of_best;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, Optimizer, Population, Ranking, TellError};

/// Rates at which the steps of the mean and of the covariance are averaged.
const BETA_MEAN: f64 = 0.1;
const BETA_SIGMA: f64 = 0.03;

/// CMA-ES that lowers its learning rates while noise decides its steps.
///
/// ```text
/// ask    code_i = m + sigma C^(1/2) z_i,  z_i ~ N(0, I)
/// tell   y_i = (code_i - m) / sigma, best first;   y_w = sum_(i <= mu) w_i y_i
///        ps  = (1 - cs) ps + sqrt(cs (2 - cs) mueff) C^(-1/2) y_w;   s = sigma exp(cs / ds (|ps| / chi - 1))
///        C'  = CMA-ES update of C with the path of the rank-one update and signed weights
///        eta_m     from the steps C^(-1/2) y_w                                         (beta = 0.1)
///        eta_Sigma from the steps C^(-1/2) (s^2 / sigma^2 C' - C) C^(-1/2) / sqrt(2)   (beta = 0.03)
///        m     = m + eta_m sigma y_w
///        Sigma = sigma^2 C + eta_Sigma (s^2 C' - sigma^2 C)
///        sigma = det(Sigma)^(1 / 2N) (eta_m before) / (eta_m now);   C = Sigma / det(Sigma)^(1/N)
/// eta    E = (1 - beta) E + beta step;   V = (1 - beta) V + beta |step|^2
///        snr = (|E|^2 - beta / (2 - beta) V) / (V - |E|^2)
///        eta = min(1, eta exp(min(0.1 eta, beta) clip(snr / (1.4 eta) - 1, -1, 1)))
/// ```
///
/// With `covariance=false` C stays the identity, and the same rules adapt m and sigma in O(N). That is the default in more than 256
/// dimensions, where C would cost O(N^3) a generation and hardly moves in a few thousand evaluations.
///
/// Uses the order of the scores alone. Ties: the lower index first; NaN comes last. The mean starts at `x0`.
///
/// Guards: a covariance of condition number 1e14 or more is not taken, where the reference would stop or give NaN; the step size stays
/// within 1e-100 and 1e100, components of the mean within 1e100. The reference's other rules for stopping, and its bounds, are
/// left out.
///
/// [`start_from`](Optimizer::start_from): the codes are a generation before the first, and the mean starts at the weighted
/// mean of their best. [`recommend`](Optimizer::recommend) gives the mean.
///
/// # Source
/// Nomura, Akimoto and Ono 2023, CMA-ES with learning rate adaptation: can CMA-ES with default population size solve multimodal
/// and noisy problems? (GECCO); `CMA` of cmaes 0.13.0 with `lr_adapt`, whose runs it repeats, without a covariance those with
/// its rates of the covariance set to 0.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LraCma {
    config: LraCmaConfig,
    ledger: Ledger,
    first: GivenCodes,
    /// Updates made.
    updates: u64,
    m: Vec<f64>,
    sigma: f64,
    /// `None` while C is the identity for good.
    covariance: Option<Covariance>,
    ps: Vec<f64>,
    eta_m: LearningRate,
    eta_sigma: LearningRate,
}

impl LraCma {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: LraCmaConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let ledger = Ledger::new(dim)?;
        let adapts = config.adapts_covariance(real(dim));
        Ok(Self {
            ledger,
            first: GivenCodes::default(),
            updates: 0,
            m: vec![config.x0; dim],
            sigma: config.sigma0,
            covariance: adapts.then(|| Covariance::new(dim)),
            ps: vec![0.0; dim],
            eta_m: LearningRate::new(BETA_MEAN, dim),
            eta_sigma: LearningRate::new(BETA_SIGMA, if adapts { dim * dim } else { 1 }),
            config,
        })
    }

    /// [`ask`](Optimizer::ask) with given normals, `N x lambda`. Given first codes use none.
    ///
    /// # Panics
    /// If the normals are not of this shape.
    pub fn ask_with(&mut self, z: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(z.shape(), (self.dim(), self.config.population_size), "normals must be N x lambda");
        self.propose(out, |normals| normals.copy_from_slice(z.as_slice()));
    }

    fn propose(&mut self, out: &mut Population, draw: impl FnOnce(&mut [f64])) {
        if self.first.hand_out(&mut self.ledger, out) {
            return;
        }
        let (dim, lambda) = (self.dim(), self.config.population_size);
        out.reshape(dim, lambda);
        draw(out.as_mut_slice());
        if let Some(covariance) = &self.covariance {
            let stretched = covariance.root() * DMatrix::from_column_slice(dim, lambda, out.as_slice());
            out.as_mut_slice().copy_from_slice(stretched.as_slice());
        }
        for code in out.as_mut_slice().chunks_exact_mut(dim) {
            for (x, m) in code.iter_mut().zip(&self.m) {
                *x = m + self.sigma * *x;
            }
        }
        self.ledger.note_ask(lambda);
    }

    /// The mean m, length N.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.m
    }

    /// The step size.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// C, `N x N`, of determinant 1; `None` where it stays the identity.
    #[must_use]
    pub fn covariance(&self) -> Option<&DMatrix<f64>> {
        self.covariance.as_ref().map(Covariance::matrix)
    }

    /// Learning rates of the mean and of the covariance, at most 1.
    #[must_use]
    pub fn learning_rates(&self) -> (f64, f64) {
        (self.eta_m.get(), self.eta_sigma.get())
    }

    fn update(&mut self, told: &Population, order: &[usize]) {
        let (dim, lambda) = (self.dim(), told.len());
        let constants = Constants::new(dim, lambda);
        let Constants { mu, mu_eff, c_sigma, d_sigma, chi, .. } = constants;
        let y = DMatrix::from_fn(dim, lambda, |row, rank| (told.code(order[rank])[row] - self.m[row]) / self.sigma);
        let mut y_w = vec![0.0; dim];
        for (column, w) in y.column_iter().zip(&constants.weights[..mu]) {
            axpy(*w, column.as_slice(), &mut y_w);
        }
        let inverse_root = self.covariance.as_ref().map(Covariance::inverse_root);
        let local = inverse_root
            .as_ref()
            .map_or_else(|| y_w.clone(), |root| (root * DMatrix::from_column_slice(dim, 1, &y_w)).as_slice().to_vec());
        scale(1.0 - c_sigma, &mut self.ps);
        axpy((c_sigma * (2.0 - c_sigma) * mu_eff).sqrt(), &local, &mut self.ps);
        let path = norm(&self.ps) / chi;
        let growth = (c_sigma / d_sigma * (path - 1.0)).exp();
        self.updates += 1;

        let before = self.eta_m.get();
        let eta_m = self.eta_m.adapt(&local);
        axpy(eta_m * self.sigma, &y_w, &mut self.m);
        self.m.iter_mut().for_each(|m| *m = m.clamp(-RANGE.end(), *RANGE.end()));
        let factor = if let (Some(covariance), Some(inverse_root)) = (&mut self.covariance, &inverse_root) {
            #[expect(clippy::cast_precision_loss, reason = "counts of generations")]
            let seen = 1.0 - (1.0 - c_sigma).powf(2.0 * (self.updates + 1) as f64);
            let stalled = path / seen.sqrt() >= constants.longest;
            let change = covariance.change(&constants, inverse_root, &y, &y_w, stalled, growth);
            let eta = self.eta_sigma.adapt(&change.local);
            covariance.take(&change, eta)
        } else {
            let change = growth * growth - 1.0;
            // The N diagonal elements of the change, each over the root of 2, have this length.
            let eta = self.eta_sigma.adapt(&[change * (real(dim) / 2.0).sqrt()]);
            (1.0 + eta * change).sqrt()
        };
        self.sigma = (self.sigma * factor * before / eta_m).clamp(*RANGE.start(), *RANGE.end());
    }
}

impl Optimizer for LraCma {
    through_ledger!(given);

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.propose(out, |normals| fill_normal(&mut rng, normals));
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let ranking = Ranking::best_first(scores);
        if self.first.take() {
            let Constants { weights, mu, .. } = Constants::new(self.dim(), self.config.population_size);
            mean_of_best(&weights[..mu], codes, &ranking, &mut self.m);
        } else {
            self.update(codes, ranking.order());
        }
        self.ledger.note_tell(codes, scores, ranking.order()[0]);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        &self.m
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        let (eta_m, eta_sigma) = self.learning_rates();
        vec![("sigma", self.sigma), ("eta_mean", eta_m), ("eta_covariance", eta_sigma)]
    }
}
