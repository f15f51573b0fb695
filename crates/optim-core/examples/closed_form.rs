//! Minimises Rosenbrock's valley in 20 dimensions by nothing but `ask` and `tell`.
//!
//! ```sh
//! cargo run --release --package optim-core --example closed_form            # the CMA-ES
//! cargo run --release --package optim-core --example closed_form genetic    # or any method of the registry
//! ```
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "an example is a program"
)]

use std::error::Error;

use optim_core::{Method, Minimize, Optimizer, Population, Stream, stream_rng};

const DIM: usize = 20;
const GENERATIONS: u64 = 1000;

/// Rosenbrock (1960): a curved valley whose lowest point, of value 0, is (1, .., 1).
fn rosenbrock(code: &[f64]) -> f64 {
    code.windows(2).map(|pair| 100.0 * (pair[1] - pair[0] * pair[0]).powi(2) + (1.0 - pair[0]).powi(2)).sum()
}

/// The lowest value that a method finds. Methods maximize; [`Minimize`] is told losses instead.
fn minimize(method: &str) -> Result<f64, Box<dyn Error>> {
    let mut optimizer = Minimize(Method::from_name(method)?.build(DIM)?);
    let mut codes = Population::new(DIM);
    for generation in 0..GENERATIONS {
        optimizer.ask(&mut stream_rng(1, Stream::Method, generation), &mut codes);
        let losses: Vec<f64> = codes.iter().map(rosenbrock).collect();
        optimizer.tell(&codes, &losses)?;
        if generation % 100 == 0 {
            println!("generation {generation:3}: lowest of {} values {:9.2e}", codes.len(), lowest(&losses));
        }
    }
    let (code, loss) = optimizer.incumbent().ok_or("no value was finite")?;
    println!("the lowest value of all, {loss:.2e}, is at {:.3?} ..", &code[..3]);
    Ok(loss)
}

fn lowest(losses: &[f64]) -> f64 {
    losses.iter().copied().fold(f64::INFINITY, f64::min)
}

fn main() -> Result<(), Box<dyn Error>> {
    let method = std::env::args().nth(1).unwrap_or_else(|| "cma".to_owned());
    minimize(&method).map(drop)
}

#[test]
fn the_valley_is_followed_to_its_end() {
    let loss = minimize("cma").unwrap();
    assert!(loss < 1e-6, "{loss}");
    assert!(minimize("no-such-method").is_err());
}
