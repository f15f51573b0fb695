//! Figures: plain data in, one SVG document out.
//!
//! Every figure names its font ([`crate::style::FONT_FAMILY`]), takes the colour of an optimizer from
//! [`crate::style`], carries no `id` and no external reference, and can therefore be inlined any number of times in
//! one HTML page. Values that are not finite are gaps.

pub mod activation_by_optimizer;
pub mod alignment;
mod axis;
pub mod code_components;
pub mod cosine_panels;
pub mod covariance;
mod distribution;
mod error;
mod estimate;
pub mod evolution;
pub mod evolved_images;
mod facets;
pub mod ga_against_cma;
pub mod heat_map;
pub mod hessian_spectra;
mod legend;
pub mod lissajous;
pub mod metric_spectrum;
pub mod montage;
pub mod norms;
mod outline;
pub mod paired_by_unit;
pub mod pairwise_ratios;
mod panel;
pub mod projections;
pub mod runtime_by_optimizer;
pub mod score_by_setting;
pub mod score_curves;
pub mod scores_by_optimizer;
mod series;
mod sheet;
pub mod step_geometry;
pub mod step_schedules;
mod step_scheme;
mod svg;
pub mod tangent_images;
mod text;
mod tiles;
pub mod variants_by_layer_and_noise;

pub use error::FigureError;
pub use estimate::Estimate;
pub(crate) use outline::outlined;
