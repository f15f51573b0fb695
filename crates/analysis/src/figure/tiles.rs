//! A grid of framed images with headings, row labels and a line below every image.

use super::sheet::{MARGIN, TITLE_SIZE, heading};
use super::svg::{Anchor, Canvas, Rect, Stroke, TextStyle};
use super::text;
use crate::error::RenderError;
use crate::picture::Picture;
use crate::style::{Color, GRID, MUTED};

const LABEL_SIZE: f64 = 12.0;
const SMALLEST_HEADING: f64 = 8.5;
const BELOW_SIZE: f64 = 11.0;
const FRAME: f64 = 3.0;
const GAP: f64 = 12.0;
/// Longest row label before it is cut.
const MAX_LABEL: f64 = 170.0;

/// One framed image.
#[derive(Debug, Clone)]
pub(crate) struct Framed<'a> {
    pub(crate) image: &'a Picture,
    pub(crate) color: Color,
    /// What stands below it.
    pub(crate) below: String,
}

/// A row of places, empty where there is no image.
#[derive(Debug, Clone)]
pub(crate) struct TileRow<'a> {
    pub(crate) label: &'a str,
    pub(crate) tiles: Vec<Option<Framed<'a>>>,
}

/// The grid.
#[derive(Debug, Clone)]
pub(crate) struct Tiles<'a> {
    pub(crate) title: &'a str,
    pub(crate) headings: Vec<&'a str>,
    pub(crate) rows: Vec<TileRow<'a>>,
    /// Sentence below the grid.
    pub(crate) key: &'a str,
    /// Whether pixels are interpolated.
    pub(crate) smooth: bool,
    /// Side of a tile in CSS pixels, at least 16.
    pub(crate) tile: f64,
}

impl Tiles<'_> {
    pub(crate) fn to_svg(&self) -> Result<String, RenderError> {
        let layout = Layout::of(self);
        let mut canvas = Canvas::new();
        let top = heading(&mut canvas, self.title);
        self.draw_headings(&mut canvas, &layout, top);
        let mut y = top + LABEL_SIZE + 12.0;
        for row in &self.rows {
            layout.draw_row(&mut canvas, self.smooth, row, y)?;
            y += layout.row_height();
        }
        let key = TextStyle::new(BELOW_SIZE, Anchor::Start).color(MUTED);
        canvas.text((MARGIN, y + BELOW_SIZE), &key, self.key);
        let widest = text::width(self.title, TITLE_SIZE, true).max(text::width(self.key, BELOW_SIZE, false));
        let width = layout.right().max(MARGIN + widest);
        Ok(canvas.finish(width + MARGIN, y + BELOW_SIZE + MARGIN, self.title))
    }

    fn draw_headings(&self, canvas: &mut Canvas, layout: &Layout, top: f64) {
        let room = layout.tile + GAP - 8.0;
        let size = self.heading_size(room);
        let style = TextStyle::new(size, Anchor::Start).bold();
        for (column, name) in self.headings.iter().enumerate() {
            let label = text::fitted(name, size, true, room);
            canvas.text((layout.column(column), top + LABEL_SIZE), &style, &label);
        }
    }

    /// Size at which the longest heading fits, within legible limits.
    fn heading_size(&self, room: f64) -> f64 {
        let widest = self.headings.iter().map(|name| text::width(name, 1.0, true)).fold(0.0, f64::max);
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
    fn of(tiles: &Tiles<'_>) -> Self {
        let widest = tiles.rows.iter().map(|row| text::width(row.label, LABEL_SIZE, true)).fold(0.0, f64::max);
        let columns = tiles.rows.iter().map(|row| row.tiles.len()).max().unwrap_or(0).max(tiles.headings.len());
        // `max` takes the other side where the tile is NaN.
        Self { left: MARGIN + widest.min(MAX_LABEL) + GAP, tile: tiles.tile.max(16.0), columns }
    }

    fn column(&self, index: usize) -> f64 {
        self.left + index as f64 * (self.tile + GAP)
    }

    fn right(&self) -> f64 {
        self.column(self.columns) - GAP
    }

    fn row_height(&self) -> f64 {
        self.tile + BELOW_SIZE + 6.0 + GAP
    }

    fn draw_row(&self, canvas: &mut Canvas, smooth: bool, row: &TileRow<'_>, y: f64) -> Result<(), RenderError> {
        let style = TextStyle::new(LABEL_SIZE, Anchor::Start).bold();
        let label = text::fitted(row.label, LABEL_SIZE, true, MAX_LABEL);
        canvas.text((MARGIN, y + self.tile / 2.0 + 0.36 * LABEL_SIZE), &style, &label);
        for (column, tile) in row.tiles.iter().enumerate() {
            let place = Rect { x: self.column(column), y, width: self.tile, height: self.tile };
            match tile {
                Some(tile) => draw_tile(canvas, tile, smooth, place)?,
                None => canvas.rect(place, None, Some(Stroke::solid(GRID, 1.0))),
            }
        }
        Ok(())
    }
}

fn draw_tile(canvas: &mut Canvas, tile: &Framed<'_>, smooth: bool, place: Rect) -> Result<(), RenderError> {
    let inset = |by: f64| Rect {
        x: place.x + by,
        y: place.y + by,
        width: place.width - 2.0 * by,
        height: place.height - 2.0 * by,
    };
    canvas.image(inset(FRAME), &tile.image.to_data_uri()?, smooth);
    canvas.rect(inset(FRAME / 2.0), None, Some(Stroke::solid(tile.color, FRAME)));
    let below = (place.x + place.width / 2.0, place.bottom() + BELOW_SIZE + 4.0);
    let words = text::fitted(&tile.below, BELOW_SIZE, false, place.width + GAP);
    canvas.text(below, &TextStyle::new(BELOW_SIZE, Anchor::Middle), &words);
    Ok(())
}
