//! Matrices as maps of colours, side by side.

use super::error::{FigureError, check_any, check_length};
use super::sheet::{MARGIN, TITLE_SIZE, heading};
use super::svg::{Anchor, Canvas, Rect, Stroke, TextStyle};
use super::text;
use crate::picture::Picture;
use crate::style::{INK, MUTED, sequential};

const FIGURE: &str = "heat_map";
/// Side of a map of many cells, and of a cell of few, in CSS pixels.
const SIDE: f64 = 260.0;
const CELL: f64 = 40.0;
/// Sides up to which every cell has its number.
const NUMBERED: usize = 10;
const LABEL_SIZE: f64 = 11.5;
const TICK_SIZE: f64 = 10.5;
const NUMBER_SIZE: f64 = 10.5;
/// Room above a map for its title, below for ticks and label, and between two maps.
const HEAD: f64 = 22.0;
const FOOT: f64 = 40.0;
const GAP: f64 = 30.0;
/// Room for the numbers of the rows and their label.
const BESIDE: f64 = 44.0;
/// The scale of colours.
const SCALE: (f64, f64) = (150.0, 10.0);
const SCALE_STEPS: u32 = 60;
/// Ticks along a side of many cells.
const TICKS: usize = 5;

/// A matrix.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMap {
    /// What it shows.
    pub title: String,
    /// What its rows and columns are.
    pub labels: [String; 2],
    /// Number of the first row and column: 0 of generations, 1 of components.
    pub first: usize,
    /// Values, `[rows][columns]`; what is not finite is gray.
    pub values: Vec<Vec<f64>>,
    /// Values of the ends of the scale of colours; none: the extremes of the values.
    pub range: Option<[f64; 2]>,
}

/// Some matrices, in rows.
#[derive(Debug, Clone, PartialEq)]
pub struct HeatMaps {
    /// Heading of the figure; may be empty.
    pub title: String,
    /// Rows of maps.
    pub rows: Vec<Vec<HeatMap>>,
    /// Lines below.
    pub notes: Vec<String>,
}

impl HeatMap {
    fn size(&self) -> (usize, usize) {
        (self.values.len(), self.values.first().map_or(0, Vec::len))
    }

    fn has_numbers(&self) -> bool {
        let (rows, columns) = self.size();
        rows.max(columns) <= NUMBERED
    }

    /// Width and height of the map itself.
    fn extent(&self) -> (f64, f64) {
        let (rows, columns) = (self.size().0 as f64, self.size().1 as f64);
        let cell = if self.has_numbers() { CELL } else { SIDE / rows.max(columns) };
        (cell * columns, cell * rows)
    }

    fn ends(&self) -> [f64; 2] {
        self.range.unwrap_or_else(|| {
            let finite = self.values.iter().flatten().copied().filter(|value| value.is_finite());
            finite.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], value| [low.min(value), high.max(value)])
        })
    }

    fn check(&self) -> Result<(), FigureError> {
        check_any(FIGURE, "value", self.values.iter().flatten().copied())?;
        let columns = self.size().1;
        self.values.iter().try_for_each(|row| check_length(FIGURE, "columns", columns, row.len()))
    }

    /// Draws it with the upper left corner of its title at a point.
    fn draw(&self, canvas: &mut Canvas, (x, y): (f64, f64)) -> Result<(), FigureError> {
        let (width, height) = self.extent();
        let frame = Rect { x: x + BESIDE, y: y + HEAD, width, height };
        let room = width.max(SCALE.0);
        let title = text::fitted(&self.title, LABEL_SIZE, true, room);
        canvas.text((frame.x, frame.y - 8.0), &TextStyle::new(LABEL_SIZE, Anchor::Start).bold(), &title);
        canvas.image(frame, &self.picture()?.to_data_uri()?, false);
        canvas.rect(frame, None, Some(Stroke::solid(INK, 1.0)));
        self.draw_ticks(canvas, frame);
        if self.has_numbers() {
            self.draw_numbers(canvas, frame);
        }
        self.draw_scale(canvas, (frame.x, frame.bottom() + FOOT));
        Ok(())
    }

    fn share(&self, value: f64) -> f64 {
        let [low, high] = self.ends();
        if high > low { (value - low) / (high - low) } else { 0.0 }
    }

    /// A pixel a cell.
    fn picture(&self) -> Result<Picture, FigureError> {
        let (rows, columns) = self.size();
        let pixels = self.values.iter().flatten().flat_map(|&value| {
            let color = sequential(if value.is_finite() { self.share(value) } else { f64::NAN });
            [color.0, color.1, color.2]
        });
        let side = |length: usize| u32::try_from(length).unwrap_or(u32::MAX);
        let picture = Picture::new(side(columns), side(rows), pixels.collect());
        picture.map_err(|_| FigureError::Empty { figure: FIGURE, needs: "value" })
    }

    fn draw_ticks(&self, canvas: &mut Canvas, frame: Rect) {
        let (rows, columns) = self.size();
        let (across, down) = (frame.width / columns as f64, frame.height / rows as f64);
        let below = TextStyle::new(TICK_SIZE, Anchor::Middle);
        for column in ticks(columns) {
            let at = (frame.x + (column as f64 + 0.5) * across, frame.bottom() + TICK_SIZE + 4.0);
            canvas.text(at, &below, &(column + self.first).to_string());
        }
        for row in ticks(rows) {
            let at = (frame.x - 5.0, frame.y + (row as f64 + 0.5) * down + 0.36 * TICK_SIZE);
            canvas.text(at, &TextStyle::new(TICK_SIZE, Anchor::End), &(row + self.first).to_string());
        }
        let label = TextStyle::new(LABEL_SIZE, Anchor::Middle);
        let [vertical, horizontal] = &self.labels;
        canvas.text((frame.x + frame.width / 2.0, frame.bottom() + TICK_SIZE + 19.0), &label, horizontal);
        let vertical = text::fitted(vertical, LABEL_SIZE, false, frame.height + HEAD);
        canvas.text((frame.x - 30.0, frame.y + frame.height / 2.0), &label.turned(-90.0), &vertical);
    }

    fn draw_numbers(&self, canvas: &mut Canvas, frame: Rect) {
        for (row, values) in self.values.iter().enumerate() {
            for (column, value) in values.iter().enumerate().filter(|(_, value)| value.is_finite()) {
                let style =
                    TextStyle::new(NUMBER_SIZE, Anchor::Middle).color(sequential(self.share(*value)).readable());
                let at = (column as f64 + 0.5, row as f64 + 0.5);
                let place = (frame.x + at.0 * CELL, frame.y + at.1 * CELL + 0.36 * NUMBER_SIZE);
                canvas.text(place, &style, &short(*value));
            }
        }
    }

    fn draw_scale(&self, canvas: &mut Canvas, (x, y): (f64, f64)) {
        let step = SCALE.0 / f64::from(SCALE_STEPS);
        for index in 0..SCALE_STEPS {
            let place = Rect { x: x + f64::from(index) * step, y, width: step + 0.4, height: SCALE.1 };
            canvas.rect(place, Some(sequential((f64::from(index) + 0.5) / f64::from(SCALE_STEPS))), None);
        }
        let [low, high] = self.ends();
        let words = (y + SCALE.1 + TICK_SIZE + 2.0, TextStyle::new(TICK_SIZE, Anchor::Start));
        canvas.text((x, words.0), &words.1, &short(low));
        canvas.text((x + SCALE.0, words.0), &TextStyle { anchor: Anchor::End, ..words.1 }, &short(high));
    }
}

impl HeatMaps {
    /// Draws the figure: each map with its own scale of colours, from dark (low) to light (high).
    ///
    /// # Errors
    /// [`FigureError::Empty`] where a map has no finite value, [`FigureError::Length`] where its rows differ in length.
    pub fn to_svg(&self) -> Result<String, FigureError> {
        check_length(FIGURE, "rows of maps", self.rows.len().max(1), self.rows.len())?;
        self.rows.iter().flatten().try_for_each(HeatMap::check)?;
        let mut canvas = Canvas::new();
        let mut y = heading(&mut canvas, &self.title);
        let mut right = MARGIN + text::width(&self.title, TITLE_SIZE, true);
        for row in &self.rows {
            let (mut x, mut bottom) = (MARGIN, y);
            for map in row {
                map.draw(&mut canvas, (x, y))?;
                let (width, height) = map.extent();
                x += BESIDE + width.max(SCALE.0) + GAP;
                bottom = f64::max(bottom, y + HEAD + height + FOOT + SCALE.1 + TICK_SIZE + 16.0);
            }
            right = right.max(x - GAP);
            y = bottom;
        }
        for note in &self.notes {
            y += LABEL_SIZE + 4.0;
            canvas.text((MARGIN, y), &TextStyle::new(LABEL_SIZE, Anchor::Start).color(MUTED), note);
            right = right.max(MARGIN + text::width(note, LABEL_SIZE, false));
        }
        Ok(canvas.finish(right + MARGIN, y + MARGIN, &self.title))
    }
}

/// Cells with a number: all of few, else about five at round distances.
fn ticks(length: usize) -> impl Iterator<Item = usize> {
    let least = length.div_ceil(TICKS);
    let step = if length <= NUMBERED {
        1
    } else {
        let decade = 10_usize.pow(least.ilog10());
        [1, 2, 5, 10].map(|factor| factor * decade).into_iter().find(|step| *step >= least).unwrap_or(least)
    };
    (0..length).step_by(step)
}

/// Three digits.
fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 99.95 => format!("{value:.0}"),
        size if size >= 9.995 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(values: Vec<Vec<f64>>) -> HeatMap {
        HeatMap {
            title: "m".to_owned(),
            labels: ["rows".to_owned(), "columns".to_owned()],
            first: 1,
            values,
            range: None,
        }
    }

    #[test]
    fn few_cells_have_numbers_and_many_have_ticks() {
        let figure =
            |values| HeatMaps { title: "t".to_owned(), rows: vec![vec![map(values)]], notes: vec!["n".to_owned()] };
        let small = figure(vec![vec![0.25, 1.0], vec![f64::NAN, 12.0]]).to_svg().unwrap();
        assert!(small.contains(">0.25<") && small.contains(">12.0<") && !small.contains("NaN"));
        let large = figure((0..75).map(|i| (0..75).map(|j| f64::from(i * j)).collect()).collect()).to_svg().unwrap();
        assert!(large.contains(">21<") && !large.contains(">72.0<"), "{large}");
        assert!(matches!(figure(vec![vec![1.0], vec![]]).to_svg(), Err(FigureError::Length { .. })));
        assert!(matches!(figure(vec![vec![f64::NAN]]).to_svg(), Err(FigureError::Empty { .. })));
    }

    #[test]
    fn ticks_are_round() {
        assert_eq!(ticks(7).collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6]);
        assert_eq!(ticks(75).collect::<Vec<_>>(), [0, 20, 40, 60]);
        assert_eq!(ticks(11).collect::<Vec<_>>(), [0, 5, 10]);
    }
}
