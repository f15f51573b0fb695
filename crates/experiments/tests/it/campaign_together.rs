//! Campaigns whose runs go in lock step.

use std::fs;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use experiments::campaign::{Arm, Campaign, ObjectiveSource, Run, Runner, Store, Unit, Watcher};
use experiments::{Goal, Noise};
use optim_core::{Evaluation, Method, Objective, Population};
use serde_json::json;
use tempfile::TempDir;

use crate::campaign::{DIM, StopAfter, campaign, files, runner};
use crate::support::{DeviceGone, hill};

/// Three methods of different population sizes and lengths.
fn uneven() -> Campaign {
    let arm = |name: &str, generations: u32| Arm::new(Method::from_name(name).unwrap(), generations);
    Campaign { arms: vec![arm("sphere-cma", 5), arm("ng-one-plus-one", 9), arm("genetic", 3)], ..campaign() }
}

/// A worker's runs, some at a time.
fn together(jobs: usize, together: usize) -> Runner<'static> {
    Runner { together: NonZeroUsize::new(together).unwrap(), ..runner(jobs, "1/1") }
}

/// Units of one layer: what they answer, and how they were asked.
#[derive(Default)]
struct Layers {
    /// Channels of the populations of every evaluation.
    evaluations: Mutex<Vec<Vec<usize>>>,
    /// Runs that have no number, and runs at which the device breaks.
    nan: Option<fn(&Run) -> bool>,
    breaks: Option<fn(&Run) -> bool>,
}

/// The hill, higher with the channel.
struct Channel<'a> {
    layers: &'a Layers,
    channel: usize,
    nan: bool,
    breaks: bool,
}

impl<'a> ObjectiveSource for &'a Layers {
    type Objective = Channel<'a>;
    type Key = usize;
    type Error = DeviceGone;

    fn key(&self, run: &Run) -> usize {
        run.unit.channel
    }

    fn open(&self, run: &Run, beside: Option<&Channel<'a>>) -> Result<Channel<'a>, DeviceGone> {
        assert!(beside.is_none_or(|other| other.channel == run.unit.channel));
        let is = |question: Option<fn(&Run) -> bool>| question.is_some_and(|question| question(run));
        Ok(Channel { layers: self, channel: run.unit.channel, nan: is(self.nan), breaks: is(self.breaks) })
    }
}

impl Objective for Channel<'_> {
    type Error = DeviceGone;

    fn dim(&self) -> usize {
        DIM
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), DeviceGone> {
        let height = 100.0 * (1.0 + self.channel as f64);
        let score = |score: f64| if self.nan { f64::NAN } else { score + height };
        *scores = hill(codes)?.into_iter().map(score).collect();
        if self.breaks { Err(DeviceGone) } else { Ok(()) }
    }

    fn evaluate_together(asked: &mut [Evaluation<'_, Self>]) -> Result<(), DeviceGone> {
        if let Some(first) = asked.first() {
            let channels = asked.iter().map(|asked| asked.objective.channel).collect();
            first.objective.layers.evaluations.lock().unwrap().push(channels);
        }
        asked.iter_mut().try_for_each(|asked| asked.objective.evaluate(asked.codes, asked.scores))
    }
}

fn store(folder: &TempDir, name: &str) -> Store {
    Store::create(&folder.path().join(name), &uneven()).unwrap()
}

#[test]
fn lock_step_changes_no_run() {
    let folder = TempDir::new().unwrap();
    let one = store(&folder, "one");
    assert_eq!(together(1, 1).run(&one, &&Layers::default()).unwrap().done, 24);
    let expected = files(&one.path().join("runs"));
    assert_eq!(expected.len(), 48);
    for (jobs, k) in [(1, 4), (2, 3), (1, 100)] {
        let (store, layers) = (store(&folder, &format!("{jobs}-{k}")), Layers::default());
        assert_eq!(together(jobs, k).run(&store, &&layers).unwrap().done, 24);
        assert!(files(&store.path().join("runs")) == expected, "{jobs} workers, {k} together");
        assert!(store.runs().all(|run| store.timing(&run.unwrap().run).is_some_and(|timing| timing.together == k)));
    }
}

#[test]
fn runs_of_one_key_fill_the_group_and_are_replaced_as_they_end() {
    let folder = TempDir::new().unwrap();
    let (store, layers) = (store(&folder, "results"), Layers::default());
    together(1, 4).run(&store, &&layers).unwrap();
    let evaluations = layers.evaluations.lock().unwrap();
    assert!(evaluations.iter().all(|channels| channels.iter().all(|channel| *channel == channels[0])));
    // 12 runs a channel, of 5, 9 and 3 generations: 68 turns, four at a time but for the last runs.
    for channel in [0, 1] {
        let sizes: Vec<usize> = evaluations.iter().filter(|it| it[0] == channel).map(Vec::len).collect();
        assert_eq!(sizes.iter().sum::<usize>(), 68);
        let full = sizes.iter().take_while(|size| **size == 4).count();
        assert!(full >= 12 && sizes[full..].is_sorted_by(|a, b| a >= b), "{sizes:?}");
    }
}

#[test]
fn a_run_that_fails_stops_no_other() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    let nan: fn(&Run) -> bool = |run| run.label == "genetic" && run.repeat == 1;
    let layers = Layers { nan: Some(nan), ..Layers::default() };
    let report = together(1, 4).run(&store, &&layers).unwrap();
    assert_eq!((report.done, report.failed.len(), report.left), (20, 4, 0));
    assert!(report.failed.iter().all(|failure| failure.reason.contains("generation 0")), "{:?}", report.failed);
    let after = together(1, 4).run(&store, &&Layers::default()).unwrap();
    assert_eq!((after.done, after.done_before), (4, 20));
}

#[test]
fn a_failing_evaluation_fails_its_group_and_no_other() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    let breaks: fn(&Run) -> bool = |run| run.unit.channel == 0 && run.label == "ng-one-plus-one" && run.repeat == 0;
    let layers = Layers { breaks: Some(breaks), ..Layers::default() };
    let report = together(1, 3).run(&store, &&layers).unwrap();
    // Two runs break, without noise and with; two others share the evaluation with each.
    assert_eq!((report.done, report.failed.len(), report.left), (18, 6, 0));
    for failure in &report.failed {
        assert!(failure.reason.ends_with("could not be evaluated: the device is gone"), "{}", failure.reason);
    }
}

#[test]
fn interruptions_lose_the_runs_in_flight_only() {
    let folder = TempDir::new().unwrap();
    let one = store(&folder, "one");
    together(1, 1).run(&one, &&Layers::default()).unwrap();
    let expected = files(&one.path().join("runs"));
    let store = store(&folder, "interrupted");
    let mut rounds = 0;
    loop {
        let stop: Arc<AtomicBool> = Arc::default();
        let watcher = StopAfter { generations: AtomicUsize::new(15 + rounds), stop: Arc::clone(&stop) };
        let report = Runner { stop, watcher: &watcher, ..together(1, 3) }.run(&store, &&Layers::default()).unwrap();
        let now = files(&store.path().join("runs"));
        assert!(now.iter().all(|(path, bytes)| expected.get(path) == Some(bytes)), "after {rounds} interruptions");
        assert!(report.failed.is_empty());
        if report.left == 0 {
            assert!(now == expected);
            break;
        }
        rounds += 1;
    }
    assert!(rounds > 3, "{rounds} interruptions");
}

/// Looks at the status in the first generation.
struct Look<'a> {
    store: &'a Store,
    looked: AtomicBool,
}

impl Watcher for Look<'_> {
    fn on_generation(&self, _run: &Run) {
        if !self.looked.swap(true, Ordering::Relaxed) {
            let active = &self.store.status(false).active[0];
            assert_eq!((active.jobs, active.together, active.running.len()), (1, 3, 3));
        }
    }
}

#[test]
fn all_runs_in_flight_are_in_the_status() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    let watcher = Look { store: &store, looked: AtomicBool::new(false) };
    Runner { watcher: &watcher, ..together(1, 3) }.run(&store, &&Layers::default()).unwrap();
    assert!(watcher.looked.into_inner());
    assert!(store.status(false).active.is_empty());
}

#[test]
fn files_of_before_runs_went_in_lock_step_say_one() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    together(1, 2).run(&store, &&Layers::default()).unwrap();
    let run = &store.campaign().runs()[0];
    let path = store.path().join("timing").join(format!("{}.json", run.stem()));
    let text = fs::read_to_string(&path).unwrap();
    let without: Vec<&str> = text.lines().filter(|line| !line.contains("together")).collect();
    fs::write(&path, without.join("\n").replace("\"jobs\": 1,", "\"jobs\": 1")).unwrap();
    assert_eq!(store.timing(run).unwrap().together, 1);
}

/// What codes are worth by channel: rectified and never reached, saturated, constant, alive.
fn answer(run: &Run) -> Result<impl Objective + use<>, DeviceGone> {
    let channel = run.unit.channel;
    Ok(crate::support::Function::new(DIM, move |codes: &Population| {
        let answer = |score: f64| match channel {
            0 => (score - 1e6).max(0.0),
            1 => (score + 7.0).clamp(-9.0, 1.0),
            2 => 0.25,
            _ => score,
        };
        Ok(hill(codes)?.into_iter().map(answer).collect())
    }))
}

#[test]
fn units_that_never_answer_are_named() {
    let folder = TempDir::new().unwrap();
    let unit = |channel| Unit { channel, ..Unit::named("hill", DIM, json!({ "channel": channel })) };
    let units: Vec<Unit> = (0..4).map(unit).collect();
    let noise = vec![Noise::None, Noise::Multiplicative { level: 0.5 }];
    let both = Campaign { units, noise, repeats: 2, ..campaign() };
    let dead = |name: &str, campaign: &Campaign| -> Vec<usize> {
        let store = Store::create(&folder.path().join(name), campaign).unwrap();
        assert!(store.status(false).dead_units.is_empty());
        assert!(Runner::default().run(&store, &answer).unwrap().failed.is_empty());
        store.status(false).dead_units.iter().map(|unit| unit.channel).collect()
    };
    assert_eq!(dead("maximized", &both), [0, 2]);
    assert_eq!(dead("minimized", &Campaign { goal: Goal::Minimize, ..both.clone() }), [0; 0]);
    let single = Campaign { arms: vec![both.arms[1].clone()], noise: vec![Noise::None], repeats: 1, ..both };
    assert_eq!(dead("single", &single), [0], "of a single run, 0 alone proves it");
}
