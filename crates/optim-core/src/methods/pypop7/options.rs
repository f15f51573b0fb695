//! Options of LM-MA-ES, and the constants that follow from dimension and population.

use super::LmMaEs;
use crate::checks::require;
use crate::linalg::{dot, real};
use crate::methods::PopulationSize;
use crate::methods::pycma::start::{scale_start, start_norm, validate_start};
use crate::methods::recombination::log_rank_weights;
use crate::methods::sources::PYPOP7;
use crate::options::{Options, options};
use crate::{ConfigError, MethodInfo};

/// One parent is the least that selection needs.
const SMALLEST_POPULATION: usize = 2;

/// Most directions. Beyond a few dozens they do not move: their rates fall by a factor of 4 each.
const LARGEST_MEMORY: usize = 1000;

options! {
    /// Options of [`LmMaEs`].
    ///
    /// The reference has no default of the step size. `sigma0` is that of the benchmark's `cholesky-cmaes`.
    LmMaEsConfig {
        /// Codes a generation (lambda), 2 or more.
        population_size: PopulationSize = PopulationSize::Codes(40),
            "codes a generation; reference: 4 + floor(3 ln N), as the reference takes if it is given none";
        /// Step size at the start, in units of the code.
        sigma0: f64 = 3.0, "step size at the start, in units of the code";
        /// Every component of the initial mean.
        x0: f64 = 0.0, "every component of the initial mean";
        /// Directions that are kept (m), from 1 to 1000; `None`: `4 + floor(3 ln N)`.
        memory_size: Option<usize> = None, "directions that are kept (m); none: 4 + floor(3 ln N)";
    }
}

/// `4 + floor(3 ln N)`: population and number of directions of the reference.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 4 and 137")]
fn reference_size(dim: usize) -> usize {
    (4.0 + 3.0 * real(dim.max(1)).ln()) as usize
}

impl LmMaEsConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let codes = self.population_size.or_reference(SMALLEST_POPULATION);
        require(codes >= SMALLEST_POPULATION, "population_size", real(codes), "2 or more")?;
        validate_start(codes, self.sigma0, self.x0)?;
        let m = self.memory_size.unwrap_or(1);
        require((1..=LARGEST_MEMORY).contains(&m), "memory_size", real(m), "from 1 to 1000")
    }

    /// Number of directions m in `dim` dimensions.
    pub(super) fn directions(&self, dim: usize) -> usize {
        self.memory_size.unwrap_or_else(|| reference_size(dim))
    }
}

impl Options for LmMaEsConfig {
    type Method = LmMaEs;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, dim: usize) -> usize {
        self.population_size.or_reference(reference_size(dim))
    }

    fn build(self, dim: usize) -> Result<LmMaEs, ConfigError> {
        LmMaEs::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        let reference = 4.0 + 3.0 * dim.ln();
        let lambda = match self.population_size {
            PopulationSize::Codes(codes) => real(codes),
            PopulationSize::Reference => reference,
        };
        let directions = self.memory_size.map_or(reference, real);
        dim * (lambda + directions + 5.0) + 3.0 * lambda + 3.0 * directions
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
    name: "lm-ma-es",
    aliases: &["LM-MA-ES", "LMMAES"],
    about: "evolution strategy that keeps a few directions in place of a covariance matrix",
    source: PYPOP7,
    options: LmMaEsConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: SMALLEST_POPULATION,
    rank_based: true,
    carries_all_nan: false,
};

/// Weights and rates, under the symbols of the publication.
pub(super) struct Constants {
    /// Weights by rank of the mu best, which sum to 1.
    pub(super) weights: Vec<f64>,
    mu_w: f64,
    pub(super) c_sigma: f64,
    n: f64,
    lambda: f64,
}

impl Constants {
    pub(super) fn new(dim: usize, population: usize) -> Self {
        let (n, lambda) = (real(dim), real(population));
        let weights = log_rank_weights(real(population / 2));
        Self { mu_w: 1.0 / dot(&weights, &weights), c_sigma: (2.0 * lambda / n).min(1.0), weights, n, lambda }
    }

    /// Share of direction `j`, from 0, in a sample.
    pub(super) fn c_d(&self, j: usize) -> f64 {
        1.0 / (power(1.5, j) * self.n)
    }

    /// Learning rate of direction `j`.
    pub(super) fn c_c(&self, j: usize) -> f64 {
        (self.lambda / (power(4.0, j) * self.n)).min(1.0)
    }

    /// Factor of a step that keeps the length of a path with this learning rate under random selection.
    pub(super) fn gain(&self, rate: f64) -> f64 {
        (self.mu_w * rate * (2.0 - rate)).sqrt()
    }
}

fn power(base: f64, exponent: usize) -> f64 {
    base.powf(real(exponent))
}
