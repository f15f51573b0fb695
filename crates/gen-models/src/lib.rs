//! ONNX Runtime inference of image generators and CNN units for activation maximization.
//!
//! ```text
//! codes [n, N] -> generator -> images [n, 3, H, W] in [0, 1] -> resize, normalise -> CNN, cut at a layer -> unit -> scores [n]
//! ```
//!
//! [`Runtime`] finds, fetches and loads the library. [`GeneratorModel`] and [`CnnModel`] read ONNX files
//! as a [`Manifest`] describes them. [`GeneratorSession`] renders codes, [`UnitScorer`] scores images, and
//! [`FusedObjective`] does both in one graph without the images ever leaving the runtime; all three give
//! the same numbers, bit for bit. [`CnnSession::activations`] returns whole tensors.
//!
//! ```no_run
//! use std::path::Path;
//! use std::sync::Arc;
//!
//! use gen_models::{CnnModel, FusedModel, FusedObjective, GeneratorModel, Manifest, ModelSource, Runtime};
//! use gen_models::{SessionOptions, WeightedUnits};
//! use optim_core::{Objective, Population};
//!
//! let folder = Path::new("models");
//! let manifest = Manifest::from_file(&folder.join("manifest.toml"))?;
//! let runtime = Runtime::get(&|message| eprintln!("{message}"))?;
//! let (generator, cnn) = (manifest.generator("tiny-deepsim")?, manifest.cnn("tiny-alexnet")?);
//! let generator = GeneratorModel::load(generator, &ModelSource::File(folder.join(&generator.file)))?;
//! let cnn = CnnModel::load(cnn, &ModelSource::File(folder.join(&cnn.file)))?;
//!
//! let weighted = WeightedUnits::parse(&["fc8:3"], cnn.layers(runtime)?)?;
//! let fused = FusedModel::for_units(&generator, &cnn, &weighted, runtime)?;
//! let session = Arc::new(fused.session(runtime, SessionOptions::default())?);
//! let mut objective = FusedObjective::new(session, &weighted)?;
//! let mut scores = Vec::new();
//! objective.evaluate(&Population::zeros(4096, 40), &mut scores)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod canvas;
mod checkpoint;
mod cnn;
mod convert;
mod device;
mod error;
mod folder;
mod fused;
mod generator;
mod images;
mod import;
mod manifest;
mod objective;
mod pixels;
mod preprocess;
mod published;
mod runtime;
mod scorer;
mod screen;
mod session;
mod source;
mod stamp;
#[cfg(feature = "suite")]
pub mod suite;
mod target;
mod unit;
mod view;

#[cfg(test)]
mod tests;

pub use checkpoint::CheckpointError;
pub use cnn::{Activation, CnnModel, CnnSession};
pub use convert::{Architecture, Conversion, ConvertError, Converted, PUBLISHED_INPUT_SIZE};
pub use device::{ConvolutionSearch, CudaOptions, DeviceChoice, DeviceError, ExecutionDevice};
pub use error::ModelError;
pub use folder::{MODELS_VARIABLE, ModelFolder, ModelFolderError};
pub use fused::{FusedModel, FusedSession};
pub use generator::{GeneratorModel, GeneratorSession, cosine_codes};
pub use images::Images;
pub use import::{
    ImageLayout, Import, ImportError, Imported, InputRule, InputRuleError, InputUse, ModelKind, Note, ReadValues,
};
pub use manifest::{CnnSpec, CodeNorm, GeneratorSpec, Manifest, ManifestError, ModelSpec, Resize};
pub use objective::FusedObjective;
pub use onnx_graph::GraphError;
pub use pixels::{PixelGrid, PixelsError};
pub use published::{Published, PublishedModel};
pub use runtime::{
    LIBRARY_VARIABLE, Runtime, RuntimeError, VERSION as RUNTIME_VERSION, disable_telemetry, locate, locate_in,
};
pub use scorer::UnitScorer;
pub use screen::ScreenObjective;
pub use session::SessionOptions;
pub use source::{ModelSource, file_sha256};
pub use target::Target;
pub use unit::{LayerInfo, UnitAddress, UnitError, WeightedUnits, find_layer, parse_unit};
