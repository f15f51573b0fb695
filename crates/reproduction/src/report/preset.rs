//! How much is run and analysed.

use clap::ValueEnum;
use networks::Size;

/// Size of a reproduction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Preset {
    /// Does everything work? About 1.5 minutes on two cores
    Smoke,
    /// About 5 minutes on two cores
    Quick,
    /// About 25 minutes on two cores: enough units and repeats for the orderings of methods
    Standard,
    /// The paper's grids on the published networks, which have to be fetched first
    Full,
}

/// Sizes of what is measured after the runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Analyses {
    /// Evolved codes at which the generator's metric is measured.
    pub(super) metric_codes: usize,
    /// Random directions that it is restricted to; none: all coordinates of the code.
    pub(super) metric_directions: Option<usize>,
    /// Units whose Hessians are taken.
    pub(super) hessian_units: usize,
    /// Directions of a Hessian, of each kind.
    pub(super) hessian_directions: usize,
    /// Images of a generation that are compared.
    pub(super) images_compared: usize,
    /// Shuffles of codes behind the controls of alignment.
    pub(super) shuffles: usize,
    /// Random codes whose images evolved ones are compared with.
    pub(super) random_codes: usize,
    /// Resamples of units behind an interval.
    pub(super) resamples: usize,
}

impl Preset {
    pub(super) fn size(self) -> Size {
        match self {
            Self::Smoke => Size::Smoke,
            Self::Quick => Size::Quick,
            Self::Standard => Size::Standard,
            Self::Full => Size::Full,
        }
    }

    pub(super) fn analyses(self) -> Analyses {
        let quick = Analyses {
            metric_codes: 2,
            metric_directions: None,
            hessian_units: 2,
            hessian_directions: 24,
            images_compared: 8,
            shuffles: 20,
            random_codes: 500,
            resamples: 2000,
        };
        match self {
            Self::Smoke => Analyses {
                metric_codes: 1,
                metric_directions: Some(256),
                hessian_units: 1,
                hessian_directions: 12,
                random_codes: 100,
                ..quick
            },
            Self::Quick => quick,
            Self::Standard => Analyses {
                metric_codes: 5,
                hessian_units: 3,
                hessian_directions: 48,
                shuffles: 100,
                random_codes: 1000,
                ..quick
            },
            Self::Full => Analyses {
                metric_codes: 10,
                hessian_units: 7,
                hessian_directions: 100,
                shuffles: 100,
                random_codes: 1000,
                ..quick
            },
        }
    }
}
