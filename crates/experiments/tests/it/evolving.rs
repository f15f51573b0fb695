//! What the loop promises.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use experiments::{BudgetError, Event, Evolution, EvolveError, Evolver, Goal, Keep, Noise, Outcome, RunPlan, StopFlag};
use optim_core::{Optimizer, Population, Stream, TellError, stream_rng};

use crate::support::{BestOfLambda, DeviceGone, Function, Witness, hill};

const DIM: usize = 5;
const LAMBDAS: [usize; 3] = [1, 40, 41];

fn evolve(
    plan: RunPlan,
    function: impl FnMut(&Population) -> Result<Vec<f64>, DeviceGone>,
) -> Result<Evolution, EvolveError> {
    Evolver::new(BestOfLambda::new(DIM, &LAMBDAS), plan)?.run(&mut Function::new(DIM, function))
}

fn noisy(level: f64) -> RunPlan {
    RunPlan { noise: Noise::Multiplicative { level }, ..RunPlan::new(7, 3) }
}

#[test]
fn the_record_holds_what_the_loop_did() {
    let evolution = evolve(noisy(0.3), hill).unwrap();

    let mut optimizer = BestOfLambda::new(DIM, &LAMBDAS);
    let mut codes = Population::new(DIM);
    let (mut all, mut clean_all, mut noisy_all, mut generations) = (vec![], vec![], vec![], vec![]);
    for generation in 0..3 {
        optimizer.ask(&mut stream_rng(7, Stream::Method, generation), &mut codes);
        let clean = hill(&codes).unwrap();
        let told = Noise::Multiplicative { level: 0.3 }.apply(&clean, 7, generation).unwrap();
        optimizer.tell(&codes, &told).unwrap();
        all.extend(codes.as_slice().iter().map(|&x| x as f32));
        generations.extend(vec![generation as u32; codes.len()]);
        clean_all.extend(clean);
        noisy_all.extend(told);
        let mean = codes.mean().unwrap();
        let row = generation as usize * DIM..(generation as usize + 1) * DIM;
        assert_eq!(evolution.generation_means[row], mean.iter().map(|&x| x as f32).collect::<Vec<_>>());
        let norm = codes.iter().map(|z| z.iter().map(|x| x * x).sum::<f64>().sqrt()).sum::<f64>() / codes.len() as f64;
        assert_eq!(evolution.mean_norms[generation as usize], norm);
        assert_eq!(evolution.diagnostics[generation as usize], optimizer.diagnostics());
        if generation == 2 {
            assert_eq!(evolution.final_mean, Some(mean));
        }
    }
    assert_eq!(evolution.evaluations(), 82);
    assert_eq!(evolution.codes_all, all);
    assert_eq!(evolution.scores_all, noisy_all);
    assert_eq!(evolution.cleanscores_all, clean_all);
    assert_eq!(evolution.generations, generations);
    assert_eq!(evolution.recommended, optimizer.recommend());
    assert_eq!(evolution.incumbent.as_ref().map(|(code, score)| (&code[..], *score)), optimizer.incumbent());
    assert_eq!((evolution.outcome, evolution.generations_scored()), (Outcome::Finished, 3));

    optimizer.ask(&mut stream_rng(7, Stream::Method, 3), &mut codes);
    assert_eq!(evolution.next_codes, codes);
    let norm = codes.code(0).iter().map(|x| x * x).sum::<f64>().sqrt();
    assert_eq!((codes.len(), evolution.next_mean_norm()), (1, Some(norm)));
}

#[test]
fn bests_are_found_by_clean_and_by_noisy_score() {
    let evolution = evolve(noisy(2.0), hill).unwrap();
    for (best, scores) in [
        (evolution.best_clean.as_ref().unwrap(), &evolution.cleanscores_all),
        (evolution.best_noisy.as_ref().unwrap(), &evolution.scores_all),
    ] {
        let row = (0..82).rev().max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap();
        assert_eq!((best.evaluation, best.score), (row, scores[row]));
        assert_eq!(best.generation, evolution.generations[row]);
        assert_eq!(best.index, row - [0, 1, 41][best.generation as usize]);
        let stored = &evolution.codes_all[row * DIM..(row + 1) * DIM];
        assert_eq!(best.code.iter().map(|&x| x as f32).collect::<Vec<_>>(), stored);
    }
    // Clipped at zero by the noise, which no code of the hill reaches without.
    assert_eq!(evolution.best_noisy.unwrap().score, 0.0);
    assert!(evolution.best_clean.unwrap().score < 0.0);
}

#[test]
fn minimizing_is_maximizing_the_negative_with_natural_signs() {
    let bowl = |codes: &Population| Ok(hill(codes)?.iter().map(|score| -score).collect());
    let down = evolve(RunPlan { goal: Goal::Minimize, ..noisy(0.3) }, bowl).unwrap();
    let up = evolve(noisy(0.3), hill).unwrap();
    assert_eq!(down.codes_all, up.codes_all);
    assert_eq!(down.scores_all, up.scores_all.iter().map(|score| -score).collect::<Vec<_>>());
    let (down_best, up_best) = (down.best_clean.unwrap(), up.best_clean.unwrap());
    assert_eq!((down_best.evaluation, down_best.score), (up_best.evaluation, -up_best.score));
    assert!(down_best.score > 0.0);
    assert_eq!(down.incumbent.unwrap().1, -up.incumbent.unwrap().1);
}

#[test]
fn nan_is_never_best() {
    assert!(Goal::Maximize.is_better(1.0, f64::NAN) && !Goal::Maximize.is_better(f64::NAN, 1.0));
    assert!(Goal::Minimize.is_better(1.0, 2.0) && !Goal::Minimize.is_better(f64::NAN, f64::NAN));
    let partly = |codes: &Population| {
        let mut scores = hill(codes)?;
        scores[0] = if codes.len() == 1 { -1e9 } else { f64::NAN };
        Ok(scores)
    };
    let evolution = evolve(RunPlan::new(7, 3), partly).unwrap();
    assert!(evolution.cleanscores_all[1].is_nan() && evolution.scores_all[41].is_nan());
    assert!(evolution.best_clean.unwrap().score.is_finite());
}

#[test]
fn only_the_last_codes_are_kept_on_request() {
    let all = evolve(RunPlan::new(7, 3), hill).unwrap();
    let last = evolve(RunPlan { keep: Keep::LastOnly, ..RunPlan::new(7, 3) }, hill).unwrap();
    assert_eq!(last.codes_all, all.codes_all[41 * DIM..]);
    assert_eq!((last.scores_all, last.generation_means), (all.scores_all, all.generation_means));
}

#[test]
fn observers_see_every_generation_in_order() {
    let mut witness = Witness::default();
    let evolver = Evolver::new(BestOfLambda::new(DIM, &LAMBDAS), noisy(0.3)).unwrap();
    let evolution = evolver.with_observer(&mut witness).run(&mut Function::new(DIM, hill)).unwrap();

    let start = witness.start.unwrap();
    assert_eq!((start.dim, start.generations, start.journalled), (DIM, 3, 0));
    assert_eq!((witness.seen.len(), witness.ends, witness.warnings.len()), (3, 1, 0));
    let mut best = f64::NEG_INFINITY;
    let mut rows = 0;
    for (generation, seen) in witness.seen.iter().enumerate() {
        let range = rows..rows + LAMBDAS[generation];
        rows = range.end;
        assert_eq!((seen.generation as usize, seen.replayed, seen.evaluations), (generation, false, rows));
        assert_eq!((seen.codes.dim(), seen.codes.len()), (DIM, LAMBDAS[generation]));
        assert_eq!(seen.clean, evolution.cleanscores_all[range.clone()]);
        assert_eq!(seen.noisy, evolution.scores_all[range]);
        best = seen.clean.iter().copied().fold(best, f64::max);
        assert_eq!(seen.best_clean, Some(best));
        assert_eq!(seen.mean_score, seen.clean.iter().sum::<f64>() / seen.clean.len() as f64);
        assert_eq!(seen.diagnostics, evolution.diagnostics[generation]);
    }
}

#[test]
fn a_stop_flag_ends_after_the_generation_under_way() {
    let flag = Arc::new(AtomicBool::new(false));
    let mut stop = StopFlag::new(flag.clone());
    let mut objective = Function::new(DIM, |codes: &Population| {
        flag.store(codes.len() == 40, Ordering::Relaxed);
        hill(codes)
    });
    let evolver = Evolver::new(BestOfLambda::new(DIM, &LAMBDAS), RunPlan::new(7, 30)).unwrap();
    let evolution = evolver.with_observer(&mut stop).run(&mut objective).unwrap();
    assert_eq!((evolution.outcome, evolution.generations_scored()), (Outcome::Interrupted, 2));
    assert_eq!((evolution.evaluations(), objective.calls), (41, 2));
    assert_eq!(evolution.next_codes.len(), 41);
}

#[test]
fn a_flag_that_is_set_already_lets_nothing_be_evaluated() {
    let mut stop = StopFlag::new(Arc::new(AtomicBool::new(true)));
    let mut objective = Function::new(DIM, hill);
    let evolver = Evolver::new(BestOfLambda::new(DIM, &LAMBDAS), RunPlan::new(7, 3)).unwrap();
    let evolution = evolver.with_observer(&mut stop).run(&mut objective).unwrap();
    assert_eq!((evolution.outcome, evolution.evaluations(), objective.calls), (Outcome::Interrupted, 0, 0));
    assert!(evolution.best_clean.is_none() && evolution.final_mean.is_none());
}

#[test]
fn a_dead_unit_is_warned_of_once() {
    let warnings = |unresponsive_after, function: fn(&Population) -> Result<Vec<f64>, DeviceGone>| {
        let mut witness = Witness::default();
        let plan = RunPlan { unresponsive_after, ..RunPlan::new(7, 12) };
        let evolver = Evolver::new(BestOfLambda::new(DIM, &[1, 4]), plan).unwrap();
        evolver.with_observer(&mut witness).run(&mut Function::new(DIM, function)).unwrap();
        (witness.warnings, witness.seen.len())
    };
    fn dead(codes: &Population) -> Result<Vec<f64>, DeviceGone> {
        Ok(vec![0.0; codes.len()])
    }
    assert_eq!(warnings(5, dead), (vec![(4, Event::Unresponsive { generations: 5, score: 0.0 })], 12));
    assert_eq!(warnings(0, dead).0, []);
    static RESPONDS: AtomicBool = AtomicBool::new(true);
    let falls_silent = |codes: &Population| match RESPONDS.swap(false, Ordering::Relaxed) {
        true => Ok(vec![1.0; codes.len()]),
        false => dead(codes),
    };
    assert_eq!(warnings(5, falls_silent).0, [(5, Event::Standstill { generations: 5, score: 0.0 })]);
    assert_eq!(warnings(5, hill).0, []);
    // Equal within each generation, yet not the same from one to the next.
    let flat = |codes: &Population| Ok(vec![codes.code(0)[0]; codes.len()]);
    assert_eq!(warnings(5, flat).0, []);
}

#[test]
fn an_objective_that_fails_is_named_with_its_generation() {
    let fail_at = |len: usize| move |codes: &Population| if codes.len() == len { Err(DeviceGone) } else { hill(codes) };
    let error = evolve(RunPlan::new(7, 3), fail_at(41)).unwrap_err();
    assert!(matches!(&error, EvolveError::Evaluation { generation: 2, .. }), "{error:?}");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the device is gone");

    let short = |codes: &Population| Ok(hill(codes)?.split_off(1));
    let error = evolve(RunPlan::new(7, 3), short).unwrap_err();
    assert!(matches!(error, EvolveError::WrongScoreCount { generation: 0, codes: 1, scores: 0 }), "{error:?}");

    let nan = |codes: &Population| if codes.len() == 40 { Ok(vec![f64::NAN; 40]) } else { hill(codes) };
    let error = evolve(RunPlan::new(7, 3), nan).unwrap_err();
    assert!(matches!(error, EvolveError::AllNan { generation: 1, count: 40 }), "{error:?}");
    assert!(error.to_string().contains("generation 1"));
}

#[test]
fn what_cannot_run_is_refused() {
    let zero = evolve(RunPlan::new(7, 0), hill).unwrap_err();
    assert!(matches!(zero, EvolveError::Budget(BudgetError::ZeroGenerations)));
    assert!(matches!(evolve(noisy(-1.0), hill).unwrap_err(), EvolveError::Noise(_)));
    let evolver = Evolver::new(BestOfLambda::new(DIM, &LAMBDAS), RunPlan::new(7, 1)).unwrap();
    let error = evolver.run(&mut Function::new(DIM + 1, hill)).unwrap_err();
    assert!(matches!(error, EvolveError::WrongDimension { optimizer: 5, objective: 6 }));
}

#[test]
fn the_wheel_turned_by_hand_does_the_same() {
    let mut evolver = Evolver::new(BestOfLambda::new(DIM, &LAMBDAS), noisy(0.3)).unwrap();
    let early = evolver.tell(&[1.0]).unwrap_err();
    assert!(matches!(early, EvolveError::Tell { generation: 0, source: TellError::NotAsked }));
    while let Some(codes) = evolver.ask().unwrap() {
        let scores = hill(codes).unwrap();
        evolver.tell(&scores).unwrap();
        assert!(evolver.tell(&scores).is_err());
    }
    let evolution = evolver.finish().unwrap();
    let whole = evolve(noisy(0.3), hill).unwrap();
    assert_eq!((evolution.codes_all, evolution.scores_all), (whole.codes_all, whole.scores_all));
}

#[test]
fn seconds_count_for_the_phase_that_took_them() {
    let slow = |codes: &Population| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        hill(codes)
    };
    let evolution = evolve(RunPlan::new(7, 3), slow).unwrap();
    let timing = evolution.timing();
    assert_eq!(evolution.seconds.len(), 3);
    assert!(timing.evaluate >= 0.06, "{timing:?}");
    assert!([timing.ask, timing.noise, timing.tell, timing.observe].iter().all(|&phase| phase >= 0.0));
    let sum = timing.ask + timing.evaluate + timing.noise + timing.tell + timing.observe;
    assert_eq!(timing.total(), sum);
}
