//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use gen_models::{CudaOptions, DeviceChoice, ExecutionDevice, ModelError, Runtime};
use reproduction::landscapes::LandscapesArgs;
use reproduction::published::{ClaimsArgs, TablesArgs};
use reproduction::report::ReportArgs;

use crate::console::say;

use crate::analyse::AnalyseArgs;
use crate::campaign::CampaignCommand;

use crate::models_cli::ModelsAction;

const EXAMPLES: &str = "\
Examples:
  actmax evolve --unit conv5:12
      the image that channel 12 of conv5 wants to see, in 75 generations of about 40 images
  actmax evolve --unit fc8:3 --optimizer cholesky-cmaes --noise 0.2 --seed 7 --out runs/class3
      the same for a class of the last layer, told noisy scores
  actmax evolve --resume --out runs/class3
      goes on with an interrupted run and ends as if it had not been interrupted
  actmax layers tiny-alexnet
      what can be put after --unit
  actmax campaign run round2 --size smoke
      a small instance of a published benchmark, as a grid of runs";

const EVOLVE_HELP: &str = "\
Units:
  LAYER:CHANNEL is a channel of a layer; in a convolutional layer the unit in the middle of the map,
  or the one at LAYER:CHANNEL:ROW:COL. Several --unit make a mixture, whose score is the weighted sum
  of their activations: --unit conv5:12=0.7 --unit fc8:3=0.3. `actmax layers` lists the layers.

Noise:
  A neuron never answers the same twice. --noise LEVEL multiplies every score by max(0, 1 + LEVEL x N(0, 1)),
  --poisson SCALE counts spikes (SCALE expected ones per unit of activation) over --repeats presentations.
  The optimizer sees noisy scores only; results are reported by their clean score.

Reference images:
  --reference DIR has the same unit score the images of a folder (.png, .jpg, any size), and says where the best evolved
  image lies among them. With --resume a finished run is compared without evolving it again.

Files written to --out:
  evolution.npz    codes, clean and noisy scores, generation means, for NumPy
  best.png         the image with the best clean score
  final_mean.png   the image of the mean code of the last generation
  progress.png     the best image of some generations, from the first to the last
  trace.svg        every score, and the mean and the best of every generation
  summary.json     settings, versions, results and timing
  reference.csv    with --reference, the score of every image of the folder
  journal.jsonl    what --resume goes on from

Ctrl-C ends the run after the current generation with all files written; a second one at once.

Exit status: 0 done, 1 failure, 2 wrong usage, 130 interrupted.

Examples:
  actmax evolve --unit conv5:12
  actmax evolve --unit conv5:12:0:0 --minimize
  actmax evolve --unit fc8:3 --optimizer cholesky-cmaes --option init_sigma=2 --evaluations 3000
  actmax evolve --unit fc8:3 --init runs/first/evolution.npz --generations 20 --out runs/second
  actmax evolve --resume --out runs/second";

const ASK_TELL_HELP: &str = "\
One JSON object a line, in both directions; after the first line every line is answered by one line.

  in   {\"optimizer\": \"sphere-cma\", \"dim\": 4096, \"seed\": 1}            the first line
  out  {\"generation\": 0, \"codes\": [[0.1, ...], ...]}                  score each of these
  in   {\"scores\": [1.5, null, ...]}                                   one a code, null: missing
  out  {\"generation\": 1, \"codes\": [[...], ...]}                       the next ones, and so on
  in   {\"save\": true}                                                at any time
  out  {\"state\": \"actmax-ask-tell-1:...\"}                             a text to keep
  in   {\"stop\": true}                                                or the end of the input
  out  {\"recommendation\": [...], \"best\": {\"code\": [...], \"score\": 1.7}, \"diagnostics\": {...}}

First line:
  optimizer    a name of `actmax optimizers`
  dim          length of a code
  seed         of all random numbers [default: 0]
  options      of the optimizer, as {\"population_size\": 20, ...}
  generations  length of the run, for methods with a schedule
  x0           a code to start from, or a list of codes
  maximize     false: lower scores are better [default: true]
  resume       a state, instead of all these: goes on where it was saved, with the same codes out

The number of codes may differ between generations. A line that cannot be followed is answered by
{\"error\": \"...\"} and changes nothing. Clients in Python and Octave: docs/ask-tell.md.

Exit status: 0 done, 2 a first line that does not fit (standard error says why).

Example:
  printf '%s\\n' '{\"optimizer\": \"random-search\", \"dim\": 2, \"options\": {\"population_size\": 3}}' \\
      '{\"scores\": [1, 3, 2]}' '{\"stop\": true}' | actmax ask-tell";

/// Find the image that a neuron wants to see, without gradients.
///
/// Latent codes go through a generator, which makes images of them; a unit of a CNN scores the images;
/// a black-box optimizer makes the next codes of the scores.
#[derive(Debug, Parser)]
#[command(name = "actmax", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    /// What is to be done.
    #[command(subcommand)]
    pub command: Command,
    /// Tell on the way what is loaded from where.
    #[arg(short, long, global = true)]
    pub verbose: bool,
    /// Folder of registered models [default: the one in the variable ACTMAX_MODELS, or in the user's cache].
    #[arg(long, global = true, value_name = "DIR")]
    pub models: Option<PathBuf>,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List the generators and CNNs, add your own, or remove one.
    ///
    /// Without a further command: name, shape, size, origin, licence of every model, and where it is.
    #[command(after_help = "Your own network: actmax models add FILE.onnx; more: actmax models add --help")]
    Models {
        /// What is to be done; without it the models are listed.
        #[command(subcommand)]
        action: Option<ModelsAction>,
    },
    /// List the layers of a CNN and which units of them can be targeted.
    Layers {
        /// Name of the CNN.
        #[arg(default_value = crate::evolve::DEFAULT_CNN)]
        cnn: String,
    },
    /// List the optimizers with their options and defaults.
    Optimizers,
    /// Measure the trajectory of runs: norm growth, principal components with cosines, steps.
    #[command(after_long_help = crate::analyse::HELP, after_help = "The files written, and examples: --help")]
    Analyse(AnalyseArgs),
    /// Let another program drive an optimizer, by JSON lines on standard input and output.
    #[command(after_long_help = ASK_TELL_HELP, after_help = "The lines, and an example: --help")]
    AskTell,
    /// Measure how many images a second the networks make and answer on this machine.
    BenchModels(BenchModelsArgs),
    /// Make a grid of runs: the published benchmarks, or your own.
    #[command(after_long_help = crate::campaign::HELP, after_help = "Configurations and examples: --help")]
    Campaign {
        /// What is to be done with it.
        #[command(subcommand)]
        command: CampaignCommand,
    },
    /// Reproduce the figures, tables and claims of Wang and Ponce (2022).
    Reproduce(Box<ReproduceArgs>),
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
    /// Compute every statistic that the published tables allow.
    Tables(TablesArgs),
    /// Compare the methods with recorded runs of their references on three landscapes.
    Landscapes(LandscapesArgs),
}

/// Where networks run.
#[derive(Clone, Copy, Debug, Default, Args)]
pub struct DeviceArgs {
    /// Where networks run: cpu, cuda, cuda:N (an NVIDIA GPU by its number, or an error), or auto (a GPU if one works).
    #[arg(long, value_name = "DEVICE", default_value = "cpu")]
    pub device: DeviceChoice,
    /// Have a GPU multiply in full single precision instead of TF32; slower, and closer to the processor's results.
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
    /// Layer that CNN and pair are cut at; may be repeated [default: all that can be targeted].
    #[arg(long = "layer", value_name = "LAYER")]
    pub layers: Vec<String>,
    /// Codes or images at once.
    #[arg(long = "batch", value_name = "N", value_delimiter = ',', default_value = "1,8,40")]
    pub batches: Vec<NonZeroUsize>,
    /// Threads of ONNX Runtime.
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1,2")]
    pub threads: Vec<NonZeroUsize>,
    /// Batches that are timed, of which the least counts.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub repeats: u32,
    /// Where networks run.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Print a line of JSON a measurement.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `actmax evolve`. What is left out has a default, or with `--resume` the recorded value.
#[derive(Clone, Debug, Default, Args)]
pub struct EvolveArgs {
    /// Unit whose score is sought, with its weight in a mixture (1 if none is given); may be repeated.
    #[arg(long = "unit", value_name = "LAYER:CHANNEL[:ROW:COL][=WEIGHT]", required_unless_present = "resume")]
    pub units: Vec<String>,
    /// Seek the image that silences the unit.
    #[arg(long)]
    pub minimize: bool,
    /// Generator that turns codes into images [default: tiny-deepsim].
    #[arg(long, value_name = "NAME")]
    pub generator: Option<String>,
    /// CNN that the unit is in [default: tiny-alexnet].
    #[arg(long, value_name = "NAME")]
    pub cnn: Option<String>,
    /// Optimizer, see `actmax optimizers` [default: sphere-cma].
    #[arg(long, value_name = "NAME")]
    pub optimizer: Option<String>,
    /// Option of the optimizer; may be repeated.
    #[arg(long = "option", value_name = "NAME=VALUE", value_parser = name_and_value)]
    pub options: Vec<(String, String)>,
    /// Generations to score [default: 75].
    #[arg(long, value_name = "N", conflicts_with = "evaluations")]
    pub generations: Option<u64>,
    /// Generations as many as N evaluations pay for: N / population, rounded down.
    #[arg(long, value_name = "N")]
    pub evaluations: Option<u64>,
    /// Multiplicative noise of the scores that the optimizer sees [default: 0].
    #[arg(long, value_name = "LEVEL", allow_negative_numbers = true, conflicts_with = "poisson")]
    pub noise: Option<f64>,
    /// Poisson noise instead: expected spikes per unit of activation.
    #[arg(long, value_name = "SCALE", allow_negative_numbers = true)]
    pub poisson: Option<f64>,
    /// Presentations that Poisson noise is averaged over [default: 1].
    #[arg(long, value_name = "R", requires = "poisson")]
    pub repeats: Option<u32>,
    /// Seed of all random numbers [default: 0].
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Codes to start from: a NumPy file with one code, or one a row, or an evolution.npz.
    #[arg(long, value_name = "FILE.npy|npz")]
    pub init: Option<PathBuf>,
    /// Folder of images (.png, .jpg) that the unit scores too: where does the best evolved image lie among them?
    #[arg(long, value_name = "DIR")]
    pub reference: Option<PathBuf>,
    /// Folder of the run [default: runs/UNIT-OPTIMIZER-SEED].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Go on with the interrupted run in --out; other arguments are optional and must agree with it.
    #[arg(long, conflicts_with = "overwrite")]
    pub resume: bool,
    /// Remove the run that --out holds.
    #[arg(long)]
    pub overwrite: bool,
    /// Threads of ONNX Runtime [default: all cores].
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Images that are computed at once; bounds the memory [default: 64].
    #[arg(long, value_name = "N")]
    pub batch: Option<NonZeroUsize>,
    /// Where networks run.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Show neither progress nor results; warnings and errors remain.
    #[arg(short, long)]
    pub quiet: bool,
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
}
