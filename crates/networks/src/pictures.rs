//! Reference pictures, which evolved images are compared with and runs start from.

use std::path::{Path, PathBuf};

use embedded_models::PICTURES;
use gen_models::{GeneratorModel, Images, ModelError, Runtime, SessionOptions, UnitScorer};
use optim_core::{Population, Scorer};
use paradigm::{ImageFileError, decode_image, image_names, read_image};
use thiserror::Error;

use crate::{Library, LibraryError};

/// Images with their names.
#[derive(Clone, Debug)]
pub struct Pictures {
    /// What they are, in words.
    pub about: String,
    /// File names without their folder, in the order of the images.
    pub names: Vec<String>,
    /// One each, of its own size.
    pub images: Vec<Images>,
}

/// Why images have no codes.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum EncodeError {
    /// A generator without an encoder.
    #[error(
        "no encoder is known of generator '{generator}', so images have no codes: start from codes, or from random:natural"
    )]
    NoEncoder {
        /// The generator.
        generator: String,
    },
    /// An encoder of another generator.
    #[error("the encoder {encoder} gives codes of {found} components, the generator takes {expected}")]
    Length {
        /// CNN and layer.
        encoder: String,
        /// Components of a code.
        expected: usize,
        /// Components found.
        found: usize,
    },
    /// The encoder could not be had.
    #[error(transparent)]
    Library(#[from] LibraryError),
    /// The encoder could not be run.
    #[error(transparent)]
    Model(#[from] ModelError),
}

impl Pictures {
    /// The 62 pictures that are compiled in, two of each class of the embedded CNN. They are drawn by a script.
    ///
    /// # Errors
    /// If one cannot be decoded.
    pub fn embedded() -> Result<Self, ImageFileError> {
        let image = |(name, bytes): &(&str, &[u8])| Ok(Images::from_rgb8(&decode_image(name.as_ref(), bytes)?));
        Ok(Self {
            about: "drawn pictures of the embedded network's classes".to_owned(),
            names: PICTURES.iter().map(|(name, _)| (*name).to_owned()).collect(),
            images: PICTURES.iter().map(image).collect::<Result<_, ImageFileError>>()?,
        })
    }

    /// The images of a folder, by name; `warn` is told what is passed over.
    ///
    /// # Errors
    /// If the folder has none, or one cannot be read.
    pub fn read(folder: &Path, warn: impl FnMut(&str)) -> Result<Self, ImageFileError> {
        let files: Vec<PathBuf> = image_names(folder, warn)?.iter().map(|name| folder.join(name)).collect();
        Ok(Self { about: format!("images in {}", folder.display()), ..Self::of_files(&files)? })
    }

    /// These image files.
    ///
    /// # Errors
    /// If one cannot be read.
    pub fn of_files(files: &[PathBuf]) -> Result<Self, ImageFileError> {
        let name = |file: &PathBuf| file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let image = |file: &PathBuf| Ok(Images::from_rgb8(&read_image(file)?));
        let images = files.iter().map(image).collect::<Result<_, ImageFileError>>()?;
        Ok(Self { about: "image files".to_owned(), names: files.iter().map(name).collect(), images })
    }

    /// Codes of the images: what the layer that the generator's manifest names as its encoder answers to them.
    ///
    /// # Errors
    /// If no encoder is known of the generator, or it does not fit or run.
    pub fn encoded(
        &self,
        generator: &GeneratorModel,
        library: &Library,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Population, EncodeError> {
        let spec = generator.spec();
        let no_encoder = || EncodeError::NoEncoder { generator: spec.name.clone() };
        let encoder = spec.encoder.as_deref().ok_or_else(no_encoder)?;
        let (cnn, layer) = encoder.split_once(':').ok_or_else(no_encoder)?;
        let mut session = library.cnn(cnn)?.session(runtime, &[layer], options)?;
        let mut values = Vec::new();
        for image in &self.images {
            let activations = session.activations(image)?;
            let code = activations.first().map_or(&[][..], |activation| activation.image(0));
            if code.len() != spec.latent_dim {
                let (expected, found) = (spec.latent_dim, code.len());
                return Err(EncodeError::Length { encoder: encoder.to_owned(), expected, found });
            }
            values.extend(code.iter().map(|&x| f64::from(x)));
        }
        Ok(Population::from_rows(spec.latent_dim, &values))
    }

    /// The score of every image.
    ///
    /// # Errors
    /// If the network cannot be run.
    pub fn scores(&self, scorer: &mut UnitScorer) -> Result<Vec<f64>, ModelError> {
        let (mut all, mut scores) = (Vec::new(), Vec::new());
        for image in &self.images {
            scorer.score(image, &mut scores)?;
            all.append(&mut scores);
        }
        Ok(all)
    }
}
