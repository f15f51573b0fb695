//! One coordinate system with what is drawn in it.

use super::axis::{Axis, TICK_SIZE};
use super::svg::{Anchor, Canvas, Rect, Stroke, Symbol, TextStyle};
use super::text;
use crate::style::{Color, GRID, INK, MUTED, sequential};

const LABEL_SIZE: f64 = 11.5;
const TITLE_SIZE: f64 = 12.0;
/// Room above the coordinate system for title and note.
pub(crate) const HEAD: f64 = 22.0;
const NOTE_SIZE: f64 = 10.0;
/// Turn of slanted tick labels, degrees, and the height that a label of unit width then takes.
const SLANT: f64 = -40.0;
const SLANT_HEIGHT: f64 = 0.65;
/// Longest slanted label before it is cut.
const MAX_SLANTED: f64 = 110.0;

/// Something drawn in data coordinates.
#[derive(Debug, Clone)]
pub(crate) enum Mark {
    /// A line, interrupted at values that are not finite.
    Line { points: Vec<(f64, f64)>, stroke: Stroke },
    /// The area between two lines: `(x, low, high)`.
    Band { points: Vec<(f64, f64, f64)>, color: Color },
    /// A symbol at every finite point.
    Symbols { points: Vec<(f64, f64)>, symbol: Symbol, color: Color, radius: f64, hollow: bool },
    /// Filled rectangles, `[left, right, low, high]`.
    Boxes { boxes: Vec<[f64; 4]>, fill: Color, edge: Option<Stroke> },
    /// A line whose colour runs along the sequential map from its first point to its last.
    Shaded { points: Vec<(f64, f64)>, width: f64 },
    /// Words at a point.
    Words { at: (f64, f64), words: String, anchor: Anchor, color: Color },
}

impl Mark {
    /// A filled circle at every finite point.
    pub(crate) fn dots(points: Vec<(f64, f64)>, color: Color, radius: f64) -> Self {
        Self::Symbols { points, symbol: Symbol::Circle, color, radius, hollow: false }
    }

    /// Vertical bars from low to high: `(x, low, high)`. A bar without length, as of a single run, is left out.
    pub(crate) fn vertical_bars(bars: impl IntoIterator<Item = (f64, f64, f64)>, stroke: Stroke) -> Self {
        let gap = (f64::NAN, f64::NAN);
        let bars = bars.into_iter().filter(|(_, low, high)| low != high);
        let points = bars.flat_map(|(x, low, high)| [(x, low), (x, high), gap]).collect();
        Self::Line { points, stroke }
    }

    /// Horizontal bars from low to high: `(y, low, high)`.
    pub(crate) fn horizontal_bars(bars: impl IntoIterator<Item = (f64, f64, f64)>, stroke: Stroke) -> Self {
        let gap = (f64::NAN, f64::NAN);
        let points = bars.into_iter().flat_map(|(y, low, high)| [(low, y), (high, y), gap]).collect();
        Self::Line { points, stroke }
    }

    /// All its values on the y axis.
    pub(crate) fn ordinates(&self) -> Vec<f64> {
        match self {
            Self::Line { points, .. } | Self::Symbols { points, .. } | Self::Shaded { points, .. } => {
                points.iter().map(|point| point.1).collect()
            }
            Self::Band { points, .. } => points.iter().flat_map(|point| [point.1, point.2]).collect(),
            Self::Boxes { boxes, .. } => boxes.iter().flat_map(|corners| [corners[2], corners[3]]).collect(),
            Self::Words { .. } => Vec::new(),
        }
    }

    /// All its values on the x axis.
    pub(crate) fn abscissae(&self) -> Vec<f64> {
        match self {
            Self::Line { points, .. } | Self::Symbols { points, .. } | Self::Shaded { points, .. } => {
                points.iter().map(|point| point.0).collect()
            }
            Self::Band { points, .. } => points.iter().map(|point| point.0).collect(),
            Self::Boxes { boxes, .. } => boxes.iter().flat_map(|corners| [corners[0], corners[1]]).collect(),
            Self::Words { .. } => Vec::new(),
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
        self.below_axis() + 9.0 + label
    }

    /// Height of the tick labels below the axis.
    fn below_axis(&self) -> f64 {
        if !self.x.slanted {
            return TICK_SIZE;
        }
        let widest = self.x.ticks.iter().map(|(_, label)| text::width(label, TICK_SIZE, false)).fold(0.0, f64::max);
        (widest.min(MAX_SLANTED) * SLANT_HEIGHT + TICK_SIZE).ceil()
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
        let below = match self.x.slanted {
            false => TextStyle::new(TICK_SIZE, Anchor::Middle),
            true => TextStyle::new(TICK_SIZE, Anchor::End).turned(SLANT),
        };
        let before = TextStyle::new(TICK_SIZE, Anchor::End);
        for (value, label) in &self.y.ticks {
            let y = frame.bottom() - self.y.fraction(*value) * frame.height;
            canvas.line((frame.x, y), (frame.right(), y), &grid);
            canvas.text((frame.x - 6.0, y + 0.36 * TICK_SIZE), &before, label);
        }
        for (value, label) in &self.x.ticks {
            let x = frame.x + self.x.fraction(*value) * frame.width;
            canvas.line((x, frame.bottom()), (x, frame.bottom() + 4.0), &ink);
            let label = if self.x.slanted { text::fitted(label, TICK_SIZE, false, MAX_SLANTED) } else { label.clone() };
            canvas.text((x, frame.bottom() + 6.0 + TICK_SIZE), &below, &label);
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
        canvas.text((beside, frame.y + frame.height / 2.0), &label.turned(-90.0), &y_label);
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
                canvas.band(&points, *color);
            }
            Mark::Symbols { points, symbol, color, radius, hollow } => {
                let places = points.iter().map(|point| (x(point.0), y(point.1)));
                for place in places.filter(|place| place.0.is_finite() && place.1.is_finite()) {
                    canvas.symbol(place, *symbol, *radius, *color, *hollow);
                }
            }
            Mark::Boxes { boxes, fill, edge } => {
                for [left, right, low, high] in boxes.iter().filter(|corners| corners.iter().all(|v| v.is_finite())) {
                    let (left, right, top, bottom) = (x(*left), x(*right), y(*high), y(*low));
                    let rect = Rect {
                        x: left.min(right),
                        y: top.min(bottom),
                        width: (right - left).abs(),
                        height: (bottom - top).abs(),
                    };
                    canvas.rect(rect, Some(*fill), *edge);
                }
            }
            Mark::Shaded { points, width } => {
                let last = points.len().saturating_sub(2).max(1) as f64;
                for (index, pair) in points.windows(2).enumerate() {
                    let stroke = Stroke::solid(sequential(index as f64 / last), *width);
                    canvas.segment((x(pair[0].0), y(pair[0].1)), (x(pair[1].0), y(pair[1].1)), &stroke);
                }
            }
            Mark::Words { at, words, anchor, color } => {
                let place = (x(at.0), y(at.1));
                if place.0.is_finite() && place.1.is_finite() {
                    canvas.text(place, &TextStyle::new(NOTE_SIZE, *anchor).color(*color), words);
                }
            }
        }
    }
}
