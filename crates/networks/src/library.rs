//! The models that the command knows: the embedded pair, compiled in, and those in the user's folder.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use embedded_models::{CLASSES, FILES, MANIFEST, PUBLISHED};
use gen_models::{
    CnnModel, CnnSpec, FusedModel, GeneratorModel, GeneratorSpec, LayerInfo, Manifest, ManifestError, ModelError,
    ModelFolder, ModelFolderError, ModelSource, ModelSpec, PixelGrid, PixelsError, Published, Runtime, RuntimeError,
    WeightedUnits,
};
use paradigm::Geometry;
use thiserror::Error;

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
    /// A name of raw pixels that is none.
    #[error(transparent)]
    Pixels(#[from] PixelsError),
    /// There is no ONNX Runtime to learn the layers' shapes with.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The user's folder of models cannot be used.
    #[error(transparent)]
    Folder(#[from] ModelFolderError),
    /// A published model that was not fetched yet.
    #[error("model '{model}' is published but not on this machine: fetch it with `{command}`")]
    NotFetched {
        /// Its name.
        model: String,
        /// The command that fetches it.
        command: String,
    },
    /// A registered model whose file is gone.
    #[error("the file of model '{model}', {}, is gone{}", path.display(), again(command))]
    Gone {
        /// Name of the model.
        model: String,
        /// Its file.
        path: PathBuf,
        /// The command that fetches it, if it is published.
        command: Option<String>,
    },
    /// There is no folder to register models in.
    #[error("there is no folder to register models in: name one with --models or ACTMAX_MODELS")]
    NoFolder,
    /// The compiled-in manifest names a file that is not.
    #[error("the file '{file}' of model '{model}' is not compiled into this program")]
    NotEmbedded {
        /// Name of the model.
        model: String,
        /// Name of its file.
        file: String,
    },
}

impl LibraryError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Manifest(error) => error.is_usage(),
            Self::Model(error) => error.is_usage(),
            Self::Folder(error) => error.is_usage(),
            Self::NotFetched { .. } | Self::Pixels(_) => true,
            _ => false,
        }
    }
}

fn again(command: &Option<String>) -> String {
    command.as_ref().map_or_else(String::new, |command| format!(": fetch it again with `{command}`"))
}

/// Generators and CNNs by name.
#[derive(Clone, Debug)]
pub struct Library {
    /// The embedded models first.
    manifest: Manifest,
    embedded: usize,
    folder: Option<ModelFolder>,
    published: Published,
    /// Takes what is to be told while ONNX Runtime is fetched.
    say: fn(&str),
}

impl Library {
    /// The models that are compiled in.
    ///
    /// # Errors
    /// If the compiled-in manifest is malformed.
    pub fn embedded() -> Result<Self, LibraryError> {
        let manifest = Manifest::parse(MANIFEST)?;
        Ok(Self { embedded: manifest.models.len(), manifest, folder: None, published: Self::published()?, say: |_| () })
    }

    /// The models that are compiled in and those registered in `folder`, or else in the user's own folder
    /// of models, if there is one.
    ///
    /// # Errors
    /// If that folder's manifest is damaged, or names a model like an embedded one.
    pub fn open(folder: Option<&Path>) -> Result<Self, LibraryError> {
        let mut library = Self::embedded()?;
        let folder = folder.map_or_else(|| ModelFolder::of_user().ok(), |folder| Some(ModelFolder::new(folder)));
        let Some(folder) = folder else { return Ok(library) };
        for model in folder.manifest()?.models {
            if library.manifest.models.iter().any(|other| other.name() == model.name()) {
                return Err(ManifestError::Duplicate { model: model.name().to_owned() }.into());
            }
            library.manifest.models.push(model);
        }
        library.folder = Some(folder);
        Ok(library)
    }

    /// The same library; while it fetches ONNX Runtime it tells `say` so.
    #[must_use]
    pub fn with_messages(self, say: fn(&str)) -> Self {
        Self { say, ..self }
    }

    /// ONNX Runtime; while it is fetched, the user is told so.
    ///
    /// # Errors
    /// If it cannot be had.
    pub fn runtime(&self) -> Result<&'static Runtime, LibraryError> {
        Ok(Runtime::get(&self.say)?)
    }

    /// The folder that models are registered in.
    ///
    /// # Errors
    /// If the user has no cache folder and none was named.
    pub fn folder(&self) -> Result<&ModelFolder, LibraryError> {
        self.folder.as_ref().ok_or(LibraryError::NoFolder)
    }

    /// The table of published models.
    ///
    /// # Errors
    /// If the compiled-in table is malformed.
    pub fn published() -> Result<Published, LibraryError> {
        Ok(Published::parse(PUBLISHED)?)
    }

    /// The published models that are not registered.
    pub fn not_fetched(&self) -> impl Iterator<Item = &gen_models::PublishedModel> {
        self.published.missing_in(&self.manifest)
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

    /// What is known of the generator of that name, which may be `pixels:WIDTHxHEIGHT`.
    ///
    /// # Errors
    /// If there is none (with the nearest names).
    pub fn generator_spec(&self, name: &str) -> Result<Cow<'_, GeneratorSpec>, LibraryError> {
        match PixelGrid::named(name) {
            Some(grid) => Ok(Cow::Owned(grid?.spec())),
            None => {
                let spec = self.manifest.generator(name).map_err(|error| self.unknown(name, true, error))?;
                Ok(Cow::Borrowed(spec))
            }
        }
    }

    /// The generator of that name, its checksum verified; raw pixels for `pixels:WIDTHxHEIGHT`.
    ///
    /// # Errors
    /// If there is none (with the nearest names), or its file is not what the manifest says.
    pub fn generator(&self, name: &str) -> Result<GeneratorModel, LibraryError> {
        if let Some(grid) = PixelGrid::named(name) {
            return Ok(GeneratorModel::pixels(grid?)?);
        }
        let spec = self.generator_spec(name)?;
        Ok(GeneratorModel::load(&spec, &self.source(&spec.name, &spec.file)?)?)
    }

    /// The CNN of that name, its checksum verified.
    ///
    /// # Errors
    /// If there is none (with the nearest names), or its file is not what the manifest says.
    pub fn cnn(&self, name: &str) -> Result<CnnModel, LibraryError> {
        let spec = self.manifest.cnn(name).map_err(|error| self.unknown(name, false, error))?;
        Ok(CnnModel::load(spec, &self.source(&spec.name, &spec.file)?)?)
    }

    /// Whether the model is compiled in.
    #[must_use]
    pub fn is_embedded(&self, model: &ModelSpec) -> bool {
        self.is_embedded_name(model.name())
    }

    fn is_embedded_name(&self, name: &str) -> bool {
        self.manifest.models[..self.embedded].iter().any(|embedded| embedded.name() == name)
    }

    /// The model's file, unless it is compiled in.
    #[must_use]
    pub fn file(&self, model: &ModelSpec) -> Option<PathBuf> {
        let folder = self.folder.as_ref().filter(|_| !self.is_embedded(model))?;
        Some(folder.path().join(model.file()))
    }

    /// The error for a model that is not in the manifest: a published one can be fetched.
    fn unknown(&self, name: &str, generator: bool, error: ManifestError) -> LibraryError {
        let published = self.not_fetched().find(|model| model.name == name);
        match published.filter(|model| model.architecture.is_generator() == generator) {
            Some(model) => LibraryError::NotFetched { model: name.to_owned(), command: model.command() },
            None => error.into(),
        }
    }

    fn source(&self, model: &str, file: &str) -> Result<ModelSource, LibraryError> {
        if self.is_embedded_name(model) {
            let bytes = FILES.iter().find(|(name, _)| *name == file).map(|(_, bytes)| *bytes);
            let missing = || LibraryError::NotEmbedded { model: model.to_owned(), file: file.to_owned() };
            return Ok(ModelSource::Bytes(Cow::Borrowed(bytes.ok_or_else(missing)?)));
        }
        let path = self.folder.as_ref().map_or_else(PathBuf::new, |folder| folder.path().join(file));
        match &self.folder {
            Some(folder) if path.is_file() => Ok(folder.source(file)),
            _ => {
                let command = self.published.find(model).map(gen_models::PublishedModel::command);
                Err(LibraryError::Gone { model: model.to_owned(), path, command })
            }
        }
    }

    /// The layers of a CNN, with the names of its classes; ONNX Runtime is loaded only where the manifest does not name
    /// the layers.
    ///
    /// # Errors
    /// If ONNX Runtime is needed and cannot be had, the model cannot be run, or the file of its classes is gone.
    pub fn layers(&self, cnn: &CnnModel) -> Result<Vec<LayerInfo>, LibraryError> {
        let layers = match &cnn.spec().layers {
            Some(layers) => layers.clone(),
            None => cnn.layers(self.runtime()?)?.to_vec(),
        };
        let classes = self.classes_of(cnn.spec())?;
        Ok(layers.into_iter().map(|layer| layer.with_classes(&classes)).collect())
    }

    /// Names of a CNN's classes, in order; none if its manifest names no file of them.
    fn classes_of(&self, cnn: &CnnSpec) -> Result<Vec<String>, LibraryError> {
        let owned = |lines: std::str::Lines<'_>| lines.map(|line| line.trim().to_owned()).collect();
        match (&cnn.classes, &self.folder) {
            (None, _) => Ok(Vec::new()),
            (Some(_), _) if self.is_embedded_name(&cnn.name) => Ok(owned(CLASSES.lines())),
            (Some(file), folder) => {
                let path = folder.as_ref().map_or_else(PathBuf::new, |folder| folder.path().join(file));
                let text = std::fs::read_to_string(&path).map_err(|source| ModelError::Read { path, source })?;
                Ok(owned(text.lines()))
            }
        }
    }

    /// Generator and CNN in one graph that computes what the weighted units and those beside them in other channels
    /// answer.
    ///
    /// # Errors
    /// If a model or layer is not known, or the two do not fit together.
    pub fn fused(
        &self,
        generator: &str,
        cnn: &str,
        weighted: &WeightedUnits,
        runtime: &Runtime,
    ) -> Result<FusedModel, LibraryError> {
        Ok(FusedModel::for_units(&self.generator(generator)?, &self.cnn(cnn)?, weighted, runtime)?)
    }

    /// The generator of that name, with its images on a canvas if there is one.
    ///
    /// # Errors
    /// As [`generator`](Self::generator), and if the geometry shows nothing.
    pub fn generator_on_canvas(&self, name: &str, geometry: Option<Geometry>) -> Result<GeneratorModel, LibraryError> {
        let generator = self.generator(name)?;
        Ok(match geometry {
            Some(geometry) => generator.on_canvas(&geometry)?,
            None => generator,
        })
    }
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
