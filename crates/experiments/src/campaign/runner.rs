//! Working through a campaign.

use std::error::Error;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use optim_core::Objective;
use serde::{Deserialize, Serialize};

use super::error::CampaignError;
use super::grid::Run;
use super::identity::RunId;
use super::shard::{Shard, ShardLock};
use super::status::{Activity, ShardState};
use super::store::{Damage, Found, Scrutiny, Store};
use super::timing::{RunTiming, host, now_unix};
use crate::{Evolution, Evolver, GenerationReport, Observer, Outcome, Plan, Provenance, StopFlag};

/// Opens the objective of a run. Several workers call it at once.
///
/// Implemented for every closure `Fn(&Run) -> Result<impl Objective, E>`.
pub trait ObjectiveSource: Sync {
    /// What scores codes.
    type Objective: Objective;
    /// Why it cannot be had.
    type Error: Error + Send + Sync + 'static;

    /// The objective of a run; it is dropped when the run is over.
    ///
    /// # Errors
    /// If it cannot be had: the run then counts as failed, and the others go on.
    fn open(&self, run: &Run) -> Result<Self::Objective, Self::Error>;
}

impl<F, O, E> ObjectiveSource for F
where
    F: Fn(&Run) -> Result<O, E> + Sync,
    O: Objective,
    E: Error + Send + Sync + 'static,
{
    type Objective = O;
    type Error = E;

    fn open(&self, run: &Run) -> Result<O, E> {
        self(run)
    }
}

/// Watches a campaign; several workers call it at once.
pub trait Watcher: Sync {
    /// Before the first run: runs that are to be made, runs that are done already, bytes that are to be written.
    fn on_start(&self, _to_run: &[&Run], _done: usize, _bytes: u64) {}

    /// A damaged file was set aside; its run is made again.
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
    /// Damaged files that were set aside.
    pub damaged: Vec<Damage>,
    /// Runs of the share that were not begun or not finished, because it was stopped.
    pub left: usize,
}

/// Works through a campaign, or a share of it.
#[derive(Clone)]
pub struct Runner<'a> {
    /// Runs at once.
    pub jobs: NonZeroUsize,
    /// The share.
    pub shard: Shard,
    /// Stops when it is set; runs that are not finished leave nothing.
    pub stop: Arc<AtomicBool>,
    /// What computes: written into every run's `.json`.
    pub provenance: Provenance,
    /// Who is told of progress.
    pub watcher: &'a dyn Watcher,
}

impl Default for Runner<'_> {
    /// The whole campaign, on one core, watched by nobody.
    fn default() -> Self {
        Self {
            jobs: NonZeroUsize::MIN,
            shard: Shard::default(),
            stop: Arc::default(),
            provenance: Provenance::here(),
            watcher: &(),
        }
    }
}

impl Runner<'_> {
    /// Makes the runs of the share that are not done.
    ///
    /// # Errors
    /// If another process works on the share, or a file cannot be read or written (no space left, say): the runs
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
        self.watcher.on_start(&to_run, report.done_before, to_run.iter().map(|run| expected_bytes(run)).sum());
        let work = Work { runner: self, store, source, to_run: &to_run, next: AtomicUsize::new(0) };
        work.all(&mut report)?;
        Ok(report)
    }
}

/// Bytes that a run will take on the disk: codes in single precision, scores, and some kilobytes of JSON.
pub(crate) fn expected_bytes(run: &Run) -> u64 {
    let (n, generations) = (run.spec.dim as u64, u64::from(run.spec.generations));
    let lambda = run.spec.method.population_size() as u64 + 1;
    let codes = match run.keep {
        crate::Keep::All => lambda * generations,
        crate::Keep::LastOnly => lambda,
    };
    let recommended = if run.keep_recommended { generations } else { 0 };
    4 * n * (codes + generations + recommended + lambda + 2) + 24 * lambda * generations + 100 * generations + 8192
}

/// What the workers share.
struct Work<'a, S> {
    runner: &'a Runner<'a>,
    store: &'a Store,
    source: &'a S,
    to_run: &'a [&'a Run],
    next: AtomicUsize,
}

/// How a run ended, as far as it did not fail the campaign.
enum Ended {
    Stored,
    Failed(Failure),
    Stopped,
}

impl<S: ObjectiveSource> Work<'_, S> {
    fn all(&self, report: &mut Report) -> Result<(), CampaignError> {
        let workers = self.runner.jobs.get().min(self.to_run.len());
        let state = ShardState::new(self.runner.shard, self.runner.jobs.get(), self.to_run.len());
        let activity = Mutex::new(Activity::begin(self.store, self.runner.shard, state));
        let results = thread::scope(|scope| {
            let workers: Vec<_> = (0..workers).map(|_| scope.spawn(|| self.worker(&activity))).collect();
            workers.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
        });
        activity.into_inner().unwrap_or_else(PoisonError::into_inner).end();
        for result in results {
            let (done, failed) = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            report.done += done;
            report.failed.extend(failed);
        }
        report.failed.sort_by(|a, b| a.run.cmp(&b.run));
        report.left = self.to_run.len() - report.done - report.failed.len();
        Ok(())
    }

    /// Makes runs until there are none, or it is to stop; the first failure to store one stops all workers.
    fn worker(&self, activity: &Mutex<Activity<'_>>) -> Result<(usize, Vec<Failure>), CampaignError> {
        let (mut done, mut failed) = (0, Vec::new());
        while !self.runner.stop.load(Ordering::Relaxed) {
            let Some(&run) = self.to_run.get(self.next.fetch_add(1, Ordering::Relaxed)) else { break };
            let update = |change: &dyn Fn(&mut Activity<'_>)| {
                change(&mut activity.lock().unwrap_or_else(PoisonError::into_inner));
            };
            update(&|activity| activity.started(run));
            let ended = self.one(run).inspect_err(|_| self.runner.stop.store(true, Ordering::Relaxed))?;
            update(&|activity| activity.ended(run, &ended_as(&ended)));
            match ended {
                Ended::Stored => {
                    done += 1;
                    self.runner.watcher.on_run(run, None);
                }
                Ended::Failed(failure) => {
                    self.runner.watcher.on_run(run, Some(&failure));
                    failed.push(failure);
                }
                Ended::Stopped => break,
            }
        }
        Ok((done, failed))
    }

    fn one(&self, run: &Run) -> Result<Ended, CampaignError> {
        match self.evolve(run) {
            Ok(evolution) if evolution.outcome == Outcome::Finished => {
                let seconds = evolution.timing();
                let timing = RunTiming {
                    id: run.id.clone(),
                    finished_unix: now_unix(),
                    runtime: seconds.total(),
                    seconds,
                    host: host(),
                    jobs: self.runner.jobs.get(),
                };
                self.store.write(self.runner.shard, run, &evolution, &self.runner.provenance, &timing)?;
                Ok(Ended::Stored)
            }
            Ok(_) => Ok(Ended::Stopped),
            Err(error) => {
                let failure = Failure {
                    id: run.id.clone(),
                    run: run.to_string(),
                    reason: with_causes(&*error),
                    failed_unix: now_unix(),
                    host: host(),
                };
                self.store.write_failure(self.runner.shard, run, &failure)?;
                Ok(Ended::Failed(failure))
            }
        }
    }

    fn evolve(&self, run: &Run) -> Result<Evolution, Box<dyn Error + Send + Sync>> {
        let mut objective = self.source.open(run)?;
        let plan = Plan { keep: run.keep, keep_recommended: run.keep_recommended, ..run.spec.plan() };
        let mut stop = StopFlag::new(Arc::clone(&self.runner.stop));
        let mut ticker = Ticker { run, watcher: self.runner.watcher };
        let evolver = Evolver::new(run.spec.optimizer(None)?, plan)?;
        Ok(evolver.with_observer(&mut ticker).with_observer(&mut stop).run(&mut objective)?)
    }
}

/// Whether a run is done or failed; none if it was stopped.
fn ended_as(ended: &Ended) -> Option<bool> {
    match ended {
        Ended::Stored => Some(true),
        Ended::Failed(_) => Some(false),
        Ended::Stopped => None,
    }
}

/// An error and all that caused it, on one line.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    text
}

struct Ticker<'a> {
    run: &'a Run,
    watcher: &'a dyn Watcher,
}

impl Observer for Ticker<'_> {
    fn on_generation(&mut self, _report: &GenerationReport<'_>) -> ControlFlow<()> {
        self.watcher.on_generation(self.run);
        ControlFlow::Continue(())
    }
}
