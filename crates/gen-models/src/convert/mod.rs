//! Published checkpoints to ONNX, without PyTorch.

mod alexnet;
mod deepsim;
mod error;
mod graph;
mod resnet;
mod weights;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use error::ConvertError;
use weights::Weights;

use crate::checkpoint::Checkpoint;
use crate::manifest::{CnnSpec, GeneratorSpec, ModelSpec, Resize};
use crate::source::sha256_hex;

/// Name of a generator's input.
const CODE: &str = "code";
/// Name of a generator's output and of a CNN's input.
const IMAGE: &str = "image";

/// Mean of the channels R, G, B that networks trained on ImageNet expect, pixels in [0, 1].
pub(crate) const IMAGENET_MEAN: [f32; 3] = [0.485, 0.456, 0.406];
/// Their deviation.
pub(crate) const IMAGENET_STD: [f32; 3] = [0.229, 0.224, 0.225];

/// A network whose layers are known, so that a checkpoint of weights is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Architecture {
    /// DeePSim generator for fc6 and fc7 of CaffeNet: code of 4096 numbers.
    DeepsimFc6,
    /// DeePSim generator for fc8: code of 1000 numbers.
    DeepsimFc8,
    /// DeePSim generator for pool5: code of 256 x 6 x 6 numbers.
    DeepsimPool5,
    /// DeePSim generator for conv3 and conv4: code of 384 x 13 x 13 numbers.
    DeepsimConv4,
    /// DeePSim generator for norm2: code of 256 x 13 x 13 numbers.
    DeepsimNorm2,
    /// DeePSim generator for norm1: code of 96 x 27 x 27 numbers.
    DeepsimNorm1,
    /// torchvision's AlexNet.
    Alexnet,
    /// torchvision's ResNet50.
    Resnet50,
}

impl Architecture {
    /// Its name in tables and messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DeepsimFc6 => "deepsim-fc6",
            Self::DeepsimFc8 => "deepsim-fc8",
            Self::DeepsimPool5 => "deepsim-pool5",
            Self::DeepsimConv4 => "deepsim-conv4",
            Self::DeepsimNorm2 => "deepsim-norm2",
            Self::DeepsimNorm1 => "deepsim-norm1",
            Self::Alexnet => "alexnet",
            Self::Resnet50 => "resnet50",
        }
    }

    /// Whether it makes images; the others answer them.
    #[must_use]
    pub fn is_generator(self) -> bool {
        !matches!(self, Self::Alexnet | Self::Resnet50)
    }
}

/// What a converted model is to be.
#[derive(Clone, Debug)]
pub struct Conversion {
    /// Its name in the manifest, and its file's but for the extension.
    pub name: String,
    /// The network that the weights are of.
    pub architecture: Architecture,
    /// All channels but those of images are divided by this: 1 but for small instances in tests.
    pub width: usize,
    /// Height and width of the images that a CNN takes, pixels.
    pub input_size: usize,
    /// Where the weights come from.
    pub origin: String,
    /// Licence of the weights.
    pub licence: String,
}

/// Height and width that the published pipeline resizes images to.
pub const PUBLISHED_INPUT_SIZE: usize = 227;

/// An ONNX file and its entry in the manifest.
#[derive(Clone, Debug)]
pub struct Converted {
    /// The file.
    pub encoded: Vec<u8>,
    /// The entry, with size and SHA-256 of the file.
    pub spec: ModelSpec,
}

impl Conversion {
    /// Converts a checkpoint: a state dict, or a training checkpoint that holds one.
    ///
    /// # Errors
    /// If the file is no checkpoint, is damaged or names functions that no checkpoint needs, or if its
    /// tensors are not those of the architecture.
    pub fn run(&self, checkpoint: &Path) -> Result<Converted, ConvertError> {
        let checkpoint = Checkpoint::open(checkpoint)?;
        let rename = if self.architecture.is_generator() { deepsim::rename } else { str::to_owned };
        self.build(Weights::new(checkpoint, self.architecture.name(), rename)?)
    }

    /// The network with made-up weights, always the same: as large and as slow as a published one.
    ///
    /// # Errors
    /// If the images are too small for the architecture.
    pub fn with_made_up_weights(&self) -> Result<Converted, ConvertError> {
        self.build(Weights::made_up(self.architecture.name()))
    }

    fn build(&self, weights: Weights) -> Result<Converted, ConvertError> {
        if self.architecture.is_generator() {
            let (encoded, latent_dim, image_size) = deepsim::build(weights, self.architecture, self.width.max(1))?;
            let spec = ModelSpec::Generator(self.generator(&encoded, latent_dim, image_size));
            return Ok(Converted { encoded, spec });
        }
        let build = if self.architecture == Architecture::Alexnet { alexnet::build } else { resnet::build };
        let (encoded, layers) = build(weights, self.width.max(1), self.input_size)?;
        let spec = CnnSpec { layers: Some(layers), ..self.cnn(&encoded) };
        Ok(Converted { encoded, spec: ModelSpec::Cnn(spec) })
    }

    fn generator(&self, encoded: &[u8], latent_dim: usize, image_size: [usize; 2]) -> GeneratorSpec {
        GeneratorSpec {
            name: self.name.clone(),
            file: format!("{}.onnx", self.name),
            sha256: Some(sha256_hex(encoded)),
            bytes: Some(encoded.len() as u64),
            input: CODE.to_owned(),
            output: IMAGE.to_owned(),
            latent_dim,
            image_size,
            value_range: [0.0, 255.0],
            fixed_batch: None,
            encoder: None,
            natural_norm: None,
            origin: self.origin.clone(),
            licence: self.licence.clone(),
        }
    }

    fn cnn(&self, encoded: &[u8]) -> CnnSpec {
        CnnSpec {
            name: self.name.clone(),
            file: format!("{}.onnx", self.name),
            sha256: Some(sha256_hex(encoded)),
            bytes: Some(encoded.len() as u64),
            input: IMAGE.to_owned(),
            input_size: [self.input_size; 2],
            value_range: [0.0, 1.0],
            mean: IMAGENET_MEAN,
            std: IMAGENET_STD,
            resize: Resize::AlignCorners,
            fixed_batch: None,
            classes: None,
            layers: None,
            origin: self.origin.clone(),
            licence: self.licence.clone(),
        }
    }
}
