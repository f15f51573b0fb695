//! The evolution loop of activation maximization.
//!
//! ```text
//! codes z -> objective (generator, image, CNN unit or neuron) -> clean score
//!         -> response noise -> noisy score -> optimizer -> next codes
//! ```
//!
//! [`Evolver`] drives any [`optim_core::Optimizer`] on any [`optim_core::Objective`] for the generations of a
//! [`RunPlan`]. It shows every generation to [`Observer`]s, appends it to a [`Journal`], and returns an [`Evolution`]: every
//! code, every score, the mean of every generation. An interrupted run goes on from its journal, with the same result
//! ([`journal`]).
//!
//! ```
//! use experiments::{Evolver, Goal, Noise, RunSpec, StopRules};
//! use optim_core::{Method, Objective, Population};
//!
//! /// A unit that likes the first component.
//! struct First;
//! impl Objective for First {
//!     type Error = std::convert::Infallible;
//!     fn dim(&self) -> usize {
//!         8
//!     }
//!     fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Self::Error> {
//!         *scores = codes.iter().map(|code| code[0]).collect();
//!         Ok(())
//!     }
//! }
//!
//! let spec = RunSpec {
//!     method: Method::from_name("sphere-cma")?,
//!     dim: 8,
//!     seed: 7,
//!     generations: 20,
//!     noise: Noise::Multiplicative { level: 0.2 },
//!     goal: Goal::Maximize,
//!     objective: serde_json::json!({ "unit": "first" }).into(),
//!     initial_codes_sha256: None,
//!     reps: 1,
//!     stop: StopRules::default(),
//!     initial_norm: None,
//! };
//! let evolution = Evolver::new(spec.optimizer(None)?, spec.plan())?.run(&mut First)?;
//! assert_eq!(evolution.evaluations(), 40 + 19 * 41);
//! assert!(evolution.best_clean.is_some_and(|best| best.score > 150.0)); // of 300, the sphere's radius
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`campaign`] makes grids of runs. [`probe`] measures around a point: the metric of a generator, and the responses from
//! which curvature is computed. [`Needs`] estimates the memory and the room on the disk that runs take.
//!
//! This crate opens no network and draws no plot.

mod arrays;
mod budget;
mod codes_file;
mod error;
mod evolve;
mod folder;
mod lockstep;
mod needs;
mod noise;
mod npz;
mod npz_writer;
mod objective_spec;
mod observer;
mod provenance;
mod record;
mod spec;
mod starts;
mod stop;
mod summary;
mod whole_file;

pub mod campaign;
pub mod journal;
pub mod probe;

pub use arrays::read_numbers;
pub use budget::Budget;
pub use codes_file::{
    RunCodes, codes_sha256, codes_to_npy, codes_xxh3, read_codes, read_codes_named, read_initial_codes,
};
pub use error::{ArrayFileError, BudgetError, EvolveError, FolderError, JournalError, NoiseError};
pub use evolve::Evolver;
pub use folder::{EVOLUTION_FILE, INITIAL_CODES_FILE, JOURNAL_FILE, RunFolder, SUMMARY_FILE};
pub use journal::Journal;
pub use lockstep::{Ended, Lockstep};
pub use needs::{Needs, NeedsError, human_bytes};
pub use noise::Noise;
pub use npz::{StoredEvolution, write_evolution};
pub use npz_writer::NpzWriter;
pub use objective_spec::{LayerTarget, NetworkUnits, ObjectiveSpec, ScoreDistribution, TargetKind};
pub use observer::{Event, GenerationReport, Observer, RunStart, StopFlag};
pub use provenance::{Provenance, cpu_model};
pub use record::{BestCode, Evolution, Keep, Outcome, PhaseSeconds};
pub use spec::{Goal, RunPlan, RunSpec};
pub use starts::{StartError, codes_like, filled_by_mating, random_codes};
pub use stop::{StopError, StopReason, StopRules, Trend, parse_seconds, trend};
pub use summary::{BestScore, Norms, RunSummary};
pub use whole_file::{lock_if_free, place_whole, write_whole};
