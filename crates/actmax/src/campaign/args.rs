//! Arguments of `actmax campaign`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use experiments::campaign::Shard;

use super::parallel::ParallelArgs;
use crate::DeviceArgs;
use crate::cli::positive;

pub(crate) const HELP: &str = "\
A campaign is a grid of runs: optimizers x units x noise levels x repeats. Its
configuration is a TOML file, or a preset named instead of a file:

  name = \"mine\"
  generations = 75                 # or evaluations = 3000
  repeats = 5
  noise = [0.0, 0.2]               # and poisson = [SCALE, ...]
  reps = 1                         # presentations of each image, see evolve
  stop_stalled = 40                # also stop_score, stop_after, see evolve
  optimizers = [\"sphere-cma\", \"genetic\"]
  [[optimizer]]                    # with options
  name = \"cholesky-cmaes\"
  options = { init_sigma = 2.0 }
  [[network]]
  generator = \"tiny-deepsim\"
  cnn = \"tiny-alexnet\"
  layers = [\"conv4\", \"fc8\"]
  channels = [0, 1, 2]

Every run depends on its own specification alone. A campaign gives the same
numbers whatever the order of its runs, the number of jobs or shards, and the
number of interruptions. You may kill it at any moment; the same command goes
on. On a GPU several runs share a batch (--together); the last digits then
depend on the batch.

Examples:
  actmax campaign preset round2 > mine.toml
  actmax campaign run mine.toml --size quick --out results
  actmax campaign run mine.toml --size full --out results --device cuda
  actmax campaign status results
  actmax campaign collect results
  actmax campaign slurm mine.toml --size standard --array 20 --out results
  sh results/slurm/submit.sh";

/// The subcommands of `actmax campaign`.
#[derive(Clone, Debug, Subcommand)]
pub enum CampaignCommand {
    /// List the presets, or print one: a configuration to use or to edit.
    Preset {
        /// Its name.
        name: Option<String>,
    },
    /// Make the runs that are missing.
    Run(CampaignRunArgs),
    /// Say how far a campaign is: runs done, running and failed, time left.
    Status(CampaignStatusArgs),
    /// Print the mean scores by optimizer and noise, and write tables and figures: a row per run, the layout of the published
    /// tables, box plots, and a montage of the evolved images.
    Collect(CampaignCollectArgs),
    /// Write the scripts of a Slurm array with one shard per job, and of a job that then collects the tables.
    Slurm(CampaignSlurmArgs),
}

/// Which campaign.
#[derive(Clone, Debug, Args)]
pub struct CampaignChoice {
    /// Configuration file or preset.
    #[arg(value_name = "CONFIG")]
    pub config: PathBuf,
    /// Size, if the configuration has sections for sizes; presets have smoke, quick, standard and full.
    #[arg(long, value_name = "NAME")]
    pub size: Option<String>,
}

/// Arguments of `actmax campaign run`.
#[derive(Clone, Debug, Args)]
pub struct CampaignRunArgs {
    /// Which campaign.
    #[command(flatten)]
    pub choice: CampaignChoice,
    /// Folder of the results [default: campaigns/NAME-SIZE].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// How much to compute at once.
    #[command(flatten)]
    pub parallel: ParallelArgs,
    /// Make the I-th of N equal shares only, so that several machines can work on one folder.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Start even if the runs take more memory, or more room on the disk, than there is.
    #[arg(long)]
    pub force: bool,
    /// Device of the networks.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Show neither progress nor results; warnings and errors remain.
    #[arg(short, long)]
    pub quiet: bool,
}

/// Arguments of `actmax campaign status`.
#[derive(Clone, Debug, Args)]
pub struct CampaignStatusArgs {
    /// Folder of the results; or a configuration or preset, whose folder is campaigns/NAME-SIZE.
    #[arg(value_name = "DIR|CONFIG")]
    pub campaign: PathBuf,
    /// Size of the configuration.
    #[arg(long, value_name = "NAME")]
    pub size: Option<String>,
    /// Read every file and check its content, not only its size; damage gives exit status 1.
    #[arg(long)]
    pub verify: bool,
}

/// Arguments of `actmax campaign slurm`.
#[derive(Clone, Debug, Args)]
pub struct CampaignSlurmArgs {
    /// Which campaign.
    #[command(flatten)]
    pub choice: CampaignChoice,
    /// Number of jobs in the array; each makes one shard.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub array: u32,
    /// Folder of the results; all nodes must reach it [default: campaigns/NAME-SIZE].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Cores of a job, and runs that it makes at once; on a GPU the runs share batches.
    #[arg(long, value_name = "N", value_parser = positive, default_value = "4")]
    pub cpus: NonZeroUsize,
    /// Device of the networks; add --sbatch --gres=gpu:1 so that a job has a GPU.
    #[command(flatten)]
    pub device: DeviceArgs,
    /// Time limit of a job; submit again to make the runs that it did not finish.
    #[arg(long, value_name = "TIME", default_value = "04:00:00")]
    pub time: String,
    /// Memory of a job in Slurm's notation, for example 8G.
    #[arg(long, value_name = "SIZE")]
    pub memory: Option<String>,
    /// Another option for an #SBATCH line, for example --partition=long; may be repeated.
    #[arg(long = "sbatch", value_name = "OPTION", allow_hyphen_values = true)]
    pub directives: Vec<String>,
}

/// Arguments of `actmax campaign collect`.
#[derive(Clone, Debug, Args)]
pub struct CampaignCollectArgs {
    /// Folder of the results; or a configuration or preset, whose folder is campaigns/NAME-SIZE.
    #[arg(value_name = "DIR|CONFIG")]
    pub campaign: PathBuf,
    /// Size of the configuration.
    #[arg(long, value_name = "NAME")]
    pub size: Option<String>,
    /// Folder of the tables and figures [default: tables in the folder of the results].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Make no montage, which needs the generators.
    #[arg(long)]
    pub no_images: bool,
    /// Draw violins too, estimated densities of the scores, as violins.svg and .png.
    #[arg(long)]
    pub violins: bool,
    /// Write every figure as .pdf too.
    #[arg(long)]
    pub pdf: bool,
}
