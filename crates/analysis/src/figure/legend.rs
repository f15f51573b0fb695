//! The key above a figure.

use super::facets::distinct;
use super::svg::{Anchor, Canvas, Rect, Stroke, Symbol, TextStyle};
use super::text;
use crate::style::{Color, MUTED, optimizer_color, optimizer_label, sequential};

const SIZE: f64 = 11.5;
const ROW: f64 = 19.0;
const SWATCH: f64 = 24.0;
const GAP: f64 = 20.0;

/// What stands before a label.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Swatch {
    Line(Stroke),
    /// A line within its band.
    Band(Stroke),
    Symbol {
        symbol: Symbol,
        color: Color,
        hollow: bool,
    },
    /// A vertical bar.
    Bar(Stroke),
    /// A symbol on its line.
    Marked {
        stroke: Stroke,
        symbol: Symbol,
    },
    /// A filled area.
    Area(Color),
    /// The sequential map.
    Ramp,
}

/// A swatch and what it means.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) swatch: Swatch,
    pub(crate) label: String,
}

impl Entry {
    /// An optimizer in its colour.
    pub(crate) fn optimizer(name: &str) -> Self {
        Self::line(Stroke::solid(optimizer_color(name), 3.0), optimizer_label(name))
    }

    /// A line and its meaning.
    pub(crate) fn line(stroke: Stroke, label: &str) -> Self {
        Self { swatch: Swatch::Line(stroke), label: label.to_owned() }
    }

    /// A symbol and its meaning.
    pub(crate) fn symbol(symbol: Symbol, color: Color, hollow: bool, label: &str) -> Self {
        Self { swatch: Swatch::Symbol { symbol, color, hollow }, label: label.to_owned() }
    }

    /// What a published value is drawn as, in every figure.
    pub(crate) fn published(label: &str) -> Self {
        Self::symbol(Symbol::Diamond, MUTED, true, label)
    }

    /// One entry an optimizer, in the order of first appearance.
    pub(crate) fn optimizers<'a>(names: impl Iterator<Item = &'a str>) -> Vec<Self> {
        distinct(names).into_iter().map(Self::optimizer).collect()
    }
}

/// Width of the widest entry, which a sheet must have for none to be cut.
pub(crate) fn widest(groups: &[Vec<Entry>]) -> f64 {
    groups.iter().flatten().map(width).fold(0.0, f64::max)
}

fn width(entry: &Entry) -> f64 {
    SWATCH + 6.0 + text::width(&entry.label, SIZE, false)
}

/// Draws groups of entries, each from a new row on, and returns the height taken.
pub(crate) fn draw(canvas: &mut Canvas, left: f64, top: f64, width: f64, groups: &[Vec<Entry>]) -> f64 {
    groups.iter().fold(0.0, |height, group| height + draw_group(canvas, left, top + height, width, group))
}

/// Draws the entries from left to right, in as many rows as `width` asks for, and returns the height taken.
fn draw_group(canvas: &mut Canvas, left: f64, top: f64, width: f64, entries: &[Entry]) -> f64 {
    let (mut x, mut y) = (left, top);
    for entry in entries {
        let needed = self::width(entry);
        if x > left && x + needed > left + width {
            (x, y) = (left, y + ROW);
        }
        draw_swatch(canvas, (x, y + ROW / 2.0), entry.swatch);
        let baseline = y + ROW / 2.0 + 0.36 * SIZE;
        canvas.text((x + SWATCH + 6.0, baseline), &TextStyle::new(SIZE, Anchor::Start), &entry.label);
        x += needed + GAP;
    }
    if entries.is_empty() { 0.0 } else { y + ROW - top }
}

fn draw_swatch(canvas: &mut Canvas, (x, y): (f64, f64), swatch: Swatch) {
    let line = |canvas: &mut Canvas, stroke: &Stroke| canvas.line((x, y), (x + SWATCH, y), stroke);
    match swatch {
        Swatch::Line(stroke) => line(canvas, &stroke),
        Swatch::Band(stroke) => {
            let edges = [(x, y - 5.0, y + 5.0), (x + SWATCH, y - 5.0, y + 5.0)];
            canvas.band(&edges, stroke.color);
            line(canvas, &stroke);
        }
        Swatch::Bar(stroke) => canvas.line((x + SWATCH / 2.0, y - 6.0), (x + SWATCH / 2.0, y + 6.0), &stroke),
        Swatch::Symbol { symbol, color, hollow } => canvas.symbol((x + SWATCH / 2.0, y), symbol, 3.6, color, hollow),
        Swatch::Marked { stroke, symbol } => {
            line(canvas, &stroke);
            canvas.symbol((x + SWATCH / 2.0, y), symbol, 3.6, stroke.color, false);
        }
        Swatch::Area(color) => {
            canvas.rect(Rect { x: x + 3.0, y: y - 5.0, width: SWATCH - 6.0, height: 10.0 }, Some(color), None);
        }
        Swatch::Ramp => {
            for step in 0..12 {
                let at = |step: i32| (x + SWATCH * f64::from(step) / 12.0, y);
                canvas.line(at(step), at(step + 1), &Stroke::solid(sequential(f64::from(step) / 11.0), 5.0));
            }
        }
    }
}
