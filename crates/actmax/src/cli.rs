//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use experiments::Keep;
use gen_models::{CudaOptions, DeviceChoice, ExecutionDevice, ModelError, Runtime};
use networks::StartNorm;
use reproduction::landscapes::LandscapesArgs;
use reproduction::published::{ClaimsArgs, StatisticArgs};
use reproduction::report::ReportArgs;

use crate::analyse::AnalyseArgs;
use crate::campaign::CampaignCommand;
use crate::console::say;
use crate::evolve::StopArgs;
use crate::help::{ASK_TELL_HELP, EVOLVE_HELP, EXAMPLES};
use crate::models_cli::ModelsAction;
use crate::online::SessionCommand;
use crate::render::RenderArgs;
use crate::rig::RigCommand;
use crate::score::ScoreArgs;
use crate::view::ViewArgs;
use crate::{GeometryArgs, TargetArgs};

/// Find the image that a neuron wants to see, without gradients.
///
/// A generator makes images of latent codes. A unit of a CNN scores the images. A black-box optimizer makes the next
/// codes from the scores.
#[derive(Debug, Parser)]
#[command(name = "actmax", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    /// The subcommand.
    #[command(subcommand)]
    pub command: Command,
    /// Say what is loaded from where.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Folder of registered models [default: the variable ACTMAX_MODELS, or a folder in the user's cache].
    #[arg(long, global = true, value_name = "DIR")]
    pub models: Option<PathBuf>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the generators and CNNs, add your own, or remove one.
    ///
    /// Without a further command: name, shape, size, origin, licence of every model, and where it is.
    #[command(after_help = "Your own network: actmax models add FILE.onnx; more: actmax models add --help\n\
                            Raw pixels are a generator too: --generator pixels:32x32")]
    Models {
        /// What is to be done; without it the models are listed.
        #[command(subcommand)]
        action: Option<ModelsAction>,
    },
    /// List the layers of a CNN and the units that --unit can name.
    Layers {
        /// Name of the CNN.
        #[arg(default_value = crate::evolve::DEFAULT_CNN)]
        cnn: String,
    },
    /// List the optimizers with their options and defaults.
    Optimizers,
    /// Measure the trajectory of runs: growth of the norm, principal components, steps.
    #[command(after_long_help = crate::analyse::HELP, after_help = "The files written, and examples: --help")]
    Analyse(AnalyseArgs),
    /// Let another program drive an optimizer by lines of JSON on standard input and output.
    #[command(after_long_help = ASK_TELL_HELP, after_help = "The lines, and an example: --help")]
    AskTell,
    /// Measure how many images a second the networks process on this machine.
    BenchModels(BenchModelsArgs),
    /// Make a grid of runs: the published benchmarks, or your own.
    #[command(after_long_help = crate::campaign::HELP, after_help = "Configurations and examples: --help")]
    Campaign {
        /// What to do.
        #[command(subcommand)]
        command: CampaignCommand,
    },
    /// Make the images of codes, or answer the code files of a rig with their images.
    #[command(after_long_help = crate::render::HELP, after_help = "Codes, rigs, and examples: --help")]
    Render(RenderArgs),
    /// Score images and codes by units, or record whole layers.
    #[command(after_long_help = crate::score::HELP, after_help = "Images, tables, recordings and examples: --help")]
    Score(ScoreArgs),
    /// Reproduce the figures, tables and claims of Wang and Ponce (2022), or XDream's study.
    Reproduce(Box<ReproduceArgs>),
    /// Evolve images for a neuron that a rig records: make, serve, continue and export a session.
    #[command(after_long_help = crate::online::HELP, after_help = "A first session: --help")]
    Session {
        /// What to do.
        #[command(subcommand)]
        command: SessionCommand,
    },
    /// Show runs and sessions on a live page, while they run and afterwards.
    #[command(after_long_help = crate::view::HELP, after_help = "Examples: --help")]
    View(ViewArgs),
    /// Pretend to be a rig, to try a session out.
    Rig {
        /// What to do.
        #[command(subcommand)]
        command: RigCommand,
    },
    /// Evolve the image that a unit wants to see.
    #[command(after_long_help = EVOLVE_HELP, after_help = "Units, noise, the files written and examples: --help")]
    Evolve(Box<EvolveArgs>),
}

/// Arguments of `actmax reproduce`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ReproduceArgs {
    /// What is reproduced instead of the report.
    #[command(subcommand)]
    pub command: Option<ReproduceCommand>,
    /// The report.
    #[command(flatten)]
    pub report: ReportArgs,
}

/// The subcommands of `actmax reproduce`.
#[derive(Debug, Subcommand)]
pub enum ReproduceCommand {
    /// Recompute the published numbers from the published tables.
    Claims(ClaimsArgs),
    /// Compute one statistic of the published tables.
    Statistic(StatisticArgs),
    /// Compare the methods with recorded runs of their references on three landscapes.
    Landscapes(LandscapesArgs),
}

/// Device of the networks.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct DeviceArgs {
    /// Device of the networks: cpu, cuda, cuda:N (the NVIDIA GPU of that number), or auto (a GPU if one works).
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    pub device: DeviceChoice,
    /// Let a GPU multiply in full single precision instead of TF32: slower, and closer to the processor's results.
    #[arg(long)]
    pub fp32: bool,
}

impl DeviceArgs {
    /// The device that is meant; that a GPU works is tried.
    ///
    /// # Errors
    /// If a GPU was asked for and cannot be used.
    pub fn resolve(self, runtime: &Runtime) -> Result<ExecutionDevice, ModelError> {
        let options = CudaOptions { full_precision: self.fp32, ..CudaOptions::default() };
        self.device.resolve(options, runtime, &say)
    }
}

/// Arguments of `actmax bench-models`.
#[derive(Clone, Debug, Args)]
pub struct BenchModelsArgs {
    /// Generator [default: tiny-deepsim].
    #[arg(long, value_name = "NAME")]
    pub generator: Option<String>,
    /// CNN [default: tiny-alexnet].
    #[arg(long, value_name = "NAME")]
    pub cnn: Option<String>,
    /// Layer that CNN and pair are cut at; may be repeated [default: the first, the middle and the last that can be targeted].
    #[arg(long = "layer", value_name = "LAYER")]
    pub layers: Vec<String>,
    /// Codes or images at once.
    #[arg(long = "batch", value_name = "N", value_parser = positive, value_delimiter = ',', default_value = "1,8,40")]
    pub batches: Vec<NonZeroUsize>,
    /// Threads of ONNX Runtime.
    #[arg(long, value_name = "N", value_parser = positive, value_delimiter = ',', default_value = "1,2")]
    pub threads: Vec<NonZeroUsize>,
    /// Batches to time; the fastest counts.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeats: u32,
    /// Device of the networks.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Print one line of JSON per measurement.
    #[arg(long)]
    pub json: bool,
}

/// Arguments that say what is run; a session says it already.
const DETERMINED_BY_SESSION: [&str; 30] = [
    "units",
    "minimize",
    "generator",
    "cnn",
    "optimizer",
    "options",
    "norm",
    "generations",
    "evaluations",
    "noise",
    "poisson",
    "reps",
    "stop_score",
    "stop_after",
    "stop_stalled",
    "seed",
    "init",
    "init_fill",
    "reference",
    "quantise",
    "resume",
    "canvas",
    "size",
    "at",
    "gray",
    "resize",
    "readout",
    "pattern",
    "layer",
    "measure",
];

/// Arguments of `actmax evolve`. What is left out has a default, or with `--resume` the recorded value.
#[derive(Clone, Debug, Default, Args)]
pub struct EvolveArgs {
    /// Unit to find the image for, with its weight if there are several [default weight: 1]; may be repeated.
    #[arg(long = "unit", value_name = "LAYER:CHANNEL[:ROW:COL][=WEIGHT]", required_unless_present_any = ["resume", "scores_from", "readout", "pattern"])]
    pub units: Vec<String>,
    /// Find the image that silences the unit.
    #[arg(long)]
    pub minimize: bool,
    /// Generator that makes images of codes, or pixels:WxH for raw pixels [default: tiny-deepsim].
    #[arg(long, value_name = "NAME")]
    pub generator: Option<String>,
    /// CNN that the unit is in [default: tiny-alexnet].
    #[arg(long, value_name = "NAME")]
    pub cnn: Option<String>,
    /// Open a live page of the run on this machine; its address is printed. `actmax view` shows the run afterwards.
    #[arg(long)]
    pub live: bool,
    /// Optimizer; `actmax optimizers` lists them [default: polar-es-savage].
    #[arg(long, value_name = "NAME")]
    pub optimizer: Option<String>,
    /// Option of the optimizer; may be repeated.
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub options: Vec<(String, String)>,
    /// Scale of the search: the norm of the first codes, a number or natural, the norm of the codes that the generator
    /// was made for [default: the optimizer's own scale].
    #[arg(long, value_name = "natural|NUMBER", allow_negative_numbers = true)]
    pub norm: Option<StartNorm>,
    /// Number of generations [default: 75].
    #[arg(long, value_name = "N", allow_negative_numbers = true, conflicts_with = "evaluations")]
    pub generations: Option<u64>,
    /// Number of evaluations instead; the run has N / (population x --reps) generations, rounded down.
    #[arg(long, value_name = "N")]
    pub evaluations: Option<u64>,
    /// Adds response noise, as a neuron would: standard deviation relative to the score [default: 0].
    #[arg(long, value_name = "LEVEL", allow_negative_numbers = true, conflicts_with = "poisson")]
    pub noise: Option<f64>,
    /// Adds Poisson noise instead: expected spikes per unit of activation.
    #[arg(long, value_name = "SCALE", allow_negative_numbers = true)]
    pub poisson: Option<f64>,
    /// Presentations of each image, whose mean score the optimizer sees; every presentation draws its own noise and counts
    /// as one of --evaluations [default: 1].
    #[arg(long, value_name = "R", alias = "repeats")]
    pub reps: Option<u32>,
    /// When the run ends before its last generation.
    #[command(flatten)]
    pub stop: StopArgs,
    /// Seed of all random numbers [default: 0].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Codes to start from: a NumPy file or a folder of them; a run, and after a colon which of its codes: last, best,
    /// recommended, next, all or means [default: last]; images, which the generator's encoder turns into codes; random:NORM; or
    /// stats:FILE, codes drawn from mean and spread of those in the file.
    #[arg(long, value_name = "WHAT")]
    pub init: Option<PathBuf>,
    /// Fill the codes of --init up to the population with children of them, as XDream does.
    #[arg(long, requires = "init")]
    pub init_fill: bool,
    /// Also write Evolution_codes_NAME.npz: best code and mean of the last generation with their scores, under the published
    /// names.
    #[arg(long)]
    pub published_codes: bool,
    /// Folder of images (.png, .jpg) to compare the best evolved image with; the unit scores them too.
    #[arg(long, value_name = "DIR")]
    pub reference: Option<PathBuf>,
    /// Let the units see images of 8 bits, as a screen shows them, one by one.
    #[arg(long)]
    pub quantise: bool,
    /// Score nothing: tell the optimizer of a session's thread again what it was told there. The run has the session's
    /// codes, bit for bit.
    #[arg(long, value_name = "SESSION[:THREAD]", conflicts_with_all = DETERMINED_BY_SESSION)]
    pub scores_from: Option<PathBuf>,
    /// Folder of the run [default: runs/UNIT-OPTIMIZER-SEED, of a session runs/SESSION-THREAD].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on with the interrupted run in --out, or extend it with a larger --generations. Other arguments are optional
    /// and must agree with it.
    #[arg(long, conflicts_with = "overwrite")]
    pub resume: bool,
    /// Remove the run that --out holds.
    #[arg(long)]
    pub overwrite: bool,
    /// Codes that are kept in memory and in evolution.npz [default: all, 50 MB for 3000 codes of 4096 numbers].
    #[arg(long, value_name = "all|last|none", value_parser = keep)]
    pub keep_codes: Option<Keep>,
    /// Threads of ONNX Runtime [default: all cores].
    #[arg(long, value_name = "N", value_parser = positive)]
    pub threads: Option<NonZeroUsize>,
    /// Images that are computed at once, which bounds the memory [default: 64].
    #[arg(long, value_name = "N", value_parser = positive)]
    pub batch: Option<NonZeroUsize>,
    /// Device of the networks.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Show neither progress nor results; warnings and errors remain.
    #[arg(short, long)]
    pub quiet: bool,
    /// Image on a canvas.
    #[command(flatten)]
    pub geometry: GeometryArgs,
    /// Target in a file.
    #[command(flatten)]
    pub target: TargetArgs,
}

fn keep(text: &str) -> Result<Keep, String> {
    match text {
        "all" => Ok(Keep::All),
        "last" => Ok(Keep::LastOnly),
        "none" => Ok(Keep::None),
        _ => Err("write all, last or none".to_owned()),
    }
}

/// A count that is not zero.
pub(crate) fn positive(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "give a whole number, 1 or more")
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("write NAME=VALUE, for example population_size=20".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::Cli;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    /// Short and long help of a command and all below it, by name, on a terminal of so many columns.
    fn helps(command: &mut clap::Command, columns: usize) -> Vec<(String, String)> {
        let mut command = command.clone().term_width(columns);
        command.build();
        let (name, short, long) = (command.get_name().to_owned(), command.render_help(), command.render_long_help());
        let mut helps = vec![(format!("{name} -h"), short.to_string()), (format!("{name} --help"), long.to_string())];
        command.get_subcommands_mut().for_each(|below| helps.extend(self::helps(below, columns)));
        helps
    }

    #[test]
    fn help_fits_eighty_columns() {
        for columns in [80, 120] {
            for (name, help) in helps(&mut Cli::command(), columns) {
                let wide = help.lines().find(|line| line.chars().count() > columns);
                assert_eq!(wide, None, "{name} on {columns} columns");
            }
        }
    }

    /// Texts that are wrapped by hand must not be wrapped again: a wider terminal shows the same lines.
    #[test]
    fn texts_are_wrapped_once() {
        fn texts(command: &clap::Command) -> Vec<String> {
            let own = [command.get_after_help(), command.get_after_long_help()];
            let own = own.into_iter().flatten().map(ToString::to_string);
            own.chain(command.get_subcommands().flat_map(texts)).collect()
        }
        let helps: Vec<String> = helps(&mut Cli::command(), 80).into_iter().map(|(_, help)| help).collect();
        let texts = texts(&Cli::command());
        assert!(texts.len() > 6);
        for text in texts {
            assert!(helps.iter().any(|help| help.contains(text.trim_end())), "wrapped again:\n{text}");
        }
    }
}
