//! When a run was made, on which machine, and how long it took. Results do not depend on it, so it has its own file.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::identity::RunId;
use crate::PhaseSeconds;

/// `timing/.../RUN.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunTiming {
    /// The run.
    pub id: RunId,
    /// When it ended, seconds since 1970.
    pub finished_unix: u64,
    /// Seconds in all: the sum over the phases.
    pub runtime: f64,
    /// Seconds by phase. Those of an evaluation together with other runs are divided in proportion to the codes, so that
    /// the seconds of all runs add up to those of the workers.
    pub seconds: PhaseSeconds,
    /// Name of the machine.
    pub host: String,
    /// Workers of the process that made it.
    pub jobs: usize,
    /// Runs that each had in lock step, at most.
    #[serde(default = "alone")]
    pub together: usize,
}

/// Runs in lock step if a file does not say how many.
pub(crate) fn alone() -> usize {
    1
}

/// Seconds since 1970.
pub(crate) fn now_unix() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The name of the machine, if the system tells it.
pub(crate) fn host() -> String {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "unknown".to_owned() } else { name.to_owned() }
}
