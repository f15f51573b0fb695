//! Reference pictures, which evolved images are compared with.

use std::path::Path;

use embedded_models::PICTURES;
use gen_models::Images;
use paradigm::{ImageFileError, decode_image, image_names, read_image};

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
        let names = image_names(folder, warn)?;
        let image = |name: &String| Ok(Images::from_rgb8(&read_image(&folder.join(name))?));
        let images = names.iter().map(image).collect::<Result<_, ImageFileError>>()?;
        Ok(Self { about: format!("images in {}", folder.display()), names, images })
    }
}
