//! Where the bytes of a model come from.

use std::borrow::Cow;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use onnx_graph::Model;
use sha2::{Digest, Sha256};

use crate::{ModelError, stamp};

/// A model's file, or its bytes.
#[derive(Clone)]
pub enum ModelSource {
    /// An ONNX file. Weights that it keeps in other files are looked for beside it.
    File(PathBuf),
    /// As [`File`](Self::File), in a folder of the program's own: that the checksum was verified is noted
    /// beside the file, and it is verified again when size or time of change differ.
    Registered(PathBuf),
    /// The content of an ONNX file, e.g. compiled in.
    Bytes(Cow<'static, [u8]>),
}

impl ModelSource {
    /// The model, its file checked against size and SHA-256 where the manifest gives them.
    pub(crate) fn open(&self, model: &str, size: Option<u64>, sha256: Option<&str>) -> Result<Model, ModelError> {
        self.verify(model, size, sha256)?;
        let name = self.describe(model);
        Ok(match self {
            Self::File(path) | Self::Registered(path) => Model::open(path, &name)?,
            Self::Bytes(bytes) => Model::decode(bytes, &name, None)?,
        })
    }

    /// Checks size and SHA-256 where the manifest gives them.
    pub(crate) fn verify(&self, model: &str, size: Option<u64>, sha256: Option<&str>) -> Result<(), ModelError> {
        let model = self.describe(model);
        let found = match self {
            Self::File(path) | Self::Registered(path) => {
                fs::metadata(path).map_err(|source| ModelError::Read { path: path.clone(), source })?.len()
            }
            Self::Bytes(bytes) => bytes.len() as u64,
        };
        if let Some(expected) = size.filter(|&expected| expected != found) {
            return Err(ModelError::WrongSize { model, expected, found });
        }
        let verified = |sha256: &str| matches!(self, Self::Registered(path) if stamp::holds(path, sha256));
        if let Some(expected) = sha256.filter(|sha256| !verified(sha256)) {
            let found = match self {
                Self::File(path) | Self::Registered(path) => {
                    file_sha256(path).map_err(|source| ModelError::Read { path: path.clone(), source })?
                }
                Self::Bytes(bytes) => sha256_hex(bytes),
            };
            if !expected.eq_ignore_ascii_case(&found) {
                return Err(ModelError::WrongHash { model, expected: expected.to_owned(), found });
            }
            if let Self::Registered(path) = self {
                stamp::write(path, expected);
            }
        }
        Ok(())
    }

    /// Name of the model for messages, with its file where there is one.
    pub(crate) fn describe(&self, model: &str) -> String {
        match self {
            Self::File(path) | Self::Registered(path) => format!("{model} ({})", path.display()),
            Self::Bytes(_) => model.to_owned(),
        }
    }
}

impl fmt::Debug for ModelSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Registered(path) => f.debug_tuple("Registered").field(path).finish(),
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
        }
    }
}

/// SHA-256 of `bytes`, lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// SHA-256 of a file's content, lower-case hexadecimal.
///
/// # Errors
/// If the file cannot be read.
pub fn file_sha256(path: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    io::copy(&mut BufReader::with_capacity(1 << 20, File::open(path)?), &mut hasher)?;
    Ok(format!("{:x}", hasher.finalize()))
}
