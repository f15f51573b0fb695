//! LM-MA-ES: recorded runs of the package, and what its options promise.

use optim_core::methods::{LmMaEs, LmMaEsConfig, PopulationSize};
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
    x0: f64,
    memory: Option<usize>,
    generations: Vec<Generation>,
    /// Path and directions after the last generation, the fastest direction first.
    path: Vec<f64>,
    directions: Vec<Vec<f64>>,
}

/// Normals drawn and the first codes as rows, the scores told, and the state that follows.
#[derive(Deserialize)]
struct Generation {
    z: Vec<Vec<f64>>,
    codes: Vec<Vec<f64>>,
    scores: Vec<f64>,
    mean: Vec<f64>,
    sigma: f64,
}

#[test]
fn runs_are_those_of_the_package() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../fixtures/lm_ma_es.json")).unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let config = LmMaEsConfig {
            population_size: case.population.into(),
            sigma0: case.sigma,
            x0: case.x0,
            memory_size: case.memory,
        };
        let mut method = LmMaEs::new(case.dim, config).unwrap();
        let mut codes = Population::new(case.dim);
        for (k, step) in case.generations.iter().enumerate() {
            let place = format!("{}, generation {k}", case.name);
            let z = DMatrix::from_column_slice(case.dim, step.z.len(), &step.z.concat());
            method.ask_with(&z, &mut codes);
            for (code, expected) in codes.iter().zip(&step.codes) {
                assert!(off(code, expected) < 1e-9, "codes of {place}");
            }
            method.tell(&codes, &step.scores).unwrap();
            assert!(off(method.mean(), &step.mean) < 1e-9, "mean of {place}");
            assert!((method.sigma() / step.sigma - 1.0).abs() < 1e-9, "sigma of {place}");
            assert_eq!(method.recommend(), method.mean());
        }
        assert!(off(method.path(), &case.path) < 1e-9, "path of {}", case.name);
        assert_eq!(method.directions().len(), case.directions.len(), "{}", case.name);
        for (j, (found, expected)) in method.directions().iter().zip(&case.directions).enumerate() {
            assert!(off(found, expected) < 1e-9, "direction {j} of {}", case.name);
        }
    }
}

fn step(method: &mut LmMaEs, score: impl Fn(&[f64]) -> f64) -> Population {
    let mut codes = Population::new(method.dim());
    method.ask(&mut stream_rng(4, Stream::Method, method.generation()), &mut codes);
    let scores: Vec<f64> = codes.iter().map(score).collect();
    method.tell(&codes, &scores).unwrap();
    codes
}

/// Generations until the score of the mean passes -1e-6, from 3 in every coordinate.
fn generations_on(score: fn(&[f64]) -> f64, memory_size: usize) -> u64 {
    let config = LmMaEsConfig { population_size: 12.into(), sigma0: 1.0, x0: 3.0, memory_size: Some(memory_size) };
    let mut method = LmMaEs::new(40, config).unwrap();
    while score(method.mean()) < -1e-6 && method.generation() < 20_000 {
        step(&mut method, score);
    }
    method.generation()
}

#[test]
fn directions_shorten_the_way_along_a_ridge() {
    // One direction, which is no coordinate, is a hundred times as long as the others.
    let cigar = |x: &[f64]| {
        let mean = x.iter().sum::<f64>() / 40.0;
        -40.0 * (0.01 * mean).powi(2) - x.iter().map(|x| (x - mean).powi(2)).sum::<f64>()
    };
    let (few, many) = (generations_on(cigar, 1), generations_on(cigar, 15));
    assert!(many < few / 2, "{many} generations with 15 directions, {few} with one");
}

#[test]
fn sizes_of_the_reference_follow_the_dimension() {
    let config = LmMaEsConfig { population_size: PopulationSize::Reference, ..Default::default() };
    for (dim, size) in [(1, 4), (20, 12), (128, 18), (4096, 28)] {
        let mut method = LmMaEs::new(dim, config).unwrap();
        assert_eq!((step(&mut method, |code| code[0]).len(), method.directions().len()), (size, size));
    }
}

#[test]
fn given_codes_are_a_generation_and_the_mean_of_their_best_is_the_mean() {
    let mut method = LmMaEs::new(3, LmMaEsConfig { population_size: 4.into(), ..Default::default() }).unwrap();
    method.start_from(&Population::from_rows(3, &[1.0, 2.0, 3.0, 9.0, 8.0, 7.0, 0.0, 0.0, 0.0])).unwrap();
    let codes = step(&mut method, |code| code[0]);
    let w = 2.5f64.ln() / (2.5f64.ln() + 1.25f64.ln());
    let expected = [9.0 * w + 1.0 * (1.0 - w), 8.0 * w + 2.0 * (1.0 - w), 7.0 * w + 3.0 * (1.0 - w)];
    assert!(codes.len() == 3 && off(method.mean(), &expected) < 1e-12, "{:?}", method.mean());
    assert_eq!(step(&mut method, |code| code[0]).len(), 4);
}

#[test]
fn options_out_of_range_are_refused() {
    let options = [
        ("sigma0", "0"),
        ("sigma0", "1e101"),
        ("x0", "-1e101"),
        ("population_size", "1"),
        ("memory_size", "0"),
        ("memory_size", "1001"),
    ];
    for (option, value) in options {
        let error = Method::with_options("LM-MA-ES", &[(option.to_owned(), value.to_owned())])
            .and_then(|method| method.build(4))
            .unwrap_err();
        assert!(matches!(error, ConfigError::OutOfRange { option: named, .. } if named == option), "{error}");
    }
}
