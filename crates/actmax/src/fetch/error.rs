//! Why a published model could not be fetched.

use std::io;
use std::path::PathBuf;

use gen_models::{ConvertError, ModelFolderError};
use thiserror::Error;

use crate::LibraryError;

/// Why `actmax models fetch` did not do what it was asked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// No published model of that name.
    #[error("there is no published model '{name}'; there are {}", known.join(", "))]
    Unknown {
        /// The name.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// One checkpoint is one model.
    #[error("--from takes the NAME of one model, {given} were given")]
    NotOneName {
        /// Names given.
        given: usize,
    },
    /// Some of several models were not fetched; the reasons were said.
    #[error("not fetched: {}; --from FILE converts what another program downloaded", names.join(", "))]
    Some {
        /// Their names.
        names: Vec<String>,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The file did not come.
    #[error("cannot download {url}{}", kept_bytes(*kept))]
    Download {
        /// Its address.
        url: String,
        /// Bytes that are kept for the next call.
        kept: u64,
        /// The last reason.
        source: DownloadError,
    },
    /// Another content than the expected one.
    #[error("the download has SHA-256 {found}, expected is {expected}{}; it was removed", recorded(record))]
    Checksum {
        /// SHA-256 of the download, hexadecimal.
        found: String,
        /// SHA-256 that is published or recorded, or how it begins.
        expected: String,
        /// The file that records it, if it is not published.
        record: Option<PathBuf>,
    },
    /// The checkpoint cannot be converted.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// The model cannot be registered.
    #[error(transparent)]
    Folder(#[from] ModelFolderError),
    /// There is no folder to register it in.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// Text cannot be written.
    #[error("cannot write to the standard output")]
    Output(#[source] io::Error),
}

/// Why one attempt at a download ended.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DownloadError {
    /// There is no answer.
    #[error(transparent)]
    Request(#[from] ureq::Error),
    /// The answer is no file.
    #[error("the server answers {0}")]
    Status(ureq::http::StatusCode),
    /// Another file than the published one.
    #[error("the server's file has {found} bytes, the published one has {expected}")]
    OtherSize {
        /// Its size in bytes.
        found: u64,
        /// The published size in bytes.
        expected: u64,
    },
    /// What an earlier attempt left is not of this file.
    #[error("what was there does not fit, beginning anew")]
    OtherVersion,
    /// The connection broke.
    #[error("the connection was interrupted")]
    Interrupted(#[source] io::Error),
    /// The answer ended too early.
    #[error("the connection ended after {written} of {whole} bytes")]
    TooShort {
        /// Bytes that came.
        written: u64,
        /// Bytes that were announced.
        whole: u64,
    },
    /// What came cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl FetchError {
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { action, path, source }
    }

    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Unknown { .. } | Self::NotOneName { .. })
    }
}

fn kept_bytes(kept: u64) -> String {
    if kept == 0 { String::new() } else { format!("; the {kept} bytes that came are kept, call again to go on") }
}

fn recorded(record: &Option<PathBuf>) -> String {
    let remove = |path: &PathBuf| {
        format!(" (recorded in {}: remove that file if the publisher changed the weights)", path.display())
    };
    record.as_ref().map_or_else(String::new, remove)
}
