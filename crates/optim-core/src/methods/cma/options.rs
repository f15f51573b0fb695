//! Options of [`super::Cma`].

use serde::{Deserialize, Serialize};

use super::Cma;
use super::strategy::RANGE;
use crate::method::Options;
use crate::methods::{real, require};
use crate::registry::{MethodInfo, POPULATION_SIZE, option};
use crate::{ConfigError, Method};

/// Options of [`Cma`], under the names of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CmaConfig {
    /// Codes a generation (lambda), 1 or more.
    pub population_size: usize,
    /// Initial step size, in units of the code.
    pub sigma0: f64,
    /// Every component of the initial mean.
    pub x0: f64,
    /// Updates of C between two decompositions; `None`: `0.1 / ((c1 + cmu) N)`.
    pub updatecovwait: Option<f64>,
}

impl Default for CmaConfig {
    fn default() -> Self {
        Self { population_size: 40, sigma0: 2.0, x0: 0.0, updatecovwait: None }
    }
}

impl CmaConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        validate_start(self.population_size, self.sigma0, self.x0)?;
        self.updatecovwait.map_or(Ok(()), |wait| require(wait >= 0.0, "updatecovwait", wait, "0 or more"))
    }
}

/// The options that all pycma strategies have.
pub(crate) fn validate_start(population_size: usize, sigma0: f64, x0: f64) -> Result<(), ConfigError> {
    require(population_size >= 1, "population_size", real(population_size), "1 or more")?;
    require(RANGE.contains(&sigma0), "sigma0", sigma0, "from 1e-100 to 1e100")?;
    require(x0.abs() <= *RANGE.end(), "x0", x0, "from -1e100 to 1e100")
}

impl Options for CmaConfig {
    type Method = Cma;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<Cma, ConfigError> {
        Cma::new(dim, self)
    }
}

pub(crate) const PYCMA: &str = "Hansen, Akimoto and Baudis 2020, pycma 3.0.3";

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "cma",
    aliases: &["pycma"],
    about: "CMA-ES with a full covariance matrix",
    source: PYCMA,
    options: &[
        POPULATION_SIZE,
        option("sigma0", "initial step size"),
        option("x0", "every component of the initial mean"),
        option("updatecovwait", "updates between two decompositions of C; none: 0.1 / ((c1 + cmu) N)"),
    ],
    size_option: "population_size",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
    method: || Method::Cma(CmaConfig::default()),
};
