//! Our side of a comparison: one run in a process of its own.

use std::convert::Infallible;

use anyhow::{Context, Result};
use optim_core::{Method, Objective, Population};

use reproduction::landscapes::objective::{Kind, Landscape};
use reproduction::landscapes::runs::evolve;

/// Name of the landscape that costs next to nothing.
pub(super) const FIRST_EIGHT: &str = "first_eight";

/// One run of a method on a landscape; prints what it ended with as a line of JSON
#[derive(clap::Args)]
pub(crate) struct EvolveArgs {
    method: String,
    /// cos_tuning, sphere_bump, ellipsoid or first_eight
    landscape: String,
    dim: usize,
    noise: f64,
    seed: u64,
    generations: u32,
}

/// `f = -sum_{k <= 8} (z_k - 1)^2`.
struct FirstEight(usize);

impl Objective for FirstEight {
    type Error = Infallible;

    fn dim(&self) -> usize {
        self.0
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
        scores.clear();
        scores.extend(codes.iter().map(|z| z.iter().take(8).map(|x| (x - 1.0) * (1.0 - x)).sum::<f64>()));
        Ok(())
    }
}

pub(crate) fn run(args: &EvolveArgs) -> Result<()> {
    let method = Method::from_name(&args.method)?;
    let finish = if args.landscape == FIRST_EIGHT {
        evolve(&method, &mut FirstEight(args.dim), args.noise, args.seed, args.generations)?
    } else {
        let kind = Kind::from_name(&args.landscape).with_context(|| format!("no landscape '{}'", args.landscape))?;
        evolve(&method, &mut Landscape::new(kind, args.dim), args.noise, args.seed, args.generations)?
    };
    println!("{}", serde_json::to_string(&finish)?);
    Ok(())
}
