//! Where images lie on a canvas, as users say it: what is left out follows from the generator and the CNN.

use paradigm::{Geometry, GeometryError, Resampling};
use serde::Deserialize;
use thiserror::Error;

/// What a user says of the canvas. If nothing is said, there is none: the CNN sees the image and nothing else.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeometryKeys {
    /// Side of the canvas in pixels; without it, that of the CNN's input.
    pub canvas: Option<u32>,
    /// Side of the image in pixels; without it, as the generator makes it. If nothing but `resize` is said, all of the
    /// canvas.
    pub size: Option<u32>,
    /// Centre of the image, x and y in pixels from the upper left; without it, the middle of the canvas.
    pub at: Option<[i32; 2]>,
    /// Gray around the image, 0 to 255; without it 128.
    pub gray: Option<u8>,
    /// How the image gets its size; without it bilinear.
    pub resize: Option<Resampling>,
}

/// Why that makes no geometry.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum GeometryKeysError {
    /// No CNN tells the side of the canvas.
    #[error("an image on a canvas needs the side of the canvas: give --canvas")]
    NoCanvas,
    /// The CNN's input is not square, so it does not tell the side of the canvas.
    #[error("the CNN takes images of {height} x {width} pixels, a canvas is square: give its side with --canvas")]
    NotSquare {
        /// Rows of the CNN's input.
        height: usize,
        /// Columns.
        width: usize,
    },
    /// It shows nothing.
    #[error(transparent)]
    Geometry(#[from] GeometryError),
}

impl GeometryKeys {
    /// The geometry for images of `native` pixels, height and width, before a CNN with an input of `input` pixels; none if
    /// nothing was said.
    ///
    /// # Errors
    /// If the side of the canvas is neither given nor that of a square input, or nothing would be seen.
    pub fn resolve(
        &self,
        native: [usize; 2],
        input: Option<[usize; 2]>,
    ) -> Result<Option<Geometry>, GeometryKeysError> {
        if *self == Self::default() {
            return Ok(None);
        }
        let pixels = |side: usize| u32::try_from(side).unwrap_or(u32::MAX);
        let canvas = match (self.canvas, input) {
            (Some(canvas), _) => canvas,
            (None, None) => return Err(GeometryKeysError::NoCanvas),
            (None, Some([height, width])) if height != width => {
                return Err(GeometryKeysError::NotSquare { height, width });
            }
            (None, Some([side, _])) => pixels(side),
        };
        let only_resize = Self { resize: None, ..*self } == Self::default();
        let unsaid = if only_resize { canvas } else { pixels(native[0].max(native[1])) };
        let middle = i32::try_from(canvas / 2).unwrap_or(i32::MAX);
        let geometry = Geometry {
            canvas,
            size: self.size.unwrap_or(unsaid),
            at: self.at.unwrap_or([middle; 2]),
            surround: self.gray.unwrap_or(128),
            resize: self.resize.unwrap_or_default(),
        };
        geometry.check()?;
        Ok(Some(geometry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_follows_from_generator_and_cnn() {
        let keys = GeometryKeys::default();
        let resolve = |keys: GeometryKeys| keys.resolve([64, 64], Some([227, 227]));
        assert_eq!(resolve(keys), Ok(None));
        let middle = |size| Geometry { canvas: 227, size, at: [113; 2], surround: 128, resize: Resampling::Bilinear };
        assert_eq!(resolve(GeometryKeys { size: Some(50), ..keys }), Ok(Some(middle(50))));
        assert_eq!(resolve(GeometryKeys { canvas: Some(227), ..keys }), Ok(Some(middle(64))));
        let nearest = Geometry { resize: Resampling::Nearest, ..middle(227) };
        assert_eq!(resolve(GeometryKeys { resize: Some(Resampling::Nearest), ..keys }), Ok(Some(nearest)));
        let at = GeometryKeys { at: Some([3, 4]), ..keys };
        assert_eq!(at.resolve([64, 64], None), Err(GeometryKeysError::NoCanvas));
        assert_eq!(
            at.resolve([64, 64], Some([224, 299])),
            Err(GeometryKeysError::NotSquare { height: 224, width: 299 })
        );
        let far = GeometryKeys { at: Some([400, 4]), ..keys };
        assert!(matches!(resolve(far), Err(GeometryKeysError::Geometry(GeometryError::Outside { .. }))));
    }
}
