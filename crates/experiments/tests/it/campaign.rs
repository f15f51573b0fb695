//! Campaigns: the same numbers whatever the order, the number of workers, the shard and the interruptions.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use experiments::campaign::{
    Arm, Campaign, CampaignError, Damage, Report, Run, RunState, Runner, Shard, ShardError, Store, Unit, Watcher,
    collect,
};
use experiments::{FolderError, Keep, NeedsError, Noise, Provenance, RunSpec};
use optim_core::{Method, Objective};
use serde_json::json;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{DeviceGone, Function, hill};

pub(crate) const DIM: usize = 6;
const GENERATIONS: u32 = 4;

pub(crate) fn campaign() -> Campaign {
    let arm = |name: &str| Arm::new(Method::from_name(name).unwrap(), GENERATIONS);
    let unit = |channel: usize| Unit {
        layer: "top".to_owned(),
        channel,
        position: Some((1, 2)),
        ..Unit::named("hill", DIM, json!({ "channel": channel }))
    };
    Campaign {
        arms: vec![
            arm("sphere-cma"),
            arm("genetic"),
            Arm { keep: Keep::All, keep_recommended: true, ..arm("cholesky-cmaes") },
        ],
        units: vec![unit(0), unit(1)],
        noise: vec![Noise::None, Noise::Multiplicative { level: 0.2 }],
        repeats: 2,
        seed: 5,
        ..Campaign::new("test")
    }
}

/// The hill, higher with the channel.
fn source(run: &Run) -> Result<impl Objective + use<>, Infallible> {
    let height = 100.0 * (1.0 + run.unit.channel as f64);
    Ok(Function::new(DIM, move |codes| Ok(hill(codes)?.into_iter().map(|score| score + height).collect())))
}

pub(crate) fn runner(jobs: usize, shard: &str) -> Runner<'static> {
    Runner { jobs: NonZeroUsize::new(jobs).unwrap(), shard: shard.parse().unwrap(), ..Runner::default() }
}

pub(crate) fn store(folder: &TempDir, name: &str) -> Store {
    Store::create(&folder.path().join(name), &campaign()).unwrap()
}

/// Every file below a folder, by its path in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.insert(path.strip_prefix(folder).unwrap().to_owned(), fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// What the whole campaign gives in one go.
pub(crate) fn undisturbed(folder: &TempDir) -> BTreeMap<PathBuf, Vec<u8>> {
    let store = store(folder, "undisturbed");
    assert_eq!(runner(1, "1/1").run(&store, &source).unwrap().done, 24);
    files(&store.path().join("runs"))
}

#[test]
fn order_jobs_and_shards_change_nothing() {
    let folder = TempDir::new().unwrap();
    let expected = undisturbed(&folder);
    assert_eq!(expected.len(), 48, "an .npz and a .json a run");
    let parallel = store(&folder, "parallel");
    assert_eq!(runner(3, "1/1").run(&parallel, &source).unwrap().done, 24);
    assert!(files(&parallel.path().join("runs")) == expected);
    let shared = store(&folder, "shared");
    let done: Vec<usize> =
        ["3/3", "1/3", "2/3"].iter().map(|shard| runner(2, shard).run(&shared, &source).unwrap().done).collect();
    assert_eq!(done, [8, 8, 8]);
    assert!(files(&shared.path().join("runs")) == expected);
    assert_eq!(runner(1, "1/1").run(&shared, &source).unwrap().done_before, 24);
}

#[test]
fn a_run_depends_on_its_own_specification_alone() {
    let all = campaign().runs();
    let mut small = campaign();
    small.arms.remove(0);
    small.units.remove(0);
    small.repeats = 1;
    small.name = "another name".to_owned();
    for run in small.runs() {
        assert!(all.contains(&run), "{run}");
    }
    let (seeds, other) = (|campaign: &Campaign| campaign.runs()[0].spec.seed, Campaign { seed: 6, ..campaign() });
    assert_ne!(seeds(&campaign()), seeds(&other));
    let kept = Campaign { arms: vec![Arm { keep: Keep::All, ..campaign().arms[0].clone() }], ..campaign() };
    assert_eq!(kept.runs()[0].id, campaign().runs()[0].id, "what is kept changes no number");
}

#[test]
fn identities_do_not_change_unnoticed() {
    // A change here makes every stored campaign one of other runs. The text was written by Python 3.11:
    // json.dumps({"format": 1, "repeat": 0, "run": spec, "seed": 5}, sort_keys=True, separators=(",", ":"))
    const SPECIFIED: &str = concat!(
        r#"{"format":1,"repeat":0,"run":{"dim":6,"generations":4,"goal":"maximize","method":{"optimizer":"genetic","#,
        r#""options":{"kT_multiplier":2.0,"mutation_rate":0.25,"mutation_size":0.75,"n_conserve":null,"#,
        r#""parental_skew":0.75,"population_size":40}},"noise":{"kind":"none"},"objective":{"channel":0},"seed":null},"#,
        r#""seed":5}"#
    );
    let run = &campaign().runs()[1];
    let digest = Sha256::digest(SPECIFIED);
    assert_eq!(run.id.as_str(), format!("{digest:x}"));
    assert_eq!(run.spec.seed, u64::from_be_bytes(digest[..8].try_into().unwrap()));
    assert_eq!(run.stem(), "hill_top_000_1-2/genetic_r0_2f088f031dc4");
}

/// Stops the campaign after so many generations, over all runs.
pub(crate) struct StopAfter {
    pub(crate) generations: AtomicUsize,
    pub(crate) stop: Arc<AtomicBool>,
}

impl Watcher for StopAfter {
    fn on_generation(&self, _run: &Run) {
        if self.generations.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.stop.store(true, Ordering::Relaxed);
        }
    }
}

#[test]
fn interruptions_leave_whole_runs_and_change_nothing() {
    let folder = TempDir::new().unwrap();
    let expected = undisturbed(&folder);
    let store = store(&folder, "interrupted");
    let mut rounds = 0;
    loop {
        let stop: Arc<AtomicBool> = Arc::default();
        let watcher = StopAfter { generations: AtomicUsize::new(7 + rounds), stop: Arc::clone(&stop) };
        let Report { done, left, .. } =
            Runner { stop, watcher: &watcher, ..runner(2, "1/1") }.run(&store, &source).unwrap();
        let now = files(&store.path().join("runs"));
        assert!(now.iter().all(|(path, bytes)| expected.get(path) == Some(bytes)), "after {rounds} interruptions");
        if left == 0 {
            assert!(now == expected && done > 0);
            break;
        }
        rounds += 1;
    }
    assert!(rounds > 3, "{rounds} interruptions");
}

#[test]
fn arrays_and_records_hold_the_run() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    runner(2, "1/1").run(&store, &source).unwrap();
    let stored: Vec<_> = store.runs().collect::<Result<_, _>>().unwrap();
    assert_eq!(stored.len(), 24);
    for stored in &stored {
        let arrays = stored.arrays().unwrap();
        let best = arrays.cleanscores_all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        assert_eq!(stored.record.best_clean.unwrap().score.0, best);
        assert_eq!(arrays.runtime, None);
        assert_eq!(arrays.generation_means.len(), GENERATIONS as usize * DIM);
        let keeping = stored.run.label == "cholesky-cmaes";
        assert_eq!((arrays.codes_all.is_some(), arrays.recommendations.is_some()), (keeping, keeping));
        if let Some(recommendations) = arrays.recommendations {
            assert_eq!(recommendations.len(), GENERATIONS as usize * DIM);
            assert!(recommendations.ends_with(&arrays.recommended));
            assert!(recommendations.starts_with(&[0.0; DIM]), "the first mean is the zero code");
        }
        assert_eq!(arrays.diagnostics.len(), stored.record.diagnostics.len());
        let codes = if stored.run.label == "sphere-cma" { 41 } else { 40 };
        assert_eq!(arrays.last_codes.len(), codes * DIM);
        assert_eq!(arrays.best_code.map(|code| code.len()), Some(DIM));
        assert!(store.timing(&stored.run).is_some_and(|timing| timing.runtime > 0.0));
    }
    let noisy = stored.iter().find(|stored| stored.run.noise_level() == Some(0.2)).unwrap().arrays().unwrap();
    assert_ne!(noisy.scores_all, noisy.cleanscores_all);
}

#[test]
fn damaged_files_are_named_set_aside_and_made_again() {
    let folder = TempDir::new().unwrap();
    let expected = undisturbed(&folder);
    let store = Store::open(&folder.path().join("undisturbed")).unwrap();
    let runs = store.path().join("runs");
    let paths: Vec<PathBuf> = expected.keys().map(|path| runs.join(path)).collect();
    let of = |extension: &str, at: usize| {
        paths.iter().filter(|path| path.extension().is_some_and(|e| e == extension)).nth(at).unwrap()
    };
    let (cut, flipped, gone, torn, foreign) =
        (of("npz", 0), of("npz", 4), of("npz", 8), of("json", 12), of("json", 16));
    let bytes = fs::read(cut).unwrap();
    fs::write(cut, &bytes[..bytes.len() / 2]).unwrap();
    let mut bytes = fs::read(flipped).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(flipped, bytes).unwrap();
    fs::remove_file(gone).unwrap();
    fs::write(torn, "{\"format\": \"actmax-campai").unwrap();
    fs::copy(of("json", 17), foreign).unwrap();

    let status = store.status(true);
    let damaged: Vec<&PathBuf> = status.damaged().map(|damage: &Damage| &damage.path).collect();
    assert_eq!(damaged.len(), 5);
    assert!([cut, flipped, gone, torn, foreign].iter().all(|path| damaged.contains(path)));
    let reasons: Vec<&str> = status.damaged().map(|damage| damage.reason.as_str()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("content has changed")), "{reasons:?}");
    assert!(reasons.contains(&"it is of another run"), "{reasons:?}");
    assert!(store.runs().any(|run| run.is_err_and(|error| error.to_string().contains(&cut.display().to_string()))));

    let report = runner(2, "1/1").run(&store, &source).unwrap();
    assert_eq!((report.done, report.damaged.len(), report.done_before), (5, 5, 19));
    assert!(files(&runs) == expected);
    assert_eq!(files(&store.path().join("set-aside")).len(), 9, "all of them but the .npz that was gone");
}

#[test]
fn a_failing_run_stops_no_other_and_is_tried_again() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    let failing = |run: &Run| {
        if run.unit.channel == 1 && run.label == "genetic" { Err(DeviceGone) } else { Ok(source(run).unwrap()) }
    };
    let report = runner(2, "1/1").run(&store, &failing).unwrap();
    assert_eq!((report.done, report.failed.len(), report.left), (20, 4, 0));
    let status = store.status(false);
    let reasons: Vec<&str> = status.failed().map(|failure| failure.reason.as_str()).collect();
    assert_eq!(reasons, ["the device is gone"; 4]);
    assert_eq!(status.done(), 20);
    let report = runner(2, "1/1").run(&store, &source).unwrap();
    assert_eq!((report.done, report.failed.len()), (4, 0));
    assert_eq!(store.status(false).failed().count(), 0);
}

#[test]
fn a_folder_that_cannot_be_written_ends_the_campaign_with_all_finished_runs_kept() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    let last = campaign().runs().pop().unwrap();
    // A file stands where the folder of the last runs should be.
    let blocked = store.path().join("runs").join(last.folder());
    fs::create_dir_all(store.path().join("runs")).unwrap();
    fs::write(&blocked, "in the way").unwrap();
    let error = runner(1, "1/1").run(&store, &source).unwrap_err();
    assert!(
        matches!(&error, CampaignError::Folder(FolderError::Io { path, .. }) if path.starts_with(&blocked)),
        "{error}"
    );
    assert_eq!(store.status(true).done(), 18);
    fs::remove_file(&blocked).unwrap();
    assert_eq!(runner(1, "1/1").run(&store, &source).unwrap().done, 6);
}

#[test]
fn keeping_more_codes_makes_the_run_again_with_the_same_numbers() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    runner(1, "1/1").run(&store, &source).unwrap();
    let scores = |store: &Store| -> Vec<Vec<f64>> {
        store.runs().map(|stored| stored.unwrap().arrays().unwrap().scores_all).collect()
    };
    let before = scores(&store);
    let mut more = campaign();
    (more.arms[0].keep, more.arms[1].keep_recommended) = (Keep::All, true);
    let store = Store::create(store.path(), &more).unwrap();
    assert_eq!(store.status(false).done(), 8);
    assert_eq!(runner(1, "1/1").run(&store, &source).unwrap().done, 16);
    assert_eq!(scores(&store), before);
    assert!(store.runs().next().unwrap().unwrap().arrays().unwrap().codes_all.is_some());
}

#[test]
fn a_folder_of_another_campaign_or_of_something_else_is_refused() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    let other = Campaign { repeats: 3, ..campaign() };
    let error = Store::create(store.path(), &other).unwrap_err();
    assert!(error.to_string().contains("repeats (2 recorded, 3 requested)"), "{error}");
    fs::create_dir(folder.path().join("else")).unwrap();
    fs::write(folder.path().join("else/thesis.txt"), "").unwrap();
    let error = Store::create(&folder.path().join("else"), &campaign()).unwrap_err();
    assert!(matches!(&error, CampaignError::NotEmpty { file, .. } if file == "thesis.txt"), "{error}");
    assert!(matches!(Store::open(folder.path()), Err(CampaignError::NoCampaign { .. })));
    fs::write(store.path().join("campaign.json"), "{").unwrap();
    assert!(matches!(Store::open(store.path()), Err(CampaignError::Damaged { .. })));
}

/// While a process is at a share nobody else may take it, but other shares may be taken.
struct Beside<'a> {
    store: &'a Store,
    tried: AtomicBool,
    shard: Shard,
}

impl Watcher for Beside<'_> {
    fn on_generation(&self, _run: &Run) {
        if self.tried.swap(true, Ordering::Relaxed) {
            return;
        }
        let take = |shard: Shard| Runner { shard, ..Runner::default() }.run(self.store, &source);
        assert!(matches!(take(self.shard), Err(CampaignError::Shard(ShardError::InUse { .. }))));
        let status = self.store.status(false);
        assert_eq!(status.active.len(), 1);
        assert_eq!(status.active[0].running.len(), 1);
        if self.shard != Shard::default() {
            assert!(matches!(take(Shard::default()), Err(CampaignError::Shard(ShardError::InUse { .. }))));
            assert_eq!(take(Shard::new(2, 2).unwrap()).unwrap().done, 12);
        }
    }
}

#[test]
fn two_processes_share_a_folder_but_not_a_share() {
    for shard in [Shard::default(), Shard::new(1, 2).unwrap()] {
        let folder = TempDir::new().unwrap();
        let store = store(&folder, "results");
        let watcher = Beside { store: &store, tried: AtomicBool::new(false), shard };
        Runner { shard, watcher: &watcher, ..Runner::default() }.run(&store, &source).unwrap();
        assert_eq!(store.status(true).done(), 24);
    }
}

#[test]
fn shards_are_written_i_of_n() {
    for wrong in ["0/3", "4/3", "1", "a/b", "1/0", ""] {
        assert!(matches!(wrong.parse::<Shard>(), Err(ShardError::Malformed { .. })), "{wrong}");
    }
    assert_eq!("2/3".parse::<Shard>().unwrap().to_string(), "2/3");
}

#[test]
fn a_grid_that_cannot_run_is_refused() {
    let folder = TempDir::new().unwrap();
    let create = |campaign: &Campaign| Store::create(&folder.path().join("x"), campaign).unwrap_err().to_string();
    let base = campaign();
    assert!(create(&Campaign { repeats: 0, ..base.clone() }).contains("no repeats"));
    assert!(create(&Campaign { arms: Vec::new(), ..base.clone() }).contains("no optimizers"));
    let twice = Campaign { units: vec![base.units[0].clone(); 2], ..base.clone() };
    assert!(create(&twice).contains("the same run twice"));
    let noise = vec![Noise::Multiplicative { level: -1.0 }];
    assert!(create(&Campaign { noise, ..base }).contains("noise level -1"));
    assert!(!folder.path().join("x").exists());
}

#[test]
fn the_table_has_a_row_a_run() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    let beginning = Runner { stop: Arc::new(AtomicBool::new(false)), ..runner(1, "1/2") };
    beginning.run(&store, &source).unwrap();
    let part = collect(&store, &folder.path().join("part")).unwrap();
    assert_eq!((part.runs, part.missing), (12, 12));
    runner(1, "2/2").run(&store, &source).unwrap();
    let tables = folder.path().join("tables");
    let collected = collect(&store, &tables).unwrap();
    assert_eq!((collected.runs, collected.missing, collected.provenance_differences.len()), (24, 0, 0));
    let mut reader = csv::Reader::from_path(tables.join("runs.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 24);
    let column = |name: &str| header.iter().position(|found| found == name).unwrap();
    for (row, stored) in rows.iter().zip(store.runs()) {
        let stored = stored.unwrap();
        assert_eq!(row[column("best_clean")].parse::<f64>().unwrap(), stored.record.best_clean.unwrap().score.0);
        assert_eq!((&row[column("optimizer")], &row[column("id")]), (&*stored.run.label, stored.run.id.as_str()));
    }
}

#[test]
fn runs_of_different_machines_are_told() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    let other = Provenance { cpu: "Z80".to_owned(), ..Provenance::here() };
    Runner { provenance: other, ..runner(1, "1/3") }.run(&store, &source).unwrap();
    assert!(store.status(false).provenance_differences().is_empty());
    runner(1, "1/1").run(&store, &source).unwrap();
    let differences = store.status(false).provenance_differences();
    assert!(
        differences.len() == 1 && differences[0].contains("Z80") && differences[0].contains("in 8 runs"),
        "{differences:?}"
    );
    assert_eq!(collect(&store, &folder.path().join("tables")).unwrap().provenance_differences, differences);
}

#[test]
fn stored_specifications_run_again_to_the_same_scores() {
    let folder = TempDir::new().unwrap();
    let store = store(&folder, "results");
    runner(1, "1/1").run(&store, &source).unwrap();
    let stored = store.runs().nth(5).unwrap().unwrap();
    let spec: RunSpec = stored.record.spec.clone();
    let mut objective = source(&stored.run).unwrap();
    let evolver = experiments::Evolver::new(spec.optimizer(None).unwrap(), spec.plan()).unwrap();
    assert_eq!(evolver.run(&mut objective).unwrap().scores_all, stored.arrays().unwrap().scores_all);
    assert!(store.status(true).runs.iter().all(|(_, state)| *state == RunState::Done));
}

#[test]
fn what_does_not_fit_is_refused_before_it_starts() {
    // A list of a billion runs, which nothing may begin to make.
    let many = Campaign { repeats: u32::MAX, ..campaign() };
    let error = many.validate().unwrap_err();
    assert!(matches!(error, CampaignError::TooManyRuns { repeats: u32::MAX, .. }), "{error}");

    // Runs of a few exabytes, in a grid of few.
    let folder = TempDir::new().unwrap();
    let mut long = campaign();
    long.units.truncate(1);
    long.units[0].dim = 1 << 30;
    long.arms = vec![Arm { keep: Keep::All, ..Arm::new(Method::from_name("random-search").unwrap(), u32::MAX) }];
    let error = Store::create(&folder.path().join("long"), &long).unwrap_err();
    assert!(matches!(error, CampaignError::Needs(NeedsError::Memory { .. })), "{error}");
    assert!(!folder.path().join("long").exists());
}
