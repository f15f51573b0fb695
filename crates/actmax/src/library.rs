//! The models that the command knows: the embedded pair, compiled in.

use std::borrow::Cow;

use gen_models::{
    CnnModel, FusedModel, GeneratorModel, LayerInfo, Manifest, ManifestError, ModelError, ModelSource, ModelSpec,
    Runtime, RuntimeError,
};
use thiserror::Error;

use crate::console::say;

const MANIFEST: &str = include_str!("../../../models/manifest.toml");
const CLASSES: &str = include_str!("../../../models/classes.txt");
const FILES: &[(&str, &[u8])] = &[
    ("tiny-deepsim.onnx", include_bytes!("../../../models/tiny-deepsim.onnx")),
    ("tiny-alexnet.onnx", include_bytes!("../../../models/tiny-alexnet.onnx")),
];

/// Why a model could not be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LibraryError {
    /// No such model, or a manifest that cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The file does not hold what the manifest says.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There is no ONNX Runtime to learn the layers' shapes with.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The manifest names a file that is not compiled in.
    #[error("the file '{file}' of model '{model}' is not compiled into this program")]
    NotEmbedded {
        /// Name of the model.
        model: String,
        /// Name of its file.
        file: String,
    },
}

/// Generators and CNNs by name.
#[derive(Clone, Debug)]
pub struct Library {
    manifest: Manifest,
}

impl Library {
    /// The models that are compiled in.
    ///
    /// # Errors
    /// If the compiled-in manifest is malformed.
    pub fn embedded() -> Result<Self, LibraryError> {
        Ok(Self { manifest: Manifest::parse(MANIFEST)? })
    }

    /// What is known of every model.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Names of the embedded CNN's classes, in the order of the channels of its last layer.
    #[must_use]
    pub fn classes() -> Vec<&'static str> {
        CLASSES.lines().collect()
    }

    /// The generator of that name, its checksum verified.
    ///
    /// # Errors
    /// If there is none (with the nearest names), or its file is not what the manifest says.
    pub fn generator(&self, name: &str) -> Result<GeneratorModel, LibraryError> {
        let spec = self.manifest.generator(name)?;
        Ok(GeneratorModel::load(spec, &source(&spec.name, &spec.file)?)?)
    }

    /// The CNN of that name, its checksum verified.
    ///
    /// # Errors
    /// If there is none (with the nearest names), or its file is not what the manifest says.
    pub fn cnn(&self, name: &str) -> Result<CnnModel, LibraryError> {
        let spec = self.manifest.cnn(name)?;
        Ok(CnnModel::load(spec, &source(&spec.name, &spec.file)?)?)
    }

    /// Whether the model is compiled in.
    #[must_use]
    pub fn is_embedded(&self, model: &ModelSpec) -> bool {
        let file = match model {
            ModelSpec::Generator(spec) => &spec.file,
            ModelSpec::Cnn(spec) => &spec.file,
            _ => return false,
        };
        FILES.iter().any(|(name, _)| name == file)
    }

    /// The layers of a CNN; ONNX Runtime is loaded only where the manifest does not name them.
    ///
    /// # Errors
    /// If ONNX Runtime is needed and cannot be had, or the model cannot be run.
    pub fn layers(&self, cnn: &CnnModel) -> Result<Vec<LayerInfo>, LibraryError> {
        match &cnn.spec().layers {
            Some(layers) => Ok(layers.clone()),
            None => Ok(cnn.layers(Runtime::get(&say)?)?.to_vec()),
        }
    }

    /// Generator and CNN in one graph that ends at `layers`.
    ///
    /// # Errors
    /// If a model or layer is not known, or the two do not fit together.
    pub fn fused(
        &self,
        generator: &str,
        cnn: &str,
        layers: &[&str],
        runtime: &Runtime,
    ) -> Result<FusedModel, LibraryError> {
        Ok(FusedModel::new(&self.generator(generator)?, &self.cnn(cnn)?, layers, runtime)?)
    }
}

fn source(model: &str, file: &str) -> Result<ModelSource, LibraryError> {
    let bytes = FILES.iter().find(|(name, _)| *name == file).map(|(_, bytes)| *bytes);
    let missing = || LibraryError::NotEmbedded { model: model.to_owned(), file: file.to_owned() };
    Ok(ModelSource::Bytes(Cow::Borrowed(bytes.ok_or_else(missing)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_of_the_manifest_is_embedded_and_intact() {
        let library = Library::embedded().unwrap();
        for spec in library.manifest().generators() {
            library.generator(&spec.name).unwrap();
        }
        for spec in library.manifest().cnns() {
            library.cnn(&spec.name).unwrap();
        }
        assert_eq!(library.manifest().models.len(), FILES.len());
    }

    #[test]
    fn there_is_a_name_for_every_channel_of_the_last_layer() {
        let library = Library::embedded().unwrap();
        let layers = library.manifest().cnn("tiny-alexnet").unwrap().layers.clone().unwrap();
        assert_eq!(layers.last().unwrap().shape, [Library::classes().len()]);
    }
}
