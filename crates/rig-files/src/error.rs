//! What is wrong with a file.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file of scores or codes cannot be used. Every message names the file.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ScoreFileError {
    /// The system does not give the file.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The name says nothing about the format.
    #[error("{}: the extension must be one of {}", path.display(), crate::EXTENSIONS.join(", "))]
    Extension {
        /// The file.
        path: PathBuf,
    },
    /// The content is not what the format asks for. A file that is still being written looks the same.
    #[error("{}: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with the content.
        reason: FormatError,
    },
}

impl ScoreFileError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Io { path: path.to_owned(), source }
    }

    pub(crate) fn format(path: &Path) -> impl FnOnce(FormatError) -> Self {
        move |reason| Self::Format { path: path.to_owned(), reason }
    }
}

/// What is wrong with the content of a file.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// The bytes do not follow the format, or end too early.
    #[error("{0}")]
    Malformed(String),
    /// A part that must be there is not.
    #[error("there is no {0}")]
    Missing(String),
    /// Two parts do not fit each other.
    #[error("{0}")]
    Mismatch(String),
    /// The file holds more than the limits allow.
    #[error("there are {found} {what}, which is above the limit of {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is; of compressed data, how much was read until the limit was passed.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The file is valid, and holds something that this crate does not read.
    #[error("{0}")]
    Unsupported(String),
}

impl FormatError {
    pub(crate) fn malformed(what: impl std::fmt::Display) -> Self {
        Self::Malformed(what.to_string())
    }

    pub(crate) fn mismatch(what: impl std::fmt::Display) -> Self {
        Self::Mismatch(what.to_string())
    }
}
