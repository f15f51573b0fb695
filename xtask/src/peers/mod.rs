//! `cargo xtask bench-peers`: other implementations run beside ours, in one go on one machine.

mod cost;
mod environment;
mod models;
pub(crate) mod ours;
mod pairs;
mod process;
mod results;

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZero;
use std::path::PathBuf;
use std::thread::available_parallelism;

use anyhow::{Context, Result, bail};
use experiments::cpu_model;

use cost::Row;
use pairs::{Pair, Peer};
use process::Measured;
use reproduction::landscapes::table;

/// Run other implementations beside ours and compare cost or results
///
/// Makes Python environments with pycma, nevergrad and evosax (with pip, once), and runs theirs and ours in
/// turn, each in a process of its own on one thread: 75 generations of 40 codes, on an objective that costs next
/// to nothing. Prints CPU time a generation and of the whole process, wall time and peak memory as a Markdown
/// table. With --results: the scores and norms that theirs and ours reach on the landscapes of `actmax reproduce
/// landscapes`, by the rule of that command, for all that are ports of each other; exit status 1 if one differs.
/// With --models: what an image costs a generator, a CNN cut at layers, and the two together, beside PyTorch on the
/// same graphs; exit status 1 if the results differ.
#[derive(clap::Args)]
pub(crate) struct BenchArgs {
    /// Only this library; may be given several times
    #[arg(long = "peer", value_enum)]
    peers: Vec<Peer>,
    /// Only these optimizers, by either name
    #[arg(long = "only", value_name = "NAME", num_args = 1..)]
    names: Vec<String>,
    /// Code lengths [default: 512,4096; with --results 64,512]
    #[arg(long = "dim", value_name = "N", value_delimiter = ',')]
    dims: Vec<usize>,
    /// Repeats, of which the least counts; with --results seeds of the peer
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeats: u32,
    /// Generations of a timed run; full CMA-ES takes minutes in 4096 dimensions
    #[arg(long, value_name = "N", default_value_t = 75, value_parser = clap::value_parser!(u32).range(4..))]
    generations: u32,
    /// Compare what is reached instead of what it costs
    #[arg(long)]
    results: bool,
    /// Noise levels of --results
    #[arg(long, value_name = "LEVEL", value_delimiter = ',', default_value = "0,0.2")]
    noise: Vec<f64>,
    /// Runs at once with --results [default: number of cores]; costs are measured one by one
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    #[command(flatten)]
    models: models::ModelArgs,
    /// Folder for the Python environments [default: target/peers]
    #[arg(long, value_name = "DIR")]
    venv: Option<PathBuf>,
    /// Write the Markdown to this file as well
    #[arg(long, value_name = "FILE.md")]
    out: Option<PathBuf>,
}

/// What ran.
#[derive(Default)]
struct Versions {
    /// Components with their versions, as their process gave them.
    by_peer: BTreeMap<Peer, String>,
    date: String,
}

impl Versions {
    fn see(&mut self, peer: Peer, measured: &Measured) {
        self.date.clone_from(&measured.printed.date);
        let versions = measured.printed.versions.iter();
        let text = versions.map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default()));
        self.by_peer.insert(peer, text.collect::<Vec<_>>().join(", "));
    }

    fn line(&self) -> String {
        let versions: Vec<&str> = self.by_peer.values().map(String::as_str).collect();
        let cores = available_parallelism().map_or(1, NonZero::get);
        format!("{}, {} ({cores} cores); {}.", self.date, cpu_model(), versions.join("; "))
    }
}

pub(crate) fn run(args: &BenchArgs) -> Result<()> {
    if args.models.models {
        return publish(args, &models::compare(&args.models, args.repeats, args.venv.as_deref())?);
    }
    let mut pairs = Pair::chosen(&args.peers, &args.names);
    let (known, missing): (Vec<Pair>, Vec<Pair>) = pairs.iter().partition(|pair| pair.place().is_some());
    for pair in &missing {
        eprintln!("no method here for {} of {}: {} is left out", pair.theirs, pair.peer.name(), pair.ours);
    }
    pairs = known;
    if pairs.is_empty() {
        bail!("there is nothing to compare");
    }
    let (text, failed) = if args.results { compare_results(args, &pairs)? } else { (compare_costs(args, &pairs)?, 0) };
    publish(args, &text)?;
    if failed > 0 {
        bail!("{failed} comparisons differ by more than their limit");
    }
    Ok(())
}

/// Prints the Markdown, and writes it to --out.
fn publish(args: &BenchArgs, text: &str) -> Result<()> {
    println!("{text}");
    match &args.out {
        Some(path) => fs::write(path, text).with_context(|| format!("cannot write {}", path.display())),
        None => Ok(()),
    }
}

fn compare_costs(args: &BenchArgs, pairs: &[Pair]) -> Result<String> {
    let (mut versions, mut rows) = (Versions::default(), Vec::new());
    let pythons = pythons(args, pairs)?;
    for &dim in dims(args, &[512, 4096]) {
        for pair in pairs {
            let see = |measured: &Measured| versions.see(pair.peer, measured);
            let row = Row::measure(*pair, &pythons[&pair.peer], dim, args.generations, args.repeats, see)?;
            eprint!("{}", cost::markdown(std::slice::from_ref(&row)).lines().last().unwrap_or_default());
            eprintln!();
            rows.push(row);
        }
    }
    Ok(format!(
        "{}\n{} generations of 40 codes, the least of {} repeats of theirs and ours in turn; one thread. ≈: another \
         algorithm of the same kind. \
         CPU time a generation: theirs after the third, ours the whole process by its generations.\n\n{}",
        versions.line(),
        args.generations,
        args.repeats,
        cost::markdown(&rows)
    ))
}

fn compare_results(args: &BenchArgs, pairs: &[Pair]) -> Result<(String, usize)> {
    let dims = dims(args, &[64, 512]);
    if let Some(dim) = dims.iter().find(|dim| **dim < 2 || !dim.is_power_of_two()) {
        bail!("the landscapes are defined for powers of two, not for {dim} dimensions");
    }
    let (mut versions, pythons) = (Versions::default(), pythons(args, pairs)?);
    let grid = results::Grid { pairs, dims, noises: &args.noise, seeds: args.repeats.into(), jobs: args.jobs };
    let comparisons = results::compare(&grid, &pythons, |peer, measured| versions.see(peer, measured))?;
    eprintln!("{}\n\n{}", table::text(&comparisons), table::summary(&comparisons));
    let failed = comparisons.iter().filter(|c| !c.holds()).count();
    let text = format!(
        "{}\nBold: differs by more than its limit, {failed} of {} comparisons.\n\n{}",
        versions.line(),
        comparisons.len(),
        table::markdown(&comparisons)
    );
    Ok((text, failed))
}

/// The interpreter of every peer that occurs.
fn pythons(args: &BenchArgs, pairs: &[Pair]) -> Result<BTreeMap<Peer, PathBuf>> {
    let occurring = Peer::ALL.into_iter().filter(|peer| pairs.iter().any(|pair| pair.peer == *peer));
    occurring.map(|peer| Ok((peer, environment::interpreter(peer.environment(), args.venv.as_deref())?))).collect()
}

fn dims<'a>(args: &'a BenchArgs, default: &'a [usize]) -> &'a [usize] {
    if args.dims.is_empty() { default } else { &args.dims }
}
