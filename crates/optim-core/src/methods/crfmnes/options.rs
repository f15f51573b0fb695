//! Options of CR-FM-NES, and the constants that follow from dimension and population.

use super::CrFmNes;
use crate::checks::{require, require_at_most};
use crate::linalg::real;
use crate::methods::sources::CRFMNES;
use crate::options::{Options, options};
use crate::{ConfigError, MethodInfo};

options! {
    /// Options of [`CrFmNes`].
    ///
    /// The reference has no defaults for them. `sigma` is that of the benchmark's `cholesky-cmaes`.
    CrFmNesConfig {
        /// Codes a generation (lambda), 2 or more; an odd number loses one.
        population_size: usize = 40, "codes a generation; an odd number loses one";
        /// Step size at the start, in units of the code.
        sigma: f64 = 3.0, "step size at the start, in units of the code";
    }
}

impl CrFmNesConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        require(self.population_size >= 2, "population_size", real(self.population_size), "2 or more")?;
        require_at_most("population_size", self.population_size)?;
        require(self.sigma > 0.0 && self.sigma <= 1e100, "sigma", self.sigma, "above 0 and at most 1e100")
    }

    /// Number of directions a generation, each sampled both ways.
    pub(super) fn directions(&self) -> usize {
        self.population_size / 2
    }
}

impl Options for CrFmNesConfig {
    type Method = CrFmNes;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<CrFmNes, ConfigError> {
        CrFmNes::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        dim * (real(self.directions()) + 14.0) + 3.0 * real(self.population_size)
    }

    fn start_norm(&self, dim: usize) -> f64 {
        // The direction v, of mean squared norm 1, adds that to the N of the normals.
        self.sigma * (real(dim) + 1.0).sqrt()
    }

    fn set_start_norm(&mut self, norm: f64, dim: usize) -> bool {
        self.sigma *= norm / self.start_norm(dim);
        true
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "cr-fm-nes",
    aliases: &["CR-FM-NES"],
    about: "natural evolution strategy; the covariance is a diagonal and one direction",
    source: CRFMNES,
    options: CrFmNesConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 2,
    rank_based: true,
    carries_all_nan: false,
};

/// Weights and rates, under the names of the reference.
pub(super) struct Constants {
    n: f64,
    lambda: f64,
    h_inv: f64,
    /// Positive weights by rank, not normalised, best first.
    pub(super) w_hat: Vec<f64>,
    /// The same, normalised, less 1/lambda.
    pub(super) w_rank: Vec<f64>,
    pub(super) mueff: f64,
    pub(super) cs: f64,
    pub(super) cc: f64,
    c1_cma: f64,
    /// Expected norm of a standard normal vector.
    pub(super) chi: f64,
}

impl Constants {
    pub(super) fn new(dim: usize, population: usize) -> Self {
        let (n, lambda) = (real(dim), real(population));
        let weight = |place: usize| ((lambda / 2.0 + 1.0).ln() - real(place).ln()).max(0.0);
        let w_hat: Vec<f64> = (1..=population).map(weight).collect();
        let sum: f64 = w_hat.iter().sum();
        let mueff = 1.0 / w_hat.iter().map(|w| (w / sum).powi(2)).sum::<f64>();
        Self {
            n,
            lambda,
            h_inv: h_inv(n),
            w_rank: w_hat.iter().map(|w| w / sum - 1.0 / lambda).collect(),
            w_hat,
            mueff,
            cs: (mueff + 2.0) / (n + mueff + 5.0),
            cc: (4.0 + mueff / n) / (n + 4.0 + 2.0 * mueff / n),
            c1_cma: 2.0 / ((n + 1.3).powi(2) + mueff),
            chi: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
        }
    }

    /// Exponent of the weights by distance, per unit of |z|; `usable` is the number of finite scores.
    pub(super) fn alpha_dist(&self, usable: f64) -> f64 {
        self.h_inv * (self.lambda / self.n).sqrt().min(1.0) * (usable / self.lambda).sqrt()
    }

    /// Learning rate of the step size, by the length of its path.
    pub(super) fn eta_sigma(&self, path: f64, usable: f64) -> f64 {
        if path >= self.chi {
            1.0
        } else if path >= 0.1 * self.chi {
            ((0.024 * usable + 0.7 * self.n + 20.0) / (self.n + 12.0)).tanh()
        } else {
            2.0 * ((0.025 * usable + 0.75 * self.n + 10.0) / (self.n + 4.0)).tanh()
        }
    }

    /// Learning rate of the covariance for the samples.
    pub(super) fn eta_b(&self, usable: f64) -> f64 {
        (((0.02 * usable).min(3.0 * self.n.ln()) + 5.0) / (0.23 * self.n + 25.0)).tanh()
    }

    /// Learning rate of the covariance for the path.
    pub(super) fn c1(&self, usable: f64) -> f64 {
        self.c1_cma * (self.n - 5.0) / 6.0 * (usable / self.lambda)
    }
}

/// The root a of `(1 + a^2) exp(a^2 / 2) / 0.24 = 10 + N`, by the reference's damped Newton steps.
fn h_inv(n: f64) -> f64 {
    /// Each step halves the distance.
    const MOST_STEPS: usize = 200;
    let mut a = 6.0f64;
    for _ in 0..MOST_STEPS {
        let power = (a * a / 2.0).exp() / 0.24;
        let f = (1.0 + a * a) * power - 10.0 - n;
        let next = a - 0.5 * f / (a * power * (3.0 + a * a));
        if f.abs() <= 1e-10 || (next - a).abs() < 1e-16 {
            break;
        }
        a = next;
    }
    a
}
