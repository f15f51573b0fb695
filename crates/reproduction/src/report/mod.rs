//! `actmax reproduce`: the argument of Wang and Ponce (2022) on stored campaigns.
//!
//! ```text
//! preset -> campaigns (made where they are missing) -> runs -> sections: figures, tables, claims -> report.html
//! ```
//!
//! `sections/` has a file a figure or table; `outputs` lists them in the order of the argument.

mod campaigns;
mod claims;
mod csv;
mod folder;
mod models;
mod outputs;
mod page;
mod preset;
mod references;
mod runs;
mod scores;
mod sections;
mod study;
#[cfg(test)]
mod tests;
mod xdream;

use std::collections::BTreeMap;
use std::io::Write;
use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Mutex;

use anyhow::{Context, Result, anyhow, bail};
use clap::builder::PossibleValuesParser;
use experiments::campaign::Campaign;
use gen_models::Runtime;
use networks::Library;
use rayon::ThreadPool;

use campaigns::{CampaignFolders, Grid};
use folder::Folder;
use models::Models;
use outputs::{OUTPUTS, Output};
use preset::{Analyses, Preset};
use study::{Content, Study};

use crate::published::PublishedMeans;
use crate::{ReproductionError, parallel};
use progress::Progress;

/// Reproduce the figures, tables and claims of Wang and Ponce (2022)
///
/// Makes the runs of five campaigns (round1, round2, covariance, noise-control, beyond) at the size of the preset where they are
/// missing, and draws everything from the stored runs into one page, report.html, with SVG, PNG and CSV files beside it.
/// Interrupted, the same command goes on; asked again, or for another figure, it runs nothing twice.
#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// Which study is repeated
    #[arg(long, value_enum, default_value_t = StudyName::WangPonce)]
    study: StudyName,
    /// How much is run
    #[arg(long, value_enum, default_value_t = Preset::Quick)]
    preset: Preset,
    /// Make only this figure or table, and run only the campaigns that it needs; may be given several times. `list` prints
    /// the names of the study
    #[arg(long = "figure", value_name = "NAME", value_parser = PossibleValuesParser::new(figure_names()), hide_possible_values = true)]
    figures: Vec<String>,
    /// Folder of the campaigns' folders, each called NAME-SIZE [default: campaigns in the folder of the figures]
    #[arg(long, value_name = "DIR")]
    campaigns: Option<PathBuf>,
    /// Folder of the published CSV files, to compute the published numbers from [default: means that are compiled in]
    #[arg(long, value_name = "DIR")]
    published: Option<PathBuf>,
    /// Folder of images that evolved ones are compared with, in the study xdream [default: 62 drawn pictures that are
    /// compiled in]
    #[arg(long, value_name = "DIR")]
    references: Option<PathBuf>,
    /// In the study xdream, also evolve for the registered networks and behind the registered generators, each with each.
    /// What a preset is promised to take does not count them
    #[arg(long)]
    registered: bool,
    /// Folder for figures, tables and report.html
    #[arg(long, value_name = "DIR", default_value = "figures")]
    out: PathBuf,
    /// Runs at once, 1 or more [default: number of cores]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZero<usize>>,
    /// Seed of the campaigns [default: that of their presets]
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

/// Studies that can be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum StudyName {
    /// Wang and Ponce (2022): which optimizer wins, and why; report.html
    WangPonce,
    /// Xiao and Kreiman (2019): reference images, optimizers, hyperparameters, starts and repeats of XDream; xdream.html
    Xdream,
}

const REPORT: &str = "report.html";
/// In place of a figure's name.
const LIST: &str = "list";

fn figure_names() -> impl Iterator<Item = &'static str> {
    std::iter::once(LIST).chain(OUTPUTS.iter().map(|output| output.name)).chain(xdream::names())
}

/// Makes what is missing of the campaigns, then figures, tables and the page; prints the page's path to `out`.
///
/// # Errors
/// If a model is missing, a run fails, or a file cannot be written.
pub fn run(args: &ReportArgs, library: &Library, out: &mut dyn Write) -> Result<(), ReproductionError> {
    match args.study {
        StudyName::WangPonce if args.references.is_some() || args.registered => {
            Err(anyhow!("--references and --registered belong to --study xdream").into())
        }
        StudyName::WangPonce => Ok(make(args, library, out)?),
        StudyName::Xdream => Ok(xdream::make(args, library, out)?),
    }
}

fn make(args: &ReportArgs, library: &Library, out: &mut dyn Write) -> Result<()> {
    if args.figures.iter().any(|name| name == LIST) {
        return Ok(OUTPUTS.iter().try_for_each(|output| writeln!(out, "{:<20}{}", output.name, output.about))?);
    }
    if let Some(other) = args.figures.iter().find(|asked| xdream::names().any(|name| name == **asked)) {
        bail!("{other} is a figure of --study xdream");
    }
    let outputs = chosen(&args.figures);
    let grids = grids(args, &outputs, library)?;
    let published = match &args.published {
        Some(folder) => PublishedMeans::of_tables(folder)?,
        None => PublishedMeans::embedded()?,
    };
    let folder = Folder::open(&args.out)?;
    let request = Request {
        preset: args.preset,
        analyses: args.preset.analyses(),
        outputs,
        grids,
        campaigns: args.campaigns.clone().unwrap_or_else(|| args.out.join("campaigns")),
        published_from: args.published.as_ref().map(|folder| folder.display().to_string()),
        workers: parallel::workers(args.jobs),
    };
    for (name, bytes) in request.files(library, published)? {
        folder.write(&name, &bytes)?;
    }
    Ok(writeln!(out, "{}", args.out.join(REPORT).display())?)
}

/// The outputs asked for, in the order of the report; all where none was named.
fn chosen(names: &[String]) -> Vec<&'static Output> {
    OUTPUTS.iter().filter(|output| names.is_empty() || names.iter().any(|name| name == output.name)).collect()
}

/// The campaigns that the outputs need. Where models are missing, says what fetches them and how much would be run.
fn grids(args: &ReportArgs, outputs: &[&Output], library: &Library) -> Result<Vec<(Grid, Campaign)>> {
    let size = args.preset.size();
    let needed = |grid: &Grid| outputs.iter().any(|output| output.needs.contains(grid));
    let at = |grid: Grid| Ok((grid, grid.at(size, library, args.seed)?));
    let grids = Grid::ALL.into_iter().filter(needed).map(at).collect::<Result<Vec<_>>>();
    grids.with_context(|| match args.preset {
        Preset::Full => {
            "preset full needs published models; `actmax models fetch deepsim-fc6 alexnet resnet50` fetches them. \
                         Nothing was run or written. Presets smoke, quick and standard use the embedded pair"
                .to_owned()
        }
        _ => format!("the campaigns of size {size} cannot be set up"),
    })
}

/// Names and contents of the files to write, the report last.
type Files = Vec<(String, Vec<u8>)>;

/// What is to be made.
struct Request {
    preset: Preset,
    analyses: Analyses,
    outputs: Vec<&'static Output>,
    grids: Vec<(Grid, Campaign)>,
    /// Folder of the campaigns' folders.
    campaigns: PathBuf,
    published_from: Option<String>,
    workers: usize,
}

impl Request {
    /// Makes what is missing of the campaigns, then the files.
    fn files(&self, library: &Library, published: PublishedMeans) -> Result<Files> {
        let runtime = Runtime::get(&progress::say)?;
        let pool = parallel::pool(self.workers)?;
        let study = Study {
            analyses: self.analyses,
            models: Models { library, runtime },
            published,
            runs: self.runs(library, runtime, &pool)?,
            metric: Mutex::default(),
        };
        let contents = self.contents(&study, &pool)?;
        self.write(&study, &contents, &pool)
    }

    /// Makes the outputs, on all workers; the metric, which takes longest and for which some of them wait, is begun first.
    fn contents(&self, study: &Study<'_>, pool: &ThreadPool) -> Result<Vec<(&'static Output, Content)>> {
        let progress = Progress::start("figures and tables", self.outputs.len() as u64);
        let metric = self.outputs.iter().any(|output| output.reads_metric()).then_some(None);
        let jobs: Vec<Option<&'static Output>> =
            metric.into_iter().chain(self.outputs.iter().copied().map(Some)).collect();
        let make = |_: &mut (), job: &Option<&'static Output>| -> Result<Option<(&'static Output, Content)>> {
            let Some(output) = *job else {
                sections::measured(study).context("cannot measure the generator's metric")?;
                return Ok(None);
            };
            let content = (output.make)(study).with_context(|| format!("cannot make {}", output.name))?;
            progress.advance(1);
            Ok(Some((output, content)))
        };
        let contents = parallel::map(pool, &jobs, || (), make)?;
        progress.finish();
        Ok(contents.into_iter().flatten().collect())
    }

    fn runs(
        &self,
        library: &Library,
        runtime: &'static Runtime,
        pool: &ThreadPool,
    ) -> Result<BTreeMap<Grid, Vec<runs::Run>>> {
        let jobs = NonZero::new(self.workers).unwrap_or(NonZero::<usize>::MIN);
        let folders = CampaignFolders { folder: self.campaigns.clone(), library, runtime, jobs };
        self.grids.iter().map(|(grid, campaign)| Ok((*grid, folders.runs(campaign, pool)?))).collect()
    }

    fn write(&self, study: &Study<'_>, contents: &[(&Output, Content)], pool: &ThreadPool) -> Result<Files> {
        let mut files = pool.install(|| figure_files(contents))?;
        for (_, content) in contents {
            for table in &content.tables {
                files.push((format!("{}.csv", table.stem), csv::table(&table.table)?));
            }
        }
        let runs = study.runs.iter().flat_map(|(grid, runs)| runs.iter().map(|run| (grid.name(), run)));
        files.push(("results.csv".to_owned(), csv::results(runs)?));
        let claims: Vec<_> = contents.iter().flat_map(|(output, content)| page::claims_of(output, content)).collect();
        files.push(("claims.csv".to_owned(), csv::claims(&claims)?));
        let size = self.preset.size().name();
        let folder = self.campaigns.display().to_string();
        let page = page::Context {
            preset: size,
            campaigns: &self.grids,
            folder: if self.campaigns.ends_with("campaigns") { "campaigns" } else { &folder },
            published: self.published_from.as_deref().unwrap_or("means of the published tables, compiled in"),
        };
        files.push((REPORT.to_owned(), page.report(study, contents).to_html().into_bytes()));
        Ok(files)
    }
}

/// SVG and PNG (at twice the size) of every figure.
fn figure_files(contents: &[(&Output, Content)]) -> Result<Files> {
    use rayon::prelude::*;
    let both = |(output, content): &(&Output, Content)| -> Result<Files> {
        let Some(svg) = &content.svg else { return Ok(Vec::new()) };
        let png = analysis::png::render(svg, 2.0).with_context(|| format!("cannot draw {}", output.name))?;
        Ok(vec![(format!("{}.svg", output.name), svg.clone().into_bytes()), (format!("{}.png", output.name), png)])
    };
    let files = contents.par_iter().map(both).collect::<Result<Vec<_>>>()?;
    Ok(files.concat())
}
