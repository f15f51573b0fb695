//! CR-FM-NES: recorded runs of the package, and what the guards promise.

use optim_core::methods::{CrFmNes, CrFmNesConfig};
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
    v: Vec<f64>,
    generations: Vec<Generation>,
}

/// Normals drawn and codes as rows, the scores told (null is minus infinity), and the state that follows.
#[derive(Deserialize)]
struct Generation {
    z: Vec<Vec<f64>>,
    codes: Vec<Vec<f64>>,
    scores: Vec<Option<f64>>,
    m: Vec<f64>,
    sigma: f64,
    v: Vec<f64>,
    d: Vec<f64>,
}

#[test]
fn runs_are_those_of_the_package() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../fixtures/cr_fm_nes.json")).unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let config = CrFmNesConfig { population_size: case.population, sigma: case.sigma };
        let mut method = CrFmNes::new(case.dim, config).unwrap();
        let mut codes = Population::new(case.dim);
        for (k, step) in case.generations.iter().enumerate() {
            let place = format!("{}, generation {k}", case.name);
            let z = DMatrix::from_column_slice(case.dim, step.z.len(), &step.z.concat());
            method.ask_with(&case.v, &z, &mut codes);
            assert!(off(codes.as_slice(), &step.codes.concat()) < 1e-9, "codes of {place}");
            let scores: Vec<f64> = step.scores.iter().map(|score| score.unwrap_or(f64::NEG_INFINITY)).collect();
            method.tell(&codes, &scores).unwrap();
            let found = [off(method.mean(), &step.m), off(method.v(), &step.v), off(method.d(), &step.d)];
            assert!(found.iter().all(|off| *off < 1e-9), "m, v, d of {place} are off by {found:?}");
            assert!((method.sigma() / step.sigma - 1.0).abs() < 1e-9, "sigma of {place}");
            assert_eq!(method.recommend(), method.mean());
        }
    }
}

fn step(method: &mut CrFmNes, score: impl Fn(&[f64]) -> f64) -> Population {
    let mut codes = Population::new(method.dim());
    method.ask(&mut stream_rng(4, Stream::Method, method.generation()), &mut codes);
    let scores: Vec<f64> = codes.iter().map(score).collect();
    method.tell(&codes, &scores).unwrap();
    codes
}

#[test]
fn a_long_direction_of_the_landscape_is_learnt() {
    // A cigar: the first axis is a thousand times as long as the others.
    let cigar = |x: &[f64]| -(1e-3 * x[0]).powi(2) - x[1..].iter().map(|x| x * x).sum::<f64>();
    let mut method = CrFmNes::new(12, CrFmNesConfig { population_size: 12, sigma: 1.0 }).unwrap();
    method.start_from(&Population::from_rows(12, &[3.0; 12])).unwrap();
    for _ in 0..400 {
        step(&mut method, cigar);
    }
    assert!(cigar(method.recommend()) > -1e-6, "{}", cigar(method.recommend()));
    let along = method.d()[0] * method.v()[0].hypot(1.0);
    assert!(method.d()[1..].iter().all(|d| along > 30.0 * d), "{along}: {:?}", method.d());
}

#[test]
fn directions_are_sampled_both_ways_and_an_odd_population_loses_one() {
    let mut method = CrFmNes::new(7, CrFmNesConfig { population_size: 11, ..Default::default() }).unwrap();
    let codes = step(&mut method, |code| code[0]);
    assert_eq!(codes.len(), 10);
    for i in 0..5 {
        assert!(codes.code(i).iter().zip(codes.code(5 + i)).all(|(x, y)| (x + y).abs() < 1e-12 * x.abs()));
    }
}

#[test]
fn given_codes_are_a_generation_and_their_best_is_the_mean() {
    let mut method = CrFmNes::new(3, CrFmNesConfig::default()).unwrap();
    method.start_from(&Population::from_rows(3, &[1.0, 2.0, 3.0, 9.0, 8.0, 7.0])).unwrap();
    let codes = step(&mut method, |code| code[0]);
    assert_eq!((codes.len(), method.mean()), (2, &[9.0, 8.0, 7.0][..]));
    assert_eq!(step(&mut method, |code| code[0]).len(), 40);
}

#[test]
fn options_out_of_range_are_refused() {
    for (option, value) in [("sigma", "0"), ("sigma", "1e101"), ("population_size", "1")] {
        let error = Method::with_options("CR-FM-NES", &[(option.to_owned(), value.to_owned())])
            .and_then(|method| method.build(4))
            .unwrap_err();
        assert!(matches!(error, ConfigError::OutOfRange { option: named, .. } if named == option), "{error}");
    }
}
