//! A figure as files.

use analysis::{RenderError, pdf, png};

/// Pixels a unit of the SVG in the PNG.
const SCALE: f32 = 1.5;

/// Names and contents of a figure's files: SVG, PNG, and PDF if that is wanted.
pub(crate) fn figure_files(name: &str, svg: String, with_pdf: bool) -> Result<Vec<(String, Vec<u8>)>, RenderError> {
    let mut files = vec![(format!("{name}.png"), png::render(&svg, SCALE)?)];
    if with_pdf {
        files.push((format!("{name}.pdf"), pdf::render(&svg)?));
    }
    files.insert(0, (format!("{name}.svg"), svg.into_bytes()));
    Ok(files)
}
