//! SphereCMA's base points against the published rule, as a script beside the fixture computes them.

use optim_core::methods::{SphereCma, SphereCmaConfig};
use optim_core::{Optimizer, Population, Stream, stream_rng};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    dim: usize,
    radius: f64,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    population_size: usize,
    select_size: Option<usize>,
    given: bool,
    generations: Vec<Generation>,
}

/// What is told, codes as rows, and the base point that follows.
#[derive(Deserialize)]
struct Generation {
    codes: Vec<Vec<f64>>,
    scores: Vec<f64>,
    base: Vec<f64>,
}

fn population(dim: usize, rows: &[Vec<f64>]) -> Population {
    Population::from_rows(dim, &rows.concat())
}

#[test]
fn base_points_follow_the_published_rule() {
    let fixture: Fixture = serde_json::from_str(include_str!("../fixtures/sphere_first_generation.json")).unwrap();
    assert_eq!(fixture.cases.len(), 6);
    for case in &fixture.cases {
        let Case { population_size, select_size, .. } = *case;
        let config = SphereCmaConfig { population_size, select_size, ..Default::default() };
        assert_eq!(config.sphere_norm, fixture.radius);
        let mut optimizer = SphereCma::new(fixture.dim, config).unwrap();
        if case.given {
            optimizer.start_from(&population(fixture.dim, &case.generations[0].codes)).unwrap();
        }
        let mut codes = Population::new(fixture.dim);
        for (number, generation) in (0..).zip(&case.generations) {
            optimizer.ask(&mut stream_rng(5, Stream::Method, number), &mut codes);
            let told = population(fixture.dim, &generation.codes);
            assert_eq!(codes.len(), told.len(), "{}, generation {number}", case.name);
            optimizer.tell(&told, &generation.scores).unwrap();
            for (own, expected) in optimizer.xnew().iter().zip(&generation.base) {
                let off = (own - expected).abs() / fixture.radius;
                assert!(off < 1e-12, "{}, generation {number}: {own} instead of {expected}", case.name);
            }
        }
    }
}
