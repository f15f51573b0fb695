//! What can go wrong with a campaign as a whole.

use std::path::PathBuf;

use thiserror::Error;

use super::shard::ShardError;
use crate::{ArrayFileError, EvolveError, FolderError, NeedsError, human_bytes};

/// Why a campaign did not start or go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CampaignError {
    /// A grid without runs.
    #[error("the campaign has no {what}, so there is nothing to run")]
    Empty {
        /// What is missing.
        what: &'static str,
    },
    /// Two runs that are the same.
    #[error("the campaign has the same run twice: {run}, and {other}; give them different options, or leave one out")]
    Twice {
        /// One of them.
        run: String,
        /// The other one.
        other: String,
    },
    /// Starts for other units.
    #[error("{arm} has {starts} sets of codes to start from, and there are {units} units: give one set, or one a unit")]
    Starts {
        /// Label of the arm.
        arm: String,
        /// Sets of codes.
        starts: usize,
        /// Units of the campaign.
        units: usize,
    },
    /// More runs than can be listed.
    #[error(
        "the grid has {runs} runs ({repeats} repeats each), whose list alone would take about {} of memory, and {} are free; give fewer repeats, or divide the grid into several campaigns",
        human_bytes(*needed), human_bytes(*free)
    )]
    TooManyRuns {
        /// Number of runs.
        runs: f64,
        /// Repeats of each optimizer on each unit at each noise level.
        repeats: u32,
        /// Bytes that the list would take.
        needed: f64,
        /// Bytes that are free.
        free: f64,
    },
    /// The runs take more than there is.
    #[error(transparent)]
    Needs(#[from] NeedsError),
    /// A method, noise or budget that does not fit.
    #[error(transparent)]
    Spec(#[from] EvolveError),
    /// The shard does not fit.
    #[error(transparent)]
    Shard(#[from] ShardError),
    /// A file or folder cannot be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// Arrays of a run cannot be read.
    #[error(transparent)]
    Arrays(#[from] ArrayFileError),
    /// No campaign in the folder.
    #[error("{} holds no campaign (it has no {})", path.display(), super::store::CAMPAIGN_FILE)]
    NoCampaign {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds something else.
    #[error("{} is not empty and holds no campaign (found '{file}'); choose an empty or a new folder", path.display())]
    NotEmpty {
        /// The folder.
        path: PathBuf,
        /// A file in it.
        file: String,
    },
    /// The folder belongs to another campaign.
    #[error(
        "{} holds the results of another campaign, these fields differ: {}; choose another folder",
        path.display(), fields.join(", ")
    )]
    OtherCampaign {
        /// The folder.
        path: PathBuf,
        /// Dotted paths of the fields, each with both values.
        fields: Vec<String>,
    },
    /// A file of the folder that cannot be understood.
    #[error("{} is damaged: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A run that was asked for is not there.
    #[error("{} holds no finished run {run}", path.display())]
    NotDone {
        /// The folder.
        path: PathBuf,
        /// The run.
        run: String,
    },
}

impl CampaignError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Empty { .. }
                | Self::Twice { .. }
                | Self::TooManyRuns { .. }
                | Self::Needs(_)
                | Self::Spec(_)
                | Self::NoCampaign { .. }
                | Self::NotEmpty { .. }
                | Self::OtherCampaign { .. }
        )
    }
}
