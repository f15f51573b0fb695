//! A title, a legend and a grid of panels on one sheet.

use super::legend::{self, Entry};
use super::panel::{HEAD, Panel};
use super::svg::{Anchor, Canvas, Rect, TextStyle};
use super::text;

/// Space around the sheet.
pub(crate) const MARGIN: f64 = 16.0;
/// Font size of a figure's title.
pub(crate) const TITLE_SIZE: f64 = 15.0;
const HEADING_SIZE: f64 = 12.5;
const COLUMN_GAP: f64 = 18.0;
const ROW_GAP: f64 = 10.0;

/// Panels side by side.
#[derive(Debug)]
pub(crate) struct Row {
    /// Line above the panels; may be empty.
    pub(crate) heading: String,
    pub(crate) panels: Vec<Panel>,
}

/// What one figure of panels consists of.
#[derive(Debug)]
pub(crate) struct Sheet {
    pub(crate) title: String,
    /// Groups of entries; each begins a new line.
    pub(crate) legend: Vec<Vec<Entry>>,
    /// Rows of panels; rows may be shorter than the longest.
    pub(crate) rows: Vec<Row>,
    /// Width and height of every coordinate system.
    pub(crate) frame: (f64, f64),
}

impl Sheet {
    /// Draws the sheet.
    pub(crate) fn to_svg(&self) -> String {
        let mut canvas = Canvas::new();
        let lefts = self.left_margins();
        let frames = lefts.len() as f64 * self.frame.0;
        let grid = lefts.iter().sum::<f64>() + frames + COLUMN_GAP * lefts.len().saturating_sub(1) as f64;
        // The last tick label of a panel may stand half its width to the right of the axis.
        let headings = self.rows.iter().map(|row| text::width(&row.heading, HEADING_SIZE, true));
        let widest = headings.fold(text::width(&self.title, TITLE_SIZE, true), f64::max);
        let widest = widest.max(legend::widest(&self.legend));
        let width = grid.max(widest).max(320.0) + 2.0 * MARGIN + 8.0;
        let mut y = heading(&mut canvas, &self.title);
        y += legend::draw(&mut canvas, MARGIN, y, width - 2.0 * MARGIN, &self.legend) + 8.0;
        for row in &self.rows {
            y = self.draw_row(&mut canvas, row, &lefts, y) + ROW_GAP;
        }
        canvas.finish(width, y - ROW_GAP + MARGIN, &self.title)
    }

    /// The widest left margin of every column, so that axes stand below one another.
    fn left_margins(&self) -> Vec<f64> {
        let columns = self.rows.iter().map(|row| row.panels.len()).max().unwrap_or(0);
        let widest = |column: usize| {
            self.rows.iter().filter_map(|row| row.panels.get(column)).map(Panel::left_margin).fold(0.0, f64::max)
        };
        (0..columns).map(widest).collect()
    }

    /// Draws one row from `top` and returns where it ends.
    fn draw_row(&self, canvas: &mut Canvas, row: &Row, lefts: &[f64], mut top: f64) -> f64 {
        let (width, height) = self.frame;
        if !row.heading.is_empty() {
            let style = TextStyle::new(HEADING_SIZE, Anchor::Start).bold();
            canvas.text((MARGIN, top + HEADING_SIZE), &style, &row.heading);
            top += HEADING_SIZE + 4.0;
        }
        let mut x = MARGIN;
        for (panel, left) in row.panels.iter().zip(lefts) {
            panel.draw(canvas, Rect { x: x + left, y: top + HEAD, width, height });
            x += left + width + COLUMN_GAP;
        }
        top + HEAD + height + row.panels.iter().map(Panel::bottom_margin).fold(0.0, f64::max)
    }
}

/// Writes the figure's title and returns where the rest may begin.
pub(crate) fn heading(canvas: &mut Canvas, title: &str) -> f64 {
    if title.is_empty() {
        return MARGIN;
    }
    canvas.text((MARGIN, MARGIN + TITLE_SIZE), &TextStyle::new(TITLE_SIZE, Anchor::Start).bold(), title);
    MARGIN + TITLE_SIZE + 12.0
}
