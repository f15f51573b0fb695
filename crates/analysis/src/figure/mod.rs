//! Figures: plain data in, one SVG document out.
//!
//! Every figure names its font ([`crate::style::FONT_FAMILY`]), takes the colour of an optimizer from
//! [`crate::style`], carries no `id` and no external reference, and can therefore be inlined any number of times in
//! one HTML page. Values that are not finite are gaps.

mod axis;
pub mod evolution;
mod legend;
pub mod montage;
pub mod norms;
mod panel;
pub mod projections;
mod series;
mod sheet;
mod svg;
mod text;
pub mod traces;

pub(crate) use svg::escape;
