//! Targets in files: a linear readout of a layer, or a pattern that it shall meet.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use experiments::{ArrayFileError, LayerTarget, TargetKind, read_numbers};
use gen_models::{LayerInfo, Target, UnitError, file_sha256, find_layer};
use paradigm::{LayerReadout, Measure, ReadoutError};
use thiserror::Error;

/// Why a file is no target.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TargetFileError {
    /// No such layer, or one whose units cannot be addressed.
    #[error(transparent)]
    Layer(#[from] UnitError),
    /// Its arrays cannot be read.
    #[error(transparent)]
    Arrays(#[from] ArrayFileError),
    /// It cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Its arrays do not fit the layer.
    #[error("{} cannot be read from layer {layer}", file.display())]
    Readout {
        /// The file.
        file: PathBuf,
        /// The layer.
        layer: String,
        /// Why not.
        source: Box<ReadoutError>,
    },
}

/// A target that was read from a file.
#[derive(Clone, Debug)]
pub struct TargetFile {
    /// What scores are.
    pub target: Target,
    /// The same in specifications.
    pub spec: LayerTarget,
    /// Name of the file and of the layer.
    pub words: String,
    /// Content of the file.
    pub bytes: Vec<u8>,
    /// Extension of the file, `npz` or `npy`.
    pub extension: String,
}

impl TargetFile {
    /// Reads a file as a target in one of `layers`. `measure` is of a pattern, and dot if it is not given.
    ///
    /// # Errors
    /// If the layer is not known, the file cannot be read, or its arrays do not fit the layer.
    pub fn read(
        kind: TargetKind,
        file: &Path,
        layer: &str,
        measure: Option<Measure>,
        layers: &[LayerInfo],
    ) -> Result<Self, TargetFileError> {
        let layer = find_layer(layer, layers)?.clone();
        if !layer.targetable {
            return Err(UnitError::NotTargetable { layer: layer.name, shape: layer.shape }.into());
        }
        let measure = (kind == TargetKind::Pattern).then(|| measure.unwrap_or_default());
        let readout = match measure {
            None => LayerReadout::linear(&layer.shape, &read_numbers(file, &LayerReadout::LINEAR)?),
            Some(measure) => LayerReadout::pattern(&layer.shape, &read_numbers(file, &LayerReadout::PATTERN)?, measure),
        };
        let failed = |source| TargetFileError::Readout {
            file: file.to_owned(),
            layer: layer.printable_name(),
            source: Box::new(source),
        };
        let readout = Arc::new(readout.map_err(failed)?);
        let unreadable = |source| TargetFileError::Read { path: file.to_owned(), source };
        let sha256 = file_sha256(file).map_err(unreadable)?;
        let bytes = fs::read(file).map_err(unreadable)?;
        let spec = LayerTarget { kind, layer: layer.name.clone(), measure, sha256 };
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let words = format!("{name} on {}", layer.printable_name());
        let extension = file.extension().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { target: Target::Layer { layer, readout }, spec, words, bytes, extension })
    }
}
