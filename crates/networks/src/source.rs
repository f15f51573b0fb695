//! The objectives of a campaign's units: what a CNN's unit answers, or N(0, 1).

use std::collections::BTreeMap;
use std::sync::Arc;

use experiments::campaign::{ObjectiveSource, Run, Unit};
use experiments::{NetworkUnits, ObjectiveSpec, Provenance, codes_sha256};
use gen_models::{
    CnnModel, FusedObjective, FusedSession, GeneratorModel, ModelError, Runtime, SessionOptions, Target, UnitAddress,
};
use optim_core::{Evaluation, Objective, Population, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};
use thiserror::Error;

use crate::sessions::{Key, Sessions};
use crate::{CampaignTarget, Library, LibraryError};

/// Opens the objectives of networks that a [`Library`] knows, and of scores drawn from N(0, 1).
///
/// A network cut at a layer and cropped to what a position of it sees is loaded once a worker and serves all its runs
/// there, one after the other or in lock step; see `docs/campaigns.md` for the memory that it takes.
pub struct NetworkSource {
    sessions: Arc<Sessions>,
    targets: Vec<CampaignTarget>,
    /// Codes that runs start from, by their SHA-256.
    starts: BTreeMap<String, Population>,
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
    /// The file of a target was not read.
    #[error("the file with SHA-256 {sha256}, which {unit} is read from, is not among those of the configuration")]
    Target {
        /// The unit.
        unit: String,
        /// SHA-256 of the file.
        sha256: String,
    },
    /// The unit's objective is none that this program opens.
    #[error("{unit} is neither a unit of a network nor scores drawn from N(0, 1)")]
    Objective {
        /// The unit.
        unit: String,
    },
}

impl NetworkSource {
    /// Sessions with `options`, for so many workers at once.
    #[must_use]
    pub fn new(library: &Library, runtime: &'static Runtime, options: SessionOptions, workers: usize) -> Self {
        let sessions = Arc::new(Sessions::new(library.clone(), runtime, options, workers));
        Self { sessions, targets: Vec::new(), starts: BTreeMap::new() }
    }

    /// The same, which knows these targets in files too.
    #[must_use]
    pub fn with_targets(self, targets: Vec<CampaignTarget>) -> Self {
        Self { targets, ..self }
    }

    /// The same, which knows these codes that runs start from.
    #[must_use]
    pub fn with_starts(self, starts: Vec<Population>) -> Self {
        Self { starts: starts.into_iter().map(|codes| (codes_sha256(&codes), codes)).collect(), ..self }
    }

    /// Versions and settings of what computes the scores.
    #[must_use]
    pub fn provenance(&self) -> Provenance {
        self.sessions.provenance()
    }

    fn network(
        &self,
        unit: &Unit,
        units: &NetworkUnits,
        beside: Option<&NetworkObjective>,
    ) -> Result<NetworkObjective, SourceError> {
        let key = Key::of(unit, units);
        let lease = match beside {
            Some(NetworkObjective::Unit(_, lease)) if lease.key == key => Arc::clone(lease),
            _ => {
                let session = self.sessions.lend(&key)?;
                Arc::new(Lease { sessions: Arc::clone(&self.sessions), key, session })
            }
        };
        let objective = FusedObjective::for_target(Arc::clone(&lease.session), &self.target(unit, units)?)?;
        Ok(NetworkObjective::Unit(Box::new(objective), lease))
    }
}

impl NetworkSource {
    fn target(&self, unit: &Unit, units: &NetworkUnits) -> Result<Target, SourceError> {
        let Some(spec) = &units.target else {
            // A campaign's units have no weights, so the label says all.
            let Unit { layer, channel, position, .. } = unit.clone();
            return Ok(Target::Units(UnitAddress { layer, channel, position }.into()));
        };
        let known = self.targets.iter().find(|known| known.cnn == units.cnn && known.file.spec == *spec);
        let unknown = || SourceError::Target { unit: unit.to_string(), sha256: spec.sha256.clone() };
        Ok(known.ok_or_else(unknown)?.file.target.clone())
    }
}

impl Key {
    /// What is loaded for a unit. Units of one key share sessions and, in lock step, batches.
    fn of(unit: &Unit, NetworkUnits { generator, cnn, geometry, target, .. }: &NetworkUnits) -> Self {
        let (layer, position, whole) = match target {
            Some(target) => (target.layer.clone(), None, true),
            None => (unit.layer.clone(), unit.position, false),
        };
        Self { generator: generator.clone(), cnn: cnn.clone(), layer, position, geometry: *geometry, whole }
    }
}

impl ObjectiveSource for NetworkSource {
    type Objective = NetworkObjective;
    /// None: no network.
    type Key = Option<Key>;
    type Error = SourceError;

    fn key(&self, run: &Run) -> Option<Key> {
        run.unit.objective.units().map(|units| Key::of(&run.unit, units))
    }

    fn open(&self, run: &Run, beside: Option<&NetworkObjective>) -> Result<NetworkObjective, SourceError> {
        match &run.unit.objective {
            ObjectiveSpec::Units(units) if !units.quantise => self.network(&run.unit, units, beside),
            ObjectiveSpec::NoiseScores { .. } => {
                Ok(NetworkObjective::Normal { dim: run.spec.dim, seed: run.spec.seed, generation: 0 })
            }
            ObjectiveSpec::Units(_) | ObjectiveSpec::Other(_) => {
                Err(SourceError::Objective { unit: run.unit.to_string() })
            }
        }
    }

    fn initial_codes(&self, run: &Run) -> Option<Population> {
        self.starts.get(run.spec.initial_codes_sha256.as_ref()?).cloned()
    }
}

/// The objective that a target is, in specifications. Of a layer that a file reads the caller adds what the file says.
#[must_use]
pub fn network_units(generator: &GeneratorModel, cnn: &CnnModel, target: &Target) -> NetworkUnits {
    let unit = |(unit, weight): &(UnitAddress, f64)| match *weight {
        1.0 => format!("{unit}"),
        weight => format!("{unit}={weight}"),
    };
    let units = match target {
        Target::Units(weighted) => weighted.units().iter().map(unit).collect(),
        Target::Layer { .. } => Vec::new(),
    };
    NetworkUnits {
        cnn: cnn.spec().name.clone(),
        cnn_sha256: cnn.spec().sha256.clone(),
        generator: generator.spec().name.clone(),
        generator_sha256: generator.spec().sha256.clone(),
        units,
        quantise: false,
        geometry: None,
        target: None,
    }
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
