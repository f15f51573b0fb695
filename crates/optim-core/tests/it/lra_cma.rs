//! CMA-ES with adapted learning rates: recorded runs of the package, and what the method promises.

use optim_core::methods::{LraCma, LraCmaConfig};
use optim_core::nalgebra::DMatrix;
use optim_core::{ConfigError, Method, Optimizer, Population, Stream, stream_rng};
use serde::Deserialize;

use crate::common::off;

#[derive(Deserialize)]
struct Case {
    name: String,
    dim: usize,
    population: usize,
    sigma: f64,
    mean: f64,
    covariance: bool,
    generations: Vec<Generation>,
}

/// Normals and codes as rows, the scores told, and the state that follows.
#[derive(Deserialize)]
struct Generation {
    z: Vec<Vec<f64>>,
    codes: Vec<Vec<f64>>,
    scores: Vec<f64>,
    m: Vec<f64>,
    sigma: f64,
    c: Option<Vec<Vec<f64>>>,
    eta: [f64; 2],
}

#[test]
fn runs_are_those_of_the_package() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../fixtures/lra_cma.json")).unwrap();
    assert_eq!(cases.len(), 7);
    for case in cases {
        let mut method = LraCma::new(case.dim, config_of(&case)).unwrap();
        let mut codes = Population::new(case.dim);
        for (k, step) in case.generations.iter().enumerate() {
            let place = format!("{}, generation {k}", case.name);
            method.ask_with(&DMatrix::from_column_slice(case.dim, step.z.len(), &step.z.concat()), &mut codes);
            assert!(off(codes.as_slice(), &step.codes.concat()) < 1e-9, "codes of {place}");
            method.tell(&codes, &step.scores).unwrap();
            let (eta_m, eta_sigma) = method.learning_rates();
            let found = [
                off(method.mean(), &step.m),
                off(&[method.sigma(), eta_m, eta_sigma], &[step.sigma, step.eta[0], step.eta[1]]),
                step.c.as_ref().map_or(0.0, |c| off(method.covariance().unwrap().as_slice(), &c.concat())),
            ];
            assert!(found.iter().all(|off| *off < 1e-9), "m, sigma and rates, C of {place} are off by {found:?}");
            assert_eq!(method.recommend(), method.mean());
        }
    }
}

fn config_of(case: &Case) -> LraCmaConfig {
    LraCmaConfig {
        population_size: case.population,
        sigma0: case.sigma,
        x0: case.mean,
        covariance: Some(case.covariance),
    }
}

fn step(method: &mut LraCma, score: impl Fn(&[f64]) -> f64) -> Population {
    let mut codes = Population::new(method.dim());
    method.ask(&mut stream_rng(4, Stream::Method, method.generation()), &mut codes);
    let scores: Vec<f64> = codes.iter().map(score).collect();
    method.tell(&codes, &scores).unwrap();
    codes
}

#[test]
fn rates_fall_where_scores_are_chance_and_not_where_they_are_a_slope() {
    for covariance in [true, false] {
        let config = LraCmaConfig { covariance: Some(covariance), ..Default::default() };
        let [mut chance, mut slope] = [(); 2].map(|()| LraCma::new(30, config).unwrap());
        for _ in 0..100 {
            step(&mut chance, |code| (code[0] * 1e6).sin());
            step(&mut slope, |code| code[0]);
        }
        let (by_chance, by_slope) = (chance.learning_rates().0, slope.learning_rates().0);
        assert!(by_chance < 0.3 && by_slope > 2.0 * by_chance, "{by_chance}, {by_slope}");
    }
}

#[test]
fn given_codes_are_a_generation_and_the_mean_of_their_best_is_the_mean() {
    let mut method = LraCma::new(3, LraCmaConfig::default()).unwrap();
    method.start_from(&Population::from_rows(3, &[9.0, 8.0, 7.0])).unwrap();
    let codes = step(&mut method, |code| code[0]);
    assert_eq!((codes.len(), method.mean()), (1, &[9.0, 8.0, 7.0][..]));
    assert_eq!(step(&mut method, |code| code[0]).len(), 40);
}

#[test]
fn the_covariance_is_adapted_in_few_dimensions() {
    let has = |dim, covariance| {
        LraCma::new(dim, LraCmaConfig { covariance, ..Default::default() }).unwrap().covariance().is_some()
    };
    assert_eq!([has(256, None), has(257, None), has(300, Some(true)), has(2, Some(false))], [true, false, true, false]);
}

#[test]
fn options_out_of_range_are_refused() {
    for (option, value) in [("sigma0", "0"), ("x0", "1e101"), ("population_size", "3")] {
        let error = Method::with_options("LRA-CMA-ES", &[(option.to_owned(), value.to_owned())])
            .and_then(|method| method.build(4))
            .unwrap_err();
        assert!(matches!(error, ConfigError::OutOfRange { option: named, .. } if named == option), "{error}");
    }
}
