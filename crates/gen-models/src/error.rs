//! What can be wrong with a model or with running it.

use std::path::PathBuf;

use onnx_graph::GraphError;
use thiserror::Error;

use crate::unit::UnitError;

/// Why a model cannot be read, prepared or run.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// Another number of bytes than the manifest says.
    #[error("{model} has {found} bytes, its manifest says {expected}: fetch it again, or correct the manifest")]
    WrongSize {
        /// The model.
        model: String,
        /// Bytes in the manifest.
        expected: u64,
        /// Bytes found.
        found: u64,
    },
    /// Another content than the manifest says.
    #[error("{model} has SHA-256 {found}, its manifest says {expected}: fetch it again, or correct the manifest")]
    WrongHash {
        /// The model.
        model: String,
        /// SHA-256 in the manifest, hexadecimal.
        expected: String,
        /// SHA-256 found, hexadecimal.
        found: String,
    },
    /// A tensor of the file has another shape than the specification says.
    #[error("'{tensor}' of {model} has shape {found} but {expected} is specified")]
    WrongShape {
        /// The model.
        model: String,
        /// The tensor.
        tensor: String,
        /// Shape by the specification.
        expected: String,
        /// Shape in the file.
        found: String,
    },
    /// Images cannot be shown so.
    #[error(transparent)]
    Geometry(#[from] paradigm::GeometryError),
    /// ONNX Runtime refuses the model.
    #[error("ONNX Runtime cannot load {model}")]
    Session {
        /// The model.
        model: String,
        /// Its reason.
        source: ort::Error,
    },
    /// ONNX Runtime fails to run the model.
    #[error("ONNX Runtime cannot run {model}")]
    Run {
        /// The model.
        model: String,
        /// Its reason.
        source: ort::Error,
    },
    /// A GPU was asked for and cannot be used.
    #[error("CUDA cannot be used by ONNX Runtime at {}: {reason}; {remedy}", library.display())]
    Cuda {
        /// The library of ONNX Runtime.
        library: PathBuf,
        /// What it says.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// A part of a network ran on the processor when it was to run on a GPU.
    #[error(
        "a part of {model} did not run on the GPU but on the processor ({}): run it with --device cpu, or export the \
         model with other operators", operators.join(", ")
    )]
    NotOnDevice {
        /// The model.
        model: String,
        /// The operators.
        operators: Vec<String>,
    },
    /// Where a network ran cannot be found out.
    #[error("the record of the first run of {model} on the GPU cannot be kept")]
    Profile {
        /// The model.
        model: String,
        /// The reason.
        source: std::io::Error,
    },
    /// A result has another shape than announced.
    #[error("output '{tensor}' of {model} has shape {found:?}, expected was {expected:?}")]
    UnexpectedOutput {
        /// The model.
        model: String,
        /// The tensor.
        tensor: String,
        /// Shape by specification, batch included.
        expected: Vec<usize>,
        /// Shape of the result.
        found: Vec<i64>,
    },
    /// Codes of another length than the generator's.
    #[error("{values} values are no codes of {expected} components each")]
    CodeLength {
        /// Length N of the generator's codes.
        expected: usize,
        /// Values given, or the length of the codes given.
        values: usize,
    },
    /// Pixels and shape of a batch of images contradict each other.
    #[error("{values} values do not make images of shape {shape:?}, which must be [n, 3, height, width]")]
    ImageShape {
        /// Values given.
        values: usize,
        /// Shape given.
        shape: [usize; 4],
    },
    /// The file is no model, or its graph cannot be changed as needed.
    #[error(transparent)]
    Graph(#[from] GraphError),
    /// A unit that the network does not have.
    #[error(transparent)]
    Unit(#[from] UnitError),
}

impl ModelError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Unit(_) | Self::Geometry(_))
    }
}
