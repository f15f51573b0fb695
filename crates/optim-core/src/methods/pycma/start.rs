//! Where strategies with the options `sigma0` and `x0` start, and the range of their step sizes.

use std::ops::RangeInclusive;

use crate::ConfigError;
use crate::checks::{require, require_size};
use crate::linalg::real;

/// Bounds of the step size and of the mean variance of C. Within them nothing overflows.
pub(in crate::methods) const RANGE: RangeInclusive<f64> = 1e-100..=1e100;

/// Checks the options that they share.
pub(in crate::methods) fn validate_start(population_size: usize, sigma0: f64, x0: f64) -> Result<(), ConfigError> {
    require_size("population_size", population_size)?;
    require(RANGE.contains(&sigma0), "sigma0", sigma0, "from 1e-100 to 1e100")?;
    require(x0.abs() <= *RANGE.end(), "x0", x0, "from -1e100 to 1e100")
}

/// Root mean square of the norms of the first samples: `sqrt(N (x0^2 + sigma0^2))`.
pub(in crate::methods) fn start_norm(sigma0: f64, x0: f64, dim: usize) -> f64 {
    real(dim).sqrt() * sigma0.hypot(x0)
}

/// Scales both in proportion, so that [`start_norm`] is `norm`.
pub(in crate::methods) fn scale_start(sigma0: &mut f64, x0: &mut f64, norm: f64, dim: usize) {
    let factor = norm / start_norm(*sigma0, *x0, dim);
    *sigma0 *= factor;
    *x0 *= factor;
}
