//! The CMA-ES of pycma, with a full and with a diagonal covariance matrix.
//!
//! # References
//! * Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, 2016.
//! * Hansen, Akimoto and Baudis, pycma 3.0.3, 2020.

pub mod cma;
mod constants;
pub mod diagonal_cma;
mod samples;
mod update;

pub use cma::{Cma, CmaConfig, Form};
pub use constants::Constants;
pub use diagonal_cma::{DiagonalCma, DiagonalCmaConfig};

use std::ops::RangeInclusive;

use crate::ConfigError;
use crate::methods::{real, require, require_size};

const SOURCE: &str = "Hansen, Akimoto and Baudis 2020, pycma 3.0.3";

/// Bounds of the step size and of the mean variance of C. Within them nothing overflows.
const RANGE: RangeInclusive<f64> = 1e-100..=1e100;

/// Checks the options that both strategies have.
fn validate_start(population_size: usize, sigma0: f64, x0: f64) -> Result<(), ConfigError> {
    require_size("population_size", population_size)?;
    require(RANGE.contains(&sigma0), "sigma0", sigma0, "from 1e-100 to 1e100")?;
    require(x0.abs() <= *RANGE.end(), "x0", x0, "from -1e100 to 1e100")
}

/// Root mean square of the norms of the first samples: `sqrt(N (x0^2 + sigma0^2))`.
fn start_norm(sigma0: f64, x0: f64, dim: usize) -> f64 {
    real(dim).sqrt() * sigma0.hypot(x0)
}
