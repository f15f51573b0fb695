//! Where an image lies on its canvas.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::resampling::{Resampling, Weights};

/// Largest side of an image or canvas, in pixels.
pub const LARGEST_SIDE: u32 = 4096;

/// Where an image lies on its canvas. The canvas is square; what the image does not cover is gray.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geometry {
    /// Side of the canvas in pixels.
    pub canvas: u32,
    /// Side of the image in pixels.
    pub size: u32,
    /// Centre of the image, x and y in pixels from the upper left.
    pub at: [i32; 2],
    /// Gray around it, 0 to 255.
    pub surround: u8,
    /// How the image gets its size. Files leave it out if bilinear.
    #[serde(default, skip_serializing_if = "Resampling::is_default")]
    pub resize: Resampling,
}

/// Why an image cannot be shown so.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GeometryError {
    /// A side that is 0 or too large.
    #[error("the {what} has {pixels} pixels a side; it must have from 1 to {LARGEST_SIDE}")]
    Side {
        /// Canvas or image.
        what: &'static str,
        /// Its pixels.
        pixels: u32,
    },
    /// No pixel of the image would be on the canvas.
    #[error("an image of {size} pixels at {x},{y} lies outside the canvas of {canvas} pixels")]
    Outside {
        /// Side of the image.
        size: u32,
        /// Centre of the image, x.
        x: i32,
        /// Centre of the image, y.
        y: i32,
        /// Side of the canvas.
        canvas: u32,
    },
}

/// An image on the canvas along one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Span {
    /// Pixels of the resized image that are on the canvas.
    visible: Range<usize>,
    /// Gray pixels before and after them.
    around: [usize; 2],
}

impl Geometry {
    /// Checks the sides, and that something of the image is on the canvas.
    ///
    /// # Errors
    /// If a side is 0 or larger than [`LARGEST_SIDE`], or the image lies outside.
    pub fn check(&self) -> Result<(), GeometryError> {
        for (what, pixels) in [("canvas", self.canvas), ("image", self.size)] {
            if !(1..=LARGEST_SIDE).contains(&pixels) {
                return Err(GeometryError::Side { what, pixels });
            }
        }
        if (0..2).any(|axis| self.span(axis).visible.is_empty()) {
            let ([x, y], Self { canvas, size, .. }) = (self.at, *self);
            return Err(GeometryError::Outside { size, x, y, canvas });
        }
        Ok(())
    }

    /// Column and row of the image's upper left pixel on the canvas.
    #[must_use]
    pub fn corner(&self) -> [i64; 2] {
        self.at.map(|at| i64::from(at) - i64::from(self.size) / 2)
    }

    /// Whether the image is all of the canvas.
    #[must_use]
    pub fn covers_canvas(&self) -> bool {
        self.canvas == self.size && self.corner() == [0, 0]
    }

    /// The image along x (0) or y (1).
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the image")]
    fn span(&self, axis: usize) -> Span {
        let (corner, size, canvas) = (self.corner()[axis], i64::from(self.size), i64::from(self.canvas));
        let inside = |pixel: i64| pixel.clamp(0, size) as usize;
        let visible = inside(-corner)..inside(canvas - corner);
        let before = corner.clamp(0, canvas) as usize;
        let after = (canvas as usize).saturating_sub(before + visible.len());
        Span { visible, around: [before, after] }
    }

    /// How the pixels on the canvas come of an image with so many pixels along x (0) or y (1): the weights of those that
    /// show the image, and how many gray ones lie before and after them.
    #[must_use]
    pub fn along(&self, axis: usize, pixels: usize) -> (Weights, [usize; 2]) {
        let Span { visible, around } = self.span(axis);
        (Weights::of(self.resize, pixels, self.size as usize, visible.start, visible.end), around)
    }

    /// The canvas with a plane of an image, C-order `[height, width]`, with values in [0, 1].
    #[must_use]
    pub fn place_plane(&self, plane: &[f32], [height, width]: [usize; 2]) -> Vec<f32> {
        let side = self.canvas as usize;
        let ((columns, [left, _]), (rows, [top, _])) = (self.along(0, width), self.along(1, height));
        let mut canvas = vec![f32::from(self.surround) / 255.0; side * side];
        let mut resized = vec![0.0_f64; width];
        for (i, (first, weights)) in rows.rows.iter().enumerate() {
            resized.fill(0.0);
            for (k, weight) in weights.iter().enumerate() {
                let row = &plane[(first + k) * width..(first + k + 1) * width];
                resized.iter_mut().zip(row).for_each(|(sum, &pixel)| *sum += weight * f64::from(pixel));
            }
            let line = &mut canvas[(top + i) * side + left..];
            for (place, (first, weights)) in line.iter_mut().zip(&columns.rows) {
                let sum: f64 = weights.iter().zip(&resized[*first..]).map(|(weight, pixel)| weight * pixel).sum();
                #[expect(clippy::cast_possible_truncation, reason = "pixels are single precision")]
                let pixel = sum as f32;
                *place = pixel;
            }
        }
        canvas
    }
}

impl fmt::Display for Geometry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { canvas, size, at: [x, y], .. } = self;
        if self.covers_canvas() {
            return write!(f, "{size} px");
        }
        write!(f, "{size} px at {x},{y} on {canvas} px")
    }
}
