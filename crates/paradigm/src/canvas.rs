//! Images of 8 bits on the canvas, as screens and image files have them.

use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::U8x3;
use fast_image_resize::{FilterType, ResizeAlg, ResizeOptions, Resizer};
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
            return bilinear(&image, self.size);
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
///
/// Typed, because the call that takes any type of pixel is compiled for all of them: a minute and a half of one core.
fn bilinear(image: &RgbImage, side: u32) -> RgbImage {
    let rule = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    let whole = "an image has three bytes a pixel";
    let from = TypedImageRef::<U8x3>::from_buffer(image.width(), image.height(), image.as_raw()).expect(whole);
    let mut sized = RgbImage::new(side, side);
    let mut to = TypedImage::<U8x3>::from_buffer(side, side, sized.as_mut()).expect(whole);
    Resizer::new().resize_typed(&from, &mut to, &rule).expect("the crop is the whole image");
    sized
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
