//! Images on a canvas, as files.

use std::io::Cursor;

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops::{self, FilterType as Resampling};
use image::{DynamicImage, ExtendedColorType, ImageEncoder, ImageError, ImageFormat, Rgb, RgbImage};
use serde::{Deserialize, Serialize};

/// Where an image lies on its canvas. The canvas is square; what the image does not cover is gray.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Geometry {
    /// Side of the canvas in pixels.
    pub canvas: u32,
    /// Side of the image in pixels.
    pub size: u32,
    /// Centre of the image, x and y in pixels from the upper left.
    pub at: [i32; 2],
    /// Gray around it, 0 to 255.
    pub surround: u8,
}

impl Geometry {
    /// Puts an image on the canvas. An image of another size is resampled bilinearly; what lies outside is cut off.
    #[must_use]
    pub fn place(&self, image: RgbImage) -> RgbImage {
        let side = self.size;
        let image = if image.dimensions() == (side, side) {
            image
        } else {
            // As a method it is compiled with the library, and so optimised in every profile.
            DynamicImage::ImageRgb8(image).resize_exact(side, side, Resampling::Triangle).into_rgb8()
        };
        let half = i64::from(side) / 2;
        let [x, y] = self.at.map(|at| i64::from(at) - half);
        if self.canvas == side && (x, y) == (0, 0) {
            return image;
        }
        let mut canvas = RgbImage::from_pixel(self.canvas, self.canvas, Rgb([self.surround; 3]));
        imageops::replace(&mut canvas, &image, x, y);
        canvas
    }
}

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
        let mut bytes = Vec::with_capacity(image.as_raw().len() / 2 + 1024);
        match self {
            Self::Png => PngEncoder::new_with_quality(&mut bytes, CompressionType::Fast, FilterType::Up).write_image(
                image.as_raw(),
                image.width(),
                image.height(),
                ExtendedColorType::Rgb8,
            )?,
            Self::Bmp => image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Bmp)?,
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_lies_where_its_geometry_says() {
        let image = RgbImage::from_pixel(4, 4, Rgb([200, 0, 0]));
        let placed = Geometry { canvas: 10, size: 4, at: [3, 8], surround: 50 }.place(image);
        assert_eq!(placed.dimensions(), (10, 10));
        let red = |x, y| placed.get_pixel(x, y).0 == [200, 0, 0];
        assert!(red(1, 6) && red(4, 9) && !red(0, 6) && !red(5, 9) && !red(1, 5));
        assert_eq!(placed.get_pixel(9, 0).0, [50; 3]);
    }

    #[test]
    fn files_hold_the_pixels() {
        let image = RgbImage::from_fn(7, 5, |x, y| Rgb([x as u8 * 30, y as u8 * 50, 9]));
        for kind in [ImageKind::Png, ImageKind::Bmp] {
            let bytes = kind.encode(&image).unwrap();
            assert_eq!(image::load_from_memory(&bytes).unwrap().to_rgb8(), image);
        }
    }
}
