//! Runs that end before their last generation, and presentations that are averaged.

use experiments::campaign::{Campaign, Run, Runner, Store};
use experiments::{
    Evolution, EvolveError, Evolver, Journal, Keep, Noise, Outcome, Provenance, RunPlan, RunSpec, StopReason, StopRules,
};
use optim_core::{Method, Population};

use crate::campaign::campaign;
use crate::support::{BestOfLambda, DeviceGone, Function, hill};

const DIM: usize = 5;

fn evolve(plan: RunPlan, function: impl FnMut(&Population) -> Result<Vec<f64>, DeviceGone>) -> Evolution {
    Evolver::new(BestOfLambda::new(DIM, &[10]), plan).unwrap().run(&mut Function::new(DIM, function)).unwrap()
}

/// Scores that rise by one a generation up to generation 20 and stay there.
fn plateau() -> impl FnMut(&Population) -> Result<Vec<f64>, DeviceGone> {
    let mut generation = 0_u32;
    move |codes| {
        generation += 1;
        Ok(vec![f64::from(generation.min(21)) - 1.0; codes.len()])
    }
}

#[test]
fn a_target_ends_the_run_and_is_recorded() {
    let stop = StopRules { score: Some(6.5), ..StopRules::default() };
    let evolution = evolve(RunPlan { stop, ..RunPlan::new(7, 40) }, plateau());
    assert_eq!((evolution.outcome, evolution.generations_scored()), (Outcome::Stopped, 8));
    assert_eq!(evolution.stopped, Some(StopReason::Score { target: 6.5, mean: 7.0, generation: 7 }));
}

#[test]
fn a_target_is_compared_with_what_the_method_saw() {
    // Clean scores of -1 are told as 0: the noise clips them there.
    let noise = Noise::Poisson { scale: 1.0, repeats: 1 };
    let stop = StopRules { score: Some(-0.5), ..StopRules::default() };
    let low = |codes: &Population| Ok(vec![-1.0; codes.len()]);
    let clean = evolve(RunPlan { stop, ..RunPlan::new(7, 4) }, low);
    assert_eq!((clean.outcome, clean.stopped), (Outcome::Finished, None));
    let seen = evolve(RunPlan { stop, noise, ..RunPlan::new(7, 4) }, low);
    assert_eq!((seen.outcome, seen.generations_scored()), (Outcome::Stopped, 1));
}

#[test]
fn a_standstill_ends_the_run_under_noise_and_progress_does_not() {
    let stop = StopRules { stalled: Some(10), ..StopRules::default() };
    let noise = Noise::Multiplicative { level: 0.2 };
    let evolution = evolve(RunPlan { stop, noise, ..RunPlan::new(7, 60) }, plateau());
    let Some(StopReason::Stalled { over: 10, p, generation, .. }) = evolution.stopped else {
        panic!("{:?}", evolution.stopped)
    };
    assert!(p > 0.05 && (21..=32).contains(&generation), "p {p} after generation {generation}");
}

#[test]
fn a_stop_in_the_last_generation_is_a_finished_run() {
    let stop = StopRules { score: Some(3.0), ..StopRules::default() };
    let evolution = evolve(RunPlan { stop, ..RunPlan::new(7, 4) }, plateau());
    assert_eq!((evolution.outcome, evolution.generations_scored()), (Outcome::Finished, 4));
    assert!(evolution.stopped.is_some());
}

fn spec(stop: StopRules) -> RunSpec {
    RunSpec {
        method: Method::from_name("sphere-cma").unwrap(),
        dim: DIM,
        seed: 3,
        generations: 12,
        noise: Noise::None,
        goal: experiments::Goal::Maximize,
        objective: serde_json::json!({ "unit": "hill" }).into(),
        initial_codes_sha256: None,
        reps: 1,
        stop,
        initial_norm: None,
    }
}

#[test]
fn a_stopped_run_goes_on_with_other_rules_as_if_it_had_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.jsonl");
    let here = Provenance::here();
    let go = |spec: &RunSpec, journal: Option<Journal>| {
        let evolver = Evolver::new(spec.optimizer(None).unwrap(), spec.plan()).unwrap();
        let evolver = match journal {
            Some(journal) => evolver.with_journal(journal),
            None => evolver,
        };
        evolver.run(&mut Function::new(DIM, hill)).unwrap()
    };
    // The first generation of this run is above the target.
    let stopping = spec(StopRules { score: Some(-1e9), ..StopRules::default() });
    let stopped = go(&stopping, Some(Journal::create(&path, &stopping, Keep::All, &here).unwrap()));
    assert_eq!((stopped.outcome, stopped.generations_scored()), (Outcome::Stopped, 1));
    let again = go(&stopping, Some(Journal::resume(&path, &stopping, &here).unwrap()));
    assert_eq!((again.outcome, again.stopped), (stopped.outcome, stopped.stopped));
    assert_eq!(again.scores_all, stopped.scores_all);

    let endless = spec(StopRules::default());
    let whole = go(&endless, Some(Journal::resume(&path, &endless, &here).unwrap()));
    assert_eq!((whole.outcome, whole.stopped), (Outcome::Finished, None));
    assert_eq!(whole.codes_all, go(&endless, None).codes_all);
    // The header has the new rules: the same specification is no extension any more.
    assert_eq!(Journal::resume(&path, &endless, &here).unwrap().header().spec, endless);
}

#[test]
fn the_mean_of_the_presentations_is_told() {
    let noise = Noise::Multiplicative { level: 0.3 };
    let told = |reps| evolve(RunPlan { noise, reps, ..RunPlan::new(7, 40) }, |codes| Ok(vec![1.0; codes.len()]));
    let spread = |evolution: &Evolution| {
        let squares = evolution.scores_all.iter().map(|score| (score - 1.0).powi(2));
        (squares.sum::<f64>() / evolution.evaluations() as f64).sqrt()
    };
    let (once, nine) = (spread(&told(1)), spread(&told(9)));
    assert!((once - 0.3).abs() < 0.04 && (nine - 0.1).abs() < 0.015, "{once} and {nine}");
    let none = Evolver::new(BestOfLambda::new(DIM, &[10]), RunPlan { reps: 0, ..RunPlan::new(7, 4) });
    assert!(matches!(none.map(drop), Err(EvolveError::Budget(_))));
}

#[test]
fn a_campaign_keeps_stopped_runs_and_names_the_rule() {
    let plain = campaign();
    let ids = |campaign: &Campaign| campaign.runs().into_iter().map(|run| run.id).collect::<Vec<_>>();
    let mut stopping = Campaign { stop: StopRules { score: Some(-1e9), ..StopRules::default() }, ..plain.clone() };
    assert!(ids(&plain).iter().all(|id| !ids(&stopping).contains(id)), "another stop is another run");
    stopping.arms[0].reps = 4;
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("results"), &stopping).unwrap();
    let source = |_: &Run| Ok::<_, DeviceGone>(Function::new(plain.units[0].dim, hill));
    let report = Runner::default().run(&store, &source).unwrap();
    assert_eq!((report.done, report.left), (stopping.runs().len(), 0));
    let records: Vec<_> = store.runs().map(|stored| stored.unwrap().record).collect();
    assert!(records.iter().all(|record| matches!(record.stopped, Some(StopReason::Score { generation: 0, .. }))));
    let table = experiments::campaign::collect(&store, folder.path()).unwrap().file;
    let table = std::fs::read_to_string(table).unwrap();
    let (header, rows) = table.split_once('\n').unwrap();
    assert!(header.contains(",id,reps,stopped"), "{header}");
    assert!(rows.lines().all(|row| row.contains("reached the target")), "{rows}");
    assert!(store.status(true).damaged().next().is_none());
}
