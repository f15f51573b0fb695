//! Images as files.

use image::codecs::png::{self, CompressionType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageError, RgbImage};
use serde::{Deserialize, Serialize};

/// An image file's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageKind {
    /// PNG, 24-bit RGB.
    Png,
    /// BMP, 24-bit RGB.
    Bmp,
}

impl ImageKind {
    /// The extension of its files.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Bmp => "bmp",
        }
    }

    /// The image as the bytes of a file.
    ///
    /// # Errors
    /// If the image has no pixels.
    pub fn encode(self, image: &RgbImage) -> Result<Vec<u8>, ImageError> {
        let Self::Png = self else { return Ok(bmp(image)) };
        let mut bytes = Vec::with_capacity(image.as_raw().len() / 2 + 1024);
        PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, png::FilterType::Up).write_image(
            image.as_raw(),
            image.width(),
            image.height(),
            ExtendedColorType::Rgb8,
        )?;
        Ok(bytes)
    }
}

/// A BMP file of 24 bits a pixel: rows from the last to the first, padded to 4 bytes, blue before green before red.
///
/// The encoder of the crate `image` writes pixel by pixel: half of the processor time of a block of 40 such images.
fn bmp(image: &RgbImage) -> Vec<u8> {
    const HEAD: u32 = 14 + 40;
    let (width, height) = image.dimensions();
    let row = (3 * width as usize).next_multiple_of(4);
    let size = (row * height as usize) as u32;
    let mut file = Vec::with_capacity(HEAD as usize + size as usize);
    file.extend_from_slice(b"BM");
    // Length of the file, reserved, where the pixels begin; length of the second head, width, height.
    [HEAD + size, 0, HEAD, 40, width, height].iter().for_each(|number| file.extend_from_slice(&number.to_le_bytes()));
    // One plane of 24 bits.
    [1u16, 24].iter().for_each(|number| file.extend_from_slice(&number.to_le_bytes()));
    // Not compressed, length of the pixels; resolution and colours are not told.
    [0, size, 0, 0, 0, 0].iter().for_each(|number| file.extend_from_slice(&number.to_le_bytes()));
    for pixels in image.as_raw().chunks_exact(3 * width as usize).rev() {
        let start = file.len();
        file.resize(start + row, 0);
        for (to, from) in file[start..].chunks_exact_mut(3).zip(pixels.chunks_exact(3)) {
            (to[0], to[1], to[2]) = (from[2], from[1], from[0]);
        }
    }
    file
}
