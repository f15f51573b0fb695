//! `actmax campaign`: its arguments, what is computed at once, what is collected, and scripts for Slurm.

mod args;
mod collected;
mod digest;
mod parallel;
mod pictures;
mod slurm;

pub(crate) use args::HELP;
pub use args::{
    CampaignChoice, CampaignCollectArgs, CampaignCommand, CampaignRunArgs, CampaignSlurmArgs, CampaignStatusArgs,
};
pub(crate) use collected::show;
pub(crate) use digest::Digest;
pub(crate) use parallel::Parallel;
pub use parallel::ParallelArgs;
pub(crate) use slurm::SlurmJobs;
