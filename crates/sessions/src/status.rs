//! Where a session stands, for people and pages.

use serde::Serialize;

use crate::block::Phase;
use crate::session::Session;

/// Where a session stands. A number that is not there yet is null in JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Whether it runs.
    pub phase: Phase,
    /// The block that takes responses.
    pub block: Option<u32>,
    /// Seconds that it has been out.
    pub waiting_s: f64,
    /// Names of the images that lack responses.
    pub missing: usize,
    /// Its threads.
    pub threads: Vec<ThreadStatus>,
    /// Mean score of the references in the last block that showed some.
    pub reference_mean: Option<f64>,
    /// Scores that the methods were told.
    pub scores: usize,
    /// Share of them that were missing.
    pub missing_share: f64,
    /// What looked wrong, oldest first.
    pub warnings: Vec<String>,
}

/// Where a thread stands.
#[derive(Clone, Debug, Serialize)]
pub struct ThreadStatus {
    /// Its name.
    pub name: String,
    /// Its method.
    pub optimizer: String,
    /// Generations that were scored.
    pub generation: u32,
    /// Generations that are to be scored.
    pub generations: u32,
    /// Mean score of the last generation.
    pub mean: Option<f64>,
    /// The best score so far.
    pub best: Option<f64>,
    /// Whether it was stopped.
    pub stopped: bool,
}

impl Session {
    /// Where the session stands.
    #[must_use]
    pub fn status(&self) -> Status {
        let number = |value: f64| (!value.is_nan()).then_some(value);
        let threads = self.threads.iter().map(|thread| ThreadStatus {
            name: thread.config.name.clone(),
            optimizer: thread.spec.method.name().to_owned(),
            generation: thread.generation(),
            generations: thread.spec.generations,
            mean: number(thread.last_mean),
            best: number(thread.best),
            stopped: thread.stopped,
        });
        let missing = self.block.as_ref().map_or(0, |block| {
            block.images.iter().zip(&self.answered).filter(|(image, answered)| **answered < image.shows).count()
        });
        let watch = &self.watch;
        Status {
            phase: self.phase,
            block: self.current(),
            waiting_s: self.waiting_s(),
            missing,
            threads: threads.collect(),
            reference_mean: number(watch.reference_mean()),
            scores: watch.told,
            missing_share: if watch.told == 0 { 0.0 } else { watch.missing as f64 / watch.told as f64 },
            warnings: watch.warnings.clone(),
        }
    }
}
