//! What can be asked for: figures and tables by name.

use clap::ValueEnum;
use clap::builder::PossibleValue;

/// A figure or table of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    Montage,
    Traces,
    Norms,
    Projections,
    Scores,
    DriftClaims,
}

impl Output {
    /// All, in the order of the report.
    pub(super) const ALL: [Self; 6] =
        [Self::Montage, Self::Traces, Self::Scores, Self::Norms, Self::Projections, Self::DriftClaims];

    /// Name on the command line, and stem of its files.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Montage => "montage",
            Self::Traces => "traces",
            Self::Norms => "norms",
            Self::Projections => "projections",
            Self::Scores => "scores",
            Self::DriftClaims => "drift-claims",
        }
    }

    /// One line for `--figure list`.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Montage => "figure: evolved images by optimizer and unit, with their clean scores",
            Self::Traces => "figure: clean and noisy scores by generation",
            Self::Norms => "figure: norm of the mean code by generation, with the noise-driven control",
            Self::Projections => "figure: principal projections of the mean code, with cosines and random-walk theory",
            Self::Scores => "table: normalised clean scores by optimizer and noise level; who is above whom",
            Self::DriftClaims => "table: claims on drift and covariance that need no network",
        }
    }
}

/// An argument of `--figure`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Choice {
    /// Print the names and do nothing else.
    List,
    One(Output),
}

impl ValueEnum for Choice {
    fn value_variants<'a>() -> &'a [Self] {
        const CHOICES: [Choice; 7] = {
            let mut choices = [Choice::List; 7];
            let mut index = 0;
            while index < Output::ALL.len() {
                choices[index + 1] = Choice::One(Output::ALL[index]);
                index += 1;
            }
            choices
        };
        &CHOICES
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(match self {
            Self::List => PossibleValue::new("list").help("print the names and stop"),
            Self::One(output) => PossibleValue::new(output.name()).help(output.about()),
        })
    }
}
