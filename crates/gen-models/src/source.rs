//! Where the bytes of a model come from.

use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

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
    /// The bytes; checked against size and SHA-256 where the manifest gives them.
    pub(crate) fn load(
        &self,
        model: &str,
        size: Option<u64>,
        sha256: Option<&str>,
    ) -> Result<Cow<'_, [u8]>, ModelError> {
        let bytes = match self {
            Self::File(path) | Self::Registered(path) => {
                Cow::Owned(std::fs::read(path).map_err(|source| ModelError::Read { path: path.clone(), source })?)
            }
            Self::Bytes(bytes) => Cow::Borrowed(&**bytes),
        };
        let model = self.describe(model);
        let found = bytes.len() as u64;
        if let Some(expected) = size.filter(|&expected| expected != found) {
            return Err(ModelError::WrongSize { model, expected, found });
        }
        let verified = |sha256: &str| matches!(self, Self::Registered(path) if stamp::holds(path, sha256));
        if let Some(expected) = sha256.filter(|sha256| !verified(sha256)) {
            let found = sha256_hex(&bytes);
            if !expected.eq_ignore_ascii_case(&found) {
                return Err(ModelError::WrongHash { model, expected: expected.to_owned(), found });
            }
            if let Self::Registered(path) = self {
                stamp::write(path, expected);
            }
        }
        Ok(bytes)
    }

    /// The folder that external weights are in.
    pub(crate) fn folder(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::Registered(path) => path.parent(),
            Self::Bytes(_) => None,
        }
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
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
