//! One coordinate system with what is drawn in it.

use super::axis::Axis;
use super::svg::{Anchor, Canvas, Rect, Stroke, TextStyle};
use super::text;
use crate::style::{Color, GRID, INK, MUTED, PAPER};

const TICK_SIZE: f64 = 10.5;
const LABEL_SIZE: f64 = 11.5;
const TITLE_SIZE: f64 = 12.0;
/// Room above the coordinate system for title and note.
pub(crate) const HEAD: f64 = 22.0;
const BAND_OPACITY: f64 = 0.18;

/// Something drawn in data coordinates.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    /// A line, interrupted at values that are not finite.
    Line { points: Vec<(f64, f64)>, stroke: Stroke },
    /// The area between two lines: `(x, low, high)`.
    Band { points: Vec<(f64, f64, f64)>, color: Color },
    /// A circle at every finite point.
    Dots { points: Vec<(f64, f64)>, color: Color, radius: f64, hollow: bool },
}

impl Mark {
    /// All its values on the y axis.
    pub(crate) fn ordinates(&self) -> Vec<f64> {
        match self {
            Self::Line { points, .. } | Self::Dots { points, .. } => points.iter().map(|point| point.1).collect(),
            Self::Band { points, .. } => points.iter().flat_map(|point| [point.1, point.2]).collect(),
        }
    }
}

/// A coordinate system, its labels and its marks, drawn in order.
#[derive(Debug, Clone)]
pub(crate) struct Panel {
    /// Left above the axes.
    pub(crate) title: String,
    /// Right above the axes.
    pub(crate) note: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) marks: Vec<Mark>,
}

impl Panel {
    /// Room to the left of the axes for tick labels and axis label.
    pub(crate) fn left_margin(&self) -> f64 {
        let label = if self.y_label.is_empty() { 0.0 } else { LABEL_SIZE + 8.0 };
        self.tick_width() + 8.0 + label
    }

    /// Room below the axes for tick labels and axis label.
    pub(crate) fn bottom_margin(&self) -> f64 {
        let label = if self.x_label.is_empty() { 0.0 } else { LABEL_SIZE + 7.0 };
        TICK_SIZE + 9.0 + label
    }

    /// Draws the panel with its axes on the sides of `frame`.
    pub(crate) fn draw(&self, canvas: &mut Canvas, frame: Rect) {
        self.draw_axes(canvas, frame);
        canvas.clipped(frame, |canvas| {
            for mark in &self.marks {
                self.draw_mark(canvas, frame, mark);
            }
        });
        self.draw_labels(canvas, frame);
    }

    fn tick_width(&self) -> f64 {
        self.y.ticks.iter().map(|(_, label)| text::width(label, TICK_SIZE, false)).fold(0.0, f64::max)
    }

    fn draw_axes(&self, canvas: &mut Canvas, frame: Rect) {
        let grid = Stroke::solid(GRID, 1.0);
        let ink = Stroke::solid(INK, 1.0);
        let centred = TextStyle::new(TICK_SIZE, Anchor::Middle);
        let before = TextStyle::new(TICK_SIZE, Anchor::End);
        for (value, label) in &self.y.ticks {
            let y = frame.bottom() - self.y.fraction(*value) * frame.height;
            canvas.line((frame.x, y), (frame.right(), y), &grid);
            canvas.text((frame.x - 6.0, y + 0.36 * TICK_SIZE), &before, label);
        }
        for (value, label) in &self.x.ticks {
            let x = frame.x + self.x.fraction(*value) * frame.width;
            canvas.line((x, frame.bottom()), (x, frame.bottom() + 4.0), &ink);
            canvas.text((x, frame.bottom() + 6.0 + TICK_SIZE), &centred, label);
        }
        canvas.line((frame.x, frame.y), (frame.x, frame.bottom()), &ink);
        canvas.line((frame.x, frame.bottom()), (frame.right(), frame.bottom()), &ink);
    }

    fn draw_labels(&self, canvas: &mut Canvas, frame: Rect) {
        let note = TextStyle::new(LABEL_SIZE - 0.5, Anchor::End).color(MUTED);
        canvas.text((frame.right(), frame.y - 7.0), &note, &self.note);
        let room = frame.width - text::width(&self.note, note.size, false) - 6.0;
        let title = text::fitted(&self.title, TITLE_SIZE, true, room);
        canvas.text((frame.x, frame.y - 7.0), &TextStyle::new(TITLE_SIZE, Anchor::Start).bold(), &title);
        let label = TextStyle::new(LABEL_SIZE, Anchor::Middle);
        let below = frame.bottom() + self.bottom_margin() - 4.0;
        canvas.text((frame.x + frame.width / 2.0, below), &label, &self.x_label);
        let beside = frame.x - self.tick_width() - 14.0;
        let y_label = text::fitted(&self.y_label, LABEL_SIZE, false, frame.height + HEAD);
        canvas.text((beside, frame.y + frame.height / 2.0), &label.upwards(), &y_label);
    }

    fn draw_mark(&self, canvas: &mut Canvas, frame: Rect, mark: &Mark) {
        let x = |value: f64| self.x.fraction(value) * frame.width;
        let y = |value: f64| (1.0 - self.y.fraction(value)) * frame.height;
        match mark {
            Mark::Line { points, stroke } => {
                let points: Vec<(f64, f64)> = points.iter().map(|point| (x(point.0), y(point.1))).collect();
                canvas.polyline(&points, stroke);
            }
            Mark::Band { points, color } => {
                let points: Vec<(f64, f64, f64)> =
                    points.iter().map(|point| (x(point.0), y(point.1), y(point.2))).collect();
                canvas.band(&points, *color, BAND_OPACITY);
            }
            Mark::Dots { points, color, radius, hollow } => {
                let (fill, stroke) = if *hollow { (PAPER, Some(Stroke::solid(*color, 1.3))) } else { (*color, None) };
                let places = points.iter().map(|point| (x(point.0), y(point.1)));
                for place in places.filter(|place| place.0.is_finite() && place.1.is_finite()) {
                    canvas.circle(place, *radius, fill, stroke);
                }
            }
        }
    }
}
