//! RGB pictures and their PNG encoding.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::{PictureError, RenderError};

/// An 8-bit RGB picture, rows from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Picture {
    /// Wraps `pixels`, in the order `[height, width, 3]`.
    ///
    /// # Errors
    /// [`PictureError::Size`] where the length is not `3 width height`, or a side is zero.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PictureError> {
        let expected = u64::from(width) * u64::from(height) * 3;
        if expected == 0 || pixels.len() as u64 != expected {
            return Err(PictureError::Size { width, height, found: pixels.len() });
        }
        Ok(Self { width, height, pixels })
    }

    /// Width in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// [`RenderError::Encode`] where the encoder fails.
    pub fn to_png(&self) -> Result<Vec<u8>, RenderError> {
        let failed = |error: png::EncodingError| RenderError::Encode(Box::new(error));
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header().map_err(failed)?;
        writer.write_image_data(&self.pixels).map_err(failed)?;
        writer.finish().map_err(failed)?;
        Ok(bytes)
    }

    /// The picture as a `data:image/png;base64,` URI.
    ///
    /// # Errors
    /// As [`Picture::to_png`].
    pub fn to_data_uri(&self) -> Result<String, RenderError> {
        Ok(format!("data:image/png;base64,{}", STANDARD.encode(self.to_png()?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_png_holds_the_pixels() {
        let pixels: Vec<u8> = (0..3 * 5 * 4).map(|value| value * 4).collect();
        let bytes = Picture::new(5, 4, pixels.clone()).unwrap().to_png().unwrap();
        let mut reader = ::png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
        let mut decoded = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut decoded).unwrap();
        assert_eq!((info.width, info.height, decoded), (5, 4, pixels));
    }

    #[test]
    fn a_wrong_length_is_refused() {
        let error = Picture::new(2, 2, vec![0; 11]).unwrap_err();
        assert!(matches!(error, PictureError::Size { width: 2, height: 2, found: 11 }));
        assert!(Picture::new(0, 2, Vec::new()).is_err());
    }
}
