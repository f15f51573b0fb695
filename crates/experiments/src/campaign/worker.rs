//! The workers of a campaign. Each has some runs in lock step, one by default, and takes the next run when one is over.

use std::collections::VecDeque;
use std::error::Error;
use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::error::CampaignError;
use super::grid::Run;
use super::runner::{Failure, Report, Runner, Watcher};
use super::source::ObjectiveSource;
use super::status::{Activity, ShardState};
use super::store::Store;
use super::timing::{RunTiming, host, now_unix};
use crate::{Evolution, Evolver, GenerationReport, Lockstep, Observer, Outcome, StopFlag};

/// Makes runs until there are none or it is to stop, and adds what came of them to the report.
pub(super) fn work_off<S: ObjectiveSource>(
    runner: &Runner<'_>,
    store: &Store,
    source: &S,
    to_run: Vec<&Run>,
    report: &mut Report,
) -> Result<(), CampaignError> {
    let total = to_run.len();
    let activity = Activity::begin(store, runner.shard, ShardState::new(runner, total));
    let waiting = to_run.into_iter().map(|run| (source.key(run), run)).collect();
    let work = Work { runner, store, source, waiting: Mutex::new(waiting), activity: Mutex::new(activity) };
    let results = thread::scope(|scope| {
        let workers = 0..runner.jobs.get().min(total);
        let workers: Vec<_> = workers.map(|_| scope.spawn(|| work.worker())).collect();
        workers.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>()
    });
    work.activity.into_inner().unwrap_or_else(PoisonError::into_inner).end();
    for result in results {
        let Tally { done, failed } = result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        report.done += done;
        report.failed.extend(failed);
    }
    report.failed.sort_by(|a, b| a.run.cmp(&b.run));
    report.left = total - report.done - report.failed.len();
    Ok(())
}

/// What the workers share.
struct Work<'a, S: ObjectiveSource> {
    runner: &'a Runner<'a>,
    store: &'a Store,
    source: &'a S,
    waiting: Mutex<VecDeque<(S::Key, &'a Run)>>,
    activity: Mutex<Activity<'a>>,
}

/// What a worker did.
#[derive(Default)]
struct Tally {
    done: usize,
    failed: Vec<Failure>,
}

/// A worker's runs in flight, by key and run.
type Group<'a, S> = Lockstep<'a, (<S as ObjectiveSource>::Key, &'a Run), <S as ObjectiveSource>::Objective>;

/// Why a run failed.
type Reason = Box<dyn Error + Send + Sync>;

/// How a run ended, if it did not end the campaign.
enum RunEnd {
    Stored,
    Failed(Failure),
    Stopped,
}

impl<'a, S: ObjectiveSource> Work<'a, S> {
    /// Makes runs; the first failure to store one stops all workers.
    fn worker(&self) -> Result<Tally, CampaignError> {
        let (mut group, mut tally) = (Group::<S>::default(), Tally::default());
        loop {
            self.fill(&mut group, &mut tally)?;
            if group.is_empty() {
                return Ok(tally);
            }
            for ((_, run), result) in group.step() {
                self.end(run, result.map_err(Reason::from), &mut tally)?;
            }
        }
    }

    /// Begins runs of one key until the group is full, none is waiting, or it is to stop.
    fn fill(&self, group: &mut Group<'a, S>, tally: &mut Tally) -> Result<(), CampaignError> {
        while group.len() < self.runner.together.get() && !self.runner.stop.load(Ordering::Relaxed) {
            let key = group.first().map(|((key, _), _)| key);
            let Some((key, run)) = self.next(key) else { break };
            self.note(|activity| activity.started(run));
            if let Err(reason) = self.begin(key, run, group) {
                self.end(run, Err(reason), tally)?;
            }
        }
        Ok(())
    }

    /// The next run that waits, of this key if one is given.
    fn next(&self, key: Option<&S::Key>) -> Option<(S::Key, &'a Run)> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let fits = |(other, _): &(S::Key, &Run)| key.is_none_or(|key| key == other);
        let at = waiting.iter().position(fits)?;
        waiting.remove(at)
    }

    fn begin(&self, key: S::Key, run: &'a Run, group: &mut Group<'a, S>) -> Result<(), Reason> {
        let objective = self.source.open(run, group.first().map(|(_, objective)| objective))?;
        let initial = run.spec.initial_codes_sha256.as_ref().and_then(|_| self.source.initial_codes(run));
        let evolver = Evolver::new(run.spec.optimizer(initial.as_ref())?, run.plan())?
            .with_observer(Ticker { run, watcher: self.runner.watcher })
            .with_observer(StopFlag::new(Arc::clone(&self.runner.stop)));
        Ok(group.join((key, run), evolver, objective)?)
    }

    /// Stores the result of a run and reports it.
    fn end(&self, run: &Run, result: Result<Evolution, Reason>, tally: &mut Tally) -> Result<(), CampaignError> {
        let stored = self.store(run, result);
        let ended = stored.inspect_err(|_| self.runner.stop.store(true, Ordering::Relaxed))?;
        self.note(|activity| activity.ended(run, ended_as(&ended)));
        match ended {
            RunEnd::Stored => {
                tally.done += 1;
                self.runner.watcher.on_run(run, None);
            }
            RunEnd::Failed(failure) => {
                self.runner.watcher.on_run(run, Some(&failure));
                tally.failed.push(failure);
            }
            RunEnd::Stopped => {}
        }
        Ok(())
    }

    fn store(&self, run: &Run, result: Result<Evolution, Reason>) -> Result<RunEnd, CampaignError> {
        let Runner { jobs, together, shard, provenance, .. } = self.runner;
        match result {
            Ok(evolution) if evolution.outcome != Outcome::Interrupted => {
                let seconds = evolution.timing();
                let timing = RunTiming {
                    id: run.id.clone(),
                    finished_unix: now_unix(),
                    runtime: seconds.total(),
                    seconds,
                    host: host(),
                    jobs: jobs.get(),
                    together: together.get(),
                };
                self.store.write(*shard, run, &evolution, provenance, &timing)?;
                Ok(RunEnd::Stored)
            }
            Ok(_) => Ok(RunEnd::Stopped),
            Err(reason) => {
                let failure = Failure {
                    id: run.id.clone(),
                    run: run.to_string(),
                    reason: with_causes(&*reason),
                    failed_unix: now_unix(),
                    host: host(),
                };
                self.store.write_failure(*shard, run, &failure)?;
                Ok(RunEnd::Failed(failure))
            }
        }
    }

    fn note(&self, change: impl FnOnce(&mut Activity<'a>)) {
        change(&mut self.activity.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// Whether a run is done or failed; none if it was stopped.
fn ended_as(ended: &RunEnd) -> Option<bool> {
    match ended {
        RunEnd::Stored => Some(true),
        RunEnd::Failed(_) => Some(false),
        RunEnd::Stopped => None,
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

/// Passes generations on to the watcher of the campaign.
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
