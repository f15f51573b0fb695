//! The contest of docs/polar-es.md: methods on landscapes in closed form, under multiplicative and Poisson noise.
//!
//! ```text
//! cargo run -p reproduction --example noise_contest -- METHODS DIMS NOISES FIRST..END [GENERATIONS] > rows.csv
//! python3 crates/reproduction/examples/noise_contest/summary.py 6 rows.csv
//! ```
//!
//! Lists are separated by commas. A method may carry options (`polar-es:step_limit=1000`). It may end in `*F`: its first
//! codes are F times as long as they would be. A noise is a level or `poisson`. Seeds go from FIRST to below END. A run has
//! 40 evaluations times GENERATIONS, 75 by default. A row is method, dimensions, landscape, noise, seed, best clean score,
//! clean score of the recommended code, evaluations. Every landscape is at most 100.

#[path = "../contest/mod.rs"]
mod contest;

use std::error::Error;
use std::io::Write;

use optim_core::{Optimizer, Population, Stream, stream_rng};
use rand::Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};
use reproduction::landscapes::objective::{Kind, Landscape, walsh_hadamard};

/// Names of the landscapes. The last one took no part in the making of any method.
const LANDSCAPES: [&str; 4] = ["cos_tuning", "sphere_bump", "ellipsoid", "basins"];

/// The highest of six cosine tunings of heights 100, 90, .., 50, with the rotation, weights and contrast of `cos_tuning`.
struct Basins {
    weights: Vec<f64>,
    signs: Vec<f64>,
    peaks: Vec<Vec<f64>>,
}

impl Basins {
    fn new(dim: usize) -> Self {
        let of_k = |f: &dyn Fn(f64) -> f64| (1..=dim).map(|k| f(k as f64)).collect::<Vec<f64>>();
        let root = (dim as f64).sqrt();
        let sign = |k: f64| if (3.883_222_077_450_933 * k).cos() >= 0.0 { 1.0 / root } else { -1.0 / root };
        let frequency = |j: i32| 1.324_717_957_244_746 + 0.754_877_666_246_693 * f64::from(j);
        let peak = |j| normalised(of_k(&|k| k.powf(-0.4) * (k * frequency(j)).cos()));
        Self { weights: of_k(&|k| k.powf(-0.4)), signs: of_k(&sign), peaks: (1..=6).map(peak).collect() }
    }

    fn score(&self, z: &[f64]) -> f64 {
        if norm(z) == 0.0 {
            return 0.0;
        }
        let mut w: Vec<f64> = z.iter().zip(&self.signs).map(|(z, sign)| z * sign).collect();
        walsh_hadamard(&mut w);
        w.iter_mut().zip(&self.weights).for_each(|(w, weight)| *w *= weight);
        let size = norm(&w);
        let height = |(j, peak): (usize, &Vec<f64>)| {
            let cosine = w.iter().zip(peak).map(|(a, b)| a * b).sum::<f64>() / size;
            (100.0 - 10.0 * j as f64) * cosine.max(0.0).powi(2)
        };
        self.peaks.iter().enumerate().map(height).fold(0.0, f64::max) * (norm(z) / 300.0).tanh()
    }
}

fn norm(x: &[f64]) -> f64 {
    x.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn normalised(mut x: Vec<f64>) -> Vec<f64> {
    let norm = norm(&x);
    x.iter_mut().for_each(|x| *x /= norm);
    x
}

/// A clean score of a code.
type Score = Box<dyn FnMut(&[f64]) -> f64>;

/// The landscape of a name.
fn landscape(name: &str, dim: usize) -> Score {
    if let Some(kind) = Kind::from_name(name) {
        let mut landscape = Landscape::new(kind, dim);
        return Box::new(move |z| landscape.score(z));
    }
    let basins = Basins::new(dim);
    Box::new(move |z| basins.score(z))
}

/// The score that a method is told: `f max(0, 1 + level N(0, 1))`, or a count of mean `1 + 0.08 f`.
fn told(noise: &str, f: f64, rng: &mut impl Rng) -> Result<f64, Box<dyn Error>> {
    if noise == "poisson" {
        return Ok(Poisson::new(1.0 + 0.08 * f)?.sample(rng));
    }
    let normal: f64 = StandardNormal.sample(rng);
    Ok(f * (1.0 + noise.parse::<f64>()? * normal).max(0.0))
}

fn optimizer(text: &str, dim: usize, generations: usize) -> Result<impl Optimizer + use<>, Box<dyn Error>> {
    let (text, factor) = contest::without_factor(text)?;
    let mut method = contest::method(text, generations)?;
    if factor != 1.0 {
        let norm = factor * method.start_norm(dim);
        method = method.with_norm(norm, dim)?;
    }
    Ok(method.build(dim)?)
}

/// A run: best clean score, clean score of the recommended code, evaluations.
#[expect(clippy::disallowed_methods, reason = "scores are counts or products that no `Noise` of a run has")]
fn run(
    mut optimizer: impl Optimizer,
    generations: usize,
    mut score: impl FnMut(&[f64]) -> f64,
    noise: &str,
    seed: u64,
) -> Result<(f64, f64, usize), Box<dyn Error>> {
    let (mut codes, mut best, mut evaluations) = (Population::new(optimizer.dim()), f64::NEG_INFINITY, 0);
    for generation in 0.. {
        optimizer.ask(&mut stream_rng(seed, Stream::Method, generation), &mut codes);
        if contest::is_over(generations, generation, evaluations, codes.len()) {
            break;
        }
        evaluations += codes.len();
        let clean: Vec<f64> = codes.iter().map(&mut score).collect();
        best = clean.iter().copied().fold(best, f64::max);
        let mut rng = stream_rng(seed, Stream::Noise, generation);
        let noisy = clean.iter().map(|&f| told(noise, f, &mut rng)).collect::<Result<Vec<_>, _>>()?;
        optimizer.tell(&codes, &noisy)?;
    }
    Ok((best, score(optimizer.recommend()), evaluations))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [methods, dims, noises, seeds, generations @ ..] = &arguments[..] else {
        return Err("usage: noise_contest METHODS DIMS NOISES FIRST..END [GENERATIONS]".into());
    };
    let generations = generations.first().map_or(Ok(contest::GENERATIONS), |text| text.parse())?;
    let (first, end) = seeds.split_once("..").ok_or("seeds are FIRST..END")?;
    let mut out = std::io::stdout().lock();
    for dim in dims.split(',') {
        let dim = dim.parse()?;
        for seed in first.parse::<u64>()?..end.parse()? {
            for (name, noise) in LANDSCAPES.iter().flat_map(|name| noises.split(',').map(move |noise| (name, noise))) {
                for method in methods.split(',') {
                    let optimizer = optimizer(method, dim, generations)?;
                    let (best, recommended, evaluations) =
                        run(optimizer, generations, landscape(name, dim), noise, seed)?;
                    writeln!(out, "{method},{dim},{name},{noise},{seed},{best:.4},{recommended:.4},{evaluations}")?;
                }
            }
        }
    }
    Ok(())
}
