//! Evolved images by optimizer (columns) and unit (rows).

use super::tiles::{Framed, TileRow, Tiles};
use crate::error::RenderError;
use crate::picture::Picture;
use crate::style::{MUTED, optimizer_color, optimizer_label};

/// What stands below a montage.
pub(crate) const SCORE_KEY: &str = "Below each image: its clean score, activation (a.u.)";

/// An image and the score that belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tile {
    /// The evolved image.
    pub image: Picture,
    /// Its clean (noise-free) score, activation (a.u.).
    pub score: f64,
}

/// The images evolved for one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct MontageRow {
    /// Name of the unit.
    pub unit: String,
    /// One tile an optimizer, in the order of [`Montage::optimizers`]; `None` leaves the place empty.
    pub tiles: Vec<Option<Tile>>,
}

/// How images are enlarged to the size of a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scaling {
    /// Interpolated: what a viewer wants to see of small images.
    #[default]
    Smooth,
    /// Every pixel a square: what a debugger wants to see.
    Pixels,
}

/// A montage of evolved images.
#[derive(Debug, Clone, PartialEq)]
pub struct Montage {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Names of the optimizers on the command line, one a column.
    pub optimizers: Vec<String>,
    /// One row a unit.
    pub rows: Vec<MontageRow>,
    /// Enlargement of the images.
    pub scaling: Scaling,
    /// Side of a tile in CSS pixels, at least 16.
    pub tile: f64,
}

impl Montage {
    /// Draws the montage: every image framed in its optimizer's colour with its clean score below.
    ///
    /// # Errors
    /// [`RenderError::Encode`] where a picture cannot be encoded as PNG.
    pub fn to_svg(&self) -> Result<String, RenderError> {
        let rows = self.rows.iter().map(|row| self.row(row)).collect();
        let headings = self.optimizers.iter().map(|name| optimizer_label(name)).collect();
        let smooth = self.scaling == Scaling::Smooth;
        Tiles { title: &self.title, headings, rows, key: SCORE_KEY, smooth, tile: self.tile }.to_svg()
    }

    fn row<'a>(&'a self, row: &'a MontageRow) -> TileRow<'a> {
        let tile = |(column, tile): (usize, &'a Option<Tile>)| {
            let color = self.optimizers.get(column).map_or(MUTED, |name| optimizer_color(name));
            tile.as_ref().map(|tile| Framed { image: &tile.image, color, below: score_label(tile.score) })
        };
        TileRow { label: &row.unit, tiles: row.tiles.iter().enumerate().map(tile).collect() }
    }
}

/// Three significant digits or more, and a dash for a score that is not finite.
pub(crate) fn score_label(score: f64) -> String {
    if !score.is_finite() {
        return "–".to_owned();
    }
    let decimals = match score.abs() {
        magnitude if magnitude >= 100.0 => 0,
        magnitude if magnitude >= 10.0 => 1,
        _ => 2,
    };
    format!("{score:.decimals$}").replace('-', "−")
}
