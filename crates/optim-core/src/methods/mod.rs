//! The methods, in a folder for each code base that they come from.
//!
//! A method consists of its options, its state, and its `ask` and `tell`. Most methods also have an
//! `ask_with`, which takes the random numbers from the caller, so that recordings can be replayed.

pub mod actmax;
mod breeding;
pub mod nevergrad;
pub mod pycma;
mod recombination;
mod spectrum;
pub mod xdream;

pub use actmax::{
    AngleSchedule, CholeskyCmaes, CholeskyCmaesConfig, Factor, Genetic, GeneticConfig, PopulationSize, RandomSearch,
    RandomSearchConfig, SphereCma, SphereCmaConfig,
};
pub use breeding::GeneticDraws;
pub use nevergrad::{
    NgCma, NgCmaConfig, NgDe, NgDeConfig, NgEs, NgEsConfig, NgNgopt, NgNgoptConfig, NgOnePlusOne, NgOnePlusOneConfig,
    NgPso, NgPsoConfig, NgRandomSearch, NgRandomSearchConfig, NgRescaledCma, NgRescaledCmaConfig, NgSqpcma,
    NgSqpcmaConfig, NgTbpsa, NgTbpsaConfig,
};
pub use pycma::{Cma, CmaConfig, DiagonalCma, DiagonalCmaConfig};
pub use spectrum::CovarianceSpectrum;
pub use xdream::{
    Ancestry, XdreamFdgd, XdreamFdgdConfig, XdreamGenetic, XdreamGeneticConfig, XdreamNes, XdreamNesConfig,
};

use crate::ConfigError;

/// Checks that an option lies in its range, which `range` says in words.
pub(crate) fn require(holds: bool, option: &'static str, value: f64, range: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::OutOfRange { option, value, range: range.to_owned() }) }
}

/// The largest number of codes a generation.
const LARGEST_POPULATION: usize = 1 << 20;

/// Checks an option that sets the number of codes a generation.
fn require_size(option: &'static str, size: usize) -> Result<(), ConfigError> {
    require(size >= 1, option, real(size), "1 or more")?;
    require_at_most(option, size)
}

/// Checks the upper bound of an option that sets the number of codes a generation.
pub(crate) fn require_at_most(option: &'static str, size: usize) -> Result<(), ConfigError> {
    require(size <= LARGEST_POPULATION, option, real(size), "at most 1048576 (2^20)")
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(crate) fn real(count: usize) -> f64 {
    count as f64
}
