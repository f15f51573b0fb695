//! Options of [`super::Cma`].

use super::Cma;
use super::strategy::Strategy;
use crate::checks::require;
use crate::linalg::real;
use crate::methods::pycma::start::{scale_start, start_norm, validate_start};
use crate::methods::sources::PYCMA;
use crate::options::{Options, options};
use crate::{ConfigError, MethodInfo};

options! {
    /// Options of [`Cma`], under the names of the reference.
    CmaConfig {
        /// Codes a generation (lambda), 1 or more.
        population_size: usize = 40, "codes a generation";
        /// Initial step size, in units of the code.
        sigma0: f64 = 2.0, "initial step size";
        /// Every component of the initial mean.
        x0: f64 = 0.0, "every component of the initial mean";
        /// Updates of C between two decompositions; `None`: `0.1 / ((c1 + cmu) N)`.
        updatecovwait: Option<f64> = None, "updates between two decompositions of C; none: 0.1 / ((c1 + cmu) N)";
    }
}

impl CmaConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        validate_start(self.population_size, self.sigma0, self.x0)?;
        self.updatecovwait.map_or(Ok(()), |wait| require(wait >= 0.0, "updatecovwait", wait, "0 or more"))
    }
}

impl Options for CmaConfig {
    type Method = Cma;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<Cma, ConfigError> {
        Cma::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, generations: f64) -> f64 {
        Strategy::numbers_held(dim, real(self.population_size), generations, self.updatecovwait)
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
    name: "cma",
    aliases: &["pycma"],
    about: "CMA-ES with a full covariance matrix",
    source: PYCMA,
    options: CmaConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
};
