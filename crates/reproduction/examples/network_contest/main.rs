//! Methods on units of networks at equal evaluations, with and without noise: the second contest of docs/polar-es.md.
//!
//! ```text
//! cargo run -p reproduction --example network_contest -- \
//!     GENERATOR:CNN UNITS METHODS NOISES FIRST..END [GENERATIONS [CODES]] >> rows.csv
//! python3 crates/reproduction/examples/network_contest/summary.py rows.csv
//! ```
//!
//! Lists are separated by commas. A unit is `layer:channel`. A method may carry options (`polar-es:nu=1`) and end
//! in `@K`: then it runs in the span of the K leading eigenvectors of the generator's metric. With `@K^P` each
//! coordinate is as long as its eigenvalue to the power P. The metric is the mean at eight random codes, or at those of
//! the file CODES (`.npy`). A method may end in `*F`: its first codes are F times as long as they would be. A noise is a level or `poisson`: counts of mean
//! `1 + 4 max(0, f) / A`, A being the best score of a run of `sphere-cma` without noise. Seeds go from FIRST to below
//! END. A run has 40 evaluations times GENERATIONS, 75 by default; so has the run that sets A. A generator of the
//! user's folder of models (ACTMAX_MODELS) starts at its natural norm, an embedded one at the methods' defaults. A row
//! is networks, unit, method, noise, seed, best clean score, clean score of the recommended code, evaluations, norm of
//! the recommended code.

#[path = "../contest/mod.rs"]
mod contest;
mod subspace;

use std::io::Write;

use anyhow::{Context, Result};
use experiments::read_codes;
use gen_models::{FusedObjective, Runtime, SessionOptions, UnitAddress};
use networks::Library;
use optim_core::{Method, Objective, Optimizer, Population, Stream, stream_rng};
use rand_distr::{Distribution, Poisson, StandardNormal};

use crate::subspace::{Span, random_codes};

/// Largest mean of the counts beyond the 1 of silence, at the score of the run that sets the scale.
const SPIKES: f64 = 4.0;

/// What the scores that a method is told are.
#[derive(Clone, Copy)]
enum Told {
    /// `f max(0, 1 + level N(0, 1))`
    Level(f64),
    /// A count of mean `1 + SPIKES max(0, f) / scale`.
    Counts { scale: f64 },
}

impl Told {
    fn of(self, clean: &[f64], seed: u64, generation: u64) -> Result<Vec<f64>> {
        let mut rng = stream_rng(seed, Stream::Noise, generation);
        clean
            .iter()
            .map(|&f| match self {
                Self::Level(level) => {
                    let normal: f64 = StandardNormal.sample(&mut rng);
                    Ok(f * (1.0 + level * normal).max(0.0))
                }
                Self::Counts { scale } => Ok(Poisson::new(1.0 + SPIKES * f.max(0.0) / scale)?.sample(&mut rng)),
            })
            .collect()
    }
}

/// A method as it stands in the list.
struct Entry<'a> {
    text: &'a str,
    method: Method,
    generations: usize,
    /// Dimensions of the span that it runs in, and the power of the eigenvalues.
    leading: Option<(usize, f64)>,
}

impl<'a> Entry<'a> {
    /// With `norm` the scale of the first codes, in a space of `dim` dimensions, for a run of `generations`.
    fn parse(text: &'a str, norm: Option<f64>, dim: usize, generations: usize) -> Result<Self> {
        let (rest, factor) = contest::without_factor(text)?;
        let (rest, leading) = match rest.split_once('@') {
            Some((rest, leading)) => {
                let (count, power) = leading.split_once('^').unwrap_or((leading, "0"));
                (rest, Some((count.parse()?, power.parse()?)))
            }
            None => (rest, None),
        };
        let method = contest::method(rest, generations)?;
        let dim = leading.map_or(dim, |(count, _)| count);
        let method = match norm {
            None if factor == 1.0 => method,
            _ => {
                let own = norm.unwrap_or_else(|| method.start_norm(dim));
                method.with_norm(factor * own, dim)?
            }
        };
        Ok(Self { text, method, generations, leading })
    }
}

/// A run: best clean score, clean score of the recommended code, evaluations, norm of the recommended code.
#[expect(clippy::disallowed_methods, reason = "the loop of a run has neither counts nor a span")]
fn run(
    entry: &Entry<'_>,
    span: Option<&Span>,
    unit: &mut FusedObjective,
    told: Told,
    seed: u64,
) -> Result<(f64, f64, usize, f64)> {
    let span = span.zip(entry.leading).map(|(span, (count, power))| span.leading(count, power)).transpose()?;
    let mut optimizer = entry.method.build(entry.leading.map_or(unit.dim(), |(count, _)| count))?;
    let (mut asked, mut clean) = (Population::new(optimizer.dim()), Vec::new());
    let (mut best, mut evaluations) = (f64::NEG_INFINITY, 0);
    let place = |codes: &Population| span.as_ref().map_or_else(|| codes.clone(), |span| span.codes(codes));
    for generation in 0.. {
        optimizer.ask(&mut stream_rng(seed, Stream::Method, generation), &mut asked);
        if contest::is_over(entry.generations, generation, evaluations, asked.len()) {
            break;
        }
        evaluations += asked.len();
        unit.evaluate(&place(&asked), &mut clean)?;
        best = clean.iter().copied().fold(best, f64::max);
        optimizer.tell(&asked, &told.of(&clean, seed, generation)?)?;
    }
    let mut recommended = Population::new(optimizer.dim());
    recommended.reshape(optimizer.dim(), 1);
    recommended.code_mut(0).copy_from_slice(optimizer.recommend());
    unit.evaluate(&place(&recommended), &mut clean)?;
    let norm = recommended.code(0).iter().map(|value| value * value).sum::<f64>().sqrt();
    Ok((best, clean[0], evaluations, norm))
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [networks, units, methods, noises, seeds, rest @ ..] = &arguments[..] else {
        anyhow::bail!("usage: network_contest GENERATOR:CNN UNITS METHODS NOISES FIRST..END [GENERATIONS [CODES]]");
    };
    let generations = rest.first().map_or(Ok(contest::GENERATIONS), |text| text.parse())?;
    let (generator, cnn) = networks.split_once(':').context("networks are GENERATOR:CNN")?;
    let (first, end) = seeds.split_once("..").context("seeds are FIRST..END")?;
    let folder = std::env::var_os("ACTMAX_MODELS").map(std::path::PathBuf::from);
    let library = Library::open(folder.as_deref())?;
    let runtime = Runtime::get(&|message| eprintln!("{message}"))?;
    let spec = library.manifest().generator(generator)?;
    let embedded = Library::embedded()?.manifest().generator(generator).is_ok();
    let norm = if embedded { None } else { spec.natural_norm };
    let dim = library.generator(generator)?.session(runtime, SessionOptions::default())?;
    let dim = optim_core::Generator::latent_dim(&dim);
    let entries =
        methods.split(',').map(|text| Entry::parse(text, norm, dim, generations)).collect::<Result<Vec<_>>>()?;
    let most = entries.iter().filter_map(|entry| Some(entry.leading?.0)).max();
    let codes = match rest.get(1) {
        Some(path) => read_codes(path.as_ref(), dim)?,
        None => random_codes(&library, generator, dim)?,
    };
    let span = most.map(|most| Span::measure(&library, runtime, generator, &codes, most)).transpose()?;
    let mut out = std::io::stdout().lock();
    for name in units.split(',') {
        let (layer, channel) = name.rsplit_once(':').context("a unit is layer:channel")?;
        let address = UnitAddress { layer: layer.to_owned(), channel: channel.parse()?, position: None };
        let session = library.fused(generator, cnn, &address.clone().into(), runtime)?;
        let session = std::sync::Arc::new(session.session(runtime, SessionOptions::default())?);
        let mut unit = FusedObjective::new(session, &address.into())?;
        let reference = Entry::parse("sphere-cma", norm, dim, generations)?;
        let mut scale = None;
        for seed in first.parse::<u64>()?..end.parse()? {
            for noise in noises.split(',') {
                let told = if noise == "poisson" {
                    let scale = match scale {
                        Some(scale) => scale,
                        None => *scale.insert(run(&reference, None, &mut unit, Told::Level(0.0), 0)?.0),
                    };
                    Told::Counts { scale }
                } else {
                    Told::Level(noise.parse()?)
                };
                for entry in &entries {
                    let (best, recommended, evaluations, norm) = run(entry, span.as_ref(), &mut unit, told, seed)?;
                    writeln!(
                        out,
                        "{networks},{name},{},{noise},{seed},{best:.5},{recommended:.5},{evaluations},{norm:.3}",
                        entry.text
                    )?;
                    out.flush()?;
                }
            }
        }
    }
    Ok(())
}
