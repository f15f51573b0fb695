//! Replays recorded runs of the reference implementations through the methods.
//!
//! A recording holds every random number that a reference run drew, and the scores that it was told. With
//! both, a method must make the same codes and end in the same state. It makes its own codes: recorded
//! ones enter only as the first generation, and where the recording says that other codes were told than
//! asked.

mod cholesky_cmaes;
mod genetic;
mod nevergrad;
mod nevergrad_cma;
mod pycma;
mod recording;
mod sphere_cma;
mod xdream;

use std::collections::BTreeMap;

use serde::Deserialize;
use thiserror::Error;

use crate::{ConfigError, TellError};
use recording::Recording;

/// Largest deviation that counts as equal.
pub const TOLERANCE: f64 = 1e-9;

/// How far a replayed run strayed from its recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Name of the recording.
    pub recording: String,
    /// Name of the method in the registry.
    pub method: &'static str,
    /// Generations replayed.
    pub generations: usize,
    /// Largest deviation over the generations, by variable (`codes` and each state variable):
    /// `max|a - b| / max|b|` an array, b recorded; `max|a|` where b is all zero.
    pub deviations: BTreeMap<String, f64>,
}

impl Report {
    /// The largest deviation of all; NaN if any is NaN.
    #[must_use]
    pub fn largest(&self) -> f64 {
        self.deviations.values().copied().fold(0.0, larger)
    }

    /// Whether every variable stayed within [`TOLERANCE`].
    #[must_use]
    pub fn holds(&self) -> bool {
        self.largest() <= TOLERANCE
    }
}

/// Why a recording could not be replayed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// No recording of this format.
    #[error("not a recording: {0}")]
    Format(#[from] serde_json::Error),
    /// A recording of a method that is not there.
    #[error("no method here replays recordings of '{optimizer}'")]
    NotCovered {
        /// The recording's `optimizer`.
        optimizer: String,
    },
    /// Something that the replay needs is not recorded, or of the wrong type or shape.
    #[error("{place}: '{key}' is missing or of the wrong shape")]
    Missing {
        /// Part of the recording.
        place: String,
        /// Name of the entry.
        key: String,
    },
    /// A parameter, constant or state variable that the method does not have.
    #[error("{place} holds '{key}', which the method does not know")]
    Unknown {
        /// Part of the recording.
        place: String,
        /// Name of the entry.
        key: String,
    },
    /// The recorded parameters do not make a method.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The method refused a recorded generation.
    #[error("generation {generation}: {source}")]
    Tell {
        /// Index of the generation.
        generation: usize,
        /// Why.
        source: TellError,
    },
}

/// Replays a recording given as JSON text (format: `reference/traces/README.md` of the recordings).
///
/// # Errors
/// [`ReplayError::NotCovered`] for a family that is not implemented; otherwise what is wrong with the
/// recording.
pub fn replay(json: &str) -> Result<Report, ReplayError> {
    // Families record different things: the family comes before the rest.
    let Family { optimizer } = serde_json::from_str(json)?;
    let family = match optimizer.as_str() {
        "CholeskyCMAES" => cholesky_cmaes::replay,
        name if name.starts_with("ZOHA_Sphere") || name.starts_with("SphereCMA") => sphere_cma::replay,
        "Genetic" | "Genetic(upstream)" => genetic::replay,
        "nevergrad 0.4.2.post5 DE" | "nevergrad 0.4.2.post5 TwoPointsDE" => nevergrad::replay_de,
        "nevergrad 0.4.2.post5 ES" => nevergrad::replay_es,
        "nevergrad 0.4.2.post5 PSO" => nevergrad::replay_pso,
        "nevergrad 0.4.2.post5 OnePlusOne" => nevergrad::replay_one_plus_one,
        "nevergrad 0.4.2.post5 TBPSA" => nevergrad::replay_tbpsa,
        "nevergrad 0.4.2.post5 RandomSearch" => nevergrad::replay_random_search,
        "nevergrad 0.4.2.post5 CMA" | "nevergrad 0.4.2.post5 DiagonalCMA" => nevergrad_cma::replay_cma,
        "nevergrad 0.4.2.post5 RescaledCMA" => nevergrad_cma::replay_rescaled_cma,
        "nevergrad 0.4.2.post5 SQPCMA" => nevergrad_cma::replay_sqpcma,
        "cma.CMAEvolutionStrategy 3.0.3 with NoiseHandler" => pycma::replay_uh,
        name if name.starts_with("cma.CMAEvolutionStrategy") => pycma::replay,
        "Genetic(XDream)" => xdream::replay_genetic,
        "FDGD(XDream)" => xdream::replay_fdgd,
        "NES(XDream)" => xdream::replay_nes,
        _ => return Err(ReplayError::NotCovered { optimizer }),
    };
    family(&serde_json::from_str(json)?)
}

/// The part of a recording that all families share.
#[derive(Deserialize)]
struct Family {
    optimizer: String,
}

/// Collects deviations by variable.
struct Deviations(BTreeMap<String, f64>);

impl Deviations {
    fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// Compares own values `a` with recorded values `b`.
    fn compare(&mut self, variable: &str, a: &[f64], b: &[f64]) {
        let deviation = deviation(a, b);
        let entry = self.0.entry(variable.to_owned()).or_insert(0.0);
        *entry = larger(*entry, deviation);
    }

    fn report(self, recording: &Recording, method: &'static str) -> Report {
        let generations = recording.generations.len();
        Report { recording: recording.name.clone(), method, generations, deviations: self.0 }
    }
}

/// `max|a - b| / max|b|`, or `max|a|` where b is all zero; infinite where the lengths differ.
fn deviation(a: &[f64], b: &[f64]) -> f64 {
    if a.len() != b.len() {
        return f64::INFINITY;
    }
    let difference = a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, larger);
    let scale = b.iter().map(|x| x.abs()).fold(0.0, larger);
    if scale == 0.0 { difference } else { difference / scale }
}

/// The larger of two, NaN if either is.
fn larger(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}
