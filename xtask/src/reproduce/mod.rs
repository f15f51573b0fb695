//! `cargo xtask reproduce-figures`: figures and tables of Wang and Ponce (2022) on the embedded pair.
//!
//! ```text
//! preset -> units, grid of runs -> runs on the network (parallel)  -\
//!        -> noise-driven runs (parallel) ---------------------------- > figures, tables, CSV -> report.html
//! ```

mod claims;
mod csv;
mod drift;
mod figures;
mod folder;
mod grid;
mod network;
mod outputs;
mod page;
mod preset;
mod runs;
mod scores;
#[cfg(test)]
mod tests;

use std::num::NonZero;
use std::path::PathBuf;

use actmax::Library;
use anyhow::{Context, Result, bail};
use experiments::Budget;
use rayon::ThreadPool;

use drift::DriftRun;
use folder::Folder;
use grid::{Job, OPTIMIZERS, Unit};
use network::Network;
use outputs::{Choice, Output};
use page::Content;
use preset::{Preset, Settings};
use runs::Run;

use crate::parallel;

/// Nominal codes a generation of every method of the grid.
const POPULATION: usize = 40;

/// Reproduce the figures and tables of Wang and Ponce (2022)
#[derive(clap::Args)]
pub(crate) struct ReproduceArgs {
    /// How much is run
    #[arg(long, value_enum, default_value_t = Preset::Quick)]
    preset: Preset,
    /// Make only this figure or table, and run only what it needs; may be given several times
    #[arg(long = "figure", value_name = "NAME", value_enum)]
    figures: Vec<Choice>,
    /// Folder of registered models [default: that of the variable ACTMAX_MODELS, or in the user's cache]
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Folder for figures, tables and report.html
    #[arg(long, value_name = "DIR", default_value = "figures")]
    out: PathBuf,
    /// Runs at once, 1 or more [default: number of cores]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Seed from which the seeds of all runs are derived
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// Runs the errand.
pub(crate) fn run(args: &ReproduceArgs) -> Result<()> {
    if args.figures.contains(&Choice::List) {
        Output::ALL.iter().for_each(|output| println!("{:<14}{}", output.name(), output.about()));
        return Ok(());
    }
    let settings = Settings { models: args.models.clone(), ..args.preset.settings() };
    require_models(&settings)?;
    let folder = Folder::open(&args.out)?;
    let workers = parallel::workers(args.jobs);
    let files = reproduce(&settings, &chosen(&args.figures), args.seed, workers)?;
    for (name, bytes) in &files {
        folder.write(name, bytes)?;
    }
    println!("{}", args.out.join(REPORT).display());
    Ok(())
}

const REPORT: &str = "report.html";

/// The outputs asked for, in the order of the report; all where none was named.
fn chosen(choices: &[Choice]) -> Vec<Output> {
    let named = |output: &Output| choices.is_empty() || choices.contains(&Choice::One(*output));
    Output::ALL.into_iter().filter(named).collect()
}

/// Fails where the models of a preset are not there, and says how much it would run.
fn require_models(settings: &Settings) -> Result<()> {
    let library = Library::open(settings.models.as_deref())?;
    let known = |name: &&str| library.manifest().models.iter().any(|model| model.name() == *name);
    let missing: Vec<&str> = [settings.generator, settings.cnn].into_iter().filter(|name| !known(name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let runs = settings.planned_runs();
    bail!(
        "preset {} needs models that are not on this machine: {}; fetch them with `cargo xtask fetch-models {}`. With them it would make {runs} runs of {} \
         evaluations, {:.1} million images; at the 17 to 42 seconds that a run took in the publication (Tesla V100), \
         {:.0} to {:.0} hours. Nothing was run or written. Presets smoke, quick and standard use the embedded pair",
        settings.name,
        missing.join(", "),
        missing.join(" "),
        settings.evaluations,
        runs as f64 * settings.evaluations as f64 / 1e6,
        runs as f64 * 17.0 / 3600.0,
        runs as f64 * 42.0 / 3600.0,
    )
}

/// Names and contents of the files to write, the report last.
type Files = Vec<(String, Vec<u8>)>;

/// Runs what `outputs` need and makes their files.
fn reproduce(settings: &Settings, outputs: &[Output], base_seed: u64, workers: usize) -> Result<Files> {
    let pool = parallel::pool(workers)?;
    let generations = Budget::Evaluations(settings.evaluations).generations(POPULATION)?;
    let on_network =
        if grid::needs_network(outputs) { Some(OnNetwork::run(settings, outputs, base_seed, &pool)?) } else { None };
    let noise_driven = NoiseDriven::run(settings, outputs, generations, base_seed, &pool)?;
    let contents = contents(settings, outputs, on_network.as_ref(), &noise_driven)?;
    let units = on_network.as_ref().map_or(&[][..], |network| &network.units);
    let page = page::Context { settings, units, base_seed, generations };
    let mut files = figure_files(&contents)?;
    if let Some(OnNetwork { runs, .. }) = &on_network {
        files.push(("results.csv".to_owned(), csv::results(runs).into_bytes()));
    }
    let rows: Vec<_> = contents.iter().flat_map(|(_, content)| content.claims.iter().cloned()).collect();
    if !rows.is_empty() {
        files.push(("claims.csv".to_owned(), csv::claims(&rows).into_bytes()));
    }
    files.push((REPORT.to_owned(), page.report(&contents).to_html().into_bytes()));
    Ok(files)
}

/// The network and what ran on it.
struct OnNetwork {
    network: Network,
    units: Vec<Unit>,
    runs: Vec<Run>,
}

impl OnNetwork {
    fn run(settings: &Settings, outputs: &[Output], base_seed: u64, pool: &ThreadPool) -> Result<Self> {
        let network = Network::open(settings)?;
        let units = network.units(settings)?;
        let jobs: Vec<Job> = grid::jobs(settings, &units, base_seed, outputs);
        let runs = runs::run_all(&network, settings, &jobs, pool)?;
        Ok(Self { network, units, runs })
    }
}

/// Runs on random scores.
struct NoiseDriven {
    /// As long as the runs on the network, of all optimizers.
    controls: Vec<DriftRun>,
    /// As long as the published ones, of the optimizers of the drift claims.
    published: Vec<DriftRun>,
}

impl NoiseDriven {
    fn run(
        settings: &Settings,
        outputs: &[Output],
        generations: u32,
        base_seed: u64,
        pool: &ThreadPool,
    ) -> Result<Self> {
        let mut jobs = Vec::new();
        if outputs.contains(&Output::Norms) || outputs.contains(&Output::Projections) {
            jobs = drift::jobs(&OPTIMIZERS, settings.control_seeds, generations);
        }
        let controls = jobs.len();
        if outputs.contains(&Output::DriftClaims) {
            jobs.extend(drift::jobs(&claims::OPTIMIZERS, settings.drift_seeds, drift::GENERATIONS));
        }
        let mut runs = if jobs.is_empty() { Vec::new() } else { drift::run_all(&jobs, base_seed, pool)? };
        let published = runs.split_off(controls);
        Ok(Self { controls: runs, published })
    }
}

/// What belongs into each section.
fn contents(
    settings: &Settings,
    outputs: &[Output],
    on_network: Option<&OnNetwork>,
    noise_driven: &NoiseDriven,
) -> Result<Vec<(Output, Content)>> {
    let make = |output: &Output| {
        let content = match (output, on_network) {
            (Output::DriftClaims, _) => Content {
                tables: vec![claims::definitions(&noise_driven.published)?],
                claims: claims::rows(&noise_driven.published)?,
                ..Content::default()
            },
            (output, Some(network)) => network_content(*output, settings, network, &noise_driven.controls)?,
            (output, None) => bail!("{} needs a network", output.name()),
        };
        Ok((*output, content))
    };
    outputs.iter().map(make).collect()
}

fn network_content(
    output: Output,
    settings: &Settings,
    OnNetwork { network, runs, .. }: &OnNetwork,
    controls: &[DriftRun],
) -> Result<Content> {
    let svg = match output {
        Output::Montage => Some(figures::montage(network, runs)?),
        Output::Traces => Some(figures::traces(settings, runs)),
        Output::Norms => Some(figures::norms(runs, controls)),
        Output::Projections => Some(figures::projections(runs, controls, &claims::OPTIMIZERS)?),
        Output::Scores | Output::DriftClaims => None,
    };
    let mut content = Content { svg, ..Content::default() };
    if output == Output::Scores {
        let scores = scores::Scores::of(runs)?;
        content.tables.push(scores.table(settings)?);
        content.claims = scores.orderings(settings)?;
    }
    Ok(content)
}

/// SVG and PNG (at twice the size) of every figure.
fn figure_files(contents: &[(Output, Content)]) -> Result<Files> {
    let mut files = Files::new();
    for (output, content) in contents {
        if let Some(svg) = &content.svg {
            let png = analysis::png::render(svg, 2.0).with_context(|| format!("cannot draw {}", output.name()))?;
            files.push((format!("{}.svg", output.name()), svg.clone().into_bytes()));
            files.push((format!("{}.png", output.name()), png));
        }
    }
    Ok(files)
}
