//! The polar averaging evolution strategy: runs that a script beside the fixture computed, and what it promises.

use optim_core::methods::{PolarEs, PolarEsConfig, PolarEsSavage, PolarEsSavageConfig};
use optim_core::nalgebra::DMatrix;
use optim_core::{ConfigError, Method, Optimizer, Population, Stream, stream_rng};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::common::bits;

#[derive(Deserialize)]
struct Case {
    name: String,
    dim: usize,
    options: Map<String, Value>,
    generations: Vec<Generation>,
}

/// Normals drawn and codes as rows, the scores told (null is NaN), and the state that follows.
#[derive(Deserialize)]
struct Generation {
    v: Vec<Vec<f64>>,
    xi: Vec<f64>,
    codes: Vec<Vec<f64>>,
    scores: Vec<Option<f64>>,
    m: Vec<f64>,
    log_radius: f64,
    theta: f64,
    r: f64,
}

impl Generation {
    fn scores(&self) -> Vec<f64> {
        self.scores.iter().map(|score| score.unwrap_or(f64::NAN)).collect()
    }
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(x, y)| (x - y).abs()).fold(0.0, |worst, x| if x > worst || x.is_nan() { x } else { worst })
}

fn from_options(dim: usize, options: &Map<String, Value>) -> PolarEs {
    PolarEs::new(dim, serde_json::from_value(Value::Object(options.clone())).unwrap()).unwrap()
}

#[test]
fn runs_are_those_of_the_pseudocode() {
    replay(11, include_str!("../fixtures/polar_es.json"), from_options, PolarEs::ask_with, |method| method);
}

#[test]
fn runs_with_savage_scores_are_those_of_the_pseudocode() {
    let build = |dim: usize, options: &Map<String, Value>| {
        let config: PolarEsSavageConfig = serde_json::from_value(Value::Object(options.clone())).unwrap();
        PolarEsSavage::new(dim, config).unwrap()
    };
    let recorded = include_str!("../fixtures/polar_es_savage.json");
    replay(6, recorded, build, PolarEsSavage::ask_with, PolarEsSavage::polar);
}

fn replay<M: Optimizer>(
    count: usize,
    recorded: &str,
    build: impl Fn(usize, &Map<String, Value>) -> M,
    ask_with: impl Fn(&mut M, &DMatrix<f64>, &[f64], &mut Population),
    polar: impl Fn(&M) -> &PolarEs,
) {
    let cases: Vec<Case> = serde_json::from_str(recorded).unwrap();
    assert_eq!(cases.len(), count);
    for case in cases {
        let mut method = build(case.dim, &case.options);
        let mut codes = Population::new(case.dim);
        for (k, step) in case.generations.iter().enumerate() {
            let place = format!("{}, generation {k}", case.name);
            let v = DMatrix::from_column_slice(case.dim, step.v.len(), &step.v.concat());
            ask_with(&mut method, &v, &step.xi, &mut codes);
            let expected = step.codes.concat();
            let size = expected.iter().fold(0.0f64, |size, x| size.max(x.abs()));
            assert!(largest_difference(codes.as_slice(), &expected) < 1e-9 * size, "codes of {place}");
            method.tell(&codes, &step.scores()).unwrap();
            let told = polar(&method);
            let off = largest_difference(
                &[told.log_radius(), told.theta(), told.r()],
                &[step.log_radius, step.theta, step.r],
            );
            assert!(off < 1e-9, "log_radius, theta or r of {place} is off by {off}");
            assert!(largest_difference(told.m(), &step.m) < 1e-9, "m of {place}");
            let center: Vec<f64> = step.m.iter().map(|m| step.log_radius.exp() * m).collect();
            assert!(largest_difference(method.recommend(), &center) < 1e-9 * size, "recommendation of {place}");
        }
    }
}

fn ask(method: &mut PolarEs, generation: u64) -> Population {
    let mut codes = Population::new(method.dim());
    method.ask(&mut stream_rng(4, Stream::Method, generation), &mut codes);
    codes
}

/// The method after some generations of a linear objective.
fn settled(dim: usize, config: PolarEsConfig, generations: u64) -> PolarEs {
    let mut method = PolarEs::new(dim, config).unwrap();
    for generation in 0..generations {
        let codes = ask(&mut method, generation);
        let scores: Vec<f64> = codes.iter().map(|code| code[0]).collect();
        method.tell(&codes, &scores).unwrap();
    }
    method
}

#[test]
fn a_generation_is_samples_replicates_and_the_center() {
    let mut method = settled(50, PolarEsConfig::default(), 3);
    let (center, codes) = (method.recommend().to_vec(), ask(&mut method, 3));
    assert_eq!((codes.len(), method.directions()), (40, 37));
    assert_eq!((codes.code(37), codes.code(38), codes.code(39)), (codes.code(0), codes.code(1), &center[..]));
    for code in codes.iter().take(37) {
        let dot: f64 = code.iter().zip(method.m()).map(|(x, m)| x * m).sum();
        let norm = code.iter().map(|x| x * x).sum::<f64>().sqrt();
        assert!(((dot / norm).acos() - method.theta()).abs() < 1e-9);
    }
}

#[test]
fn without_noise_the_angle_ends_at_the_last_one_and_with_chance_scores_it_stays_wide() {
    let config = PolarEsConfig { n_gen: Some(30), ..Default::default() };
    let exact = settled(200, config, 30);
    assert!((exact.theta().to_degrees() - 7.33).abs() < 1e-9 && (exact.r() - 1.0).abs() < 1e-12);
    let mut chance = PolarEs::new(200, config).unwrap();
    for generation in 0..30 {
        let codes = ask(&mut chance, generation);
        let scores: Vec<f64> = (0..40).map(|i| (f64::from(i) * 12.9898 + generation as f64 * 78.233).sin()).collect();
        chance.tell(&codes, &scores).unwrap();
    }
    assert!(chance.theta().to_degrees() > 30.0 && chance.r() < 0.6, "{:?}", chance.diagnostics());
}

#[test]
fn silence_and_the_score_of_the_center_change_nothing() {
    let mut method = settled(20, PolarEsConfig::default(), 4);
    let before = method.clone();
    let codes = ask(&mut method, 4);
    for silent in [0.0, f64::INFINITY] {
        let mut scores = vec![silent; 40];
        scores[39] = 7.0;
        let mut silent = method.clone();
        silent.tell(&codes, &scores).unwrap();
        assert_eq!(
            (silent.m(), silent.log_radius(), silent.theta()),
            (before.m(), before.log_radius(), before.theta())
        );
    }
    let (mut low, mut missing) = (method.clone(), method);
    let mut scores: Vec<f64> = codes.iter().map(|code| code[0]).collect();
    scores[39] = -1e9;
    low.tell(&codes, &scores).unwrap();
    scores[39] = f64::NAN;
    missing.tell(&codes, &scores).unwrap();
    assert_eq!((low.m(), low.log_radius()), (missing.m(), missing.log_radius()));
    assert_ne!(low.m(), before.m());
}

#[test]
fn mean_normal_scores_are_invariant_to_increasing_maps() {
    let run = |rank_invariant: bool, map: fn(f64) -> f64| {
        let mut method = PolarEs::new(12, PolarEsConfig { rank_invariant, ..Default::default() }).unwrap();
        for generation in 0..12u64 {
            let codes = ask(&mut method, generation);
            // Noise of its own for every code, so that replicates differ.
            let noise = |i: usize| ((i as f64 + 1.0) * (generation as f64 + 1.0) * 78.233).sin();
            let scores: Vec<f64> =
                codes.iter().enumerate().map(|(i, code)| map((code[0] / 50.0 + noise(i)).round())).collect();
            method.tell(&codes, &scores).unwrap();
        }
        bits(method.recommend())
    };
    let cubed = |score: f64| score * score * score + 5.0;
    assert_eq!(run(true, |score| score), run(true, cubed));
    assert_ne!(run(false, |score| score), run(false, cubed));
}

#[test]
fn given_codes_set_direction_and_norm() {
    let mut method = PolarEs::new(4, PolarEsConfig::default()).unwrap();
    let code = [0.0, 3.0, 4.0, 0.0];
    method.start_from(&Population::from_rows(4, &code)).unwrap();
    let codes = ask(&mut method, 0);
    assert_eq!(codes.as_slice(), code);
    method.tell(&codes, &[1.0]).unwrap();
    assert!(largest_difference(method.recommend(), &code) < 1e-12);
    let mut method = PolarEs::new(4, PolarEsConfig::default()).unwrap();
    let refused = method.start_from(&Population::zeros(4, 2));
    assert!(matches!(refused, Err(ConfigError::UnusableInitialCode { index: 0, .. })));
}

#[test]
fn populations_without_room_for_replicates_are_refused() {
    let build = |options: &[(&str, &str)]| {
        let options: Vec<(String, String)> = options.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        Method::with_options("polar-es", &options)?.build(3).map(|_| ())
    };
    let refusal = build(&[("population_size", "4")]).unwrap_err().to_string();
    assert!(refusal.contains("population_size: 4 is out of range, it must be 5 or more with nu = 2"), "{refusal}");
    assert!(build(&[("population_size", "1"), ("nu", "0")]).is_err());
    assert!(build(&[("population_size", "40"), ("nu", "20")]).is_err());
    for (size, nu) in [("2", "0"), ("3", "1"), ("41", "20")] {
        assert_eq!(build(&[("population_size", size), ("nu", nu)]), Ok(()));
    }
    for (option, value) in
        [("theta_0", "91"), ("theta_T", "56"), ("r_0", "1"), ("phi", "1.5"), ("R0", "0"), ("step_limit", "0")]
    {
        let refusal = build(&[(option, value)]).unwrap_err().to_string();
        assert!(refusal.contains(&format!("option {option}: ")), "{refusal}");
    }
}

#[test]
fn the_angle_falls_over_the_length_of_the_run() {
    let method = Method::from_name("polar-es").unwrap();
    assert_eq!(method.clone().for_generations(30).options()["n_gen"], serde_json::json!(30));
    let set = method.changed(&[("n_gen".into(), "9".into())]).unwrap();
    assert_eq!(set.for_generations(30).options()["n_gen"], serde_json::json!(9));
}

/// After 75 generations without noise the angle is that of a run of 75. It has no end.
#[test]
fn a_run_of_unknown_length_goes_on() {
    let angle = |n_gen: usize, generations: u64| {
        settled(60, PolarEsConfig { n_gen: Some(n_gen), ..Default::default() }, generations).theta().to_degrees()
    };
    assert!((angle(75, 75) - 7.33).abs() < 1e-9 && (angle(75, 120) - 7.33).abs() < 1e-9);
    assert!((angle(0, 75) - 7.33).abs() < 0.02, "{}", angle(0, 75));
    assert!(angle(0, 30) < angle(75, 30) && angle(0, 120) < 5.5, "{} {}", angle(0, 30), angle(0, 120));
    let open = Method::with_options("polar-es", &[("n_gen".into(), "0".into())]).unwrap();
    assert_eq!(open.clone().for_generations(30), open);
}

/// Steps of up to 256 dimensions are limited by 0.4 of the angle, and those beyond are not.
#[test]
fn small_spaces_limit_the_steps() {
    let state = |dim: usize, step_limit: Option<f64>| {
        bits(settled(dim, PolarEsConfig { step_limit, ..Default::default() }, 5).recommend())
    };
    assert_eq!(state(256, None), state(256, Some(0.4)));
    assert_ne!(state(256, None), state(256, Some(1e6)));
    assert_eq!(state(257, None), state(257, Some(1e6)));
    assert_ne!(state(257, None), state(257, Some(0.4)));
}
