//! Images on a canvas, as files.

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::codecs::png::{self, CompressionType, PngEncoder};
use image::{ExtendedColorType, ImageEncoder, ImageError, Rgb, RgbImage};
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
        let image = resized(image, self.size);
        let half = i64::from(self.size) / 2;
        let [x, y] = self.at.map(|at| i64::from(at) - half);
        if self.canvas == self.size && (x, y) == (0, 0) {
            return image;
        }
        let mut canvas = RgbImage::from_pixel(self.canvas, self.canvas, Rgb([self.surround; 3]));
        paste(&mut canvas, &image, x, y);
        canvas
    }
}

/// The image with another side, resampled bilinearly.
fn resized(image: RgbImage, side: u32) -> RgbImage {
    if image.dimensions() == (side, side) || image.is_empty() || side == 0 {
        return image;
    }
    let (width, height) = image.dimensions();
    let mut sized = Image::new(side, side, PixelType::U8x3);
    let bilinear = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    let whole = "both images have pixels of three bytes";
    let image = Image::from_vec_u8(width, height, image.into_raw(), PixelType::U8x3).expect(whole);
    Resizer::new().resize(&image, &mut sized, &bilinear).expect(whole);
    RgbImage::from_raw(side, side, sized.into_vec()).expect(whole)
}

/// Copies the part of `image` that lies on the canvas, row by row; its upper left corner is at (x, y).
fn paste(canvas: &mut RgbImage, image: &RgbImage, x: i64, y: i64) {
    let (width, height) = (i64::from(canvas.width()), i64::from(canvas.height()));
    let left = x.clamp(0, width);
    let right = (x + i64::from(image.width())).clamp(left, width);
    let (first, last) = (y.clamp(0, height), (y + i64::from(image.height())).clamp(0, height));
    let at = |column: i64, row: i64, width: i64| (row * width + column) as usize * 3;
    let length = (right - left) as usize * 3;
    if length == 0 {
        return;
    }
    for row in first..last {
        let (to, from) = (at(left, row, width), at(left - x, row - y, i64::from(image.width())));
        canvas.as_mut()[to..to + length].copy_from_slice(&image.as_raw()[from..from + length]);
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
/// The crate `image` writes it pixel by pixel, which takes a block of 40 images of 512 x 512 60 ms longer.
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

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use image::{ImageFormat, imageops};

    use super::*;

    #[test]
    fn an_image_lies_where_its_geometry_says() {
        let image = RgbImage::from_pixel(4, 4, Rgb([200, 0, 0]));
        let placed = Geometry { canvas: 10, size: 4, at: [3, 8], surround: 50 }.place(image);
        assert_eq!(placed.dimensions(), (10, 10));
        let red = |x, y| placed.get_pixel(x, y).0 == [200, 0, 0];
        assert!(red(1, 6) && red(4, 9) && !red(0, 6) && !red(5, 9) && !red(1, 5));
        assert_eq!(placed.get_pixel(9, 0).0, [50; 3]);
        for at in [[-3, 5], [13, 5], [5, -3], [5, 13], [-100, 100]] {
            let outside = Geometry { canvas: 10, size: 4, at, surround: 50 }.place(placed.clone());
            assert!(outside.pixels().all(|pixel| pixel.0 == [50; 3]), "{at:?}");
        }
    }

    #[test]
    fn an_image_of_another_size_is_resampled_bilinearly() {
        let image = RgbImage::from_fn(13, 13, |x, y| Rgb([(x * 19) as u8, (y * x) as u8, (x * 7 + y * 11) as u8]));
        for side in [5, 12, 40] {
            let geometry = Geometry { canvas: side, size: side, at: [side as i32 / 2; 2], surround: 0 };
            let peer = imageops::resize(&image, side, side, imageops::FilterType::Triangle);
            let placed = geometry.place(image.clone());
            assert_eq!(placed.dimensions(), (side, side));
            for (value, expected) in placed.as_raw().iter().zip(peer.as_raw()) {
                assert!(value.abs_diff(*expected) <= 1, "{value} {expected}");
            }
        }
    }

    #[test]
    fn files_hold_the_pixels() {
        let image = RgbImage::from_fn(7, 5, |x, y| Rgb([x as u8 * 30, y as u8 * 50, 9]));
        for kind in [ImageKind::Png, ImageKind::Bmp] {
            let bytes = kind.encode(&image).unwrap();
            assert_eq!(image::load_from_memory(&bytes).unwrap().to_rgb8(), image);
        }
        let mut peer = Cursor::new(Vec::new());
        image.write_to(&mut peer, ImageFormat::Bmp).unwrap();
        assert_eq!(ImageKind::Bmp.encode(&image).unwrap(), peer.into_inner());
    }
}
