//! One method a file: configuration, state, `ask`, `tell`.

mod breeding;
pub mod cholesky_cmaes;
pub mod cma;
pub mod diagonal_cma;
pub mod genetic;
pub mod low_rank_factor;
pub mod nevergrad;
pub mod random_search;
pub mod sphere_cma;
pub mod xdream;

pub use breeding::GeneticDraws;
pub use cholesky_cmaes::{CholeskyCmaes, CholeskyCmaesConfig};
pub use cma::{Cma, CmaConfig};
pub use diagonal_cma::{DiagonalCma, DiagonalCmaConfig};
pub use genetic::{Genetic, GeneticConfig};
pub use low_rank_factor::{CovarianceSpectrum, Factor};
pub use nevergrad::{
    NgCma, NgCmaConfig, NgDe, NgDeConfig, NgEs, NgEsConfig, NgNgopt, NgNgoptConfig, NgOnePlusOne, NgOnePlusOneConfig,
    NgPso, NgPsoConfig, NgRandomSearch, NgRandomSearchConfig, NgRescaledCma, NgRescaledCmaConfig, NgSqpcma,
    NgSqpcmaConfig, NgTbpsa, NgTbpsaConfig,
};
pub use random_search::{RandomSearch, RandomSearchConfig};
pub use sphere_cma::{AngleSchedule, SphereCma, SphereCmaConfig};
pub use xdream::{
    Ancestry, XdreamFdgd, XdreamFdgdConfig, XdreamGenetic, XdreamGeneticConfig, XdreamNes, XdreamNesConfig,
};

use crate::ConfigError;

/// An option that must lie in a range, which `range` says in words.
fn require(holds: bool, option: &'static str, value: f64, range: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::OutOfRange { option, value, range: range.to_owned() }) }
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn real(count: usize) -> f64 {
    count as f64
}
