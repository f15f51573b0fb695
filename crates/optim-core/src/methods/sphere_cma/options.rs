//! Options of SphereCMA and its schedules of angles.

use serde::{Deserialize, Serialize};

use super::SphereCma;
use crate::method::Options;
use crate::methods::{real, require};
use crate::registry::{ACTMAX, MethodInfo, OptionInfo, POPULATION_SIZE, option};
use crate::{ConfigError, Method};

/// How the angle between the base point and its samples shrinks over a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AngleSchedule {
    /// Log-spaced from `lim[0]` to `lim[1]` degrees.
    Exp,
    /// `15 + 1 / (0.0017 j + 0.0146)` degrees at step j = 1, 2, ...; `lim` is not used.
    Inv,
    /// Evenly spaced from `lim[0]` to `lim[1]` degrees.
    Lin,
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

/// Options of [`SphereCma`], under the names of the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SphereCmaConfig {
    /// Samples a generation (lambda), 1 or more; from the second generation on the base point is
    /// evaluated too, one more code.
    pub population_size: usize,
    /// Number of best samples that are recombined; `None`: half the population.
    pub select_size: Option<usize>,
    /// Where on the great circle from the base point (0) through the recombined mean (1) the next
    /// base point lies: 1.5 overshoots by half the angle.
    pub lr: f64,
    /// Radius of the sphere of codes.
    pub sphere_norm: f64,
    /// Shape of the schedule of angles.
    pub schedule_mode: AngleSchedule,
    /// Length of the schedule in generations, after which the last angle stays; `None`: the length
    /// of the run where it is known, else 75.
    pub n_gen: Option<usize>,
    /// First and last angle of the exp and lin schedules, in degrees.
    pub lim: [f64; 2],
    /// Whether the base point takes part in the ranking.
    pub rankbasis: bool,
    /// Whether weights come from ranks; if not, from `(score - score of code 0) / lambda`.
    pub rankweight: bool,
}

impl Default for SphereCmaConfig {
    fn default() -> Self {
        Self {
            population_size: 40,
            select_size: None,
            lr: 1.5,
            sphere_norm: 300.0,
            schedule_mode: AngleSchedule::Exp,
            n_gen: None,
            lim: [50.0, 7.33],
            rankbasis: false,
            rankweight: true,
        }
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
        require(lambda >= 1, "population_size", real(lambda), "1 or more")?;
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
            require((1..=10_000_000).contains(&n_gen), "n_gen", real(n_gen), "from 1 to 10000000")?;
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

    fn population_size(&self) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<SphereCma, ConfigError> {
        SphereCma::new(dim, self)
    }

    fn fit_generations(&mut self, generations: usize) {
        self.n_gen.get_or_insert(generations);
    }
}

const OPTIONS: &[OptionInfo] = &[
    POPULATION_SIZE,
    option("select_size", "best samples that are recombined; none: half the population"),
    option("lr", "step along the great circle to the recombined mean; 1 lands on it"),
    option("sphere_norm", "radius of the sphere of codes"),
    option("schedule_mode", "schedule of angles: exp, inv or lin"),
    option("n_gen", "length of the schedule in generations; none: the length of the run"),
    option("lim", "first and last angle of exp and lin, in degrees"),
    option("rankbasis", "rank the base point too"),
    option("rankweight", "weights by rank; false: by score difference"),
];

pub(crate) static EXP: MethodInfo = MethodInfo {
    name: "sphere-cma",
    aliases: &["SphereCMA", "ZOHA_Sphere_exp"],
    about: "evolution strategy on a sphere of codes, angles shrinking exponentially",
    source: ACTMAX,
    options: OPTIONS,
    size_option: "population_size",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
    method: || Method::SphereCma(SphereCmaConfig::with_schedule(AngleSchedule::Exp)),
};

pub(crate) static INV: MethodInfo = MethodInfo {
    name: "sphere-cma-inv",
    aliases: &["ZOHA_Sphere_inv"],
    about: "evolution strategy on a sphere of codes, angles shrinking as 1/generation",
    method: || Method::SphereCma(SphereCmaConfig::with_schedule(AngleSchedule::Inv)),
    ..EXP
};

pub(crate) static LIN: MethodInfo = MethodInfo {
    name: "sphere-cma-lin",
    aliases: &["ZOHA_Sphere_lin"],
    about: "evolution strategy on a sphere of codes, angles shrinking linearly",
    method: || Method::SphereCma(SphereCmaConfig::with_schedule(AngleSchedule::Lin)),
    ..EXP
};
