//! OpenAI's evolution strategy: recorded runs of evosax, and what it promises.

use optim_core::methods::{OpenEs, OpenEsConfig};
use optim_core::nalgebra::DMatrix;
use optim_core::{ConfigError, Method, Optimizer, Population, Stream, stream_rng};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    name: String,
    dim: usize,
    population: usize,
    sigma: f64,
    learning_rate: f64,
    generations: Vec<Generation>,
}

/// Normals drawn and codes as rows, the scores told, and the mean that follows.
#[derive(Deserialize)]
struct Generation {
    z: Vec<Vec<f64>>,
    codes: Vec<Vec<f64>>,
    scores: Vec<f64>,
    mean: Vec<f64>,
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, |worst, x| if x > worst || x.is_nan() { x } else { worst })
}

#[test]
fn runs_are_those_of_the_package() {
    let cases: Vec<Case> = serde_json::from_str(include_str!("../fixtures/open_es.json")).unwrap();
    assert_eq!(cases.len(), 3);
    for case in cases {
        let Case { name, dim, population: population_size, sigma, learning_rate, generations } = case;
        let mut method = OpenEs::new(dim, OpenEsConfig { population_size, sigma, learning_rate }).unwrap();
        let mut codes = Population::new(dim);
        for (k, step) in generations.iter().enumerate() {
            method.ask_with(&DMatrix::from_column_slice(dim, step.z.len(), &step.z.concat()), &mut codes);
            let off = largest_difference(codes.as_slice(), &step.codes.concat());
            assert!(off < 1e-9, "codes of {name}, generation {k}, are off by {off}");
            method.tell(&codes, &step.scores).unwrap();
            let off = largest_difference(method.mean(), &step.mean);
            assert!(off < 1e-9, "the mean of {name}, generation {k}, is off by {off}");
        }
    }
}

#[test]
fn it_climbs_from_the_best_of_given_codes() {
    let config = OpenEsConfig { population_size: 21, sigma: 0.5, learning_rate: 0.1 };
    let mut method = OpenEs::new(6, config).unwrap();
    let score = |code: &[f64]| -code.iter().map(|x| (x - 2.0).powi(2)).sum::<f64>();
    method.start_from(&Population::from_rows(6, &[[5.0; 6], [-4.0; 6]].concat())).unwrap();
    let mut codes = Population::new(6);
    for generation in 0..200 {
        method.ask(&mut stream_rng(4, Stream::Method, generation), &mut codes);
        assert_eq!(codes.len(), if generation == 0 { 2 } else { 20 });
        let scores: Vec<f64> = codes.iter().map(score).collect();
        method.tell(&codes, &scores).unwrap();
        if generation == 0 {
            assert_eq!(method.recommend(), [5.0; 6]);
        }
    }
    assert!(score(method.recommend()) > -0.2, "{:?}", method.recommend());
}

#[test]
fn options_out_of_range_are_refused() {
    for (option, value) in [("sigma", "0"), ("learning_rate", "1e101"), ("population_size", "1")] {
        let error = Method::with_options("OpenAI-ES", &[(option.to_owned(), value.to_owned())])
            .and_then(|method| method.build(4))
            .unwrap_err();
        assert!(matches!(error, ConfigError::OutOfRange { option: named, .. } if named == option), "{error}");
    }
}
