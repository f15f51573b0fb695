//! Text of an SVG document as paths, in the embedded font.
//!
//! The renderer is built without its text layout, which costs a minute of every first build. Text in the documents of
//! this crate has one font, one size and one line.

use std::fmt::Write;

use resvg::usvg::roxmltree::{Document, Node};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::text::{UNKNOWN_ADVANCE, face, width};

/// The document with every `text` element replaced by the paths of its glyphs, without kerning. A document that is not
/// well-formed comes back as it is, for the renderer to refuse.
pub(crate) fn outlined(svg: &str) -> String {
    let Ok(document) = Document::parse(svg) else { return svg.to_owned() };
    let (mut result, mut done) = (String::with_capacity(2 * svg.len()), 0);
    for node in document.descendants().filter(|node| node.has_tag_name((SVG, "text"))) {
        let range = node.range();
        result.push_str(&svg[done..range.start]);
        result.push_str(&paths(&node));
        done = range.end;
    }
    result.push_str(&svg[done..]);
    result
}

const SVG: &str = "http://www.w3.org/2000/svg";

fn paths(node: &Node<'_, '_>) -> String {
    let number = |name: &str, otherwise: f64| node.attribute(name).and_then(|x| x.parse().ok()).unwrap_or(otherwise);
    let (content, size) = (node.text().unwrap_or_default(), number("font-size", 12.0));
    let bold = node.attribute("font-weight") == Some("bold");
    let Some(face) = face(bold) else { return String::new() };
    let start = match node.attribute("text-anchor") {
        Some("middle") => -width(content, size, bold) / 2.0,
        Some("end") => -width(content, size, bold),
        _ => 0.0,
    };
    let scale = size / f64::from(face.units_per_em());
    let mut outline = Outline { data: String::new(), x: number("x", 0.0) + start, y: number("y", 0.0), scale };
    for character in content.chars() {
        let advance = glyph(face, character, &mut outline);
        outline.x += advance * scale;
    }
    let attribute = |name: &str| node.attribute(name).map(|value| format!(r#" {name}="{value}""#)).unwrap_or_default();
    format!(r#"<path d="{}"{}{}/>"#, outline.data, attribute("fill"), attribute("transform"))
}

/// Draws a character and returns its advance in units of the font.
fn glyph(face: &Face<'_>, character: char, outline: &mut Outline) -> f64 {
    let id = face.glyph_index(character).unwrap_or(GlyphId(0));
    face.outline_glyph(id, outline);
    face.glyph_hor_advance(id).map_or(UNKNOWN_ADVANCE * f64::from(face.units_per_em()), f64::from)
}

/// Path data of glyphs whose origin is at (x, y), y downwards.
struct Outline {
    data: String,
    x: f64,
    y: f64,
    scale: f64,
}

impl Outline {
    fn push(&mut self, command: char, points: &[(f32, f32)]) {
        self.data.push(command);
        for (x, y) in points {
            let (x, y) = (self.x + f64::from(*x) * self.scale, self.y - f64::from(*y) * self.scale);
            // Writing to a string cannot fail.
            let _ = write!(self.data, "{x:.3} {y:.3} ");
        }
    }
}

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.push('M', &[(x, y)]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.push('L', &[(x, y)]);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.push('Q', &[(x1, y1), (x, y)]);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.push('C', &[(x1, y1), (x2, y2), (x, y)]);
    }

    fn close(&mut self) {
        self.data.push('Z');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_paths_at_its_anchor() {
        let svg = |anchor: &str| {
            format!(
                r##"<svg xmlns="{SVG}"><text x="50" y="20" font-size="10" text-anchor="{anchor}" fill="#123456">II</text></svg>"##
            )
        };
        let left = |anchor: &str| {
            let outlined = outlined(&svg(anchor));
            assert!(!outlined.contains("<text") && outlined.contains("fill=\"#123456\""), "{outlined}");
            let (_, data) = outlined.split_once("d=\"M").unwrap();
            data.split(' ').next().unwrap().parse::<f64>().unwrap()
        };
        let wide = width("II", 10.0, false);
        approx::assert_abs_diff_eq!(left("start") - left("end"), wide, epsilon = 2e-3);
        approx::assert_abs_diff_eq!(left("start") - left("middle"), wide / 2.0, epsilon = 2e-3);
        assert!(left("start") > 50.0 && left("start") < 50.0 + wide / 2.0);
    }

    #[test]
    fn what_is_no_text_stays() {
        let svg = format!(r#"<svg xmlns="{SVG}"><g transform="scale(2)"><rect width="1"/></g></svg>"#);
        assert_eq!(outlined(&svg), svg);
        assert_eq!(outlined("<p>"), "<p>");
    }
}
