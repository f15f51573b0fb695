//! What each method is invariant or equivariant under.

use nalgebra::{DMatrix, DVector};
use optim_core::methods::{CholeskyCmaes, CholeskyCmaesConfig, Genetic, GeneticConfig, SphereCma, SphereCmaConfig};
use optim_core::{Method, Optimizer, Population, Stream, stream_rng};
use proptest::prelude::*;
use rand_distr::{Distribution, StandardNormal};

use crate::common::{Landscape, ask, cases_of, run};

const LAMBDA: usize = 8;

fn normals(seed: u64, generation: u64, rows: usize, columns: usize) -> DMatrix<f64> {
    let mut rng = stream_rng(seed, Stream::Shuffle, generation);
    DMatrix::from_fn(rows, columns, |_, _| StandardNormal.sample(&mut rng))
}

/// A random rotation (up to a reflection).
fn rotation(seed: u64, dim: usize) -> DMatrix<f64> {
    normals(seed, u64::MAX, dim, dim).qr().q()
}

/// The same pseudo-random but distinct scores whatever the codes are.
fn drawn_scores(seed: u64, generation: u64, n: usize) -> Vec<f64> {
    normals(seed ^ 0x5c0e, generation, n, 1).as_slice().to_vec()
}

fn relative_difference(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    (a - b).amax() / b.amax()
}

/// Columns `offset..` of `m` reversed: a permutation without fixed points in the middle.
fn reversed(m: &DMatrix<f64>, offset: usize) -> DMatrix<f64> {
    let last = m.ncols() - 1;
    DMatrix::from_fn(m.nrows(), m.ncols(), |i, j| m[(i, if j < offset { j } else { last - (j - offset) })])
}

fn reversed_scores(scores: &[f64], offset: usize) -> Vec<f64> {
    scores[..offset].iter().chain(scores[offset..].iter().rev()).copied().collect()
}

fn cholesky(dim: usize) -> CholeskyCmaes {
    let config = CholeskyCmaesConfig { population_size: LAMBDA.into(), aupdate_freq: Some(1.0), ..Default::default() };
    CholeskyCmaes::new(dim, config).unwrap()
}

fn sphere(dim: usize) -> SphereCma {
    SphereCma::new(dim, SphereCmaConfig { population_size: LAMBDA, ..Default::default() }).unwrap()
}

proptest! {
    #[test]
    fn sphere_cma_stays_on_its_sphere(case in cases_of(|info| info.name.starts_with("sphere-cma"))) {
        let mut optimizer = case.build();
        for codes in run(&mut optimizer, &case, |codes| Landscape::Linear.scores(codes)) {
            for code in codes.iter() {
                let norm = code.iter().map(|x| x * x).sum::<f64>().sqrt();
                prop_assert!((norm / 300.0 - 1.0).abs() < 1e-12, "norm {}", norm);
            }
        }
    }

    #[test]
    fn cholesky_cmaes_is_translation_equivariant(dim in 1usize..12, seed: u64, shift in -5.0f64..5.0) {
        let offset = DVector::from_element(dim, shift);
        let mut plain = Method::from_name("cholesky-cmaes").unwrap().build(dim).unwrap();
        let mut moved = plain.clone();
        moved.start_from(&Population::from_matrix(DMatrix::from_columns(std::slice::from_ref(&offset)))).unwrap();
        for generation in 0..15 {
            let (a, b) = (ask(&mut plain, seed, generation), ask(&mut moved, seed, generation));
            let expected = a.matrix() + &offset * DVector::from_element(a.len(), 1.0).transpose();
            prop_assert!((b.matrix() - &expected).amax() < 1e-9 * (1.0 + expected.amax()));
            let scores = drawn_scores(seed, generation, a.len());
            plain.tell(&a, &scores).unwrap();
            moved.tell(&b, &scores).unwrap();
        }
    }

    #[test]
    fn genetic_is_translation_equivariant(dim in 1usize..12, seed: u64, shift in -5.0f64..5.0) {
        let start = normals(seed, 77, dim, 40);
        let config = GeneticConfig::default();
        let (mut plain, mut moved) = (Genetic::new(dim, config).unwrap(), Genetic::new(dim, config).unwrap());
        plain.start_from(&Population::from_matrix(start.clone())).unwrap();
        moved.start_from(&Population::from_matrix(start.add_scalar(shift))).unwrap();
        let (mut a, mut b) = (Population::new(dim), Population::new(dim));
        for generation in 0..15 {
            plain.ask(&mut stream_rng(seed, Stream::Method, generation), &mut a);
            moved.ask(&mut stream_rng(seed, Stream::Method, generation), &mut b);
            prop_assert!((b.matrix() - a.matrix().add_scalar(shift)).amax() < 1e-9);
            let scores = drawn_scores(seed, generation, a.len());
            plain.tell(&a, &scores).unwrap();
            moved.tell(&b, &scores).unwrap();
        }
    }

    #[test]
    fn cholesky_cmaes_is_rotation_equivariant(dim in 1usize..12, seed: u64) {
        let (rotation, mut plain, mut turned) = (rotation(seed, dim), cholesky(dim), cholesky(dim));
        let (mut a, mut b) = (Population::new(dim), Population::new(dim));
        for generation in 0..15 {
            let z = normals(seed, generation, dim, LAMBDA);
            plain.ask_with(&z, &mut a);
            turned.ask_with(&(&rotation * z), &mut b);
            if generation > 0 {
                prop_assert!(relative_difference(b.matrix(), &(&rotation * a.matrix())) < 1e-9);
            }
            let scores = drawn_scores(seed, generation, a.len());
            plain.tell(&a, &scores).unwrap();
            turned.tell(&b, &scores).unwrap();
        }
    }

    #[test]
    fn sphere_cma_is_rotation_equivariant(dim in 2usize..12, seed: u64) {
        let (rotation, mut plain, mut turned) = (rotation(seed, dim), sphere(dim), sphere(dim));
        let (mut a, mut b) = (Population::new(dim), Population::new(dim));
        for generation in 0..15 {
            let u = normals(seed, generation, dim, LAMBDA);
            plain.ask_with(&u, &mut a);
            turned.ask_with(&(&rotation * u), &mut b);
            prop_assert!(relative_difference(b.matrix(), &(&rotation * a.matrix())) < 1e-9);
            let scores = drawn_scores(seed, generation, a.len());
            plain.tell(&a, &scores).unwrap();
            turned.tell(&b, &scores).unwrap();
        }
    }

    #[test]
    fn cholesky_cmaes_ignores_the_order_of_a_generation(dim in 1usize..12, seed: u64) {
        let (mut plain, mut permuted) = (cholesky(dim), cholesky(dim));
        let (mut a, mut b) = (Population::new(dim), Population::new(dim));
        for generation in 0..12 {
            let z = normals(seed, generation, dim, LAMBDA);
            plain.ask_with(&z, &mut a);
            permuted.ask_with(&reversed(&z, 0), &mut b);
            let scores = drawn_scores(seed, generation, a.len());
            plain.tell(&a, &scores).unwrap();
            permuted.tell(&b, &reversed_scores(&scores, 0)).unwrap();
            prop_assert_eq!(plain.xmean(), permuted.xmean());
            prop_assert_eq!((plain.sigma(), plain.ps(), plain.pc()), (permuted.sigma(), permuted.ps(), permuted.pc()));
        }
    }

    #[test]
    fn sphere_cma_ignores_the_order_of_a_generation(dim in 2usize..12, seed: u64) {
        let (mut plain, mut permuted) = (sphere(dim), sphere(dim));
        let (mut a, mut b) = (Population::new(dim), Population::new(dim));
        for generation in 0..12u64 {
            let base = usize::from(generation > 0);
            let u = normals(seed, generation, dim, LAMBDA);
            plain.ask_with(&u, &mut a);
            permuted.ask_with(&reversed(&u, 0), &mut b);
            let scores = drawn_scores(seed, generation, a.len());
            plain.tell(&a, &scores).unwrap();
            permuted.tell(&b, &reversed_scores(&scores, base)).unwrap();
            prop_assert_eq!(plain.xnew(), permuted.xnew());
        }
    }

    #[test]
    fn genetic_ignores_the_order_of_a_generation(dim in 1usize..12, seed: u64) {
        let mut plain = Method::from_name("genetic").unwrap().build(dim).unwrap();
        let mut permuted = plain.clone();
        for generation in 0..8 {
            let a = ask(&mut plain, seed, generation);
            let b = ask(&mut permuted, seed, generation);
            prop_assert_eq!(&a, &b);
            let scores = drawn_scores(seed, generation, a.len());
            plain.tell(&a, &scores).unwrap();
            permuted.tell(&Population::from_matrix(reversed(b.matrix(), 0)), &reversed_scores(&scores, 0)).unwrap();
        }
    }
}

#[test]
fn the_schedules_start_and_end_where_the_paper_says() {
    use optim_core::methods::AngleSchedule::{Exp, Inv, Lin};
    for schedule in [Exp, Lin] {
        let degrees = schedule.degrees(75, [50.0, 7.33]);
        assert_eq!(degrees.len(), 75);
        assert!((degrees[0] - 50.0).abs() < 1e-12 && (degrees[74] - 7.33).abs() < 1e-12);
        assert!(degrees.windows(2).all(|w| w[1] < w[0]));
    }
    let inverse = Inv.degrees(75, [50.0, 7.33]);
    assert!((inverse[0] - 76.35).abs() < 0.01 && (inverse[74] - 22.04).abs() < 0.01);
    assert_eq!(Exp.degrees(1, [50.0, 7.33]).len(), 1);
}
