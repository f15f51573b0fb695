//! Generators without a network: the code is the image.

use std::fmt;

use onnx_graph::Model;
use thiserror::Error;

use crate::manifest::GeneratorSpec;

/// How the names of such generators begin.
const PREFIX: &str = "pixels:";
/// Largest side in pixels.
const LARGEST_SIDE: usize = 512;
/// Numbers that are black and full brightness, so that a standard deviation of 1 is a quarter of the range.
const RANGE: [f32; 2] = [-2.0, 2.0];

/// Raw pixels, the control of XDream: a code has a number for every value of the image, `N = 3 width height`, red, green
/// and blue planes one after the other, each row by row.
///
/// ```text
/// pixel = clamp(0.5 + number / 4, 0, 1)
/// ```
///
/// Its natural norm is `sqrt(N)`: pixels then have a standard deviation of 0.25 around gray, about that of photographs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PixelGrid {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

/// A name that begins as those of raw pixels and is none.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "'{name}' is no generator of raw pixels: write pixels:WIDTHxHEIGHT, with sides from 1 to {LARGEST_SIDE}, for example pixels:32x32"
)]
pub struct PixelsError {
    /// The name as given.
    pub name: String,
}

impl PixelGrid {
    /// The grid that a generator's name stands for, `pixels:WIDTHxHEIGHT`; `None` if it is the name of a model.
    #[must_use]
    pub fn named(name: &str) -> Option<Result<Self, PixelsError>> {
        let sides = name.strip_prefix(PREFIX)?;
        let side = |text: &str| text.parse().ok().filter(|side| (1..=LARGEST_SIDE).contains(side));
        let grid =
            sides.split_once('x').and_then(|(width, height)| Some(Self { width: side(width)?, height: side(height)? }));
        // Another way to write the same name would be another generator in records.
        let grid = grid.filter(|grid| grid.to_string() == name);
        Some(grid.ok_or_else(|| PixelsError { name: name.to_owned() }))
    }

    /// Length N of a code.
    #[must_use]
    pub fn latent_dim(self) -> usize {
        3 * self.width * self.height
    }

    /// What a manifest would say of it. It has no checksum: the name says everything.
    #[must_use]
    pub fn spec(self) -> GeneratorSpec {
        GeneratorSpec {
            name: self.to_string(),
            file: String::new(),
            sha256: None,
            bytes: None,
            input: "code".to_owned(),
            output: "image".to_owned(),
            latent_dim: self.latent_dim(),
            image_size: [self.height, self.width],
            value_range: RANGE,
            fixed_batch: None,
            natural_norm: Some((self.latent_dim() as f64).sqrt()),
            origin: "raw pixels, no network".to_owned(),
            licence: String::new(),
            encoder: None,
        }
    }

    pub(crate) fn graph(self) -> Model {
        Model::pixels(&self.to_string(), [self.height, self.width])
    }
}

impl fmt::Display for PixelGrid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}x{}", self.width, self.height)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_grids() {
        assert_eq!(PixelGrid::named("pixels:32x16"), Some(Ok(PixelGrid { width: 32, height: 16 })));
        assert_eq!(PixelGrid::named("tiny-deepsim"), None);
        for name in ["pixels:", "pixels:32", "pixels:0x4", "pixels:4x513", "pixels:4x4x4", "pixels:04x4", "pixels:4 x4"]
        {
            let error = PixelGrid::named(name).unwrap().unwrap_err();
            assert!(error.to_string().contains("pixels:32x32"), "{error}");
        }
    }
}
