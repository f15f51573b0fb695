//! `manifest.toml`: what a program must know of a model file that the file does not say.

use std::path::Path;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{LayerInfo, ModelError};

/// The models of one folder.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The entries, in the order of the file.
    #[serde(rename = "model", default)]
    pub models: Vec<ModelSpec>,
}

/// One `[[model]]`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ModelSpec {
    /// `kind = "generator"`.
    Generator(GeneratorSpec),
    /// `kind = "cnn"`.
    Cnn(CnnSpec),
}

impl ModelSpec {
    /// The entry's name.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Generator(spec) => &spec.name,
            Self::Cnn(spec) => &spec.name,
        }
    }

    /// Its ONNX file, relative to the manifest.
    #[must_use]
    pub fn file(&self) -> &str {
        match self {
            Self::Generator(spec) => &spec.file,
            Self::Cnn(spec) => &spec.file,
        }
    }

    /// Size of the file in bytes, if the entry states it.
    #[must_use]
    pub fn bytes(&self) -> Option<u64> {
        match self {
            Self::Generator(spec) => spec.bytes,
            Self::Cnn(spec) => spec.bytes,
        }
    }

    /// SHA-256 of the file, if the entry states it.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        match self {
            Self::Generator(spec) => spec.sha256.as_deref(),
            Self::Cnn(spec) => spec.sha256.as_deref(),
        }
    }
}

/// A network from codes to images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GeneratorSpec {
    /// Its name on the command line and in journals.
    pub name: String,
    /// The ONNX file, relative to the manifest.
    pub file: String,
    /// SHA-256 of the file, hexadecimal; checked if given.
    pub sha256: Option<String>,
    /// Size of the file in bytes; checked if given.
    pub bytes: Option<u64>,
    /// Name of the input: `[n, latent_dim]`, possibly with trailing axes of length 1.
    pub input: String,
    /// Name of the output: `[n, 3, height, width]`, RGB.
    pub output: String,
    /// Length N of a code.
    pub latent_dim: usize,
    /// Height and width of the images, pixels.
    pub image_size: [usize; 2],
    /// Values of the output that are black and full brightness; values outside are clipped.
    #[serde(default = "unit_range")]
    pub value_range: [f32; 2],
    /// Number of codes that the network computes at once, if it is fixed in the file: they go through it one
    /// by one then, which is slow.
    pub fixed_batch: Option<usize>,
    /// CNN and layer whose activations to an image are the code of the image, as `CNN:LAYER`, if there is such a layer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoder: Option<String>,
    /// Norm that codes of natural images have, if it is known; see [`code_norm`](Self::code_norm).
    pub natural_norm: Option<f64>,
    /// Where the weights come from.
    #[serde(default)]
    pub origin: String,
    /// Licence of the weights (SPDX expression).
    #[serde(default)]
    pub licence: String,
}

/// A network from images to unit activations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CnnSpec {
    /// Its name on the command line and in journals.
    pub name: String,
    /// The ONNX file, relative to the manifest.
    pub file: String,
    /// SHA-256 of the file, hexadecimal; checked if given.
    pub sha256: Option<String>,
    /// Size of the file in bytes; checked if given.
    pub bytes: Option<u64>,
    /// Name of the input: `[n, 3, height, width]`, RGB.
    pub input: String,
    /// Height and width that images are resized to, pixels.
    pub input_size: [usize; 2],
    /// Pixel values of black and full brightness that `mean` and `std` refer to, e.g. `[0, 255]`.
    #[serde(default = "unit_range")]
    pub value_range: [f32; 2],
    /// Subtracted from each channel of the pixels.
    #[serde(default)]
    pub mean: [f32; 3],
    /// What each channel is divided by, after subtracting `mean`.
    #[serde(default = "ones")]
    pub std: [f32; 3],
    /// How images of another size are brought to `input_size`.
    #[serde(default)]
    pub resize: Resize,
    /// Number of images that the network computes at once, if it is fixed in the file: they go through it one
    /// by one then, which is slow.
    pub fixed_batch: Option<usize>,
    /// File with one class name a line, relative to the manifest.
    pub classes: Option<String>,
    /// The layers offered; read from the ONNX file if absent.
    pub layers: Option<Vec<LayerInfo>>,
    /// Where the weights come from.
    #[serde(default)]
    pub origin: String,
    /// Licence of the weights (SPDX expression).
    #[serde(default)]
    pub licence: String,
}

/// Which points of two pixel grids lie above each other in bilinear resizing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Resize {
    /// The images' edges: pixel centres lie at halves.
    #[default]
    HalfPixel,
    /// The centres of the corner pixels, as in the published pipeline for AlexNet.
    AlignCorners,
}

fn unit_range() -> [f32; 2] {
    [0.0, 1.0]
}

fn ones() -> [f32; 3] {
    [1.0; 3]
}

/// The kinds of entries in messages.
const GENERATOR: &str = "generator";
const CNN: &str = "CNN";

/// What is wrong with a manifest.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ManifestError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(ModelError),
    /// It is no TOML of the manifest's form.
    #[error("the manifest cannot be read")]
    Toml(#[from] toml::de::Error),
    /// A value cannot be used.
    #[error("model '{model}' in the manifest: {field} {problem}")]
    Value {
        /// The entry.
        model: String,
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Two entries of one name.
    #[error("the manifest has two models named '{model}'")]
    Duplicate {
        /// The name.
        model: String,
    },
    /// No entry of this name and kind.
    #[error("{}; the {kind}s are {}", no_entry(kind, name, *other), if known.is_empty() { "none".into() } else { known.join(", ") })]
    Unknown {
        /// `generator` or `CNN`.
        kind: &'static str,
        /// The name in question.
        name: String,
        /// What the entry of this name is instead, if there is one.
        other: Option<&'static str>,
        /// Names of that kind.
        known: Vec<String>,
    },
}

impl ManifestError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Unknown { .. })
    }
}

fn no_entry(kind: &str, name: &str, other: Option<&str>) -> String {
    match other {
        Some(other) => format!("'{name}' is a {other}, no {kind}"),
        None => format!("the manifest has no {kind} '{name}'"),
    }
}

impl Manifest {
    /// Reads a manifest from TOML.
    ///
    /// # Errors
    /// If it is malformed, holds an unknown field, a name twice, or a value that cannot be used.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        let manifest: Self = toml::from_str(text)?;
        for (i, model) in manifest.models.iter().enumerate() {
            if manifest.models[..i].iter().any(|other| other.name() == model.name()) {
                return Err(ManifestError::Duplicate { model: model.name().to_owned() });
            }
            let problem = match model {
                ModelSpec::Generator(spec) => spec.problem(),
                ModelSpec::Cnn(spec) => spec.problem(),
            };
            if let Some((field, problem)) = problem {
                return Err(ManifestError::Value { model: model.name().to_owned(), field, problem });
            }
        }
        Ok(manifest)
    }

    /// Reads a manifest file.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and if the file cannot be read.
    pub fn from_file(path: &Path) -> Result<Self, ManifestError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ManifestError::Read(ModelError::Read { path: path.to_owned(), source }))?;
        Self::parse(&text)
    }

    /// All generators.
    pub fn generators(&self) -> impl Iterator<Item = &GeneratorSpec> {
        self.models.iter().filter_map(|model| match model {
            ModelSpec::Generator(spec) => Some(spec),
            ModelSpec::Cnn(_) => None,
        })
    }

    /// All CNNs.
    pub fn cnns(&self) -> impl Iterator<Item = &CnnSpec> {
        self.models.iter().filter_map(|model| match model {
            ModelSpec::Cnn(spec) => Some(spec),
            ModelSpec::Generator(_) => None,
        })
    }

    /// The generator of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn generator(&self, name: &str) -> Result<&GeneratorSpec, ManifestError> {
        self.generators().find(|spec| spec.name == name).ok_or_else(|| ManifestError::Unknown {
            kind: GENERATOR,
            name: name.to_owned(),
            other: self.cnns().any(|spec| spec.name == name).then_some(CNN),
            known: self.generators().map(|spec| spec.name.clone()).collect(),
        })
    }

    /// The CNN of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn cnn(&self, name: &str) -> Result<&CnnSpec, ManifestError> {
        self.cnns().find(|spec| spec.name == name).ok_or_else(|| ManifestError::Unknown {
            kind: CNN,
            name: name.to_owned(),
            other: self.generators().any(|spec| spec.name == name).then_some(GENERATOR),
            known: self.cnns().map(|spec| spec.name.clone()).collect(),
        })
    }
}

/// A field and what is wrong with it.
type Problem = Option<(&'static str, &'static str)>;

fn range_problem([low, high]: [f32; 2]) -> Problem {
    let usable = low.is_finite() && high.is_finite() && low < high;
    (!usable).then_some(("value_range", "must be two finite numbers, the smaller one first"))
}

fn size_problem(field: &'static str, size: &[usize]) -> Problem {
    size.contains(&0).then_some((field, "must not be 0"))
}

fn batch_problem(batch: Option<usize>) -> Problem {
    (batch == Some(0)).then_some(("fixed_batch", "must not be 0"))
}

/// Length (Euclidean norm) of the codes that a generator was made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CodeNorm {
    /// The manifest states it.
    Stated(f64),
    /// The manifest does not: that of standard normal codes, sqrt(N).
    Assumed(f64),
}

impl CodeNorm {
    /// The norm.
    #[must_use]
    pub fn value(self) -> f64 {
        match self {
            Self::Stated(norm) | Self::Assumed(norm) => norm,
        }
    }
}

impl GeneratorSpec {
    /// Norm of the codes that it was made for: much longer codes leave what it has learnt, and images saturate.
    #[must_use]
    pub fn code_norm(&self) -> CodeNorm {
        match self.natural_norm {
            Some(norm) => CodeNorm::Stated(norm),
            None => CodeNorm::Assumed((self.latent_dim as f64).sqrt()),
        }
    }

    fn problem(&self) -> Problem {
        let norm = self.natural_norm.filter(|norm| !(norm.is_finite() && *norm > 0.0));
        size_problem("latent_dim", &[self.latent_dim])
            .or_else(|| size_problem("image_size", &self.image_size))
            .or_else(|| range_problem(self.value_range))
            .or_else(|| batch_problem(self.fixed_batch))
            .or(norm.map(|_| ("natural_norm", "must be a finite number above 0")))
    }
}

impl CnnSpec {
    fn problem(&self) -> Problem {
        let finite = |values: &[f32; 3]| values.iter().all(|x| x.is_finite());
        size_problem("input_size", &self.input_size)
            .or_else(|| range_problem(self.value_range))
            .or_else(|| batch_problem(self.fixed_batch))
            .or_else(|| (!finite(&self.mean)).then_some(("mean", "must be finite")))
            .or_else(|| {
                let usable = finite(&self.std) && self.std.iter().all(|&x| x > 0.0);
                (!usable).then_some(("std", "must be finite and above 0"))
            })
    }
}
