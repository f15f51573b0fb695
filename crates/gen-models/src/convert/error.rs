//! What can be wrong with a conversion.

use thiserror::Error;

use crate::CheckpointError;

/// Why a checkpoint cannot be made into an ONNX model.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConvertError {
    /// Its tensors cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A tensor of the architecture is not in it.
    #[error("{checkpoint} has no tensor '{tensor}', which {architecture} has; it has {}", first(found))]
    MissingTensor {
        /// The file.
        checkpoint: String,
        /// The architecture.
        architecture: String,
        /// The tensor.
        tensor: String,
        /// Tensors of the file.
        found: Vec<String>,
    },
    /// It has tensors that the architecture has no place for.
    #[error("{checkpoint} has tensors that {architecture} does not have: {}; it is another model", first(tensors))]
    UnknownTensors {
        /// The file.
        checkpoint: String,
        /// The architecture.
        architecture: String,
        /// These tensors.
        tensors: Vec<String>,
    },
    /// Two entries would be the same tensor.
    #[error("{checkpoint} has tensor '{tensor}' twice, under different prefixes")]
    Ambiguous {
        /// The file.
        checkpoint: String,
        /// The tensor, without prefix.
        tensor: String,
    },
    /// A tensor has another shape than in the architecture.
    #[error("tensor '{tensor}' of {checkpoint} has shape {found:?}, {architecture} has {expected:?}")]
    WrongShape {
        /// The file.
        checkpoint: String,
        /// The architecture.
        architecture: String,
        /// The tensor.
        tensor: String,
        /// Shape in the architecture.
        expected: Vec<usize>,
        /// Shape in the file.
        found: Vec<usize>,
    },
    /// The CNN does not take images of the size asked for.
    #[error("{architecture} does not take images of {size} x {size}: {reason}")]
    ImageSize {
        /// The architecture.
        architecture: String,
        /// The size asked for.
        size: usize,
        /// What goes wrong.
        reason: String,
    },
}

/// A few names, and how many more there are.
fn first(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let mut text = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.is_empty() {
        text.push_str("none");
    }
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
