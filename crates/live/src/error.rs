//! Errors.

use std::path::PathBuf;

/// What cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// A folder is neither of a session, nor of a run, nor of a campaign.
    #[error(
        "{} holds neither a session (session.jsonl), nor a run (journal.jsonl), nor a campaign (campaign.json)",
        folder.display()
    )]
    Nothing {
        /// The folder.
        folder: PathBuf,
    },
    /// The journal of a session.
    #[error(transparent)]
    Session(#[from] sessions::JournalError),
    /// The configuration of a session.
    #[error(transparent)]
    Config(#[from] sessions::ConfigError),
    /// The journal of a run.
    #[error("the journal {} cannot be read: {reason}", path.display())]
    Journal {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Codes cannot be had.
    #[error("no codes of generation {generation}: {reason}")]
    Codes {
        /// The generation.
        generation: u32,
        /// Why.
        reason: String,
    },
    /// A campaign among other folders.
    #[error("{} is the folder of a campaign: its page shows it alone, so name no other folder", folder.display())]
    Campaign {
        /// The folder.
        folder: PathBuf,
    },
    /// No run has this number, or it is not finished.
    #[error("the campaign has no finished run {number}: a page shows a run when it is done")]
    NoRun {
        /// Its place in the grid, from 0.
        number: usize,
    },
    /// A finished run is damaged.
    #[error(transparent)]
    Damaged(#[from] experiments::campaign::CampaignError),
    /// The scores of a finished run cannot be read.
    #[error(transparent)]
    Arrays(#[from] experiments::ArrayFileError),
    /// An image cannot be made.
    #[error("the image cannot be made: {0}")]
    Image(String),
}

impl LiveError {
    /// Whether another argument helps.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Nothing { .. } | Self::Campaign { .. })
    }
}
