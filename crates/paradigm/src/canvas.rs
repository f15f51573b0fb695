//! Images of 8 bits on the canvas, as screens and image files have them.

use fast_image_resize::images::Image;
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use image::{Rgb, RgbImage, imageops};

use crate::{Geometry, Resampling};

impl Geometry {
    /// Puts an image on the canvas. An image of another size is resampled; what lies outside is cut off.
    #[must_use]
    pub fn place(&self, image: RgbImage) -> RgbImage {
        let image = self.resized(image);
        if self.covers_canvas() {
            return image;
        }
        let [x, y] = self.corner();
        let mut canvas = RgbImage::from_pixel(self.canvas, self.canvas, Rgb([self.surround; 3]));
        paste(&mut canvas, &image, x, y);
        canvas
    }

    /// As [`place`](Self::place), after an image that is not square is cut to its middle.
    #[must_use]
    pub fn place_middle(&self, image: &RgbImage) -> RgbImage {
        let side = image.width().min(image.height());
        let (left, top) = ((image.width() - side) / 2, (image.height() - side) / 2);
        self.place(imageops::crop_imm(image, left, top, side, side).to_image())
    }

    fn resized(&self, image: RgbImage) -> RgbImage {
        if image.dimensions() == (self.size, self.size) || image.is_empty() || self.size == 0 {
            return image;
        }
        if self.resize == Resampling::Bilinear {
            return bilinear(image, self.size);
        }
        let (width, height) = (image.width() as usize, image.height() as usize);
        let alone = Self { canvas: self.size, at: [i32::try_from(self.size / 2).unwrap_or(i32::MAX); 2], ..*self };
        let planes = [0, 1, 2].map(|channel| {
            let plane: Vec<f32> = image.pixels().map(|pixel| f32::from(pixel.0[channel]) / 255.0).collect();
            alone.place_plane(&plane, [height, width])
        });
        RgbImage::from_fn(self.size, self.size, |x, y| {
            let at = (y * self.size + x) as usize;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
            Rgb([0, 1, 2].map(|channel| (planes[channel][at].clamp(0.0, 1.0) * 255.0).round() as u8))
        })
    }
}

/// The image with another side, resampled bilinearly.
fn bilinear(image: RgbImage, side: u32) -> RgbImage {
    let (width, height) = image.dimensions();
    let mut sized = Image::new(side, side, PixelType::U8x3);
    let rule = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    let whole = "both images have pixels of three bytes";
    let image = Image::from_vec_u8(width, height, image.into_raw(), PixelType::U8x3).expect(whole);
    Resizer::new().resize(&image, &mut sized, &rule).expect(whole);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_lies_where_its_geometry_says() {
        let image = RgbImage::from_pixel(4, 4, Rgb([200, 0, 0]));
        let geometry = Geometry { canvas: 10, size: 4, at: [3, 8], surround: 50, resize: Resampling::Bilinear };
        let placed = geometry.place(image);
        assert_eq!(placed.dimensions(), (10, 10));
        let red = |x, y| placed.get_pixel(x, y).0 == [200, 0, 0];
        assert!(red(1, 6) && red(4, 9) && !red(0, 6) && !red(5, 9) && !red(1, 5));
        assert_eq!(placed.get_pixel(9, 0).0, [50; 3]);
        for at in [[-3, 5], [13, 5], [5, -3], [5, 13], [-100, 100]] {
            let outside = Geometry { at, ..geometry }.place(placed.clone());
            assert!(outside.pixels().all(|pixel| pixel.0 == [50; 3]), "{at:?}");
        }
    }

    #[test]
    fn an_image_of_another_size_is_resampled_bilinearly() {
        let image = RgbImage::from_fn(13, 13, |x, y| Rgb([(x * 19) as u8, (y * x) as u8, (x * 7 + y * 11) as u8]));
        let resize = Resampling::Bilinear;
        for side in [5, 12, 40] {
            let geometry = Geometry { canvas: side, size: side, at: [side as i32 / 2; 2], surround: 0, resize };
            let peer = imageops::resize(&image, side, side, imageops::FilterType::Triangle);
            let placed = geometry.place(image.clone());
            assert_eq!(placed.dimensions(), (side, side));
            for (value, expected) in placed.as_raw().iter().zip(peer.as_raw()) {
                assert!(value.abs_diff(*expected) <= 1, "{value} {expected}");
            }
        }
    }

    /// Images of 8 bits are what planes are, rounded: bilinear ones after each axis. And the middle of an image that is not square.
    #[test]
    fn images_and_planes_agree() {
        let image =
            RgbImage::from_fn(37, 24, |x, y| Rgb([(x * 7 % 256) as u8, (y * 11 % 256) as u8, (x * y % 256) as u8]));
        for (_, resize) in Resampling::NAMED {
            let roundings = if resize == Resampling::Bilinear { 2.0 } else { 1.0 };
            for size in [9, 24, 50] {
                let geometry = Geometry { canvas: 40, size, at: [12, 33], surround: 99, resize };
                let middle = imageops::crop_imm(&image, 6, 0, 24, 24).to_image();
                let placed = geometry.place(middle.clone());
                assert_eq!(geometry.place_middle(&image), placed);
                let plane: Vec<f32> = middle.pixels().map(|pixel| f32::from(pixel.0[2]) / 255.0).collect();
                for (pixel, value) in placed.pixels().zip(geometry.place_plane(&plane, [24, 24])) {
                    let off = (f32::from(pixel.0[2]) - 255.0 * value).abs();
                    assert!(off <= 0.51 * roundings, "{resize:?} {size}: off by {off}");
                }
            }
        }
    }
}
