//! Options of [`super::UhCma`].

use super::UhCma;
use crate::checks::require;
use crate::linalg::real;
use crate::methods::pycma::cma::strategy::Strategy;
use crate::methods::pycma::start::{scale_start, start_norm, validate_start};
use crate::methods::sources::UH_CMA;
use crate::options::{Options, options};
use crate::{ConfigError, MethodInfo};

options! {
    /// Options of [`UhCma`]: those of [`Cma`](crate::methods::Cma), and how much is evaluated again.
    UhCmaConfig {
        /// Evaluations a generation: lambda new samples and `reevaluations`. At least `2 reevaluations`.
        population_size: usize = 40, "evaluations a generation: new samples, and samples that are scored again";
        /// Initial step size, in units of the code.
        sigma0: f64 = 2.0, "initial step size";
        /// Every component of the initial mean.
        x0: f64 = 0.0, "every component of the initial mean";
        /// Updates of C between two decompositions; `None`: `0.1 / ((c1 + cmu) N)`.
        updatecovwait: Option<f64> = None, "updates between two decompositions of C; none: 0.1 / ((c1 + cmu) N)";
        /// Samples a generation that are scored a second time, 1 or more. pycma has `2 + lambda/20`.
        reevaluations: usize = 4, "samples a generation that are scored a second time";
    }
}

impl UhCmaConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let (size, again) = (self.population_size, self.reevaluations);
        validate_start(size, self.sigma0, self.x0)?;
        require(again >= 1, "reevaluations", real(again), "1 or more")?;
        let least = again.saturating_mul(2);
        let range = format!("{least} or more with reevaluations = {again}: only new samples are scored again");
        require(size >= least, "population_size", real(size), &range)?;
        self.updatecovwait.map_or(Ok(()), |wait| require(wait >= 0.0, "updatecovwait", wait, "0 or more"))
    }

    /// Number lambda of new samples a generation.
    pub(super) fn lambda(&self) -> usize {
        self.population_size - self.reevaluations
    }
}

impl Options for UhCmaConfig {
    type Method = UhCma;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<UhCma, ConfigError> {
        UhCma::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, generations: f64) -> f64 {
        let evaluations = real(self.population_size);
        Strategy::numbers_held(dim, evaluations, generations, self.updatecovwait) + dim * evaluations
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
    name: "uh-cma",
    aliases: &["UH-CMA-ES"],
    about: "CMA-ES that widens its step size where two scores of one code disagree",
    source: UH_CMA,
    options: UhCmaConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 8,
    rank_based: true,
    carries_all_nan: false,
};
