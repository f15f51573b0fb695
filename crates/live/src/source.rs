//! What the page shows of a folder.

use std::path::{Path, PathBuf};

use analysis::style::{optimizer_color, optimizer_label};
use experiments::campaign::{CAMPAIGN_FILE, StoredRun};
use experiments::{Goal, PhaseSeconds, RunSpec};
use serde::Serialize;
use sessions::SessionConfig;

use crate::error::LiveError;
use crate::run::RunJournal;
use crate::session::SessionJournal;

/// A folder that is followed.
#[derive(Debug)]
pub struct Source {
    pub(crate) folder: PathBuf,
    pub(crate) history: History,
    reader: Reader,
}

#[derive(Debug)]
enum Reader {
    Session(Box<SessionJournal>),
    Run(RunJournal),
    /// A run of a campaign, which is finished.
    Stored,
}

/// What is known of a source. It only grows.
#[derive(Debug, Default, Serialize)]
pub(crate) struct History {
    /// `session` or `run`.
    pub(crate) kind: &'static str,
    /// Its name: that of its folder.
    pub(crate) title: String,
    /// `open`, `paused`, `stopping`, `finished`, or `running`.
    pub(crate) phase: &'static str,
    /// The block that is out.
    pub(crate) block: Option<u32>,
    /// When it was offered.
    pub(crate) block_unix_s: Option<f64>,
    /// When the last event happened.
    pub(crate) last_unix_s: Option<f64>,
    pub(crate) threads: Vec<ThreadHistory>,
    /// Reference images, by number.
    pub(crate) references: Vec<ReferenceHistory>,
    /// Warnings, notes and what was asked of a session.
    pub(crate) log: Vec<LogLine>,
    /// What the session is to do.
    #[serde(skip)]
    pub(crate) session: Option<SessionConfig>,
}

/// A thread of a session, or a run.
#[derive(Debug, Serialize)]
pub(crate) struct ThreadHistory {
    pub(crate) name: String,
    pub(crate) optimizer: &'static str,
    /// Name and colour of the optimizer, as in figures.
    pub(crate) label: String,
    pub(crate) color: String,
    pub(crate) generator: Option<String>,
    /// Generations that are to be scored.
    pub(crate) generations: u32,
    pub(crate) minimize: bool,
    pub(crate) stopped: bool,
    /// Whether the images lie on a canvas, and those of the page on it too.
    pub(crate) on_canvas: bool,
    #[serde(skip)]
    pub(crate) scored: Vec<Generation>,
    #[serde(skip)]
    pub(crate) spec: RunSpec,
}

impl ThreadHistory {
    pub(crate) fn new(name: String, spec: RunSpec, generator: Option<String>) -> Self {
        Self {
            name,
            optimizer: spec.method.name(),
            label: optimizer_label(spec.method.name()).to_owned(),
            color: optimizer_color(spec.method.name()).to_string(),
            generator,
            generations: spec.generations,
            minimize: spec.goal == Goal::Minimize,
            stopped: false,
            on_canvas: spec.objective.units().is_some_and(|units| units.geometry.is_some()),
            scored: Vec::new(),
            spec,
        }
    }
}

/// A scored generation. A missing number is null in JSON.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Generation {
    pub(crate) generation: u32,
    /// Scores that the method saw, one a code.
    pub(crate) scores: Vec<Option<f64>>,
    /// Scores before noise, where they are known and differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) clean: Option<Vec<Option<f64>>>,
    /// Presentations behind each score, where a rig counts them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) counts: Vec<u32>,
    /// Mean response of each channel to each code, where there are several and not too many.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) channels: Vec<Vec<f32>>,
    /// Scores of the references that were shown with it, by this thread's target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) references: Vec<f64>,
    /// Seconds that the rig took, or that the evaluation took.
    pub(crate) wait_s: Option<f64>,
    /// Seconds by phase of a run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<PhaseSeconds>,
}

impl Generation {
    /// A generation of a run.
    pub(crate) fn of_run(generation: u32, clean: &[f64], noisy: &[f64], seconds: Option<PhaseSeconds>) -> Self {
        let numbers = |scores: &[f64]| scores.iter().map(|&score| finite(score)).collect::<Vec<_>>();
        let (clean, noisy) = (numbers(clean), numbers(noisy));
        Self {
            generation,
            clean: (clean != noisy).then_some(clean),
            scores: noisy,
            counts: Vec::new(),
            channels: Vec::new(),
            references: Vec::new(),
            wait_s: None,
            seconds,
        }
    }
}

/// A reference image.
#[derive(Debug, Serialize)]
pub(crate) struct ReferenceHistory {
    pub(crate) id: String,
    /// Scores so far, by the first thread's target.
    pub(crate) shown: u32,
    pub(crate) mean: Option<f64>,
}

/// A line of the log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LogLine {
    pub(crate) unix_s: f64,
    /// `warning`, `note` or `action`.
    pub(crate) kind: &'static str,
    pub(crate) text: String,
}

impl Source {
    /// Opens the folder of a session or a run, and reads what it has.
    ///
    /// # Errors
    /// If it is neither, or its journal cannot be read.
    pub fn open(folder: &Path) -> Result<Self, LiveError> {
        let session = folder.join(sessions::journal::JOURNAL_FILE);
        let run = folder.join(experiments::JOURNAL_FILE);
        let reader = if session.is_file() {
            Reader::Session(Box::new(SessionJournal::new(session)))
        } else if run.is_file() {
            Reader::Run(RunJournal::new(run))
        } else if folder.join(CAMPAIGN_FILE).is_file() {
            return Err(LiveError::Campaign { folder: folder.to_owned() });
        } else {
            return Err(LiveError::Nothing { folder: folder.to_owned() });
        };
        let name = folder.canonicalize().ok().and_then(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
        let title = name.unwrap_or_else(|| folder.display().to_string());
        let history = History { title, ..History::default() };
        let mut source = Self { folder: folder.to_owned(), history, reader };
        source.follow()?;
        Ok(source)
    }

    /// A finished run of the campaign in `folder`.
    pub(crate) fn of_stored(title: String, folder: &Path, stored: &StoredRun) -> Result<Self, LiveError> {
        let spec = stored.record.spec.clone();
        let arrays = stored.arrays()?;
        let generator = spec.objective.units().map(|units| units.generator.clone());
        let mut thread = ThreadHistory::new(stored.run.unit.to_string(), spec, generator);
        let mut scores = arrays.scores_all.iter().zip(&arrays.cleanscores_all);
        for of_generation in arrays.generations.chunk_by(|a, b| a == b) {
            let (noisy, clean): (Vec<f64>, Vec<f64>) = scores.by_ref().take(of_generation.len()).unzip();
            let generation = u32::try_from(of_generation[0]).unwrap_or(u32::MAX);
            thread.scored.push(Generation::of_run(generation, &clean, &noisy, None));
        }
        let (kind, phase) = ("run", "finished");
        let history = History { title, kind, phase, threads: vec![thread], ..History::default() };
        Ok(Self { folder: folder.to_owned(), history, reader: Reader::Stored })
    }

    /// Reads what was appended; returns whether anything was.
    pub(crate) fn follow(&mut self) -> Result<bool, LiveError> {
        match &mut self.reader {
            Reader::Session(reader) => reader.follow(&mut self.history),
            Reader::Run(reader) => reader.follow(&mut self.history),
            Reader::Stored => Ok(false),
        }
    }
}

/// Null where a number is missing.
pub(crate) fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
