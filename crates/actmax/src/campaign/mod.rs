//! Campaigns on networks: from a configuration to a grid of runs, and from its units to objectives.
//!
//! ```text
//! CONFIG.toml or preset -> Config -> (Library) -> experiments::campaign::Campaign -> Runner + NetworkSource -> folder
//! ```

mod args;
mod config;
mod config_error;
mod parallel;
mod preset;
mod progress;
mod resolve;
mod sessions;
mod slurm;
mod source;

pub(crate) use args::HELP;
pub use args::{
    CampaignChoice, CampaignCollectArgs, CampaignCommand, CampaignRunArgs, CampaignSlurmArgs, CampaignStatusArgs,
};
pub use config::Config;
pub use config_error::ConfigFileError;
pub(crate) use parallel::Parallel;
pub use parallel::ParallelArgs;
pub use preset::{PRESETS, Preset, Size};
pub use progress::CampaignProgress;
pub(crate) use progress::megabytes;
pub use resolve::resolve;
pub(crate) use slurm::SlurmJobs;
pub(crate) use source::scores_are_noise;
pub use source::{NetworkObjective, NetworkSource, SourceError};
