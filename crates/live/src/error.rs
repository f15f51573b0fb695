//! Errors.

use std::path::PathBuf;

/// What cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// A folder is neither of a session nor of a run.
    #[error("{} holds neither a session (session.jsonl) nor a run (journal.jsonl)", folder.display())]
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
    /// An image cannot be made.
    #[error("the image cannot be made: {0}")]
    Image(String),
}

impl LiveError {
    /// Whether another argument helps.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Nothing { .. })
    }
}
