//! Options of LRA-CMA-ES, and the constants that follow from dimension and population.

use super::LraCma;
use crate::checks::require;
use crate::linalg::real;
use crate::methods::pycma::start::{scale_start, start_norm, validate_start};
use crate::methods::sources::CMAES;
use crate::options::{Options, options};
use crate::{ConfigError, MethodInfo};

/// Below it the reference divides by zero.
const SMALLEST_POPULATION: usize = 4;

/// Most dimensions in which the covariance is adapted by default: each generation costs O(N^3).
const ADAPTED_UP_TO: f64 = 256.0;

options! {
    /// Options of [`LraCma`].
    ///
    /// The reference has no default of the step size. `sigma0` is that of the benchmark's `cholesky-cmaes`.
    LraCmaConfig {
        /// Codes a generation (lambda), 4 or more.
        population_size: usize = 40, "codes a generation";
        /// Step size at the start, in units of the code.
        sigma0: f64 = 3.0, "step size at the start, in units of the code";
        /// Every component of the initial mean.
        x0: f64 = 0.0, "every component of the initial mean";
        /// Whether the covariance matrix is adapted, at a cost of O(N^3) a generation; `None`: in up to 256 dimensions.
        covariance: Option<bool> = None, "whether the covariance is adapted; none: in up to 256 dimensions";
    }
}

impl LraCmaConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        validate_start(self.population_size, self.sigma0, self.x0)?;
        let enough = self.population_size >= SMALLEST_POPULATION;
        require(enough, "population_size", real(self.population_size), "4 or more")
    }

    /// Whether the covariance is adapted in `dim` dimensions.
    pub(super) fn adapts_covariance(&self, dim: f64) -> bool {
        self.covariance.unwrap_or(dim <= ADAPTED_UP_TO)
    }
}

impl Options for LraCmaConfig {
    type Method = LraCma;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<LraCma, ConfigError> {
        LraCma::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        let matrices = if self.adapts_covariance(dim) { 10.0 * dim * dim } else { 0.0 };
        matrices + dim * (2.0 * real(self.population_size) + 8.0)
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
    name: "lra-cma",
    aliases: &["LRA-CMA-ES"],
    about: "CMA-ES whose learning rates follow the signal-to-noise ratio of its steps",
    source: CMAES,
    options: LraCmaConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: SMALLEST_POPULATION,
    rank_based: true,
    carries_all_nan: false,
};

/// Weights and rates of the CMA-ES, under the names of the reference.
pub(super) struct Constants {
    /// Weights by rank, best first; the mu positive ones sum to 1.
    pub(super) weights: Vec<f64>,
    pub(super) mu: usize,
    pub(super) mu_eff: f64,
    pub(super) c1: f64,
    pub(super) cmu: f64,
    pub(super) cc: f64,
    pub(super) c_sigma: f64,
    pub(super) d_sigma: f64,
    /// Expected norm of a standard normal vector.
    pub(super) chi: f64,
    /// Largest path, in units of `chi`, with which the path of the covariance goes on.
    pub(super) longest: f64,
}

impl Constants {
    pub(super) fn new(dim: usize, population: usize) -> Self {
        let (n, mu) = (real(dim), population / 2);
        let mut weights: Vec<f64> =
            (1..=population).map(|i| (real(population + 1) / 2.0).ln() - real(i).ln()).collect();
        let (best, worst) = weights.split_at(mu);
        let (mu_eff, mu_eff_minus) = (effective(best), effective(worst));
        let c1 = 2.0 / ((n + 1.3).powi(2) + mu_eff);
        let cmu = (1.0 - c1 - 1e-8).min(2.0 * (mu_eff - 2.0 + 1.0 / mu_eff) / ((n + 2.0).powi(2) + mu_eff));
        let negative =
            (1.0 + c1 / cmu).min(1.0 + 2.0 * mu_eff_minus / (mu_eff + 2.0)).min((1.0 - c1 - cmu) / (n * cmu));
        let sum = |w: &[f64]| w.iter().filter(|w| **w > 0.0).sum::<f64>();
        let negated: Vec<f64> = weights.iter().map(|w| -w).collect();
        let (positive_sum, negative_sum) = (sum(&weights), sum(&negated));
        for w in &mut weights {
            *w *= if *w >= 0.0 { 1.0 / positive_sum } else { negative / negative_sum };
        }
        let c_sigma = (mu_eff + 2.0) / (n + mu_eff + 5.0);
        Self {
            mu,
            mu_eff,
            c1,
            cmu,
            cc: (4.0 + mu_eff / n) / (n + 4.0 + 2.0 * mu_eff / n),
            c_sigma,
            d_sigma: 1.0 + 2.0 * (((mu_eff - 1.0) / (n + 1.0)).sqrt() - 1.0).max(0.0) + c_sigma,
            chi: n.sqrt() * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n)),
            longest: 1.4 + 2.0 / (n + 1.0),
            weights,
        }
    }
}

/// `(sum w)^2 / sum w^2`.
fn effective(weights: &[f64]) -> f64 {
    weights.iter().sum::<f64>().powi(2) / weights.iter().map(|w| w * w).sum::<f64>()
}
