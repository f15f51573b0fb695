//! Widths of text in the embedded font.

use std::sync::LazyLock;

use ttf_parser::Face;

/// DejaVu Sans (regular), subset; its licence is in `fonts/LICENSE_DEJAVU`.
static REGULAR: &[u8] = include_bytes!("../../fonts/DejaVuSans.ttf");
/// DejaVu Sans Bold, subset.
static BOLD: &[u8] = include_bytes!("../../fonts/DejaVuSans-Bold.ttf");

static REGULAR_FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(REGULAR, 0).ok());
static BOLD_FACE: LazyLock<Option<Face<'static>>> = LazyLock::new(|| Face::parse(BOLD, 0).ok());

/// Advance of a character that the font lacks, in units of the font size.
pub(crate) const UNKNOWN_ADVANCE: f64 = 0.65;

/// The embedded font; `None` only where its file is damaged.
pub(crate) fn face(bold: bool) -> Option<&'static Face<'static>> {
    if bold { BOLD_FACE.as_ref() } else { REGULAR_FACE.as_ref() }
}

/// Width of `text` at `size`, without kerning (which only narrows it).
pub(crate) fn width(text: &str, size: f64, bold: bool) -> f64 {
    let face = face(bold);
    text.chars().map(|character| advance(face, character)).sum::<f64>() * size
}

fn advance(face: Option<&Face<'_>>, character: char) -> f64 {
    face.and_then(|face| {
        let glyph = face.glyph_index(character)?;
        Some(f64::from(face.glyph_hor_advance(glyph)?) / f64::from(face.units_per_em()))
    })
    .unwrap_or(UNKNOWN_ADVANCE)
}

/// Shortens `text` with an ellipsis until it fits into `room`.
pub(crate) fn fitted(text: &str, size: f64, bold: bool, room: f64) -> String {
    if width(text, size, bold) <= room {
        return text.to_owned();
    }
    let mut characters: Vec<char> = text.chars().collect();
    while let Some(_dropped) = characters.pop() {
        let shorter: String = characters.iter().collect::<String>().trim_end().to_owned() + "…";
        if width(&shorter, size, bold) <= room {
            return shorter;
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_font() {
        // DejaVu Sans: digits 1303 / 2048 em, bold digits 1425 / 2048 em.
        approx::assert_relative_eq!(width("00", 10.0, false), 2.0 * 10.0 * 1303.0 / 2048.0);
        approx::assert_relative_eq!(width("0", 10.0, true), 10.0 * 1425.0 / 2048.0);
    }

    #[test]
    fn long_text_is_shortened_to_its_room() {
        let short = fitted("a very long name of a unit", 10.0, false, 60.0);
        assert!(short.ends_with('…') && width(&short, 10.0, false) <= 60.0 && short.chars().count() > 5);
        assert_eq!(fitted("fits", 10.0, false, 60.0), "fits");
        assert_eq!(fitted("x", 10.0, false, 0.0), "");
    }
}
