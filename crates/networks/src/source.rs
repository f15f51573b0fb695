//! The objectives of a campaign's units: what a CNN's unit answers, or N(0, 1).

use std::sync::Arc;

use experiments::Provenance;
use experiments::RunSpec;
use experiments::campaign::{ObjectiveSource, Run, Unit};
use gen_models::{FusedObjective, FusedSession, ModelError, Runtime, SessionOptions, UnitMixture};
use optim_core::{Evaluation, Objective, Population, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};
use serde_json::json;
use thiserror::Error;

use crate::sessions::{Key, Sessions};
use crate::{Library, LibraryError, ObjectiveSpec};

/// Opens the objectives of networks that a [`Library`] knows, and of scores drawn from N(0, 1).
///
/// A network cut at a layer and cropped to what a position of it sees is loaded once a worker and serves all its runs
/// there, one after the other or in lock step; see `docs/campaigns.md` for the memory that it takes.
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

    fn network(&self, unit: &Unit, beside: Option<&NetworkObjective>) -> Result<NetworkObjective, SourceError> {
        let spec = objective_spec(unit)?;
        let layers = self.library.layers(&self.library.cnn(&spec.cnn)?)?;
        let mixture = UnitMixture::parse(&spec.units, &layers).map_err(ModelError::from)?;
        let key = session_key(spec, unit);
        let lease = match beside {
            Some(NetworkObjective::Unit(_, lease)) if lease.key == key => Arc::clone(lease),
            _ => {
                let session = self.sessions.lend(&key)?;
                Arc::new(Lease { sessions: Arc::clone(&self.sessions), key, session })
            }
        };
        let objective = FusedObjective::new(Arc::clone(&lease.session), &mixture)?;
        Ok(NetworkObjective::Unit(Box::new(objective), lease))
    }
}

fn objective_spec(unit: &Unit) -> Result<ObjectiveSpec, SourceError> {
    serde_json::from_value(unit.objective.clone())
        .map_err(|source| SourceError::Objective { unit: unit.to_string(), source })
}

/// What is loaded for a unit. Units of one key share sessions and, in lock step, batches.
fn session_key(spec: ObjectiveSpec, unit: &Unit) -> Key {
    Key { generator: spec.generator, cnn: spec.cnn, layer: unit.layer.clone(), position: unit.position }
}

impl ObjectiveSource for NetworkSource {
    type Objective = NetworkObjective;
    /// None: no network.
    type Key = Option<Key>;
    type Error = SourceError;

    fn key(&self, run: &Run) -> Option<Key> {
        // What is no objective of a network has no key; `open` says what is wrong with it.
        objective_spec(&run.unit).ok().map(|spec| session_key(spec, &run.unit))
    }

    fn open(&self, run: &Run, beside: Option<&NetworkObjective>) -> Result<NetworkObjective, SourceError> {
        if scores_are_noise(&run.spec) {
            return Ok(NetworkObjective::Normal { dim: run.spec.dim, seed: run.spec.seed, generation: 0 });
        }
        self.network(&run.unit, beside)
    }
}

/// Whether a run's scores are drawn from N(0, 1), whatever the code.
#[must_use]
pub fn scores_are_noise(spec: &RunSpec) -> bool {
    spec.objective == noise_scores(spec.dim).objective
}

/// The unit whose scores are drawn from N(0, 1), whatever the code.
pub(crate) fn noise_scores(dim: usize) -> Unit {
    Unit::named("noise", dim, json!({ "scores": "N(0, 1)" }))
}

/// What scores the codes of a run.
pub enum NetworkObjective {
    /// A unit of a CNN, behind a generator.
    Unit(Box<FusedObjective>, Arc<Lease>),
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

/// A session that goes back when the runs that share it are over.
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

    /// Units together; N(0, 1) costs nothing.
    fn evaluate_together(evaluations: &mut [Evaluation<'_, Self>]) -> Result<(), ModelError> {
        let mut units = Vec::new();
        for Evaluation { objective, codes, scores } in evaluations {
            match &mut **objective {
                Self::Unit(unit, _) => units.push(Evaluation { objective: &mut **unit, codes, scores }),
                normal => normal.evaluate(codes, scores)?,
            }
        }
        FusedObjective::evaluate_together(&mut units)
    }
}
