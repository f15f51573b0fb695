//! Why something could not be done.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use experiments::EvolveError;
use paradigm::{GeometryError, PatternError};
use thiserror::Error as ThisError;

/// Why a configuration is refused.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum ConfigError {
    /// No TOML, an unknown key, or a value of the wrong kind.
    #[error("the configuration cannot be read: {0}")]
    Toml(Box<toml::de::Error>),
    /// A value out of range.
    #[error("{key} must be {expected}")]
    Value {
        /// Which.
        key: String,
        /// What it must be.
        expected: &'static str,
    },
    /// A method or option that there is not.
    #[error("optimizer of thread '{thread}'")]
    Method {
        /// The thread.
        thread: String,
        /// Why.
        source: Box<optim_core::ConfigError>,
    },
    /// A pattern that cannot be met.
    #[error("target of thread '{thread}'")]
    Pattern {
        /// The thread.
        thread: String,
        /// Why.
        source: PatternError,
    },
    /// An image that cannot be shown so.
    #[error("image of thread '{thread}'")]
    Geometry {
        /// The thread.
        thread: String,
        /// Why.
        source: GeometryError,
    },
}

/// What the system refused, as a sentence; of a full disk, with the folder and the way out.
fn refused(action: &str, path: &Path, source: &io::Error) -> String {
    let parts = (path.parent(), path.file_name());
    match (source.kind(), parts) {
        (ErrorKind::StorageFull | ErrorKind::QuotaExceeded, (Some(folder), Some(name))) => {
            let (folder, name) = (folder.display(), name.to_string_lossy());
            format!("the disk of {folder} is full, cannot {action} {name}: make room and resume the session")
        }
        _ => format!("cannot {action} {}: {source}", path.display()),
    }
}

/// Why a journal cannot be used.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum JournalError {
    /// The system refused.
    #[error("{}", refused(action, path, source))]
    Io {
        /// What was to be done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Another process has it.
    #[error("{} is in use: another process runs this session", path.display())]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// A line before the last is damaged.
    #[error("{} is damaged in line {line}: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        reason: String,
    },
}

/// Why a session cannot do what it was asked.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum SessionError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A thread's method.
    #[error("thread '{thread}'")]
    Thread {
        /// Name of the thread.
        thread: String,
        /// Why.
        source: Box<EvolveError>,
    },
    /// The generator of a thread.
    #[error("the generator of thread '{thread}' failed")]
    Render {
        /// Name of the thread.
        thread: String,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A generator that made another number of images.
    #[error("the generator of thread '{thread}' made {images} images of {codes} codes")]
    ImageCount {
        /// Name of the thread.
        thread: String,
        /// Codes.
        codes: usize,
        /// Images.
        images: usize,
    },
    /// An image cannot be encoded or read.
    #[error("image {id}")]
    Image {
        /// The image.
        id: String,
        /// Why.
        source: image::ImageError,
    },
    /// A file of the session cannot be written or read.
    #[error("{}", refused(action, path, source))]
    File {
        /// What was to be done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The HTTP door cannot open.
    #[error("cannot listen at {address}: {source}")]
    Listen {
        /// Where it was to listen.
        address: std::net::SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// Responses to a block that is not out yet.
    #[error("block {block} is not out: {}", current.map_or("no block is".to_owned(), |block| format!("block {block} is")))]
    WrongBlock {
        /// The block asked for.
        block: u32,
        /// The block that is out.
        current: Option<u32>,
    },
    /// A response of another length than those before.
    #[error("row {row} has {found} values, the session's responses have {expected}")]
    WrongLength {
        /// The row, from 0.
        row: usize,
        /// Its length.
        found: usize,
        /// The length of the responses before, or channels times bins.
        expected: usize,
    },
    /// Channels that are not those of the responses before.
    #[error("the channels are {found}, those of the session are {known}")]
    OtherChannels {
        /// Those of the session.
        known: String,
        /// Those that came.
        found: String,
    },
    /// There is no such thread.
    #[error("there is no thread {thread}: the session has {threads}")]
    NoThread {
        /// Number of the thread.
        thread: usize,
        /// Threads.
        threads: usize,
    },
    /// The journal records another thing than this program computes.
    #[error(
        "this program does not reproduce the session: event {event} of the journal is {recorded}, this program has {found}{}",
        if differences.is_empty() { String::new() } else { format!(" ({})", differences.join("; ")) }
    )]
    NotReproduced {
        /// Number of the event, from 1.
        event: usize,
        /// What is recorded.
        recorded: String,
        /// What this program has.
        found: String,
        /// What differs between the programs.
        differences: Vec<String>,
    },
    /// A journal without a beginning.
    #[error("the journal does not begin with the session's configuration")]
    NoBeginning,
    /// A journal of another version of the program.
    #[error("the journal is of version {found}, this program reads version {expected}")]
    Version {
        /// Its version.
        found: u32,
        /// Ours.
        expected: u32,
    },
}

impl SessionError {
    /// Whether the user can mend it in the configuration or the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Config(_)
                | Self::WrongBlock { .. }
                | Self::WrongLength { .. }
                | Self::OtherChannels { .. }
                | Self::NoThread { .. }
        )
    }
}
