//! One method a file: configuration, state, `ask`, `tell`.

pub mod cholesky_cmaes;
pub mod genetic;
pub mod low_rank_factor;
pub mod random_search;
pub mod sphere_cma;

pub use cholesky_cmaes::{CholeskyCmaes, CholeskyCmaesConfig};
pub use genetic::{Genetic, GeneticConfig, GeneticDraws};
pub use low_rank_factor::{CovarianceSpectrum, Factor};
pub use random_search::{RandomSearch, RandomSearchConfig};
pub use sphere_cma::{AngleSchedule, SphereCma, SphereCmaConfig};

use crate::ConfigError;

/// An option that must lie in a range, which `range` says in words.
fn require(holds: bool, option: &'static str, value: f64, range: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::OutOfRange { option, value, range: range.to_owned() }) }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn real(count: usize) -> f64 {
    count as f64
}
