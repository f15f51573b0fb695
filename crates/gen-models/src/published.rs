//! `published.toml`: weights that others publish, and where.

use serde::Deserialize;

use crate::manifest::Manifest;
use crate::{Architecture, Conversion, ManifestError};

/// The published models.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The entries, in the order of the file.
    #[serde(rename = "model", default)]
    pub models: Vec<PublishedModel>,
}

/// One `[[model]]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublishedModel {
    /// Its name on the command line, and in the manifest once it is fetched.
    pub name: String,
    /// The network that the weights are of.
    pub architecture: Architecture,
    /// Address of the checkpoint.
    pub url: String,
    /// Size of the checkpoint in bytes, where stated.
    pub bytes: Option<u64>,
    /// SHA-256 of the checkpoint, hexadecimal, or how it begins, where stated.
    pub sha256: Option<String>,
    /// What it is.
    pub about: String,
    /// Licence of the weights.
    pub licence: String,
    /// All channels but those of images are divided by this: small instances in tests.
    #[serde(default = "one")]
    pub width: usize,
}

fn one() -> usize {
    1
}

impl Published {
    /// Reads the table from TOML.
    ///
    /// # Errors
    /// If it is malformed, holds an unknown field or a name twice.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let published: Self = toml::from_str(text)?;
        for (i, model) in published.models.iter().enumerate() {
            if published.models[..i].iter().any(|other| other.name == model.name) {
                return Err(ManifestError::Duplicate { model: model.name.clone() });
            }
        }
        Ok(published)
    }

    /// The model of this name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&PublishedModel> {
        self.models.iter().find(|model| model.name == name)
    }

    /// Those that a manifest does not list.
    pub fn missing_in<'a>(&'a self, manifest: &'a Manifest) -> impl Iterator<Item = &'a PublishedModel> {
        self.models.iter().filter(|model| manifest.models.iter().all(|known| known.name() != model.name))
    }
}

impl PublishedModel {
    /// Name of the checkpoint's file.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.url.rsplit('/').next().unwrap_or(&self.url)
    }

    /// Whether a checkpoint of this SHA-256 is the published one; `None` if none is published.
    #[must_use]
    pub fn is_published_sha256(&self, sha256: &str) -> Option<bool> {
        self.sha256.as_ref().map(|stated| sha256.starts_with(&stated.to_ascii_lowercase()))
    }

    /// The command that fetches it.
    #[must_use]
    pub fn command(&self) -> String {
        format!("actmax models fetch {}", self.name)
    }

    /// How its checkpoint is converted; a CNN takes images of `input_size` pixels in height and width.
    #[must_use]
    pub fn conversion(&self, input_size: usize) -> Conversion {
        Conversion {
            name: self.name.clone(),
            architecture: self.architecture,
            width: self.width,
            input_size,
            origin: self.url.clone(),
            licence: self.licence.clone(),
        }
    }
}
