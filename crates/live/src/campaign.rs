//! The page of a campaign: its grid, and the page of each finished run behind it.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use analysis::style::optimizer_color;
use experiments::campaign::{RunState, Status, Store, StoredRun};
use serde::Serialize;

use crate::error::LiveError;
use crate::source::Source;

/// Time between two looks at a campaign, at least. A look takes at most a tenth of the time.
const LOOK: Duration = Duration::from_secs(1);

/// Mean score of one optimizer under one noise.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mean {
    /// Label of the arm.
    pub optimizer: String,
    /// The noise in words, as [`Noise`](experiments::Noise) shows it.
    pub noise: String,
    /// Runs behind it.
    pub runs: usize,
    /// The mean.
    pub mean: f64,
    /// Ends of its interval, if there is one.
    pub interval: Option<(f64, f64)>,
}

/// What the runs of a campaign reached.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Summary {
    /// What is averaged.
    pub quantity: String,
    /// By optimizer and noise.
    pub means: Vec<Mean>,
}

/// Sums up the finished runs of a campaign. An error is shown in words.
pub type Summarize = Box<dyn Fn(&[StoredRun]) -> Result<Summary, String> + Send + Sync>;

/// A campaign that is followed.
pub(crate) struct Campaign {
    store: Store,
    summarize: Summarize,
    seen: Mutex<Seen>,
    /// Places of the runs whose pages were opened, among all sources.
    opened: Mutex<HashMap<usize, usize>>,
}

/// What the last look found.
struct Seen {
    grid: Grid,
    next: Instant,
}

/// What the page shows of a campaign.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(crate) struct Grid {
    title: String,
    repeats: u32,
    noises: Vec<String>,
    units: Vec<String>,
    arms: Vec<ArmHead>,
    /// `done`, `running`, `failed`, `damaged` or `missing`: units, within them noises, repeats, arms.
    states: Vec<&'static str>,
    /// Whether a process works on it.
    active: bool,
    /// Seconds until it is done, if that is known. Whole, so that the page is not drawn anew for less.
    seconds_left: Option<u64>,
    /// Runs that failed or are damaged, and why.
    troubles: Vec<(String, String)>,
    summary: Summary,
    /// Why there is no summary.
    no_summary: Option<String>,
}

/// An optimizer with its options.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct ArmHead {
    label: String,
    /// Colour of the optimizer, as in figures.
    color: String,
}

impl fmt::Debug for Campaign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Campaign").field("store", &self.store).finish_non_exhaustive()
    }
}

impl Campaign {
    pub(crate) fn new(store: Store, summarize: Summarize) -> Self {
        let seen = Mutex::new(Seen { grid: Grid::default(), next: Instant::now() });
        let campaign = Self { store, summarize, seen, opened: Mutex::default() };
        campaign.follow();
        campaign
    }

    /// Looks at the folder, if it is time; returns whether anything changed.
    pub(crate) fn follow(&self) -> bool {
        let before = {
            let seen = lock(&self.seen);
            if Instant::now() < seen.next {
                return false;
            }
            seen.grid.clone()
        };
        let since = Instant::now();
        let mut grid = self.grid(&self.store.status(false));
        if grid.done() == before.done() && !before.title.is_empty() {
            (grid.summary, grid.no_summary) = (before.summary.clone(), before.no_summary.clone());
        } else {
            match self.summary() {
                Ok(summary) => grid.summary = summary,
                Err(reason) => grid.no_summary = Some(reason),
            }
        }
        let mut seen = lock(&self.seen);
        seen.next = Instant::now() + LOOK.max(since.elapsed() * 9);
        let changed = grid != seen.grid;
        seen.grid = grid;
        changed
    }

    pub(crate) fn seen(&self) -> Grid {
        lock(&self.seen).grid.clone()
    }

    fn summary(&self) -> Result<Summary, String> {
        // A damaged run is told as such; the others count.
        let runs: Vec<StoredRun> = self.store.runs().filter_map(Result::ok).collect();
        (self.summarize)(&runs)
    }

    fn grid(&self, status: &Status) -> Grid {
        let campaign = self.store.campaign();
        let running: HashSet<&str> =
            status.active.iter().flat_map(|shard| &shard.running).map(String::as_str).collect();
        let mut troubles = Vec::new();
        let mut state = |run: &experiments::campaign::Run, state: &RunState| match state {
            RunState::Done => "done",
            RunState::Damaged(damage) => {
                troubles.push((damage.run.clone(), format!("{}: {}", damage.path.display(), damage.reason)));
                "damaged"
            }
            _ if running.contains(run.to_string().as_str()) => "running",
            RunState::Failed(failure) => {
                troubles.push((failure.run.clone(), failure.reason.clone()));
                "failed"
            }
            _ => "missing",
        };
        let states = status.runs.iter().map(|(run, its)| state(run, its)).collect();
        let arm = |arm: &experiments::campaign::Arm| ArmHead {
            label: arm.label.clone(),
            color: optimizer_color(arm.method.name()).to_string(),
        };
        Grid {
            title: campaign.name.clone(),
            repeats: campaign.repeats,
            noises: campaign.noise.iter().map(ToString::to_string).collect(),
            units: campaign.units.iter().map(ToString::to_string).collect(),
            arms: campaign.arms.iter().map(arm).collect(),
            states,
            active: !status.active.is_empty(),
            seconds_left: status.seconds_left.map(|seconds| seconds.round() as u64),
            troubles,
            ..Grid::default()
        }
    }

    /// Opens the page of a run by its number in the grid; returns the place of its source. `sources` gets what is new.
    pub(crate) fn open(&self, number: usize, sources: &mut Vec<Source>) -> Result<usize, LiveError> {
        let mut opened = lock(&self.opened);
        if let Some(&place) = opened.get(&number) {
            return Ok(place);
        }
        let run = self.store.campaign().runs().into_iter().nth(number).ok_or(LiveError::NoRun { number })?;
        let title = run.to_string();
        let stored = self.store.stored(run)?;
        let source = Source::of_stored(title, self.store.path(), &stored.ok_or(LiveError::NoRun { number })?)?;
        sources.push(source);
        opened.insert(number, sources.len() - 1);
        Ok(sources.len() - 1)
    }
}

impl Grid {
    fn done(&self) -> usize {
        self.states.iter().filter(|state| **state == "done").count()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
