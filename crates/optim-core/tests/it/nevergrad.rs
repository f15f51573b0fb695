//! Nevergrad's methods: their box, their quirks and what mends them.

use optim_core::methods::nevergrad::{
    CrossoverDraws, Estimate, NgDe, NgDeConfig, NgDeDraws, NgOnePlusOne, NgOnePlusOneConfig, NgTbpsa, NgTbpsaConfig,
    PopulationSizing, StepRule,
};
use optim_core::{Method, Optimizer, Population, Stream, registry, stream_rng};
use proptest::prelude::*;

use crate::common::{Landscape, ask, landscapes, run};

const NAMES: [&str; 7] =
    ["ng-de", "ng-two-points-de", "ng-es", "ng-pso", "ng-one-plus-one", "ng-tbpsa", "ng-random-search"];

fn bounds() -> impl Strategy<Value = [f64; 2]> {
    prop_oneof![
        Just([-6.0, 6.0]),
        Just([0.0, 1.0]),
        Just([-0.001, 2.0]),
        Just([-1e100, 1e100]),
        Just([-1e-100, 0.0]),
        Just([-1e100, 1e-300]),
    ]
}

fn options(pairs: &[(&str, String)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn next<O: Optimizer>(optimizer: &mut O, seed: u64) -> Population {
    let mut codes = Population::new(optimizer.dim());
    let generation = optimizer.generation();
    optimizer.ask(&mut stream_rng(seed, Stream::Method, generation), &mut codes);
    codes
}

proptest! {
    #[test]
    fn codes_stay_in_the_box(
        index in 0..NAMES.len(), dim in 1usize..7, workers in 1usize..70, seed: u64, landscape in landscapes(),
        bounds in bounds(), reflect: bool,
    ) {
        let bounce = if reflect { "reflect" } else { "single" };
        let [low, high] = bounds;
        let given = [("workers", workers.to_string()), ("bounds", format!("[{low:e},{high:e}]")), ("bounce", bounce.into())];
        let method = Method::with_options(NAMES[index], &options(&given)).unwrap();
        let case = crate::common::Case { info: method.info(), method, dim, seed, generations: 12 };
        for codes in run(&mut case.build(), &case, |codes| landscape.scores(codes)) {
            prop_assert_eq!(codes.len(), workers);
            prop_assert!(codes.as_slice().iter().all(|x| (low..=high).contains(x)), "{:?}", codes);
        }
    }

    #[test]
    fn any_number_of_given_codes_is_taken(index in 0..NAMES.len(), count in 1usize..130, workers in 1usize..50, seed: u64) {
        let method = Method::with_options(NAMES[index], &options(&[("workers", workers.to_string())])).unwrap();
        let values: Vec<f64> = (0..3 * count).map(|i| (i as f64).sin() * 9.0).collect();
        let mut optimizer = method.build(3).unwrap();
        optimizer.start_from(&Population::from_rows(3, &values)).unwrap();
        for generation in 0..8 {
            let codes = ask(&mut optimizer, seed, generation);
            prop_assert_eq!(codes.len(), if generation == 0 { count } else { workers });
            prop_assert!(codes.as_slice().iter().all(|x| x.abs() <= 6.0));
            optimizer.tell(&codes, &Landscape::Linear.scores(&codes)).unwrap();
        }
    }
}

#[test]
fn the_methods_are_registered_with_their_published_names() {
    let aliases = ["DE", "TwoPointsDE", "ES", "PSO", "OnePlusOne", "TBPSA", "RandomSearch"];
    for (name, alias) in NAMES.into_iter().zip(aliases) {
        assert!(registry().iter().any(|info| info.name == name && info.aliases == [alias]), "{name}");
        assert_eq!(Method::from_name(alias).unwrap().population_size(2), 40);
    }
    for (option, value) in [("workers", "0"), ("bounds", "1,2"), ("bounds", "-1,-2"), ("bounce", "twice")] {
        let built =
            Method::with_options("ng-es", &options(&[(option, value.into())])).and_then(|method| method.build(2));
        assert!(built.is_err(), "{option} {value}");
    }
}

/// Sigma after a generation of ten told these scores, following one whose best score is 1.
fn sigma(step_rule: StepRule, scores: [f64; 10]) -> f64 {
    let config = NgOnePlusOneConfig { workers: 10, step_rule, ..Default::default() };
    let mut optimizer = NgOnePlusOne::new(4, config).unwrap();
    let codes = next(&mut optimizer, 1);
    assert_eq!(codes.code(0), [0.0; 4], "the first code is the origin");
    optimizer.tell(&codes, &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]).unwrap();
    let before = optimizer.sigma();
    let codes = next(&mut optimizer, 1);
    optimizer.tell(&codes, &scores).unwrap();
    optimizer.sigma() / before
}

#[test]
fn one_plus_one_steps_at_each_evaluation_or_each_generation() {
    let close = |a: f64, b: f64| assert!((a / b - 1.0).abs() < 1e-12, "{a} {b}");
    let one_success = [0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
    close(sigma(StepRule::EachEvaluation, [0.0; 10]), 0.84f64.powi(10));
    close(sigma(StepRule::EachEvaluation, [1.0; 10]), 1024.0);
    close(sigma(StepRule::EachEvaluation, one_success), 2.0 * 0.84f64.powi(9));
    close(sigma(StepRule::EachGeneration, [0.0; 10]), 0.84);
    close(sigma(StepRule::EachGeneration, [1.0; 10]), 2.0);
    close(sigma(StepRule::EachGeneration, one_success), 2.0);
}

#[test]
fn one_plus_one_is_thrown_to_the_walls_by_ties() {
    let mut optimizer = Method::from_name("ng-one-plus-one").unwrap().build(16).unwrap();
    for generation in 0..40 {
        let codes = ask(&mut optimizer, 3, generation);
        optimizer.tell(&codes, &[0.0; 40]).unwrap();
        if generation > 2 {
            assert!(codes.as_slice().iter().all(|x| x.abs() == 6.0), "generation {generation}");
        }
    }
    assert!(optimizer.diagnostics()[0].1.is_finite());
}

/// The attractor of a DE after a point of score 5 was evaluated twice and another has score 9.
fn attractor(best: Estimate) -> f64 {
    let config = NgDeConfig { workers: 30, best, ..Default::default() };
    let mut optimizer = NgDe::new(1, config).unwrap();
    let mut codes = next(&mut optimizer, 1);
    let mut scores = vec![0.0; 30];
    (codes.as_mut_slice()[4], codes.as_mut_slice()[5]) = (1.5, 1.5);
    (scores[4], scores[5]) = (5.0, 5.0);
    optimizer.tell(&codes, &scores).unwrap();
    codes = next(&mut optimizer, 1);
    scores = vec![-1.0; 30];
    codes.as_mut_slice()[7] = -2.5;
    scores[7] = 9.0;
    optimizer.tell(&codes, &scores).unwrap();
    assert_eq!((optimizer.recommend(), optimizer.incumbent()), (&[-2.5][..], Some((&[-2.5][..], 9.0))));
    // A child with a = b in one dimension is its donor: p + 0.8 (best - p).
    let crossover = CrossoverDraws::VariableWise { donated: 0, uniforms: vec![] };
    optimizer.ask_with(&vec![NgDeDraws::Child { a: 3, b: 3, crossover }; 30], &mut codes);
    (codes.as_slice()[7] + 2.5) / 0.8 - 2.5 // member 7 lies at -2.5
}

#[test]
fn the_attractor_of_de_freezes_after_a_repeated_evaluation_unless_it_is_the_average_best() {
    assert!((attractor(Estimate::Pessimistic) - 1.5).abs() < 1e-12);
    assert!((attractor(Estimate::Average) + 2.5).abs() < 1e-12);
}

#[test]
fn tbpsa_never_updates_at_4096_dimensions_unless_its_population_fits_the_budget() {
    let updates = |population| {
        let mut optimizer = NgTbpsa::new(4096, NgTbpsaConfig { population, ..Default::default() }).unwrap();
        for _ in 0..75 {
            let codes = next(&mut optimizer, 2);
            optimizer.tell(&codes, &Landscape::Linear.scores(&codes)).unwrap();
        }
        (optimizer.llambda(), optimizer.centre().iter().any(|&x| x != 0.0))
    };
    assert_eq!(updates(PopulationSizing::Dimension), (16384, false));
    assert_eq!(updates(PopulationSizing::Budget), (148, true)); // 150 at first, then 4 times 37 parents
    let fitted = Method::from_name("ng-tbpsa").unwrap().for_generations(10);
    assert_eq!(fitted.options()["budget"], serde_json::json!(400));
}

#[test]
fn tbpsa_draws_waiting_codes_again_bit_for_bit() {
    let dim = 7;
    let mut optimizer = NgTbpsa::new(dim, NgTbpsaConfig { workers: 12, ..Default::default() }).unwrap();
    let (lambda, mu) = (optimizer.llambda(), 7);
    let mut told: Vec<(f64, Vec<f64>)> = Vec::new();
    let mut updates = 0;
    for generation in 0..30 {
        let mut codes = next(&mut optimizer, 9);
        // Now and then the caller changes a code.
        codes.code_mut(generation % 12)[0] = 0.25;
        let scores = Landscape::Sphere.scores(&codes);
        optimizer.tell(&codes, &scores).unwrap();
        for (code, score) in codes.iter().zip(&scores) {
            told.push((*score, code.to_vec()));
            if told.len() == lambda && updates < 3 {
                told.sort_by(|a, b| b.0.total_cmp(&a.0));
                let mut centre = vec![0.0; dim];
                for (_, code) in &told[..mu] {
                    centre.iter_mut().zip(code).for_each(|(c, x)| *c += x);
                }
                centre.iter_mut().for_each(|c| *c /= mu as f64);
                assert_eq!(optimizer.centre(), centre, "generation {generation}");
                told.clear();
                updates += 1;
            }
        }
    }
    assert_eq!(updates, 3);
}
