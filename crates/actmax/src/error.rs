//! What can go wrong with a command, and whose turn it is then.

use std::path::PathBuf;

use analysis::{PictureError, RenderError};
use experiments::{ArrayFileError, EvolveError, FolderError, JournalError};
use gen_models::{ManifestError, ModelError, RuntimeError, UnitError};
use optim_core::ConfigError;
use thiserror::Error;

use crate::{LibraryError, OpeningError};

/// Why a command did not do what it was asked to.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CommandError {
    /// A model could not be had.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// There is no ONNX Runtime.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// A model could not be loaded or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The run's settings do not fit, or it failed.
    #[error(transparent)]
    Evolve(#[from] EvolveError),
    /// The folder could not be used.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The initial codes could not be read.
    #[error(transparent)]
    Codes(#[from] ArrayFileError),
    /// An image could not be made.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A figure could not be drawn.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A file could not be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// An ask/tell session could not begin.
    #[error(transparent)]
    Opening(#[from] OpeningError),
    /// The client of an ask/tell session cannot be heard.
    #[error("cannot read the standard input")]
    Input(#[source] std::io::Error),
    /// Text could not be written.
    #[error("cannot write to the standard output")]
    Output(#[from] std::io::Error),
    /// Ctrl-C cannot be watched.
    #[error("cannot watch for Ctrl-C")]
    Interrupt(#[from] ctrlc::Error),
    /// `--resume` without anything that says which run.
    #[error("--resume needs to know the run: name its folder with --out")]
    ResumeWhat,
    /// The journal's objective is not one that this command wrote.
    #[error("the journal in {} is not of a run of `actmax evolve`: {reason}", folder.display())]
    OtherObjective {
        /// The run's folder.
        folder: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The codes that a run was started from are gone.
    #[error("the run in {} was started from initial codes that are no longer in it", folder.display())]
    NoInitialCodes {
        /// The run's folder.
        folder: PathBuf,
    },
}

macro_rules! from_through {
    ($($source:ty => $through:ty),* $(,)?) => {
        $(impl From<$source> for CommandError {
            fn from(error: $source) -> Self {
                Self::from(<$through>::from(error))
            }
        })*
    };
}

from_through! {
    ConfigError => EvolveError,
    experiments::NoiseError => EvolveError,
    experiments::BudgetError => EvolveError,
    JournalError => EvolveError,
    UnitError => ModelError,
    ManifestError => LibraryError,
}

impl CommandError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Library(LibraryError::Manifest(ManifestError::Unknown { .. }) | LibraryError::NotFetched { .. })
            | Self::Library(LibraryError::Model(ModelError::Unit(_)))
            | Self::Model(ModelError::Unit(_))
            | Self::Codes(_)
            | Self::Opening(_)
            | Self::ResumeWhat
            | Self::OtherObjective { .. }
            | Self::NoInitialCodes { .. } => true,
            Self::Evolve(error) => matches!(
                error,
                EvolveError::Config(_)
                    | EvolveError::Noise(_)
                    | EvolveError::Budget(_)
                    | EvolveError::OtherInitialCodes { .. }
                    | EvolveError::Journal(JournalError::NotFound { .. } | JournalError::OtherSpec { .. })
            ),
            Self::Folder(error) => matches!(
                error,
                FolderError::HoldsRun { .. } | FolderError::NotEmpty { .. } | FolderError::NotAFolder { .. }
            ),
            _ => false,
        }
    }

    /// Status that the command exits with.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.is_usage() { 2 } else { 1 }
    }

    /// The way out, where the message does not name it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Library(LibraryError::Manifest(ManifestError::Unknown { .. })) => {
                Some("`actmax models` lists them, and what `cargo xtask fetch-models` fetches")
            }
            Self::Model(ModelError::Unit(_)) => Some("`actmax layers` lists layers, channels and positions"),
            Self::Evolve(EvolveError::Config(_)) | Self::Opening(OpeningError::Config(_)) => {
                Some("`actmax optimizers` lists optimizers and options")
            }
            Self::Folder(FolderError::HoldsRun { .. }) => {
                Some("--resume goes on with it, --overwrite removes it, --out names another folder")
            }
            Self::Folder(FolderError::NotEmpty { .. } | FolderError::NotAFolder { .. } | FolderError::Io { .. }) => {
                Some("--out names another folder")
            }
            Self::Evolve(EvolveError::Journal(JournalError::OtherSpec { .. })) => {
                Some("`--resume --out DIR` needs no other arguments, it takes them from the journal")
            }
            Self::Evolve(EvolveError::Evaluation { .. }) => {
                Some("the generations before are in the journal, --resume goes on after them")
            }
            Self::NoInitialCodes { .. } => Some("name the file that it was started from with --init"),
            _ => None,
        }
    }

    /// The message with all that caused it, on one line, and the way out on another.
    #[must_use]
    pub fn report(&self) -> String {
        let mut report = format!("error: {self}");
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            report.push_str(&format!(": {error}"));
            cause = error.source();
        }
        if let Some(hint) = self.hint() {
            report.push_str(&format!("\nhint: {hint}"));
        }
        report
    }
}
