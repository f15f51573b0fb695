//! Batches of images.

use image::RgbImage;

use crate::ModelError;

/// A batch of RGB images, values in [0, 1], C-order `[n, 3, height, width]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Images {
    data: Vec<f32>,
    shape: [usize; 4],
}

impl Images {
    /// Takes a C-order `[n, 3, height, width]` array with values in [0, 1].
    ///
    /// # Errors
    /// If the length of `data` is not the product of `shape`, or `shape[1]` is not 3.
    pub fn new(data: Vec<f32>, shape: [usize; 4]) -> Result<Self, ModelError> {
        let fits = shape[1] == 3 && shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d)) == Some(data.len());
        if fits { Ok(Self { data, shape }) } else { Err(ModelError::ImageShape { values: data.len(), shape }) }
    }

    /// One image of 8-bit pixels; 255 becomes 1.
    #[must_use]
    pub fn from_rgb8(image: &RgbImage) -> Self {
        let (width, height) = (image.width() as usize, image.height() as usize);
        let plane = width * height;
        let mut data = vec![0.0; 3 * plane];
        for (i, pixel) in image.pixels().enumerate() {
            for (channel, &value) in pixel.0.iter().enumerate() {
                data[channel * plane + i] = f32::from(value) / 255.0;
            }
        }
        Self { data, shape: [1, 3, height, width] }
    }

    /// Image `i` with values rounded to 8 bits: 1 becomes 255; values outside [0, 1] are clipped, NaN is
    /// black.
    ///
    /// # Panics
    /// If `i >= len()`.
    #[must_use]
    pub fn to_rgb8(&self, i: usize) -> RgbImage {
        let (pixels, width) = (self.image(i), self.shape[3]);
        let plane = self.shape[2] * width;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; image sizes fit u32")]
        RgbImage::from_fn(width as u32, self.shape[2] as u32, |x, y| {
            let at = y as usize * width + x as usize;
            image::Rgb([0, 1, 2].map(|channel| (pixels[channel * plane + at].clamp(0.0, 1.0) * 255.0).round() as u8))
        })
    }

    /// Number n of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape[0]
    }

    /// Whether there is no image.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// `[n, 3, height, width]`.
    #[must_use]
    pub fn shape(&self) -> [usize; 4] {
        self.shape
    }

    /// All values, C-order `[n, 3, height, width]`.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.data
    }

    /// Values of image `i`, C-order `[3, height, width]`.
    ///
    /// # Panics
    /// If `i >= len()`.
    #[must_use]
    pub fn image(&self, i: usize) -> &[f32] {
        let len = self.shape[1..].iter().product::<usize>();
        &self.data[i * len..(i + 1) * len]
    }

    /// Appends the pixels of all images, averaged over squares so that neither side has more than `side` of them: C-order
    /// `[n, 3, ceil(height / b), ceil(width / b)]`, b the side of a square. Squares at the lower and right edges may be cut.
    ///
    /// # Panics
    /// If `side` is 0.
    pub fn append_averaged(&self, side: usize, out: &mut Vec<f32>) {
        let [_, _, height, width] = self.shape;
        let block = height.max(width).div_ceil(side);
        if block <= 1 {
            out.extend_from_slice(&self.data);
            return;
        }
        for plane in self.data.chunks_exact(height * width) {
            for top in (0..height).step_by(block) {
                for left in (0..width).step_by(block) {
                    let (bottom, right) = ((top + block).min(height), (left + block).min(width));
                    let sum: f32 = (top..bottom).flat_map(|row| &plane[row * width + left..row * width + right]).sum();
                    #[expect(clippy::cast_precision_loss, reason = "sides of images are far below 2^24")]
                    out.push(sum / ((bottom - top) * (right - left)) as f32);
                }
            }
        }
    }
}
