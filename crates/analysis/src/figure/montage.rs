//! Evolved images by optimizer (columns) and unit (rows).

use super::sheet::{MARGIN, heading};
use super::svg::{Anchor, Canvas, Rect, Stroke, TextStyle};
use super::text;
use crate::error::RenderError;
use crate::picture::Picture;
use crate::style::{GRID, MUTED, optimizer_color, optimizer_label};

const LABEL_SIZE: f64 = 12.0;
const SMALLEST_HEADING: f64 = 8.5;
const SCORE_SIZE: f64 = 11.0;
const FRAME: f64 = 3.0;
const GAP: f64 = 12.0;
/// Longest row label before it is cut.
const MAX_LABEL: f64 = 170.0;

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
        let layout = Layout::of(self);
        let mut canvas = Canvas::new();
        let top = heading(&mut canvas, &self.title);
        self.draw_headings(&mut canvas, &layout, top);
        let mut y = top + LABEL_SIZE + 12.0;
        for row in &self.rows {
            layout.draw_row(&mut canvas, self, row, y)?;
            y += layout.row_height();
        }
        let key = TextStyle::new(SCORE_SIZE, Anchor::Start).color(MUTED);
        let key_text = "Below each image: its clean score, activation (a.u.)";
        canvas.text((MARGIN, y + SCORE_SIZE), &key, key_text);
        let widest = text::width(&self.title, super::sheet::TITLE_SIZE, true);
        let width = layout.right().max(MARGIN + widest.max(text::width(key_text, SCORE_SIZE, false)));
        Ok(canvas.finish(width + MARGIN, y + SCORE_SIZE + MARGIN, &self.title))
    }

    fn draw_headings(&self, canvas: &mut Canvas, layout: &Layout, top: f64) {
        let room = layout.tile + GAP - 4.0;
        let size = self.heading_size(room);
        let style = TextStyle::new(size, Anchor::Start).bold();
        for (column, name) in self.optimizers.iter().enumerate() {
            let label = text::fitted(optimizer_label(name), size, true, room);
            canvas.text((layout.column(column), top + LABEL_SIZE), &style, &label);
        }
    }

    /// Size at which the longest heading fits, within legible limits.
    fn heading_size(&self, room: f64) -> f64 {
        let widest =
            self.optimizers.iter().map(|name| text::width(optimizer_label(name), 1.0, true)).fold(0.0, f64::max);
        // Rounded down to tenths, so that the label at the written size is not a hair too wide.
        if widest > 0.0 { (room / widest * 10.0).floor() / 10.0 } else { LABEL_SIZE }
            .clamp(SMALLEST_HEADING, LABEL_SIZE)
    }
}

/// Where the tiles stand.
struct Layout {
    left: f64,
    tile: f64,
    columns: usize,
}

impl Layout {
    fn of(montage: &Montage) -> Self {
        let widest = montage.rows.iter().map(|row| text::width(&row.unit, LABEL_SIZE, true)).fold(0.0, f64::max);
        let columns = montage.rows.iter().map(|row| row.tiles.len()).max().unwrap_or(0).max(montage.optimizers.len());
        // `max` takes the other side where the tile is NaN.
        Self { left: MARGIN + widest.min(MAX_LABEL) + GAP, tile: montage.tile.max(16.0), columns }
    }

    fn column(&self, index: usize) -> f64 {
        self.left + index as f64 * (self.tile + GAP)
    }

    fn right(&self) -> f64 {
        self.column(self.columns) - GAP
    }

    fn row_height(&self) -> f64 {
        self.tile + SCORE_SIZE + 6.0 + GAP
    }

    fn draw_row(&self, canvas: &mut Canvas, montage: &Montage, row: &MontageRow, y: f64) -> Result<(), RenderError> {
        let style = TextStyle::new(LABEL_SIZE, Anchor::Start).bold();
        let label = text::fitted(&row.unit, LABEL_SIZE, true, MAX_LABEL);
        canvas.text((MARGIN, y + self.tile / 2.0 + 0.36 * LABEL_SIZE), &style, &label);
        for (column, tile) in row.tiles.iter().enumerate() {
            let place = Rect { x: self.column(column), y, width: self.tile, height: self.tile };
            match tile {
                Some(tile) => self.draw_tile(canvas, montage, tile, column, place)?,
                None => canvas.rect(place, None, Some(Stroke::solid(GRID, 1.0))),
            }
        }
        Ok(())
    }

    fn draw_tile(
        &self,
        canvas: &mut Canvas,
        montage: &Montage,
        tile: &Tile,
        column: usize,
        place: Rect,
    ) -> Result<(), RenderError> {
        let color = montage.optimizers.get(column).map_or(MUTED, |name| optimizer_color(name));
        let inset = |by: f64| Rect {
            x: place.x + by,
            y: place.y + by,
            width: place.width - 2.0 * by,
            height: place.height - 2.0 * by,
        };
        canvas.image(inset(FRAME), &tile.image.to_data_uri()?, montage.scaling == Scaling::Smooth);
        canvas.rect(inset(FRAME / 2.0), None, Some(Stroke::solid(color, FRAME)));
        let below = (place.x + self.tile / 2.0, place.bottom() + SCORE_SIZE + 4.0);
        canvas.text(below, &TextStyle::new(SCORE_SIZE, Anchor::Middle), &score_label(tile.score));
        Ok(())
    }
}

/// Three significant digits or more, and a dash for a score that is not finite.
fn score_label(score: f64) -> String {
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
