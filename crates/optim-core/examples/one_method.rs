//! Drives one method by its type, with the crates that its signatures name: `optim_core::nalgebra` and
//! `optim_core::rand`.
//!
//! ```sh
//! cargo run --package optim-core --no-default-features --example one_method
//! ```
#![allow(clippy::disallowed_macros, reason = "an example is a program")]

use std::error::Error;

use optim_core::methods::{SphereCma, SphereCmaConfig};
use optim_core::nalgebra::DVector;
use optim_core::rand::Rng;
use optim_core::{Optimizer, Population, Stream, stream_rng};

const DIM: usize = 100;
const RADIUS: f64 = 10.0;

/// One generation: codes are asked, scored by their inner product with `wanted`, and told. The best score.
fn generation(optimizer: &mut SphereCma, rng: &mut dyn Rng, wanted: &DVector<f64>) -> Result<f64, Box<dyn Error>> {
    let mut codes = Population::new(DIM);
    optimizer.ask(rng, &mut codes);
    let scores = codes.matrix().tr_mul(wanted);
    optimizer.tell(&codes, scores.as_slice())?;
    Ok(scores.max())
}

/// Cosine between the code that the method recommends after 75 generations and the one that is wanted.
fn find() -> Result<f64, Box<dyn Error>> {
    let wanted = DVector::from_fn(DIM, |i, _| if i % 2 == 0 { 1.0 } else { -0.5 });
    let mut optimizer = SphereCma::new(DIM, SphereCmaConfig { sphere_norm: RADIUS, ..SphereCmaConfig::default() })?;
    for number in 0..75 {
        let best = generation(&mut optimizer, &mut stream_rng(7, Stream::Method, number), &wanted)?;
        if number % 15 == 14 {
            println!("generation {number}: best score {best:.2} of {:.2}", RADIUS * wanted.norm());
        }
    }
    let found = DVector::from_column_slice(optimizer.recommend());
    Ok(found.dot(&wanted) / (found.norm() * wanted.norm()))
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cosine with the wanted direction: {:.3}", find()?);
    Ok(())
}

#[test]
fn the_direction_is_found() {
    assert!(find().unwrap() > 0.95);
}
