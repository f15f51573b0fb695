//! Checks of options.

use crate::ConfigError;
use crate::linalg::real;

/// Checks that an option lies in its range, which `range` says in words.
pub(crate) fn require(holds: bool, option: &'static str, value: f64, range: &str) -> Result<(), ConfigError> {
    if holds { Ok(()) } else { Err(ConfigError::OutOfRange { option, value, range: range.to_owned() }) }
}

/// The largest number of codes a generation.
const LARGEST_POPULATION: usize = 1 << 20;

/// Checks an option that sets the number of codes a generation.
pub(crate) fn require_size(option: &'static str, size: usize) -> Result<(), ConfigError> {
    require(size >= 1, option, real(size), "1 or more")?;
    require_at_most(option, size)
}

/// Checks the upper bound of an option that sets the number of codes a generation.
pub(crate) fn require_at_most(option: &'static str, size: usize) -> Result<(), ConfigError> {
    require(size <= LARGEST_POPULATION, option, real(size), "at most 1048576 (2^20)")
}
