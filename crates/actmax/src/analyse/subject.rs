//! What is analysed: runs of `actmax evolve` and of campaigns, threads of sessions.

use std::fs;
use std::path::{Path, PathBuf};

use experiments::campaign::{RunRecord, Store, StoredRun};
use experiments::{EVOLUTION_FILE, ObjectiveSpec, RunSpec, SUMMARY_FILE, StoredEvolution};
use serde::de::DeserializeOwned;

use crate::online::{Source, is_session};
use crate::{CommandError, EvolveSummary};

/// The optimizer of a run where nothing beside its arrays tells it.
const UNKNOWN: &str = "unknown optimizer";

/// A stored run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    /// What tables call it.
    pub(crate) name: String,
    /// Its optimizer, or its arm in a campaign.
    pub(crate) optimizer: String,
    /// Whether its scores were drawn from N(0, 1).
    pub(crate) control: bool,
    /// Where its arrays are.
    pub(crate) arrays: Arrays,
}

/// Where the arrays of a run are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Arrays {
    /// In an `.npz`.
    File(PathBuf),
    /// In the journal of a session: what the methods propose again when they are told its scores.
    Thread {
        /// The session's folder.
        session: PathBuf,
        /// Number of the thread.
        thread: usize,
    },
}

impl Subject {
    /// The runs that an argument stands for, at least one.
    pub(crate) fn all(path: &Path) -> Result<Vec<Self>, CommandError> {
        if path.join(EVOLUTION_FILE).is_file() {
            return Ok(vec![Self::of_evolution(path, &path.join(EVOLUTION_FILE))]);
        }
        if is_session(path) {
            return Self::of_session(path);
        }
        if path.is_dir() {
            let no_run = || CommandError::NoRun { path: path.to_owned() };
            let store = Store::open(path).map_err(|_| no_run())?;
            let runs = store.runs().map(|run| Ok(Self::of_stored(run?))).collect::<Result<Vec<_>, CommandError>>()?;
            return if runs.is_empty() { Err(no_run()) } else { Ok(runs) };
        }
        Ok(vec![Self::of_file(path)])
    }

    /// The threads of a session.
    pub(crate) fn of_session(session: &Path) -> Result<Vec<Self>, CommandError> {
        let source = Source::read(session)?;
        let thread = |thread: usize| Self {
            name: format!("{}:{}", session.display(), source.name(thread)),
            optimizer: source.spec(thread).method.name().to_owned(),
            control: false,
            arrays: Arrays::Thread { session: session.to_owned(), thread },
        };
        Ok((0..source.recorded.specs.len()).map(thread).collect())
    }

    /// Its arrays.
    pub(crate) fn read(&self) -> Result<StoredEvolution, CommandError> {
        match &self.arrays {
            Arrays::File(file) => Ok(StoredEvolution::read(file)?),
            Arrays::Thread { session, thread } => Ok(Source::read(session)?.evolution(*thread)?.into()),
        }
    }

    /// The file or folder that messages name.
    pub(crate) fn path(&self) -> PathBuf {
        match &self.arrays {
            Arrays::File(file) => file.clone(),
            Arrays::Thread { .. } => PathBuf::from(&self.name),
        }
    }

    fn of_evolution(folder: &Path, file: &Path) -> Self {
        let summary: Option<EvolveSummary> = read_json(&folder.join(SUMMARY_FILE));
        let optimizer = summary.map_or(UNKNOWN, |summary| summary.run.spec.method.name()).to_owned();
        Self { name: folder.display().to_string(), optimizer, control: false, arrays: Arrays::File(file.to_owned()) }
    }

    fn of_stored(StoredRun { run, npz, .. }: StoredRun) -> Self {
        let (name, control) = (run.to_string(), scores_are_noise(&run.spec));
        Self { name, optimizer: run.label, control, arrays: Arrays::File(npz) }
    }

    fn of_file(file: &Path) -> Self {
        if file.file_name().is_some_and(|name| name == EVOLUTION_FILE) {
            return Self::of_evolution(file.parent().unwrap_or(Path::new("")), file);
        }
        let record: Option<RunRecord> = read_json(&file.with_extension("json"));
        let control = record.as_ref().is_some_and(|record| scores_are_noise(&record.spec));
        let optimizer = record.map_or_else(|| UNKNOWN.to_owned(), |record| record.label);
        Self { name: file.display().to_string(), optimizer, control, arrays: Arrays::File(file.to_owned()) }
    }
}

fn scores_are_noise(spec: &RunSpec) -> bool {
    matches!(spec.objective, ObjectiveSpec::NoiseScores { .. })
}

/// What stands beside a run's arrays; a run can be analysed without.
fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}
