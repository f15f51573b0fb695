//! How far a campaign is.

use std::collections::HashMap;
use std::fs;

use serde::{Deserialize, Serialize};

use super::dead_units::Answers;
use super::grid::{Run, Unit};
use super::runner::{Failure, Runner};
use super::shard::{Shard, is_locked};
use super::store::{Damage, Found, Scrutiny, Store, read_json};
use super::timing::{alone, host, now_unix};
use crate::Provenance;

/// What a process is doing, as it says itself: `shards/I-of-N.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShardState {
    /// Its share, as I/N.
    pub shard: String,
    /// Name of the machine.
    pub host: String,
    /// Number of the process.
    pub pid: u32,
    /// Workers.
    pub jobs: usize,
    /// Runs that each has in lock step, at most.
    #[serde(default = "alone")]
    pub together: usize,
    /// When it began, seconds since 1970.
    pub started_unix: u64,
    /// When this was written, seconds since 1970.
    pub updated_unix: u64,
    /// Runs that it set out to make.
    pub to_run: usize,
    /// Of these, done.
    pub done: usize,
    /// Of these, failed.
    pub failed: usize,
    /// Runs in flight.
    pub running: Vec<String>,
    /// Whether it came to its end.
    pub ended: bool,
}

impl ShardState {
    pub(crate) fn new(runner: &Runner<'_>, to_run: usize) -> Self {
        let now = now_unix();
        Self {
            shard: runner.shard.to_string(),
            host: host(),
            pid: std::process::id(),
            jobs: runner.jobs.get(),
            together: runner.together.get(),
            started_unix: now,
            updated_unix: now,
            to_run,
            done: 0,
            failed: 0,
            running: Vec::new(),
            ended: false,
        }
    }
}

/// Keeps a [`ShardState`] up to date. It is information for people, so a failure to write it stops nothing.
pub(crate) struct Activity<'a> {
    store: &'a Store,
    shard: Shard,
    state: ShardState,
}

impl<'a> Activity<'a> {
    pub(crate) fn begin(store: &'a Store, shard: Shard, state: ShardState) -> Self {
        let activity = Self { store, shard, state };
        activity.write();
        activity
    }

    pub(crate) fn started(&mut self, run: &Run) {
        self.state.running.push(run.to_string());
        self.write();
    }

    /// `as_wanted`: whether it is done or failed; none if it was stopped.
    pub(crate) fn ended(&mut self, run: &Run, as_wanted: Option<bool>) {
        let title = run.to_string();
        self.state.running.retain(|running| *running != title);
        self.state.done += usize::from(as_wanted == Some(true));
        self.state.failed += usize::from(as_wanted == Some(false));
        self.write();
    }

    pub(crate) fn end(mut self) {
        self.state.running.clear();
        self.state.ended = true;
        self.write();
    }

    fn write(&self) {
        let state = ShardState { updated_unix: now_unix(), ..self.state.clone() };
        let path = self.store.shards().join(format!("{}.json", self.shard.file_stem()));
        if let Err(error) = self.store.write_json(self.shard, &path, &state) {
            tracing::debug!(%error, "the state of the shard could not be written");
        }
    }
}

/// What has become of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunState {
    /// Stored, and its files are whole.
    Done,
    /// Not done yet, or in flight.
    Missing,
    /// It failed when it was last tried, and will be tried again.
    Failed(Failure),
    /// A file of it is damaged; the next `run` of the campaign moves it away.
    Damaged(Damage),
}

/// How far a campaign is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// Every run of the grid, in its order.
    pub runs: Vec<(Run, RunState)>,
    /// What made the finished runs, with their number, most frequent first.
    pub provenances: Vec<(Provenance, usize)>,
    /// Units of which all finished runs saw only one score: mostly rectified units that never respond. Only if scores are
    /// maximized.
    pub dead_units: Vec<Unit>,
    /// Processes that work on it now.
    pub active: Vec<ShardState>,
    /// Seconds until it is done at the present pace, if that is known.
    pub seconds_left: Option<f64>,
    /// Bytes that the runs still to be made will take.
    pub bytes_left: u64,
}

impl Status {
    /// Number of runs that are done.
    #[must_use]
    pub fn done(&self) -> usize {
        self.runs.iter().filter(|(_, state)| *state == RunState::Done).count()
    }

    /// The runs that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Failure> {
        self.runs
            .iter()
            .filter_map(|(_, state)| if let RunState::Failed(failure) = state { Some(failure) } else { None })
    }

    /// The damaged files.
    pub fn damaged(&self) -> impl Iterator<Item = &Damage> {
        self.runs
            .iter()
            .filter_map(|(_, state)| if let RunState::Damaged(damage) = state { Some(damage) } else { None })
    }

    /// Differences between the programs and machines that made the runs, one phrase an item; empty if they agree.
    #[must_use]
    pub fn provenance_differences(&self) -> Vec<String> {
        provenance_differences(&self.provenances)
    }
}

/// What differs between the first provenance and the others.
pub(crate) fn provenance_differences(provenances: &[(Provenance, usize)]) -> Vec<String> {
    let Some(((first, _), others)) = provenances.split_first() else { return Vec::new() };
    let differences = others.iter().flat_map(|(other, runs)| {
        first.differences(other).into_iter().map(move |difference| format!("{difference} (in {runs} runs)"))
    });
    differences.collect()
}

/// Counts provenances, most first.
#[derive(Default)]
pub(crate) struct Census(Vec<(Provenance, usize)>);

impl Census {
    pub(crate) fn count(&mut self, provenance: &Provenance) {
        match self.0.iter_mut().find(|(known, _)| known == provenance) {
            Some((_, runs)) => *runs += 1,
            None => self.0.push((provenance.clone(), 1)),
        }
    }

    pub(crate) fn into_sorted(mut self) -> Vec<(Provenance, usize)> {
        self.0.sort_by_key(|(_, runs)| std::cmp::Reverse(*runs));
        self.0
    }
}

impl Store {
    /// How far the campaign is. With `verify` every file is read through, else only its size is looked at.
    #[must_use]
    pub fn status(&self, verify: bool) -> Status {
        let scrutiny = if verify { Scrutiny::Content } else { Scrutiny::Size };
        let (mut census, mut pace, mut answers) = (Census::default(), Pace::default(), Answers::default());
        let (mut runs, mut bytes_left) = (Vec::new(), 0.0);
        for run in self.campaign().runs() {
            let state = match self.find(run.clone(), scrutiny) {
                Found::Done(stored) => {
                    census.count(&stored.record.provenance);
                    answers.add(&run.unit, &stored.record);
                    if let Some(timing) = self.timing(&run) {
                        pace.add(&run, timing.runtime);
                    }
                    RunState::Done
                }
                Found::Damaged(damage) => RunState::Damaged(damage),
                Found::Nothing => self.failure(&run).map_or(RunState::Missing, RunState::Failed),
            };
            if state != RunState::Done {
                bytes_left += run.needs().disk;
            }
            runs.push((run, state));
        }
        let active = self.active();
        let jobs = active.iter().map(|shard| shard.jobs).sum::<usize>().max(1);
        let left = runs.iter().filter(|(_, state)| *state != RunState::Done).map(|(run, _)| pace.expected(run));
        let seconds_left = left.sum::<Option<f64>>().map(|seconds| seconds / jobs as f64);
        let (provenances, dead_units) = (census.into_sorted(), answers.into_dead());
        Status { runs, provenances, dead_units, active, seconds_left, bytes_left: bytes_left as u64 }
    }

    /// Processes that hold a share's lock.
    fn active(&self) -> Vec<ShardState> {
        let Ok(entries) = fs::read_dir(self.shards()) else { return Vec::new() };
        let mut paths: Vec<_> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
        paths.sort();
        let state = |path: &std::path::PathBuf| {
            let stem = path.file_stem()?.to_str()?;
            let json = path.extension().is_some_and(|extension| extension == "json");
            (json && is_locked(&self.shards(), stem)).then(|| read_json::<ShardState>(path).ok())?
        };
        paths.iter().filter_map(state).filter(|state| !state.ended).collect()
    }
}

/// Mean seconds of a generation, by arm and layer, by arm, and over all.
#[derive(Default)]
struct Pace {
    known: HashMap<(String, String), (f64, f64)>,
}

impl Pace {
    fn keys(run: &Run) -> [(String, String); 3] {
        let (label, layer) = (run.label.clone(), format!("{} {}", run.unit.network, run.unit.layer));
        [(label.clone(), layer), (label, String::new()), (String::new(), String::new())]
    }

    fn add(&mut self, run: &Run, seconds: f64) {
        for key in Self::keys(run) {
            let (sum, generations) = self.known.entry(key).or_default();
            *sum += seconds;
            *generations += f64::from(run.spec.generations);
        }
    }

    fn expected(&self, run: &Run) -> Option<f64> {
        let (sum, generations) = Self::keys(run).iter().find_map(|key| self.known.get(key))?;
        Some(sum / generations * f64::from(run.spec.generations))
    }
}
