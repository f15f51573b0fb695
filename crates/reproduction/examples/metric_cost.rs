//! Seconds that the metric of the embedded generator takes at one code, along all 4096 axes, on one thread.
//!
//! `cargo run --release -p reproduction --example metric_cost`

use std::convert::Infallible;
use std::time::Instant;

use analysis::metric::Spectrum;
use anyhow::{Context, Result};
use experiments::probe::{Difference, Directions, MetricPlan, metric};
use gen_models::{Images, Runtime, SessionOptions};
use networks::Library;
use optim_core::{Generator, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};

/// More than the rank of the embedded generator's Jacobian.
const LEADING: usize = 640;

fn main() -> Result<()> {
    let library = Library::embedded()?;
    let runtime = Runtime::get(&|message| eprintln!("{message}"))?;
    let name = library.manifest().generators().next().context("no generator is embedded")?.name.clone();
    let mut generator = library.generator(&name)?.session(runtime, SessionOptions::default())?;
    let mut rng = stream_rng(0, Stream::Resampling, 0);
    let code: Vec<f64> = (0..generator.latent_dim()).map(|_| StandardNormal.sample(&mut rng)).collect();
    let plan = MetricPlan { directions: Directions::Axes, step: 1.0, difference: Difference::Forward, batch: 64 };
    let pixels = |images: &Images, out: &mut Vec<f32>| {
        out.extend_from_slice(images.as_slice());
        Ok::<(), Infallible>(())
    };
    let (start, mut rendered) = (Instant::now(), 0.0);
    let metric = metric(&mut generator, &code, &plan, pixels, |_, _| rendered = start.elapsed().as_secs_f64())?;
    let measured = start.elapsed().as_secs_f64();
    println!("images {rendered:.1} s, J'J {:.1} s", measured - rendered);
    let start = Instant::now();
    let leading = Spectrum::leading(&metric, LEADING, || StandardNormal.sample(&mut rng))?;
    println!("{LEADING} leading eigenvectors {:.1} s", start.elapsed().as_secs_f64());
    let start = Instant::now();
    let whole = Spectrum::of(&metric)?;
    println!("all {} eigenvectors {:.1} s", metric.nrows(), start.elapsed().as_secs_f64());
    println!("participation ratio {:.1}", whole.participation_ratio()?);
    println!("dimensions for 90, 99, 99.9 %: {:?}, {:?}", leading.effective_dimensions(), whole.effective_dimensions());
    for k in [0, 9, 99, 399, LEADING - 1, LEADING, 2 * LEADING] {
        println!(
            "eigenvalue {}: {:e}, by the leading ones {:?}",
            k + 1,
            whole.eigenvalues[k],
            leading.eigenvalues.get(k)
        );
    }
    Ok(())
}
