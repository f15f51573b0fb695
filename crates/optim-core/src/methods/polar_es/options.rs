//! Options of the polar averaging evolution strategy.

use super::PolarEs;
use crate::checks::{require, require_size};
use crate::linalg::real;
use crate::options::{Options, options};
use crate::{ConfigError, MethodInfo};

/// Generations of the published runs: 3000 images at 40 a generation.
const DEFAULT_GENERATIONS: usize = 75;

/// In a run of unknown length the angle falls with a power of `k + DELAY`: with one of `k` it would fall at once.
const DELAY: f64 = 5.0;

/// Dimensions up to which steps are limited by default, and by how much: what paid on the landscapes of docs/polar-es.md.
pub(super) const SMALL_SPACE: usize = 256;
const LONGEST_STEP_IN_SMALL_SPACES: f64 = 0.4;

options! {
    /// Options of [`PolarEs`], under the symbols of its pseudocode.
    PolarEsConfig {
        /// Evaluations a generation (lambda): new samples, replicates and the centre. At least `2 nu + 1` and `nu + 2`.
        population_size: usize = 40, "evaluations a generation: new samples, replicates, the centre";
        /// Generations over which the angle falls (T); `None`: the length of the run where it is known, else 75. 0: nobody
        /// knows the length. Then the angle falls with a power of the generation, has its last value after 75 generations
        /// of scores without noise, and falls on.
        n_gen: Option<usize> = None,
            "generations over which the angle falls; none: the length of the run; 0: that is unknown";
        /// Norm of the first codes.
        start_radius as "R0": f64 = 300.0, "norm of the first codes";
        /// First angle between the centre and its samples, in degrees.
        theta_0: f64 = 55.0, "first angle between the centre and its samples, in degrees";
        /// The angle falls no lower, in degrees.
        theta_t as "theta_T": f64 = 7.33, "the angle falls no lower, in degrees";
        /// Samples a generation that are scored twice, to measure the reliability of scores. With 0 the reliability stays 0.
        nu: usize = 2, "samples a generation that are scored twice";
        /// The angle falls at least at this share of the full rate.
        phi: f64 = 0.2, "least share of the rate at which the angle falls";
        /// Up to this reliability the angle falls at the least rate.
        r_0: f64 = 0.5, "up to this reliability of scores the angle falls at the least rate";
        /// Learning rate of the reliability.
        c_r: f64 = 0.1, "learning rate of the reliability";
        /// Step of the centre: `atan(b k^-p |g|)` in generation k.
        b: f64 = 1.1, "step of the centre: atan(b k^-p |g|) in generation k";
        /// Exponent by which steps of the centre become shorter.
        p: f64 = 0.6, "exponent by which steps of the centre become shorter";
        /// Longest step of the centre in units of the angle; `None`: 0.4 in up to 256 dimensions, no limit beyond. Few
        /// dimensions make the average of the samples good before the steps are short.
        step_limit: Option<f64> = None,
            "longest step of the centre in units of the angle; none: 0.4 in up to 256 dimensions, no limit beyond";
        /// Spread of the logarithm of the samples' norms, in units of the sine of the angle. With 0 the norm stays.
        kappa: f64 = 0.2, "spread of the samples' log norms per sine of the angle; 0: the norm stays";
        /// Whether the two scores of a sample are joined by their mean normal score, which makes the method invariant to
        /// increasing maps of the scores; if not, by their mean.
        rank_invariant: bool = false, "join replicates by their mean normal score instead of their mean score";
    }
}

impl PolarEsConfig {
    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let (lambda, nu) = (self.population_size, self.nu);
        require_size("population_size", lambda)?;
        let least = nu.saturating_add(nu.max(1)).saturating_add(1);
        let range = format!("{least} or more with nu = {nu}: nu + 1 evaluations go to replicates and the centre");
        require(lambda >= least, "population_size", real(lambda), &range)?;
        require(self.start_radius > 0.0 && self.start_radius <= 1e100, "R0", self.start_radius, "above 0")?;
        let right = "above 0 and at most 90 degrees";
        require(self.theta_0 > 0.0 && self.theta_0 <= 90.0, "theta_0", self.theta_0, right)?;
        let falls = self.theta_t > 0.0 && self.theta_t <= self.theta_0;
        require(falls, "theta_T", self.theta_t, &format!("above 0 and at most theta_0 ({})", self.theta_0))?;
        for (option, share) in [("phi", self.phi), ("c_r", self.c_r)] {
            require((0.0..=1.0).contains(&share), option, share, "from 0 to 1")?;
        }
        require((0.0..1.0).contains(&self.r_0), "r_0", self.r_0, "from 0 to below 1")?;
        require((0.0..=1e6).contains(&self.b), "b", self.b, "from 0 to 1e6")?;
        for (option, value) in [("p", self.p), ("kappa", self.kappa)] {
            require((0.0..=10.0).contains(&value), option, value, "from 0 to 10")?;
        }
        let limit = self.step_limit.unwrap_or(1.0);
        require(limit > 0.0 && limit <= 1e6, "step_limit", limit, "above 0 and at most 1e6")
    }

    /// The longest step in units of the angle, in `dim` dimensions.
    pub(super) fn longest_step(&self, dim: usize) -> f64 {
        self.step_limit.unwrap_or(if dim <= SMALL_SPACE { LONGEST_STEP_IN_SMALL_SPACES } else { f64::INFINITY })
    }

    /// Number n of new samples a generation.
    pub(super) fn directions(&self) -> usize {
        self.population_size - self.nu - 1
    }

    /// Logarithm of the factor by which the angle falls in generation k at the full rate.
    pub(super) fn rate(&self, k: f64) -> f64 {
        let whole = (self.theta_0 / self.theta_t).ln();
        match self.n_gen {
            Some(0) => {
                let of_default = ((real(DEFAULT_GENERATIONS) + DELAY) / (1.0 + DELAY)).ln();
                whole * ((k + DELAY + 1.0) / (k + DELAY)).ln() / of_default
            }
            known => whole / real(known.unwrap_or(DEFAULT_GENERATIONS).saturating_sub(2).max(1)),
        }
    }

    /// The angle falls no lower, in radians.
    pub(super) fn least_angle(&self) -> f64 {
        if self.n_gen == Some(0) { 0.0 } else { self.theta_t.to_radians() }
    }
}

impl Options for PolarEsConfig {
    type Method = PolarEs;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<PolarEs, ConfigError> {
        PolarEs::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        5.0 * dim + 4.0 * real(self.population_size)
    }

    fn start_norm(&self, _dim: usize) -> f64 {
        self.start_radius
    }

    fn set_start_norm(&mut self, norm: f64, _dim: usize) -> bool {
        self.start_radius = norm;
        true
    }

    fn fit_generations(&mut self, generations: usize) {
        self.n_gen.get_or_insert(generations.max(1));
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "polar-es",
    aliases: &[],
    about: "averages signed ranks on a sphere of learnt radius; the angle falls as far as scores can be trusted",
    source: "own",
    options: PolarEsConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 5,
    rank_based: false,
    carries_all_nan: false,
};
