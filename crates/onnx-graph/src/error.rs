//! What can be wrong with a graph.

use std::path::PathBuf;

use thiserror::Error;

/// Why a graph cannot be read, or cannot be joined to another one.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GraphError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is no protobuf message of the ONNX schema.
    #[error("{model} is no ONNX model, or a truncated one: fetch or export it again")]
    Decode {
        /// The model.
        model: String,
        /// The reason.
        source: prost::DecodeError,
    },
    /// The file is a message, but not of a model that can be run.
    #[error("{model} is no ONNX model, or a truncated one: it has no {lacking}")]
    NotAModel {
        /// The model.
        model: String,
        /// What a model must have.
        lacking: &'static str,
    },
    /// Weights in another file cannot be had.
    #[error("tensor {tensor} of {model} is stored in '{location}', which cannot be used: {reason}")]
    ExternalData {
        /// The model.
        model: String,
        /// The tensor.
        tensor: String,
        /// The file as the model names it.
        location: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The graph has no tensor of that name.
    #[error("{model} has no {role} '{tensor}'; it has {}", known.join(", "))]
    MissingTensor {
        /// The model.
        model: String,
        /// `input` or `output`.
        role: &'static str,
        /// The name in question.
        tensor: String,
        /// The names that exist.
        known: Vec<String>,
    },
    /// The model's operator set is too old for what must be added to it.
    #[error(
        "{model} is written in ONNX opset {opset}, and its operator {operator} cannot be read as opset {needed}: \
         export it again at opset {needed} or newer"
    )]
    Opset {
        /// The model.
        model: String,
        /// The operator in the way.
        operator: String,
        /// The model's opset.
        opset: i64,
        /// The opset that is needed.
        needed: i64,
    },
}
