//! Evolved images with optimizers as rows: what each of them makes of the same units, or of one unit repeat by repeat.
//!
//! [`montage`](super::montage) has the optimizers as columns, for many units and few optimizers.

use super::error::{FigureError, check_any, check_length};
use super::montage::{SCORE_KEY, Scaling, Tile, score_label};
use super::tiles::{Framed, TileRow, Tiles};
use crate::style::{optimizer_color, optimizer_label};

const FIGURE: &str = "evolved_images";

/// The images of one optimizer.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerImages {
    /// Name of the optimizer on the command line.
    pub optimizer: String,
    /// One tile a column, in the order of [`EvolvedImages::columns`]; `None` leaves the place empty.
    pub tiles: Vec<Option<Tile>>,
}

/// Evolved images by optimizer.
#[derive(Debug, Clone, PartialEq)]
pub struct EvolvedImages {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Headings of the columns: units, repeats or noise levels.
    pub columns: Vec<String>,
    /// One row an optimizer.
    pub rows: Vec<OptimizerImages>,
    /// Enlargement of the images.
    pub scaling: Scaling,
    /// Side of a tile in CSS pixels, at least 16.
    pub tile: f64,
}

impl EvolvedImages {
    /// Draws the figure: every image framed in its optimizer's colour with its clean score below.
    ///
    /// # Errors
    /// [`FigureError::Empty`] where there is no image, [`FigureError::Length`] where a row has not one tile a column,
    /// [`FigureError::Picture`] where a picture cannot be encoded as PNG.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        let tiles = self.rows.iter().flat_map(|row| row.tiles.iter().flatten());
        check_any(FIGURE, "image", tiles.map(|tile| f64::from(tile.image.width())))?;
        for row in &self.rows {
            check_length(FIGURE, "tiles in a row", self.columns.len(), row.tiles.len())?;
        }
        let rows = self.rows.iter().map(to_row).collect();
        let headings = self.columns.iter().map(String::as_str).collect();
        let smooth = self.scaling == Scaling::Smooth;
        Ok(Tiles { title: &self.title, headings, rows, key: SCORE_KEY, smooth, tile: self.tile }.to_svg()?)
    }
}

fn to_row(row: &OptimizerImages) -> TileRow<'_> {
    let color = optimizer_color(&row.optimizer);
    let mut tiles = Vec::with_capacity(row.tiles.len());
    for tile in &row.tiles {
        tiles.push(tile.as_ref().map(|tile| Framed { image: &tile.image, color, below: score_label(tile.score) }));
    }
    TileRow { label: optimizer_label(&row.optimizer), tiles }
}
