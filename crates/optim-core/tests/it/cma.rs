//! The CMA family beyond its recordings: forms of C, order, foreign codes, long runs.

use nalgebra::DMatrix;
use optim_core::methods::pycma::Form;
use optim_core::methods::{Cma, CmaConfig, DiagonalCma, DiagonalCmaConfig};
use optim_core::{Method, Optimizer, Population, Stream, stream_rng};
use proptest::prelude::*;
use rand_distr::{Distribution, StandardNormal};

const LAMBDA: usize = 10;

fn normals(seed: u64, generation: u64, rows: usize, columns: usize) -> DMatrix<f64> {
    let mut rng = stream_rng(seed, Stream::Shuffle, generation);
    DMatrix::from_fn(rows, columns, |_, _| StandardNormal.sample(&mut rng))
}

fn ridge(z: &[f64]) -> f64 {
    let bowl: f64 = z.iter().enumerate().map(|(i, x)| (1.0 + 0.2 * i as f64) * (x - 1.0).powi(2)).sum();
    z.iter().sum::<f64>() - 0.1 * bowl
}

fn close(a: &[f64], b: &[f64], tolerance: f64) -> bool {
    let scale = b.iter().fold(0.0, |m: f64, x| m.max(x.abs()));
    a.iter().zip(b).all(|(x, y)| (x - y).abs() <= tolerance * scale)
}

/// Largest relative difference of the codes of both forms of C, fed with the same normals and scores.
fn difference_of_forms(dim: usize, lambda: usize, generations: u64, updatecovwait: Option<f64>) -> f64 {
    let config = CmaConfig { population_size: lambda, updatecovwait, ..CmaConfig::default() };
    let mut dense = Cma::with_form(dim, config, Form::Dense).unwrap();
    let mut structured = Cma::with_form(dim, config, Form::Structured).unwrap();
    let (mut a, mut b) = (Population::new(dim), Population::new(dim));
    let mut worst: f64 = 0.0;
    for generation in 0..generations {
        let z = normals(5, generation, dim, lambda);
        dense.ask_with(&z, &mut a);
        structured.ask_with(&z, &mut b);
        worst = worst.max((a.matrix() - b.matrix()).amax() / a.matrix().amax());
        let scores: Vec<f64> = a.iter().map(ridge).collect();
        // Every third code is told shortened: a foreign one.
        for codes in [&mut a, &mut b] {
            (0..lambda).step_by(3).for_each(|i| codes.code_mut(i).iter_mut().for_each(|x| *x *= 3.0));
        }
        dense.tell(&a, &scores).unwrap();
        structured.tell(&b, &scores).unwrap();
    }
    assert!(structured.axis_lengths().is_none() && dense.axis_lengths().is_some());
    worst
}

#[test]
fn both_forms_of_c_give_the_same_codes() {
    for (dim, lambda, generations) in [(1, 6, 10), (5, 8, 12), (20, 12, 30), (60, 40, 25), (150, 40, 12)] {
        let worst = difference_of_forms(dim, lambda, generations, None);
        assert!(worst < 1e-9, "N = {dim}: {worst}");
    }
    assert!(difference_of_forms(30, 12, 30, Some(7.0)) < 1e-9);
}

#[test]
fn decompositions_come_every_20_generations_at_4096() {
    let cma = Cma::new(4096, CmaConfig::default()).unwrap();
    assert!((cma.lazy_update_gap() - 19.25).abs() < 0.01, "{}", cma.lazy_update_gap());
}

#[test]
fn a_structured_state_restored_continues_bit_for_bit() {
    for name in ["cma", "ng-cma"] {
        let mut optimizer = Method::from_name(name).unwrap().build(100).unwrap();
        let mut restored = optimizer.clone();
        let (mut a, mut b) = (Population::new(100), Population::new(100));
        for generation in 0..12 {
            restored = postcard::from_bytes(&postcard::to_stdvec(&restored).unwrap()).unwrap();
            for (method, codes) in [(&mut optimizer, &mut a), (&mut restored, &mut b)] {
                method.ask(&mut stream_rng(9, Stream::Method, generation), codes);
                let scores: Vec<f64> = codes.iter().map(ridge).collect();
                method.tell(codes, &scores).unwrap();
            }
            assert_eq!(a, b, "{name}, generation {generation}");
        }
    }
}

#[test]
fn codes_far_away_are_shortened() {
    for name in ["cma", "diagonal-cma"] {
        let mut method = Method::from_name(name).unwrap().build(3).unwrap();
        let mut codes = Population::new(3);
        for generation in 0..20 {
            method.ask(&mut stream_rng(1, Stream::Method, generation), &mut codes);
            for (i, x) in codes.as_mut_slice().iter_mut().enumerate() {
                *x = if i % 2 == 0 { 1e250 } else { -1e250 };
            }
            let scores: Vec<f64> = (0..codes.len()).map(|i| i as f64).collect();
            method.tell(&codes, &scores).unwrap();
            assert!(method.recommend().iter().all(|x| x.is_finite()));
        }
    }
}

#[test]
fn long_runs_stay_finite() {
    for name in ["cma", "diagonal-cma", "ng-cma", "ng-diagonal-cma", "ng-rescaled-cma", "ng-sqpcma"] {
        for (dim, size) in [(1, 1), (1, 7), (2, 2), (3, 15), (40, 6), (301, 3)] {
            let option = if name.starts_with("ng") { "workers" } else { "population_size" };
            let method = Method::with_options(name, &[(option.into(), size.to_string())]).unwrap();
            for score in [|z: &[f64]| z.iter().sum::<f64>(), |z: &[f64]| 0.0 - z.iter().map(|x| x * x).sum::<f64>()] {
                let mut optimizer = method.build(dim).unwrap();
                let mut codes = Population::new(dim);
                for generation in 0..if dim > 100 || name.starts_with("ng") { 150 } else { 1500 } {
                    optimizer.ask(&mut stream_rng(2, Stream::Method, generation), &mut codes);
                    assert!(codes.as_slice().iter().all(|x| x.is_finite()), "{name}, N = {dim}: {generation}");
                    let scores: Vec<f64> = codes.iter().map(score).collect();
                    optimizer.tell(&codes, &scores).unwrap();
                }
            }
        }
    }
}

#[test]
fn the_same_direction_is_climbed_by_all() {
    for name in ["cma", "diagonal-cma", "ng-cma", "ng-diagonal-cma", "ng-sqpcma", "ng-ngopt"] {
        let mut optimizer = Method::from_name(name).unwrap().build(12).unwrap();
        let mut codes = Population::new(12);
        for generation in 0..150 {
            optimizer.ask(&mut stream_rng(4, Stream::Method, generation), &mut codes);
            let scores: Vec<f64> = codes.iter().map(ridge).collect();
            optimizer.tell(&codes, &scores).unwrap();
        }
        let top = ridge(&(0..12).map(|i| 1.0 + 5.0 / (1.0 + 0.2 * f64::from(i))).collect::<Vec<_>>());
        let (_, best) = optimizer.incumbent().unwrap();
        assert!(best > 0.99 * top, "{name}: {best} of {top}");
    }
}

proptest! {
    #[test]
    fn the_order_of_a_generation_is_ignored(dim in 1usize..40, seed: u64) {
        let config = CmaConfig { population_size: LAMBDA, ..CmaConfig::default() };
        let (mut plain, mut permuted) = (Cma::new(dim, config).unwrap(), Cma::new(dim, config).unwrap());
        let (mut a, mut b) = (Population::new(dim), Population::new(dim));
        for generation in 0..12 {
            let z = normals(seed, generation, dim, LAMBDA);
            plain.ask_with(&z, &mut a);
            permuted.ask_with(&z, &mut b);
            prop_assert!(close(b.as_slice(), a.as_slice(), 1e-9));
            let scores = normals(seed ^ 1, generation, LAMBDA, 1).as_slice().to_vec();
            plain.tell(&a, &scores).unwrap();
            let reversed: Vec<f64> = (0..LAMBDA).rev().flat_map(|i| b.code(i).to_vec()).collect();
            let scores: Vec<f64> = scores.into_iter().rev().collect();
            permuted.tell(&Population::from_rows(dim, &reversed), &scores).unwrap();
            prop_assert!(close(permuted.mean(), plain.mean(), 1e-9));
        }
    }

    #[test]
    fn a_moved_start_moves_everything(dim in prop_oneof![1usize..40, Just(301)], seed: u64, x0 in -5.0f64..5.0) {
        let config = |x0| CmaConfig { population_size: LAMBDA, x0, ..CmaConfig::default() };
        let diagonal = |x0| DiagonalCmaConfig { population_size: LAMBDA, x0, ..DiagonalCmaConfig::default() };
        let mut pairs: [[Box<dyn Optimizer>; 2]; 2] = [
            [0.0, x0].map(|x0| Box::new(Cma::new(dim, config(x0)).unwrap()) as Box<dyn Optimizer>),
            [0.0, x0].map(|x0| Box::new(DiagonalCma::new(dim, diagonal(x0)).unwrap()) as Box<dyn Optimizer>),
        ];
        for [plain, moved] in &mut pairs {
            let (mut a, mut b) = (Population::new(dim), Population::new(dim));
            for generation in 0..8 {
                plain.ask(&mut stream_rng(seed, Stream::Method, generation), &mut a);
                moved.ask(&mut stream_rng(seed, Stream::Method, generation), &mut b);
                let expected: Vec<f64> = a.as_slice().iter().map(|x| x + x0).collect();
                prop_assert!(close(b.as_slice(), &expected, 1e-9));
                let scores = normals(seed ^ 1, generation, LAMBDA, 1).as_slice().to_vec();
                plain.tell(&a, &scores).unwrap();
                moved.tell(&b, &scores).unwrap();
            }
        }
    }
}
