//! SVG to PNG, with the embedded font, so that text appears on machines without fonts.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use crate::error::RenderError;
use crate::figure::outlined;

/// Draws `svg` at `scale` pixels a unit, in sRGB with transparency where the SVG paints nothing. All text is set in the
/// embedded font, each element on one line: that is what the figures of this crate need.
///
/// # Errors
/// Text that is not SVG, a scale that is not positive, or a bitmap too large to allocate.
pub fn render(svg: &str, scale: f32) -> Result<Vec<u8>, RenderError> {
    let tree = Tree::from_str(&outlined(svg), &Options::default())?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let pixels = |side: f32| (side * scale).ceil() as u32;
    let mut pixmap = Pixmap::new(pixels(width), pixels(height)).ok_or(RenderError::Size { width, height, scale })?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixmap.as_mut());
    pixmap.encode_png().map_err(|error| RenderError::Encode(Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dark_pixels(png: &[u8]) -> usize {
        let pixmap = Pixmap::decode_png(png).unwrap();
        pixmap.pixels().iter().filter(|pixel| pixel.alpha() > 128 && pixel.red() < 100).count()
    }

    #[test]
    fn text_appears_without_system_fonts() {
        let svg = |text: &str| {
            format!(
                r#"<svg xmlns="http://www.w3.org/2000/svg" width="100" height="20"><text y="15" font-family="{}">{text}</text></svg>"#,
                crate::style::FONT_FAMILY
            )
        };
        assert!(dark_pixels(&render(&svg("R² = 1 φ"), 2.0).unwrap()) > 300);
        assert_eq!(dark_pixels(&render(&svg(""), 2.0).unwrap()), 0);
    }

    #[test]
    fn what_cannot_be_drawn_is_an_error() {
        assert!(matches!(render("<p>", 1.0), Err(RenderError::Parse(_))));
        let svg = r#"<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4"/>"#;
        for scale in [0.0, -1.0, f32::NAN, 1e9] {
            assert!(matches!(render(svg, scale), Err(RenderError::Size { .. })), "{scale}");
        }
    }
}
