//! How much is run.

use std::path::PathBuf;

use clap::ValueEnum;

use super::grid::OPTIMIZERS;

/// Size of a reproduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    /// 20 runs of 1200 evaluations: does everything work?
    Smoke,
    /// 120 runs of 3000 evaluations: six layers, two noise levels, two repeats.
    Quick,
    /// 420 runs of 3000 evaluations: seven layers with two units each, three noise levels, two repeats.
    Standard,
    /// The paper's grid on the published networks: 5250 runs of 3000 evaluations.
    Full,
}

/// Which channels of a layer are units of the grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum UnitRule {
    /// The first so many, counted from channel 0, that are not constant over random codes.
    Live(usize),
    /// The first so many, as published.
    First(usize),
}

/// The grid and the sizes that go with it.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) name: &'static str,
    /// Folder of registered models, if it is not the user's own.
    pub(super) models: Option<PathBuf>,
    pub(super) generator: &'static str,
    pub(super) cnn: &'static str,
    pub(super) layers: &'static [&'static str],
    pub(super) units: UnitRule,
    pub(super) noise_levels: &'static [f64],
    pub(super) repeats: u32,
    /// Evaluations of a run, from which follow its generations.
    pub(super) evaluations: u64,
    /// Noise-driven runs behind the drift claims.
    pub(super) drift_seeds: u32,
    /// Noise-driven runs of every optimizer behind the figures.
    pub(super) control_seeds: u32,
}

const EMBEDDED: Settings = Settings {
    name: "quick",
    models: None,
    generator: "tiny-deepsim",
    cnn: "tiny-alexnet",
    layers: &["conv2", "conv3", "conv4", "conv5", "fc6", "fc8"],
    units: UnitRule::Live(1),
    noise_levels: &[0.0, 0.5],
    repeats: 2,
    evaluations: 3000,
    drift_seeds: 20,
    control_seeds: 5,
};

const ALL_LAYERS: &[&str] = &["conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"];

impl Preset {
    pub(super) fn settings(self) -> Settings {
        match self {
            Self::Smoke => Settings {
                name: "smoke",
                layers: &["conv4", "fc8"],
                repeats: 1,
                evaluations: 1200,
                control_seeds: 3,
                ..EMBEDDED
            },
            Self::Quick => EMBEDDED,
            Self::Standard => Settings {
                name: "standard",
                layers: ALL_LAYERS,
                units: UnitRule::Live(2),
                noise_levels: &[0.0, 0.2, 0.5],
                ..EMBEDDED
            },
            Self::Full => Settings {
                name: "full",
                generator: "deepsim-fc6",
                cnn: "alexnet",
                layers: ALL_LAYERS,
                units: UnitRule::First(10),
                noise_levels: &[0.0, 0.2, 0.5],
                repeats: 5,
                drift_seeds: 100,
                ..EMBEDDED
            },
        }
    }
}

impl Settings {
    /// Number of runs of the whole grid.
    pub(super) fn planned_runs(&self) -> usize {
        let (UnitRule::Live(per_layer) | UnitRule::First(per_layer)) = self.units;
        OPTIMIZERS.len() * self.layers.len() * per_layer * self.noise_levels.len() * self.repeats as usize
    }
}
