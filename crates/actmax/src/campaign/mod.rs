//! `actmax campaign`: its arguments, what is computed at once, and scripts for Slurm.

mod args;
mod parallel;
mod slurm;

pub(crate) use args::HELP;
pub use args::{
    CampaignChoice, CampaignCollectArgs, CampaignCommand, CampaignRunArgs, CampaignSlurmArgs, CampaignStatusArgs,
};
pub(crate) use parallel::Parallel;
pub use parallel::ParallelArgs;
pub(crate) use slurm::SlurmJobs;
