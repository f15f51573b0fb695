//! The user's own folder of models: ONNX files and the manifest that lists them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;
use thiserror::Error;

use crate::manifest::{Manifest, ManifestError, ModelSpec};
use crate::runtime::{RuntimeError, cache_folder, variable};
use crate::{ModelSource, stamp};

/// The variable that names another folder than the one in the user's cache.
pub const MODELS_VARIABLE: &str = "ACTMAX_MODELS";

const MANIFEST: &str = "manifest.toml";
const HEADING: &str = "# Written by the program whenever a model is registered.\n\n";

/// A folder of models that can be added to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFolder {
    path: PathBuf,
}

/// Why a folder of models cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ModelFolderError {
    /// A file cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The manifest is damaged.
    #[error("{} lists the models that were registered, and is damaged: correct it, or remove it and register them again", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<ManifestError>,
    },
    /// No model of that name is registered.
    #[error("no model '{name}' is registered in {}; there {}", path.display(), listed(known))]
    Unknown {
        /// The name.
        name: String,
        /// The folder.
        path: PathBuf,
        /// The names that are.
        known: Vec<String>,
    },
    /// An entry cannot be written as TOML.
    #[error("the entry cannot be written to the manifest")]
    Encode(#[from] toml::ser::Error),
    /// An entry that could not be read again.
    #[error("the entry cannot be written to the manifest")]
    Entry {
        /// What is wrong with it.
        source: Box<ManifestError>,
    },
}

impl ModelFolderError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

impl ModelFolder {
    /// The folder at `path`, which need not exist.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The one that `ACTMAX_MODELS` names, else `<cache folder>/actmax/models`.
    ///
    /// # Errors
    /// If the user has no cache folder.
    pub fn of_user() -> Result<Self, RuntimeError> {
        match variable(MODELS_VARIABLE) {
            Some(path) => Ok(Self { path }),
            None => Ok(Self { path: cache_folder()?.join("actmax").join("models") }),
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The models that are registered; none if there is no manifest.
    ///
    /// # Errors
    /// If the manifest cannot be read.
    pub fn manifest(&self) -> Result<Manifest, ModelFolderError> {
        let path = self.path.join(MANIFEST);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(source) => return Err(ModelFolderError::Io { action: "read", path, source }),
        };
        Manifest::parse(&text).map_err(|source| ModelFolderError::Manifest { path, source: source.into() })
    }

    /// The file of a registered model.
    #[must_use]
    pub fn source(&self, file: &str) -> ModelSource {
        ModelSource::Registered(self.path.join(file))
    }

    /// Whether a registered model's file is there and what its entry says.
    #[must_use]
    pub fn is_intact(&self, spec: &ModelSpec) -> bool {
        self.source(spec.file()).verify(spec.name(), spec.bytes(), spec.sha256()).is_ok()
    }

    /// Writes a model's file and registers it, in place of an older one of its name.
    ///
    /// Both files appear under their names complete or not at all; processes that do this at once take
    /// turns.
    ///
    /// # Errors
    /// If a file cannot be written, or the manifest is damaged.
    pub fn add(&self, spec: &ModelSpec, encoded: &[u8]) -> Result<(), ModelFolderError> {
        self.add_with_classes(spec, encoded, None)
    }

    /// As [`add`](Self::add), with the text for the file of classes that the entry names.
    ///
    /// # Errors
    /// If a file cannot be written, or the manifest is damaged.
    pub fn add_with_classes(
        &self,
        spec: &ModelSpec,
        encoded: &[u8],
        classes: Option<&str>,
    ) -> Result<(), ModelFolderError> {
        let _lock = self.lock()?;
        let mut manifest = self.manifest()?;
        match manifest.models.iter_mut().find(|model| model.name() == spec.name()) {
            Some(model) => *model = spec.clone(),
            None => manifest.models.push(spec.clone()),
        }
        let path = self.path.join(spec.file());
        // Where there is no space for one there is none for the other.
        let file = self.prepared(encoded).map_err(failed("write", &path))?;
        let entry = self.prepared_manifest(&manifest)?;
        if let (Some(name), Some(text)) = (class_file(spec), classes) {
            let path = self.path.join(name);
            let file = self.prepared(text.as_bytes()).map_err(failed("write", &path))?;
            file.persist(&path).map_err(|error| failed("write", &path)(error.error))?;
        }
        file.persist(&path).map_err(|error| failed("write", &path)(error.error))?;
        if let Some(sha256) = spec.sha256() {
            stamp::write(&path, sha256);
        }
        self.put_manifest(entry)
    }

    /// Removes a registered model and its file, whose path is returned; `None` if the file was gone, is no
    /// file of this folder, or is another model's too.
    ///
    /// # Errors
    /// If there is no model of that name, a file cannot be removed or written, or the manifest is damaged.
    pub fn remove(&self, name: &str) -> Result<Option<PathBuf>, ModelFolderError> {
        let unknown = |manifest: &Manifest| ModelFolderError::Unknown {
            name: name.to_owned(),
            path: self.path.clone(),
            known: manifest.models.iter().map(|model| model.name().to_owned()).collect(),
        };
        // Nothing is made where nothing is.
        let manifest = self.manifest()?;
        if manifest.models.iter().all(|model| model.name() != name) {
            return Err(unknown(&manifest));
        }
        let _lock = self.lock()?;
        let mut manifest = self.manifest()?;
        let Some(at) = manifest.models.iter().position(|model| model.name() == name) else {
            return Err(unknown(&manifest));
        };
        let removed = manifest.models.remove(at);
        let file = removed.file().to_owned();
        self.put_manifest(self.prepared_manifest(&manifest)?)?;
        if let Some(name) = class_file(&removed).filter(|name| *name == format!("{}.classes.txt", removed.name())) {
            let _ = fs::remove_file(self.path.join(name));
        }
        let own = Path::new(&file).file_name().is_some_and(|name| name == file.as_str());
        if !own || manifest.models.iter().any(|model| model.file() == file) {
            return Ok(None);
        }
        let path = self.path.join(file);
        stamp::remove(&path);
        match fs::remove_file(&path) {
            Ok(()) => Ok(Some(path)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ModelFolderError::Io { action: "remove", path, source }),
        }
    }

    /// Waits for its turn; the folder is made if there is none.
    fn lock(&self) -> Result<File, ModelFolderError> {
        fs::create_dir_all(&self.path).map_err(failed("make", &self.path))?;
        let path = self.path.join("lock");
        let lock = File::create(&path).map_err(failed("write", &path))?;
        lock.lock().map_err(failed("lock", &path))?;
        Ok(lock)
    }

    /// The manifest, complete, not under its name yet.
    fn prepared_manifest(&self, manifest: &Manifest) -> Result<NamedTempFile, ModelFolderError> {
        let path = self.path.join(MANIFEST);
        let text = format!("{HEADING}{}", toml::to_string(manifest)?);
        // An entry that cannot be read again would take all others with it.
        Manifest::parse(&text).map_err(|source| ModelFolderError::Entry { source: source.into() })?;
        self.prepared(text.as_bytes()).map_err(failed("write", &path))
    }

    fn put_manifest(&self, file: NamedTempFile) -> Result<(), ModelFolderError> {
        let path = self.path.join(MANIFEST);
        file.persist(&path).map(drop).map_err(|error| failed("write", &path)(error.error))
    }

    /// A file of this folder, complete, not under its name yet.
    fn prepared(&self, bytes: &[u8]) -> io::Result<NamedTempFile> {
        let mut file = NamedTempFile::new_in(&self.path)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        // Temporary files are for the user alone; these need not be.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.as_file().set_permissions(fs::Permissions::from_mode(0o644))?;
        }
        Ok(file)
    }
}

/// The file of a CNN's classes.
fn class_file(spec: &ModelSpec) -> Option<&str> {
    match spec {
        ModelSpec::Cnn(spec) => spec.classes.as_deref(),
        ModelSpec::Generator(_) => None,
    }
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ModelFolderError {
    let path = path.to_owned();
    move |source| ModelFolderError::Io { action, path, source }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "is none".to_owned() } else { format!("are {}", names.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::sha256_hex;
    use crate::{CnnSpec, LayerInfo, ModelError, Resize};

    fn cnn(name: &str, content: &[u8]) -> ModelSpec {
        ModelSpec::Cnn(CnnSpec {
            name: name.to_owned(),
            file: format!("{name}.onnx"),
            sha256: Some(sha256_hex(content)),
            bytes: Some(content.len() as u64),
            input: "image".to_owned(),
            input_size: [227, 227],
            value_range: [0.0, 1.0],
            mean: [0.485, 0.456, 0.406],
            std: [0.229, 0.224, 0.225],
            resize: Resize::AlignCorners,
            fixed_batch: None,
            classes: None,
            layers: Some(vec![LayerInfo { aliases: vec![".a".to_owned()], ..LayerInfo::new("a", vec![3, 4, 5]) }]),
            origin: "a \"test\"".to_owned(),
            licence: String::new(),
        })
    }

    #[test]
    fn what_is_registered_is_read_back_and_replaced_by_name() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path().join("models"));
        assert_eq!(folder.manifest().unwrap().models, []);
        for (name, content) in [("one", "first"), ("two", "second"), ("one", "third")] {
            folder.add(&cnn(name, content.as_bytes()), content.as_bytes()).unwrap();
        }
        let models = folder.manifest().unwrap().models;
        assert_eq!(models, [cnn("one", b"third"), cnn("two", b"second")]);
        assert_eq!(fs::read(folder.path().join("one.onnx")).unwrap(), b"third");
        assert!(models.iter().all(|model| folder.is_intact(model)));
    }

    #[test]
    fn registrations_at_once_are_all_kept() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path());
        std::thread::scope(|scope| {
            for i in 0..8 {
                let folder = &folder;
                scope.spawn(move || folder.add(&cnn(&format!("model{i}"), &[i]), &[i]).unwrap());
            }
        });
        assert_eq!(folder.manifest().unwrap().models.len(), 8);
        let files = fs::read_dir(place.path()).unwrap().count();
        assert_eq!(files, 2 * 8 + 2, "models and stamps, manifest and lock");
    }

    #[test]
    fn what_is_removed_is_gone_with_its_file_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path());
        for name in ["one", "two"] {
            folder.add(&cnn(name, name.as_bytes()), name.as_bytes()).unwrap();
        }
        let shared = ModelSpec::Cnn(CnnSpec { file: "two.onnx".to_owned(), ..inner(cnn("three", b"two")) });
        folder.add(&shared, b"two").unwrap();
        assert_eq!(folder.remove("one").unwrap(), Some(place.path().join("one.onnx")));
        assert!(!place.path().join("one.onnx").exists() && !place.path().join("one.onnx.verified").exists());
        assert_eq!(folder.remove("three").unwrap(), None, "the file is another model's too");
        assert_eq!(folder.manifest().unwrap().models, [cnn("two", b"two")]);
        assert!(folder.is_intact(&cnn("two", b"two")));
        let error = folder.remove("one").unwrap_err();
        assert!(matches!(&error, ModelFolderError::Unknown { known, .. } if known == &["two"]), "{error}");
    }

    fn inner(model: ModelSpec) -> CnnSpec {
        match model {
            ModelSpec::Cnn(spec) => spec,
            ModelSpec::Generator(_) => unreachable!("made as a CNN"),
        }
    }

    #[test]
    fn nothing_outside_the_folder_is_removed() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path().join("models"));
        let outside = place.path().join("thesis.onnx");
        fs::write(&outside, b"kept").unwrap();
        fs::create_dir(folder.path()).unwrap();
        let spec = ModelSpec::Cnn(CnnSpec { file: "../thesis.onnx".to_owned(), ..inner(cnn("one", b"")) });
        folder.put_manifest(folder.prepared_manifest(&Manifest { models: vec![spec] }).unwrap()).unwrap();
        assert_eq!(folder.remove("one").unwrap(), None);
        assert!(outside.is_file() && folder.manifest().unwrap().models.is_empty());
    }

    #[test]
    fn a_damaged_manifest_is_named_and_not_written_over() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path());
        let path = place.path().join("manifest.toml");
        fs::write(&path, "[[model]]\nname = 3").unwrap();
        let error = folder.add(&cnn("one", b""), b"").unwrap_err();
        assert!(matches!(error, ModelFolderError::Manifest { .. }) && error.to_string().contains("manifest.toml"));
        assert_eq!(fs::read_to_string(path).unwrap(), "[[model]]\nname = 3");
    }

    #[test]
    fn an_entry_that_could_not_be_read_again_is_refused_and_nothing_is_written() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path());
        folder.add(&cnn("one", b"first"), b"first").unwrap();
        let broken = ModelSpec::Cnn(CnnSpec { std: [0.0; 3], ..inner(cnn("one", b"second")) });
        let error = folder.add(&broken, b"second").unwrap_err();
        assert!(matches!(error, ModelFolderError::Entry { .. }), "{error}");
        assert!(folder.is_intact(&cnn("one", b"first")));
        assert_eq!(fs::read_dir(place.path()).unwrap().count(), 4, "model and stamp, manifest and lock");
    }

    #[test]
    fn a_checksum_is_verified_again_when_the_file_has_changed() {
        let place = tempfile::tempdir().unwrap();
        let folder = ModelFolder::new(place.path());
        let model = cnn("one", b"content");
        folder.add(&model, b"content").unwrap();
        let (path, sha256) = (place.path().join("one.onnx"), model.sha256().unwrap());
        assert!(stamp::holds(&path, sha256));
        fs::write(&path, b"contend").unwrap();
        let past = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        File::options().write(true).open(&path).unwrap().set_modified(past).unwrap();
        assert!(!stamp::holds(&path, sha256));
        let error = folder.source(model.file()).verify("one", None, Some(sha256)).unwrap_err();
        assert!(matches!(error, ModelError::WrongHash { .. }), "{error}");
        fs::write(&path, b"content").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(past).unwrap();
        assert!(folder.is_intact(&model) && stamp::holds(&path, sha256));
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = NamedTempFile::new().unwrap();
        let folder = ModelFolder::new(file.path().join("models"));
        let error = folder.add(&cnn("one", b""), b"").unwrap_err();
        assert!(error.to_string().contains("cannot make") && error.to_string().contains("models"), "{error}");
    }
}
