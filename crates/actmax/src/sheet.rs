//! Many images on one sheet.

use analysis::figure::evolution::{Filmstrip, Still};
use analysis::picture::Picture;
use analysis::png;
use image::RgbImage;
use image::imageops::{FilterType, resize};

use crate::CommandError;

/// Pixels a unit of the SVG.
const SCALE: f32 = 1.5;
/// Side of an image in CSS pixels, by the number of images up to which it holds.
const TILES: [(usize, f64); 3] = [(120, 96.0), (500, 56.0), (usize::MAX, 28.0)];
/// Smallest side that has room for words below.
const WITH_WORDS: f64 = 90.0;

/// Images with words below each, which are drawn as PNG. More images are smaller, and have no words where these would not
/// fit. It keeps the images as small as it shows them.
pub(crate) struct ContactSheet {
    title: String,
    tile: f64,
    columns: usize,
    stills: Vec<Still>,
}

impl ContactSheet {
    /// A sheet that is to hold `count` images.
    pub(crate) fn new(title: String, count: usize) -> Self {
        let tile = TILES.iter().find(|(most, _)| count <= *most).map_or(28.0, |(_, tile)| *tile);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
        let columns = (1.6 * count as f64).sqrt().ceil() as usize;
        Self { title, tile, columns: columns.max(5), stills: Vec::with_capacity(count) }
    }

    /// The same with so many images side by side.
    pub(crate) fn with_columns(self, columns: Option<usize>) -> Self {
        Self { columns: columns.unwrap_or(self.columns), ..self }
    }

    /// Adds an image.
    pub(crate) fn add(&mut self, image: RgbImage, words: Vec<String>) -> Result<(), CommandError> {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number")]
        let small = shrunk(image, (self.tile * f64::from(SCALE)) as u32);
        let captions = if self.tile < WITH_WORDS { Vec::new() } else { words };
        self.stills.push(Still { image: Picture::new(small.width(), small.height(), small.into_raw())?, captions });
        Ok(())
    }

    /// The sheet, PNG.
    pub(crate) fn draw(self) -> Result<Vec<u8>, CommandError> {
        let Self { title, tile, columns, stills } = self;
        Ok(png::render(&Filmstrip { title, stills, columns, tile }.to_svg()?, SCALE)?)
    }
}

/// Draws `count` images with words below each, which are taken one by one, as PNG.
pub(crate) fn contact_sheet(
    title: String,
    count: usize,
    images: impl IntoIterator<Item = Result<(RgbImage, Vec<String>), CommandError>>,
) -> Result<Vec<u8>, CommandError> {
    let mut sheet = ContactSheet::new(title, count);
    for image in images {
        let (image, words) = image?;
        sheet.add(image, words)?;
    }
    sheet.draw()
}

/// The image with its longer side at most `side`.
fn shrunk(image: RgbImage, side: u32) -> RgbImage {
    let longer = image.width().max(image.height());
    if longer <= side {
        return image;
    }
    let scaled = |length: u32| (length * side / longer).max(1);
    resize(&image, scaled(image.width()), scaled(image.height()), FilterType::Triangle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sheet_of_many_images_stays_small() {
        let sheet = |count: usize| {
            let image = |i: usize| Ok((RgbImage::from_pixel(256, 128, image::Rgb([i as u8; 3])), vec![i.to_string()]));
            let bytes = contact_sheet("many".to_owned(), count, (0..count).map(image)).unwrap();
            image::load_from_memory(&bytes).unwrap().to_rgb8().dimensions()
        };
        let sizes = [1, 40, 400, 1500].map(sheet);
        assert!(sizes.iter().all(|&(width, height)| width < 3500 && height < 3000), "{sizes:?}");
        assert!(sizes[1].0 > sizes[0].0 && sizes[1].1 > sizes[0].1);
    }
}
