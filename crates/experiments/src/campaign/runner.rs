//! Working through a campaign.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::error::CampaignError;
use super::grid::Run;
use super::identity::RunId;
use super::shard::{Shard, ShardLock};
use super::source::ObjectiveSource;
use super::store::{Damage, Found, Scrutiny, Store};
use super::worker::work_off;
use crate::{Needs, Provenance};

/// Watches a campaign. Several workers call it at the same time.
pub trait Watcher: Sync {
    /// Before the first run: runs that are to be made, runs that are done already, bytes that are to be written.
    fn on_start(&self, _to_run: &[&Run], _done: usize, _bytes: u64) {}

    /// A damaged file was moved away; its run is made again.
    fn on_damage(&self, _damage: &Damage) {}

    /// A generation of some run was scored.
    fn on_generation(&self, _run: &Run) {}

    /// A run is stored, or failed.
    fn on_run(&self, _run: &Run, _failure: Option<&Failure>) {}
}

impl Watcher for () {}

/// Why a run failed. The others went on; the next [`Runner::run`] tries it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Failure {
    /// The run.
    pub id: RunId,
    /// The run in words.
    pub run: String,
    /// Why.
    pub reason: String,
    /// When, seconds since 1970.
    pub failed_unix: u64,
    /// Name of the machine.
    pub host: String,
}

/// What a [`Runner`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Runs of the share that were done before.
    pub done_before: usize,
    /// Runs that were made now.
    pub done: usize,
    /// Runs that failed.
    pub failed: Vec<Failure>,
    /// Damaged files that were moved away.
    pub damaged: Vec<Damage>,
    /// Runs of the share that were not begun or not finished because the runner was stopped.
    pub left: usize,
}

/// Works through a campaign, or a share of it.
#[derive(Clone)]
pub struct Runner<'a> {
    /// Workers, each on a thread of its own.
    pub jobs: NonZeroUsize,
    /// Most runs that a worker has in lock step. They have one key of the [`ObjectiveSource`], and their codes are
    /// evaluated together. This is faster on a device that needs larger batches than one run has codes.
    pub together: NonZeroUsize,
    /// The share.
    pub shard: Shard,
    /// Stops when it is set; runs that are not finished leave nothing.
    pub stop: Arc<AtomicBool>,
    /// What computes: written into every run's `.json`.
    pub provenance: Provenance,
    /// Goes on even if the runs take more memory, or more room on the disk, than there is.
    pub force: bool,
    /// Gets the progress.
    pub watcher: &'a dyn Watcher,
}

impl Default for Runner<'_> {
    /// The whole campaign, one run after the other, watched by nobody.
    fn default() -> Self {
        Self {
            jobs: NonZeroUsize::MIN,
            together: NonZeroUsize::MIN,
            shard: Shard::default(),
            stop: Arc::default(),
            provenance: Provenance::here(),
            force: false,
            watcher: &(),
        }
    }
}

impl Runner<'_> {
    /// Makes the runs of the share that are not done.
    ///
    /// # Errors
    /// If another process works on the share, the runs take more memory or room on the disk than there is, or a file cannot be read or written (no space left, say): the runs
    /// stored before are complete, and calling it again goes on after them. A run that fails is no error, see
    /// [`Report::failed`].
    pub fn run<S: ObjectiveSource>(&self, store: &Store, source: &S) -> Result<Report, CampaignError> {
        let _lock = ShardLock::take(store.path(), &store.shards(), self.shard)?;
        store.prepare(self.shard)?;
        let runs = store.campaign().runs();
        let mut report = Report::default();
        let mut to_run = Vec::new();
        for index in self.shard.select(&runs) {
            match store.find(runs[index].clone(), Scrutiny::Content) {
                Found::Done(_) => report.done_before += 1,
                Found::Nothing => to_run.push(&runs[index]),
                Found::Damaged(damage) => {
                    store.set_aside(&runs[index])?;
                    self.watcher.on_damage(&damage);
                    report.damaged.push(damage);
                    to_run.push(&runs[index]);
                }
            }
        }
        let needs = self.needs(&to_run);
        if !self.force {
            needs.check_memory("the runs that are in memory at once")?;
            needs.check_disk("the runs that are not done yet", store.path())?;
        }
        self.watcher.on_start(&to_run, report.done_before, needs.disk as u64);
        work_off(self, store, source, to_run, &mut report)?;
        Ok(report)
    }

    /// What runs take: on the disk all of them, in memory as many of the largest as are in memory at once.
    fn needs(&self, runs: &[&Run]) -> Needs {
        let at_once = self.jobs.get().saturating_mul(self.together.get()).min(runs.len());
        let needs = || runs.iter().map(|run| run.needs());
        let largest = needs().map(|needs| needs.memory).fold(0.0, f64::max);
        Needs { memory: largest * at_once as f64, disk: needs().map(|needs| needs.disk).sum() }
    }
}
