//! The objectives of a campaign's units: what a CNN's unit answers, or N(0, 1).

use std::sync::Arc;

use experiments::Provenance;
use experiments::RunSpec;
use experiments::campaign::{ObjectiveSource, Run, Unit};
use gen_models::{FusedObjective, FusedSession, ModelError, Runtime, SessionOptions, UnitMixture};
use optim_core::{Objective, Population, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};
use serde_json::json;
use thiserror::Error;

use super::sessions::{Key, Sessions};
use crate::evolve::ObjectiveSpec;
use crate::{Library, LibraryError};

/// Opens the objectives of networks that a [`Library`] knows, and of scores drawn from N(0, 1).
///
/// A network cut at a layer is loaded once a worker and serves all its runs on that layer; see
/// `docs/campaigns.md` for the memory that it takes.
pub struct NetworkSource {
    sessions: Arc<Sessions>,
    library: Library,
}

/// Why an objective could not be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A model could not be had.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// A model could not be loaded or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The unit's objective is none that this program made.
    #[error("the objective of {unit} cannot be understood")]
    Objective {
        /// The unit.
        unit: String,
        /// Why not.
        source: serde_json::Error,
    },
}

impl NetworkSource {
    /// Sessions with `options`, for so many workers at once.
    #[must_use]
    pub fn new(library: &Library, runtime: &'static Runtime, options: SessionOptions, workers: usize) -> Self {
        let sessions = Sessions::new(library.clone(), runtime, options, workers);
        Self { sessions: Arc::new(sessions), library: library.clone() }
    }

    /// Versions and settings of what computes the scores.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.sessions.provenance()
    }

    fn network(&self, unit: &Unit) -> Result<NetworkObjective, SourceError> {
        let spec: ObjectiveSpec = serde_json::from_value(unit.objective.clone())
            .map_err(|source| SourceError::Objective { unit: unit.to_string(), source })?;
        let layers = self.library.layers(&self.library.cnn(&spec.cnn)?)?;
        let mixture = UnitMixture::parse(&spec.units, &layers).map_err(ModelError::from)?;
        let key = [spec.generator, spec.cnn, unit.layer.clone()];
        let session = self.sessions.lend(&key)?;
        let lease = Lease { sessions: Arc::clone(&self.sessions), key, session: Arc::clone(&session) };
        Ok(NetworkObjective::Unit(Box::new(FusedObjective::new(session, &mixture)?), lease))
    }
}

impl ObjectiveSource for NetworkSource {
    type Objective = NetworkObjective;
    type Error = SourceError;

    fn open(&self, run: &Run) -> Result<NetworkObjective, SourceError> {
        if scores_are_noise(&run.spec) {
            return Ok(NetworkObjective::Normal { dim: run.spec.dim, seed: run.spec.seed, generation: 0 });
        }
        self.network(&run.unit)
    }
}

/// Whether a run's scores are drawn from N(0, 1), whatever the code.
pub(crate) fn scores_are_noise(spec: &RunSpec) -> bool {
    spec.objective == noise_scores(spec.dim).objective
}

/// The unit whose scores are drawn from N(0, 1), whatever the code.
pub(super) fn noise_scores(dim: usize) -> Unit {
    Unit::named("noise", dim, json!({ "scores": "N(0, 1)" }))
}

/// What scores the codes of a run.
pub enum NetworkObjective {
    /// A unit of a CNN, behind a generator.
    Unit(Box<FusedObjective>, Lease),
    /// Scores from N(0, 1), by (seed, generation).
    Normal {
        /// Length N of a code.
        dim: usize,
        /// The run's seed.
        seed: u64,
        /// Generations scored so far.
        generation: u64,
    },
}

/// A session that goes back when the run is over.
pub struct Lease {
    sessions: Arc<Sessions>,
    key: Key,
    session: Arc<FusedSession>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.sessions.take_back(self.key.clone(), Arc::clone(&self.session));
    }
}

impl Objective for NetworkObjective {
    type Error = ModelError;

    fn dim(&self) -> usize {
        match self {
            Self::Unit(objective, _) => objective.dim(),
            Self::Normal { dim, .. } => *dim,
        }
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), ModelError> {
        match self {
            Self::Unit(objective, _) => objective.evaluate(codes, scores),
            Self::Normal { seed, generation, .. } => {
                let mut rng = stream_rng(*seed, Stream::Shuffle, *generation);
                *generation += 1;
                *scores = codes.iter().map(|_| StandardNormal.sample(&mut rng)).collect();
                Ok(())
            }
        }
    }
}
