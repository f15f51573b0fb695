//! Where a session stands, for people and pages.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use crate::block::Phase;
use crate::event::Event;
use crate::recorded::Recorded;
use crate::session::Session;

/// Where a session stands. A number that is not there yet is null in JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Whether it runs.
    pub phase: Phase,
    /// The block that takes responses.
    pub block: Option<u32>,
    /// Its presentations.
    pub presentations: usize,
    /// Seconds that it has been out.
    pub waiting_s: f64,
    /// Names of the images that lack responses.
    pub missing: usize,
    /// Responses that came.
    pub responses: usize,
    /// Of these, responses to blocks that were closed.
    pub late: usize,
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
    /// Notes of the experimenter.
    pub notes: Vec<String>,
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
    /// Scores that were missing.
    pub missing: usize,
    /// Whether it was stopped.
    pub stopped: bool,
}

impl Session {
    /// Where the session stands.
    #[must_use]
    pub fn status(&self) -> Status {
        self.standing.status(self.waiting_s())
    }
}

impl Recorded {
    /// Where the session stands, as its journal has it.
    #[must_use]
    pub fn status(&self) -> Status {
        let offered = self.records.iter().rev().find(|record| matches!(record.event, Event::Offered { .. }));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        self.standing.status(offered.map_or(0.0, |record| (now - record.unix_s).max(0.0)))
    }
}
