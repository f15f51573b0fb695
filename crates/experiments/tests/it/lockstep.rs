//! Evolutions in lock step are those that run alone.

use experiments::{Evolution, EvolveError, Evolver, Lockstep, RunPlan};
use optim_core::{Method, Population};

use crate::support::{BestOfLambda, DeviceGone, Function, Witness, hill};

const DIM: usize = 5;

type Score = fn(&Population) -> Result<Vec<f64>, DeviceGone>;

fn objective(function: Score) -> Function<Score> {
    Function::new(DIM, function)
}

/// Twenty times as high as the hill, and upside down.
fn valley(codes: &Population) -> Result<Vec<f64>, DeviceGone> {
    Ok(hill(codes)?.into_iter().map(|score| 20.0 * (7.0 - score)).collect())
}

fn all_nan(codes: &Population) -> Result<Vec<f64>, DeviceGone> {
    Ok(vec![f64::NAN; codes.len()])
}

fn gone(_codes: &Population) -> Result<Vec<f64>, DeviceGone> {
    Err(DeviceGone)
}

/// Different methods, populations, lengths, seeds and objectives.
fn members() -> Vec<(&'static str, RunPlan, Score)> {
    vec![
        ("sphere-cma", RunPlan::new(1, 6), hill),
        ("genetic", RunPlan::new(2, 3), valley),
        ("cholesky-cmaes", RunPlan::new(3, 9), valley),
        ("ng-one-plus-one", RunPlan::new(4, 5), hill),
    ]
}

fn evolver(name: &str, plan: RunPlan) -> Evolver<'static> {
    Evolver::new(Method::from_name(name).unwrap().build(DIM).unwrap(), plan).unwrap()
}

fn alone() -> Vec<Evolution> {
    let run = |(name, plan, score)| evolver(name, plan).run(&mut objective(score)).unwrap();
    members().into_iter().map(run).collect()
}

fn assert_same(found: &Evolution, expected: &Evolution) {
    assert_eq!(found.codes_all, expected.codes_all);
    assert_eq!(found.scores_all, expected.scores_all);
    assert_eq!(found.recommended, expected.recommended);
    assert_eq!(found.next_codes, expected.next_codes);
    assert_eq!((found.outcome, &found.incumbent), (expected.outcome, &expected.incumbent));
}

#[test]
fn members_get_the_numbers_that_they_have_alone() {
    let alone = alone();
    let mut group = Lockstep::default();
    let mut waiting = members().into_iter().enumerate();
    let (mut steps, mut ended) = (0, Vec::new());
    loop {
        // One after the other joins, so that no two are ever in the same generation.
        if let Some((tag, (name, plan, score))) = waiting.next() {
            group.join(tag, evolver(name, plan), objective(score)).unwrap();
        }
        if group.is_empty() {
            break;
        }
        for (tag, result) in group.step() {
            assert_same(&result.unwrap(), &alone[tag]);
            ended.push((steps, tag));
        }
        steps += 1;
    }
    // A member of G generations that joined before step s leaves in step s + G - 1.
    assert_eq!(ended, [(3, 1), (5, 0), (7, 3), (10, 2)]);
}

#[test]
fn a_member_that_fails_leaves_the_others_as_they_are() {
    let alone = alone();
    let mut group = Lockstep::default();
    for (tag, (name, plan, score)) in members().into_iter().enumerate() {
        group.join(tag, evolver(name, plan), objective(if tag == 1 { all_nan } else { score })).unwrap();
    }
    let mut ended: Vec<_> = group.step();
    assert!(matches!(&ended[..], [(1, Err(EvolveError::AllNan { generation: 0, .. }))]), "{ended:?}");
    while !group.is_empty() {
        ended.extend(group.step());
    }
    for (tag, result) in ended.into_iter().skip(1) {
        assert_same(&result.unwrap(), &alone[tag]);
    }
}

#[test]
fn an_evaluation_that_fails_fails_all_with_its_reason() {
    let mut group = Lockstep::default();
    let methods = [("genetic", hill as Score), ("sphere-cma", gone), ("genetic", hill)];
    for (tag, (name, score)) in methods.into_iter().enumerate() {
        group.join(tag, evolver(name, RunPlan::new(1, 4)), objective(score)).unwrap();
    }
    let mut tags = Vec::new();
    for (tag, result) in group.step() {
        let error = result.unwrap_err();
        assert!(matches!(&error, EvolveError::Evaluation { generation: 0, .. }), "{error}");
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "the device is gone");
        tags.push(tag);
    }
    assert_eq!(tags, [0, 1, 2]);
    assert!(group.is_empty());
}

#[test]
fn the_seconds_of_an_evaluation_are_divided_by_codes() {
    let mut group = Lockstep::default();
    for (tag, lambda) in [10, 30].into_iter().enumerate() {
        let evolver = Evolver::new(BestOfLambda::new(DIM, &[lambda]), RunPlan::new(1, 3)).unwrap();
        group.join(tag, evolver, objective(hill)).unwrap();
    }
    let ended: Vec<_> = std::iter::from_fn(|| (!group.is_empty()).then(|| group.step())).flatten().collect();
    let [(0, Ok(small)), (1, Ok(large))] = &ended[..] else { panic!("{ended:?}") };
    for (small, large) in small.seconds.iter().zip(&large.seconds) {
        assert!(small.evaluate > 0.0);
        assert!((large.evaluate / small.evaluate - 3.0).abs() < 1e-9, "{small:?} {large:?}");
    }
}

#[test]
fn observers_see_their_run_and_end_it() {
    let mut witness = Witness::stopping_after(2);
    let mut group = Lockstep::default();
    let watched = evolver("genetic", RunPlan::new(1, 5)).with_observer(&mut witness);
    group.join("watched", watched, objective(hill)).unwrap();
    group.join("other", evolver("genetic", RunPlan::new(1, 3)), objective(hill)).unwrap();
    assert!(group.step().is_empty());
    let left = group.step();
    assert!(matches!(&left[..], [("watched", Ok(evolution))] if evolution.generations_scored() == 2), "{left:?}");
    assert_eq!((group.len(), group.first().map(|(tag, _)| *tag)), (1, Some("other")));
    drop(group);
    assert_eq!((witness.seen.len(), witness.ends), (2, 1));
}

#[test]
fn objectives_of_another_dimension_are_refused() {
    let mut group = Lockstep::default();
    let other = Function::new(DIM + 1, hill as Score);
    let error = group.join((), evolver("genetic", RunPlan::new(1, 3)), other).unwrap_err();
    assert!(matches!(error, EvolveError::WrongDimension { optimizer: 5, objective: 6 }), "{error}");
}
