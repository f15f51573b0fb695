//! What can be wrong with a checkpoint.

use std::path::PathBuf;

use thiserror::Error;

/// Why tensors cannot be read out of a checkpoint.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is of another kind.
    #[error("{} is no PyTorch checkpoint: {reason}", path.display())]
    NotACheckpoint {
        /// The file.
        path: PathBuf,
        /// What gives it away.
        reason: &'static str,
    },
    /// The file begins like a checkpoint but is cut off or corrupt.
    #[error("{} is a damaged PyTorch checkpoint, or a truncated one: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file names a function or class that has no place among tensors.
    #[error(
        "{} wants '{global}' to be called, which no file of weights needs: it is refused, and nothing in it was run",
        path.display()
    )]
    ForbiddenGlobal {
        /// The file.
        path: PathBuf,
        /// Module and name.
        global: String,
    },
    /// There are no tensors by name in it.
    #[error("{} holds no state dict, but {found}", path.display())]
    NoStateDict {
        /// The file.
        path: PathBuf,
        /// What it holds.
        found: String,
    },
    /// A tensor is stored in a form that is not read.
    #[error("tensor '{tensor}' of {} cannot be read: {reason}", path.display())]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        tensor: String,
        /// What is wrong with it.
        reason: String,
    },
}
