//! Helpers of the property suites and of the recorded runs.
#![allow(dead_code, unreachable_pub, reason = "each suite uses its part")]

use optim_core::{AnyOptimizer, Method, MethodInfo, Optimizer, Population, Stream, registry, stream_rng};
use proptest::prelude::*;

/// Largest difference, relative to the largest value.
pub fn off(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let size = expected.iter().fold(f64::MIN_POSITIVE, |size, x| size.max(x.abs()));
    let differences = found.iter().zip(expected).map(|(x, y)| (x - y).abs() / size);
    differences.fold(0.0, |worst, x| if x > worst || x.is_nan() { x } else { worst })
}

/// A method of the registry in a small space.
#[derive(Clone, Debug)]
pub struct Case {
    pub method: Method,
    pub info: &'static MethodInfo,
    pub dim: usize,
    pub seed: u64,
    pub generations: u64,
}

impl Case {
    pub fn build(&self) -> AnyOptimizer {
        self.method.build(self.dim).expect("options of a case are in range")
    }
}

/// Every registered method, dimensions from 1, populations from the smallest one.
pub fn cases() -> impl Strategy<Value = Case> {
    cases_of(|_| true)
}

/// The same for the methods that `which` picks.
pub fn cases_of(which: fn(&MethodInfo) -> bool) -> impl Strategy<Value = Case> {
    let methods: Vec<&'static MethodInfo> = registry().iter().copied().filter(|info| which(info)).collect();
    (0..methods.len(), 1usize..9, 0usize..8, any::<u64>(), 1u64..25).prop_map(
        move |(index, dim, extra, seed, generations)| {
            let info = methods[index];
            let options = [(info.size_option.to_owned(), (info.smallest_size + extra).to_string())];
            let method = Method::with_options(info.name, &options).expect("registered options");
            Case { method, info, dim, seed, generations }
        },
    )
}

/// Scores from codes: smooth, with ties, with NaN and infinities, huge, or all equal.
#[derive(Clone, Copy, Debug)]
pub enum Landscape {
    Linear,
    Sphere,
    Ties,
    Wild,
    Huge,
    Flat,
}

pub fn landscapes() -> impl Strategy<Value = Landscape> {
    prop_oneof![
        Just(Landscape::Linear),
        Just(Landscape::Sphere),
        Just(Landscape::Ties),
        Just(Landscape::Wild),
        Just(Landscape::Huge),
        Just(Landscape::Flat)
    ]
}

impl Landscape {
    pub fn scores(self, codes: &Population) -> Vec<f64> {
        codes.iter().enumerate().map(|(i, z)| self.score(i, z)).collect()
    }

    fn score(self, index: usize, z: &[f64]) -> f64 {
        let linear: f64 = z.iter().enumerate().map(|(i, x)| x * (i as f64 + 0.5).cos()).sum();
        match self {
            Self::Linear => linear,
            Self::Sphere => -z.iter().map(|x| (x - 1.0) * (x - 1.0)).sum::<f64>(),
            Self::Ties => (linear / 50.0).round(),
            Self::Flat => 2.5,
            Self::Huge => f64::MAX * (linear.sin() * 7.0).sin(),
            // Code 0 always has a score: a generation without any is an error of its own.
            Self::Wild => match index % 5 {
                1 => f64::NAN,
                2 => f64::INFINITY,
                3 => f64::NEG_INFINITY,
                _ => linear,
            },
        }
    }
}

/// Asks generation `generation` of seed `seed`.
pub fn ask(optimizer: &mut AnyOptimizer, seed: u64, generation: u64) -> Population {
    let mut codes = Population::new(optimizer.dim());
    optimizer.ask(&mut stream_rng(seed, Stream::Method, generation), &mut codes);
    codes
}

/// Codes of all generations, told `scores(codes)`.
pub fn run(
    optimizer: &mut AnyOptimizer,
    case: &Case,
    mut scores: impl FnMut(&Population) -> Vec<f64>,
) -> Vec<Population> {
    (0..case.generations)
        .map(|generation| {
            let codes = ask(optimizer, case.seed, generation);
            optimizer.tell(&codes, &scores(&codes)).expect("scores of a landscape are accepted");
            codes
        })
        .collect()
}

/// Bit patterns, so that NaN equals NaN and -0 differs from 0.
pub fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

pub fn state(optimizer: &AnyOptimizer) -> Vec<u8> {
    postcard::to_stdvec(optimizer).expect("every state is serialisable")
}
