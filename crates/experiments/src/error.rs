//! What can go wrong before, during and after a run.

use std::io;
use std::path::PathBuf;

use optim_core::{ConfigError, TellError};
use thiserror::Error;

use crate::{StartError, StopError};

/// Why a budget gives no run.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum BudgetError {
    /// A run without a generation.
    #[error("a run needs 1 generation or more, 0 were asked for")]
    ZeroGenerations,
    /// A population of 0 codes has no generations.
    #[error("a population of 0 codes cannot use up {evaluations} evaluations; give a population of 1 or more")]
    ZeroPopulation {
        /// Evaluations asked for.
        evaluations: u64,
    },
    /// Not enough evaluations for a single generation.
    #[error("{}", less_than_one_generation(*evaluations, *population, *presentations))]
    LessThanOneGeneration {
        /// Evaluations asked for.
        evaluations: u64,
        /// Codes of a generation.
        population: usize,
        /// Presentations of each code.
        presentations: u32,
    },
    /// Codes that are never presented.
    #[error("0 repeats give no score; give 1 or more")]
    ZeroRepeats,
    /// More generations than can be counted.
    #[error("{generations} generations are more than the {} that a run can count", u32::MAX)]
    TooManyGenerations {
        /// Generations asked for.
        generations: u64,
    },
}

fn less_than_one_generation(evaluations: u64, population: usize, presentations: u32) -> String {
    let least = (population as u64).saturating_mul(presentations.into());
    let repeated = if presentations == 1 { String::new() } else { format!(" codes, {presentations} times each") };
    format!("{evaluations} evaluations are less than one generation of {population}{repeated}; give at least {least}")
}

/// Why response noise cannot be applied.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum NoiseError {
    /// A noise level below zero, NaN or infinite.
    #[error("noise level {level} is out of range, it must be a finite number of 0 or more")]
    Level {
        /// The level as given.
        level: f64,
    },
    /// A Poisson scale that is not positive, NaN or infinite.
    #[error(
        "Poisson scale {scale} is out of range, it must be a finite number above 0 (spikes per unit of activation)"
    )]
    Scale {
        /// The scale as given.
        scale: f64,
    },
    /// Nothing to average over.
    #[error("Poisson noise with 0 presentations has no score; repeats must be 1 or more")]
    ZeroRepeats,
}

/// Why a run did not start or did not go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EvolveError {
    /// The method or its options do not fit.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The noise does not fit.
    #[error(transparent)]
    Noise(#[from] NoiseError),
    /// The budget does not fit.
    #[error(transparent)]
    Budget(#[from] BudgetError),
    /// The codes to start from do not fit.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The stops do not fit.
    #[error(transparent)]
    Stop(#[from] StopError),
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Method and objective have codes of different lengths.
    #[error("the optimizer works in {optimizer} dimensions, the objective takes codes of {objective}")]
    WrongDimension {
        /// The method's N.
        optimizer: usize,
        /// The objective's N.
        objective: usize,
    },
    /// The initial codes are not those that the specification names.
    #[error(
        "the specification names initial codes with SHA-256 {}, given were {}",
        expected.as_deref().unwrap_or("none"), found.as_deref().unwrap_or("none")
    )]
    OtherInitialCodes {
        /// Hash in the specification.
        expected: Option<String>,
        /// Hash of the codes given.
        found: Option<String>,
    },
    /// The objective failed.
    #[error("generation {generation} could not be evaluated")]
    Evaluation {
        /// The generation, counted from 0.
        generation: u32,
        /// What the objective said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The objective did not return one score a code.
    #[error("generation {generation}: the objective returned {scores} scores for {codes} codes")]
    WrongScoreCount {
        /// The generation, counted from 0.
        generation: u32,
        /// Codes handed to the objective.
        codes: usize,
        /// Scores that came back.
        scores: usize,
    },
    /// The objective returned NaN for a whole generation.
    #[error(
        "the objective returned NaN for all {count} codes of generation {generation}: nothing can be learnt from it; check the unit and the pre-processing"
    )]
    AllNan {
        /// The generation, counted from 0.
        generation: u32,
        /// Codes of the generation.
        count: usize,
    },
    /// The method refused the scores.
    #[error("generation {generation} was refused by the optimizer")]
    Tell {
        /// The generation, counted from 0.
        generation: u32,
        /// What the optimizer said.
        source: TellError,
    },
    /// The method does not propose the codes that the journal recorded.
    #[error(
        "generation {generation} of the journal cannot be reproduced: its codes have the hash {recorded}, here they come out as {found}. {}. Resume with the binary and the CPU model that started the run, or start it anew",
        explain_differences(differences)
    )]
    NotReproduced {
        /// The generation, counted from 0.
        generation: u32,
        /// Hash in the journal.
        recorded: String,
        /// Hash of the codes that the method proposes now.
        found: String,
        /// What differs between the journal's and this program's versions and CPU.
        differences: Vec<String>,
    },
}

impl EvolveError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Config(_)
            | Self::Noise(_)
            | Self::Budget(_)
            | Self::Stop(_)
            | Self::Start(_)
            | Self::OtherInitialCodes { .. } => true,
            Self::Journal(error) => error.is_usage(),
            _ => false,
        }
    }
}

fn explain_differences(differences: &[String]) -> String {
    if differences.is_empty() {
        "Versions and CPU are those of the journal, so it was changed by hand or written by another build".to_owned()
    } else {
        format!("What differs: {}", differences.join("; "))
    }
}

/// Why a journal cannot be written or resumed from.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The file system refused.
    #[error("cannot {action} the journal {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The journal.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is nothing to resume.
    #[error("there is no journal {}: nothing to resume; start the run instead", path.display())]
    NotFound {
        /// Where it should be.
        path: PathBuf,
    },
    /// Another process writes it.
    #[error("the journal {} is being written by another process; wait until it ends", path.display())]
    InUse {
        /// The journal.
        path: PathBuf,
    },
    /// A line other than a torn last one cannot be read.
    #[error("the journal {} is damaged in line {line}: {reason}; start the run anew", path.display())]
    Damaged {
        /// The journal.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The file is not a journal, or one that this version cannot read.
    #[error(
        "{} is of format '{format}' version {version}, this program reads '{}' version {}",
        path.display(), crate::journal::FORMAT, crate::journal::VERSION
    )]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        format: String,
        /// Its version.
        version: u32,
    },
    /// The journal is of another run.
    #[error(
        "the journal {} is of another run, these fields differ: {}; resume with the same specification or choose another folder",
        path.display(), fields.join(", ")
    )]
    OtherSpec {
        /// The journal.
        path: PathBuf,
        /// Dotted paths of the fields, each with both values.
        fields: Vec<String>,
    },
    /// The run cannot be extended.
    #[error(
        "the run of the journal {} cannot be extended from {recorded} to {asked} generations: the schedule of {method} spans the run (option {}); start a new run of {asked} generations",
        path.display(), options.join(", ")
    )]
    Schedule {
        /// The journal.
        path: PathBuf,
        /// Generations of the run.
        recorded: u32,
        /// Generations asked for.
        asked: u32,
        /// The method.
        method: &'static str,
        /// The options that hold the schedule.
        options: Vec<String>,
    },
}

impl JournalError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::NotFound { .. } | Self::OtherSpec { .. } | Self::Schedule { .. })
    }
}

/// Why a run's folder cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The file system refused.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// File or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is a run in it.
    #[error("{} already holds a run ({file}); resume it, overwrite it, or choose another folder", path.display())]
    HoldsRun {
        /// The folder.
        path: PathBuf,
        /// The file that tells.
        file: String,
    },
    /// Another process is running it.
    #[error("the run in {} is being written by another process; wait until it ends", path.display())]
    InUse {
        /// The folder.
        path: PathBuf,
    },
    /// There is something else in it.
    #[error("{} is not empty and holds no run (found '{file}'); choose an empty or a new folder", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// A file in it.
        file: String,
    },
    /// It is a file.
    #[error("{} is not a folder", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
    },
    /// A file name that would leave the folder or is the folder's own.
    #[error("'{name}' cannot be a file of a run: give a relative path without '..'")]
    FileName {
        /// The name as given.
        name: String,
    },
    /// A value that JSON cannot hold.
    #[error("cannot write {} as JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: serde_json::Error,
    },
}

impl FolderError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::HoldsRun { .. } | Self::NotEmpty { .. } | Self::NotAFolder { .. })
    }
}

/// Why arrays of a `.npy` or `.npz` file cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ArrayFileError {
    /// No such file.
    #[error("there is no file {}", path.display())]
    NotFound {
        /// The path.
        path: PathBuf,
    },
    /// The file cannot be read, is cut off, or is not in NumPy's format.
    #[error("cannot read {} as a NumPy file; it may be cut off or of another format", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: io::Error,
    },
    /// The extension is neither `.npy` nor `.npz`.
    #[error("{} is neither a .npy nor a .npz file", path.display())]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// Codes of a run are wanted, and the file holds no run.
    #[error("{} holds no run, so its codes can only be taken whole: leave out what follows the colon", path.display())]
    NotARun {
        /// The file.
        path: PathBuf,
    },
    /// The archive has no array of the wanted name.
    #[error("{} holds no array {wanted}; its arrays are {}", path.display(), list_names(names))]
    NoSuchArray {
        /// The file.
        path: PathBuf,
        /// What was looked for.
        wanted: String,
        /// What there is.
        names: Vec<String>,
    },
    /// An array of another type.
    #[error("array '{array}' of {} holds {dtype}, it must hold {expected}", path.display())]
    Type {
        /// The file.
        path: PathBuf,
        /// The array.
        array: String,
        /// Its NumPy type.
        dtype: String,
        /// What it must be.
        expected: &'static str,
    },
    /// An array of another shape.
    #[error("array '{array}' of {} has shape {shape:?}, it must be {expected}", path.display())]
    Shape {
        /// The file.
        path: PathBuf,
        /// The array.
        array: String,
        /// Its shape.
        shape: Vec<u64>,
        /// What it must be.
        expected: &'static str,
    },
    /// Codes of another length than the generator takes.
    #[error("codes of {} have {found} components, {expected} are needed", path.display())]
    WrongDimension {
        /// The file.
        path: PathBuf,
        /// Components needed.
        expected: usize,
        /// Components found.
        found: usize,
    },
    /// NaN or an infinity among the codes.
    #[error("code {row} of {} holds a value that is not finite in component {component}", path.display())]
    NonFinite {
        /// The file.
        path: PathBuf,
        /// Row of the code, from 0.
        row: usize,
        /// Component, from 0.
        component: usize,
    },
}

impl ArrayFileError {
    /// Of a path that is neither `.npy` nor `.npz`; without an extension it may be no file.
    pub(crate) fn extension_of(path: &std::path::Path) -> Self {
        let path = path.to_owned();
        match path.extension().is_some() || path.exists() {
            true => Self::Extension { path },
            false => Self::NotFound { path },
        }
    }
}

fn list_names(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
