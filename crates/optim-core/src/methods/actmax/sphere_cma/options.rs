//! Options of SphereCMA and its schedules of angles.

use super::SphereCma;
use crate::checks::{require, require_size};
use crate::linalg::real;
use crate::methods::sources::ACTMAX;
use crate::options::{OptionValue, Options, ValueKind, options};
use crate::{ConfigError, MethodInfo};

/// How the angle between the base point and its samples shrinks over a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "lowercase"))]
pub enum AngleSchedule {
    /// Log-spaced from `lim[0]` to `lim[1]` degrees.
    Exp,
    /// `15 + 1 / (0.0017 j + 0.0146)` degrees at step j = 1, 2, ...; `lim` is not used.
    Inv,
    /// Evenly spaced from `lim[0]` to `lim[1]` degrees.
    Lin,
}

impl OptionValue for AngleSchedule {
    const KIND: ValueKind = ValueKind::Word(&["exp", "inv", "lin"]);
}

impl AngleSchedule {
    /// The `n_gen` angles of the schedule, in degrees.
    #[must_use]
    pub fn degrees(self, n_gen: usize, lim: [f64; 2]) -> Vec<f64> {
        let linspace = |from: f64, to: f64| -> Vec<f64> {
            let step = if n_gen > 1 { (to - from) / real(n_gen - 1) } else { 0.0 };
            (0..n_gen).map(|j| if j > 0 && j + 1 == n_gen { to } else { from + step * real(j) }).collect()
        };
        match self {
            Self::Lin => linspace(lim[0], lim[1]),
            Self::Exp => linspace(lim[0].log10(), lim[1].log10()).iter().map(|&x| 10f64.powf(x)).collect(),
            Self::Inv => (1..=n_gen).map(|j| 15.0 + 1.0 / (0.0017 * real(j) + 0.0146)).collect(),
        }
    }
}

/// Generations of the published runs: 3000 images at 40 a generation.
const DEFAULT_GENERATIONS: usize = 75;

/// The longest schedule: 80 MB of angles.
const LONGEST_SCHEDULE: usize = 10_000_000;

options! {
    /// Options of [`SphereCma`], under the names of the reference.
    SphereCmaConfig {
        /// Samples a generation (lambda), 1 or more; from the second generation on the base point is
        /// evaluated too, one more code.
        population_size: usize = 40, "codes a generation";
        /// Number of best samples that are recombined from the second generation on; `None`: half the population.
        select_size: Option<usize> = None,
            "best samples that are recombined from the second generation on; none: half the population";
        /// Where on the great circle from the base point (0) through the recombined mean (1) the next
        /// base point lies: 1.5 overshoots by half the angle.
        lr: f64 = 1.5, "step along the great circle to the recombined mean; 1 lands on it";
        /// Radius of the sphere of codes.
        sphere_norm: f64 = 300.0, "radius of the sphere of codes";
        /// Shape of the schedule of angles.
        schedule_mode: AngleSchedule = AngleSchedule::Exp, "schedule of angles: exp, inv or lin";
        /// Length of the schedule in generations, after which the last angle stays; `None`: the length
        /// of the run where it is known, else 75.
        n_gen: Option<usize> = None, "length of the schedule in generations; none: the length of the run";
        /// First and last angle of the exp and lin schedules, in degrees.
        lim: [f64; 2] = [50.0, 7.33], "first and last angle of exp and lin, in degrees";
        /// Whether the base point takes part in the ranking.
        rankbasis: bool = false, "rank the base point too";
        /// Whether weights come from ranks; if not, from `(score - score of code 0) / lambda`.
        rankweight: bool = true, "weights by rank; false: by score difference";
    }
}

impl SphereCmaConfig {
    /// The configuration with another schedule.
    #[must_use]
    pub fn with_schedule(schedule_mode: AngleSchedule) -> Self {
        Self { schedule_mode, ..Self::default() }
    }

    pub(super) fn validate(&self) -> Result<(), ConfigError> {
        let lambda = self.population_size;
        require_size("population_size", lambda)?;
        if let Some(mu) = self.select_size {
            require(
                (1..=lambda).contains(&mu),
                "select_size",
                real(mu),
                &format!("from 1 to population_size ({lambda})"),
            )?;
        }
        require(self.lr.is_finite(), "lr", self.lr, "finite")?;
        require(self.sphere_norm > 0.0 && self.sphere_norm <= 1e100, "sphere_norm", self.sphere_norm, "above 0")?;
        if let Some(n_gen) = self.n_gen {
            require((1..=LONGEST_SCHEDULE).contains(&n_gen), "n_gen", real(n_gen), "from 1 to 10000000")?;
        }
        let mut degrees = self.lim.iter();
        degrees.try_for_each(|&angle| {
            require(angle > 0.0 && angle <= 180.0, "lim", angle, "above 0 and at most 180 degrees")
        })
    }

    /// The angles of the schedule, in degrees.
    pub(super) fn degrees(&self) -> Vec<f64> {
        self.schedule_mode.degrees(self.n_gen.unwrap_or(DEFAULT_GENERATIONS), self.lim)
    }

    pub(super) fn parents(&self) -> usize {
        self.select_size.unwrap_or(self.population_size / 2).max(1)
    }
}

impl Options for SphereCmaConfig {
    type Method = SphereCma;

    fn info(&self) -> &'static MethodInfo {
        match self.schedule_mode {
            AngleSchedule::Exp => &EXP,
            AngleSchedule::Inv => &INV,
            AngleSchedule::Lin => &LIN,
        }
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<SphereCma, ConfigError> {
        SphereCma::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        5.0 * dim + 2.0 * real(self.n_gen.unwrap_or(DEFAULT_GENERATIONS).min(LONGEST_SCHEDULE))
    }

    fn start_norm(&self, _dim: usize) -> f64 {
        self.sphere_norm
    }

    fn set_start_norm(&mut self, norm: f64, _dim: usize) -> bool {
        self.sphere_norm = norm;
        true
    }

    fn fit_generations(&mut self, generations: usize) {
        self.n_gen.get_or_insert(generations);
    }
}

pub(crate) static EXP: MethodInfo = MethodInfo {
    name: "sphere-cma",
    aliases: &["SphereCMA", "ZOHA_Sphere_exp"],
    about: "evolution strategy on a sphere of codes, angles shrinking exponentially",
    source: ACTMAX,
    options: SphereCmaConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
};

pub(crate) static INV: MethodInfo = MethodInfo {
    name: "sphere-cma-inv",
    aliases: &["ZOHA_Sphere_inv"],
    about: "evolution strategy on a sphere of codes, angles shrinking as 1/generation",
    ..EXP
};

pub(crate) static LIN: MethodInfo = MethodInfo {
    name: "sphere-cma-lin",
    aliases: &["ZOHA_Sphere_lin"],
    about: "evolution strategy on a sphere of codes, angles shrinking linearly",
    ..EXP
};
