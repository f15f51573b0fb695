//! The few SVG elements that the figures are made of.

use std::fmt::Write;

use crate::style::{Color, FONT_FAMILY, INK, PAPER};

/// An axis-parallel rectangle in the units of the document (CSS pixels), y downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rect {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

impl Rect {
    pub(crate) fn right(&self) -> f64 {
        self.x + self.width
    }

    pub(crate) fn bottom(&self) -> f64 {
        self.y + self.height
    }
}

const BAND_OPACITY: f64 = 0.07;
/// Corners of a plus.
const PLUS: [(f64, f64); 12] = {
    let (arm, half) = (1.25, 0.42);
    [
        (half, -arm),
        (half, -half),
        (arm, -half),
        (arm, half),
        (half, half),
        (half, arm),
        (-half, arm),
        (-half, half),
        (-arm, half),
        (-arm, -half),
        (-half, -half),
        (-half, -arm),
    ]
};

/// How a line is drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stroke {
    pub(crate) color: Color,
    pub(crate) width: f64,
    /// Value of `stroke-dasharray`.
    pub(crate) dash: Option<&'static str>,
}

impl Stroke {
    pub(crate) fn solid(color: Color, width: f64) -> Self {
        Self { color, width, dash: None }
    }
}

/// Shape of a mark at a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbol {
    Circle,
    Diamond,
    Square,
    /// Triangle on its base.
    Up,
    /// Triangle on its tip.
    Down,
    Plus,
    /// Diagonal arms.
    Cross,
}

impl Symbol {
    /// Symbol of series `index`, in turn. The diamond is left out: it marks published values.
    pub(crate) fn of(index: usize) -> Self {
        [Self::Circle, Self::Square, Self::Up, Self::Down, Self::Cross, Self::Plus][index % 6]
    }
}

/// Where a text lies relative to its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text is set; the point of a text is on its baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct TextStyle {
    pub(crate) size: f64,
    pub(crate) bold: bool,
    pub(crate) color: Color,
    pub(crate) anchor: Anchor,
    /// Degrees by which it is turned, clockwise.
    pub(crate) turn: f64,
}

impl TextStyle {
    pub(crate) fn new(size: f64, anchor: Anchor) -> Self {
        Self { size, bold: false, color: INK, anchor, turn: 0.0 }
    }

    pub(crate) fn bold(self) -> Self {
        Self { bold: true, ..self }
    }

    pub(crate) fn color(self, color: Color) -> Self {
        Self { color, ..self }
    }

    pub(crate) fn turned(self, turn: f64) -> Self {
        Self { turn, ..self }
    }
}

/// An SVG document under construction, as wide and high as it is told when finished.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    body: String,
}

impl Canvas {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Closes the document. `title` is what a screen reader says of it.
    pub(crate) fn finish(self, width: f64, height: f64, title: &str) -> String {
        let (width, height) = (width.ceil(), height.ceil());
        format!(
            concat!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}" viewBox="0 0 {w} {h}" role="img" "#,
                r#"font-family="{font}"><title>{title}</title>"#,
                r#"<rect width="{w}" height="{h}" fill="{paper}"/>{body}</svg>"#,
            ),
            w = width,
            h = height,
            font = FONT_FAMILY,
            title = escape(title),
            paper = PAPER,
            body = self.body,
        )
    }

    pub(crate) fn line(&mut self, from: (f64, f64), to: (f64, f64), stroke: &Stroke) {
        self.polyline(&[from, to], stroke);
    }

    /// A line between two points with round ends, so that pieces of a bent line join; nothing where one is not finite.
    pub(crate) fn segment(&mut self, from: (f64, f64), to: (f64, f64), stroke: &Stroke) {
        if is_finite(&from) && is_finite(&to) {
            let Stroke { color, width, .. } = stroke;
            self.push("<path d=\"");
            self.path([from, to].into_iter());
            self.push(&format!(r#"" fill="none" stroke="{color}" stroke-width="{width}" stroke-linecap="round"/>"#));
        }
    }

    /// A line through `points`, interrupted where a point is not finite. A point alone becomes a dot, and so do points
    /// that are written as the same: renderers cannot stroke a line without length.
    pub(crate) fn polyline(&mut self, points: &[(f64, f64)], stroke: &Stroke) {
        for run in finite_runs(points) {
            let written = |(x, y): (f64, f64)| ((100.0 * x).round(), (100.0 * y).round());
            if run.iter().all(|point| written(*point) == written(run[0])) {
                self.circle(run[0], stroke.width, stroke.color, None);
                continue;
            }
            self.push("<path d=\"");
            self.path(run.iter().copied());
            let Stroke { color, width, dash } = stroke;
            let dash = dash.map(|dash| format!(r#" stroke-dasharray="{dash}""#)).unwrap_or_default();
            self.push(&format!(
                r#"" fill="none" stroke="{color}" stroke-width="{width}" stroke-linejoin="round"{dash}/>"#
            ));
        }
    }

    /// The area between two lines over one abscissa, `(x, low, high)`, with a thin outline: areas that overlap can be
    /// told apart.
    pub(crate) fn band(&mut self, points: &[(f64, f64, f64)], color: Color) {
        let lower: Vec<(f64, f64)> =
            points.iter().map(|&(x, low, high)| if high.is_finite() { (x, low) } else { (x, f64::NAN) }).collect();
        let mut start = 0;
        for run in finite_runs(&lower) {
            let skipped = lower[start..].iter().take_while(|point| !is_finite(point)).count();
            start += skipped;
            let upper = points[start..start + run.len()].iter().rev().map(|&(x, _, high)| (x, high));
            self.push("<path d=\"");
            self.path(run.iter().copied().chain(upper));
            self.push(&format!(
                r#"Z" fill="{color}" fill-opacity="{BAND_OPACITY}" stroke="{color}" stroke-opacity="0.6" stroke-width="0.7"/>"#
            ));
            start += run.len();
        }
    }

    pub(crate) fn rect(&mut self, rect: Rect, fill: Option<Color>, stroke: Option<Stroke>) {
        let Rect { x, y, width, height } = rect;
        let fill = fill.map_or_else(|| "none".to_owned(), |color| color.to_string());
        self.push(&format!(r#"<rect x="{x:.2}" y="{y:.2}" width="{width:.2}" height="{height:.2}" fill="{fill}""#));
        self.close_outlined(stroke);
    }

    pub(crate) fn circle(&mut self, centre: (f64, f64), radius: f64, fill: Color, stroke: Option<Stroke>) {
        let (x, y) = centre;
        self.push(&format!(r#"<circle cx="{x:.2}" cy="{y:.2}" r="{radius:.2}" fill="{fill}""#));
        self.close_outlined(stroke);
    }

    /// A closed outline, filled.
    pub(crate) fn polygon(&mut self, corners: &[(f64, f64)], fill: Color, stroke: Option<Stroke>) {
        self.push("<path d=\"");
        self.path(corners.iter().copied());
        self.push(&format!(r#"Z" fill="{fill}""#));
        self.close_outlined(stroke);
    }

    /// A symbol around a point, filled, or hollow with a coloured outline.
    pub(crate) fn symbol(&mut self, at: (f64, f64), symbol: Symbol, radius: f64, color: Color, hollow: bool) {
        let (fill, stroke) = if hollow { (PAPER, Some(Stroke::solid(color, 1.4))) } else { (color, None) };
        let corners = |unit: &[(f64, f64)]| -> Vec<(f64, f64)> {
            unit.iter().map(|(x, y)| (at.0 + x * radius, at.1 + y * radius)).collect()
        };
        match symbol {
            Symbol::Circle => self.circle(at, radius, fill, stroke),
            Symbol::Diamond => {
                self.polygon(&corners(&[(0.0, -1.35), (1.2, 0.0), (0.0, 1.35), (-1.2, 0.0)]), fill, stroke);
            }
            Symbol::Square => {
                self.polygon(&corners(&[(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)]), fill, stroke);
            }
            Symbol::Up => self.polygon(&corners(&[(0.0, -1.2), (1.1, 0.8), (-1.1, 0.8)]), fill, stroke),
            Symbol::Down => self.polygon(&corners(&[(0.0, 1.2), (1.1, -0.8), (-1.1, -0.8)]), fill, stroke),
            Symbol::Plus => self.polygon(&corners(&PLUS), fill, stroke),
            Symbol::Cross => self.polygon(&corners(&PLUS.map(|(x, y)| (0.8 * (x - y), 0.8 * (x + y)))), fill, stroke),
        }
    }

    pub(crate) fn text(&mut self, at: (f64, f64), style: &TextStyle, content: &str) {
        if content.is_empty() {
            return;
        }
        let (x, y) = at;
        let anchor = match style.anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let weight = if style.bold { r#" font-weight="bold""# } else { "" };
        let turn = match style.turn {
            0.0 => String::new(),
            degrees => format!(r#" transform="rotate({degrees} {x:.2} {y:.2})""#),
        };
        let (size, color) = (style.size, style.color);
        self.push(&format!(
            r#"<text x="{x:.2}" y="{y:.2}" font-size="{size}" text-anchor="{anchor}" fill="{color}"{weight}{turn}>{}</text>"#,
            escape(content)
        ));
    }

    /// A bitmap stretched over `rect`; smooth or with hard pixels.
    pub(crate) fn image(&mut self, rect: Rect, data_uri: &str, smooth: bool) {
        let Rect { x, y, width, height } = rect;
        // `pixelated` is what browsers know, `optimizeSpeed` what SVG 1.1 renderers know.
        let scaling = if smooth { "" } else { r#" image-rendering="optimizeSpeed" style="image-rendering:pixelated""# };
        self.push(&format!(
            r#"<image x="{x:.2}" y="{y:.2}" width="{width:.2}" height="{height:.2}" preserveAspectRatio="none"{scaling} href="{data_uri}"/>"#
        ));
    }

    /// Draws with coordinates relative to the corner of `rect` and cuts off what lies outside.
    pub(crate) fn clipped(&mut self, rect: Rect, draw: impl FnOnce(&mut Self)) {
        let Rect { x, y, width, height } = rect;
        self.push(&format!(r#"<svg x="{x:.2}" y="{y:.2}" width="{width:.2}" height="{height:.2}" overflow="hidden">"#));
        draw(self);
        self.push("</svg>");
    }

    fn close_outlined(&mut self, stroke: Option<Stroke>) {
        match stroke {
            Some(Stroke { color, width, .. }) => self.push(&format!(r#" stroke="{color}" stroke-width="{width}"/>"#)),
            None => self.push("/>"),
        }
    }

    fn path(&mut self, points: impl Iterator<Item = (f64, f64)>) {
        for (index, (x, y)) in points.enumerate() {
            let command = if index == 0 { 'M' } else { 'L' };
            // Writing to a string cannot fail.
            let _ = write!(self.body, "{command}{x:.2} {y:.2}");
        }
    }

    fn push(&mut self, text: &str) {
        self.body.push_str(text);
    }
}

fn is_finite(point: &(f64, f64)) -> bool {
    point.0.is_finite() && point.1.is_finite()
}

/// Runs of points between gaps.
fn finite_runs(points: &[(f64, f64)]) -> impl Iterator<Item = &[(f64, f64)]> {
    points.split(|point| !is_finite(point)).filter(|run| !run.is_empty())
}

/// Escapes text for XML content and attributes; characters that XML forbids are dropped.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_break_at_gaps() {
        let mut canvas = Canvas::new();
        let nan = f64::NAN;
        let points =
            [(0.0, 1.0, 2.0), (1.0, 1.0, 2.0), (2.0, nan, 5.0), (3.0, 3.0, nan), (4.0, 7.0, 8.0), (5.0, 7.0, 9.0)];
        canvas.band(&points, INK);
        let svg = canvas.finish(10.0, 10.0, "t");
        assert!(svg.contains("M0.00 1.00L1.00 1.00L1.00 2.00L0.00 2.00Z"), "{svg}");
        assert!(svg.contains("M4.00 7.00L5.00 7.00L5.00 9.00L4.00 8.00Z"), "{svg}");
        assert_eq!(svg.matches("<path").count(), 2);
        assert!(!svg.contains("NaN"));
    }

    #[test]
    fn lines_without_length_are_dots() {
        let mut canvas = Canvas::new();
        canvas.polyline(&[(1.0, 2.0), (1.001, 2.0)], &Stroke::solid(INK, 1.0));
        canvas.polyline(&[(1.0, 2.0), (1.01, 2.0)], &Stroke::solid(INK, 1.0));
        let svg = canvas.finish(10.0, 10.0, "t");
        assert_eq!((svg.matches("<circle").count(), svg.matches("<path").count()), (1, 1), "{svg}");
    }

    #[test]
    fn text_is_escaped() {
        let mut canvas = Canvas::new();
        canvas.text((0.0, 0.0), &TextStyle::new(10.0, Anchor::Start), "a<b & \"c\"\u{1}");
        assert!(canvas.finish(1.0, 1.0, "").contains("a&lt;b &amp; &quot;c&quot;<"));
    }
}
