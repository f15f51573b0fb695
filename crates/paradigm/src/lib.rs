//! What an experiment shows and what it reads.
//!
//! [`Geometry`] says where an image lies on a gray canvas, and [`Resampling`] how it gets its size there. [`Pattern`] says
//! how near the responses of a population are to those that are wanted, and [`LayerReadout`] which number is read from
//! a layer of a network. With the feature `image`, images of 8 bits get onto the canvas, and into and out of files. Online sessions and
//! simulated networks use the same types, so that a simulated run is what a rig would show and read.

#[cfg(feature = "image")]
mod canvas;
#[cfg(feature = "image")]
mod file;
mod geometry;
#[cfg(feature = "image")]
mod image_files;
mod pattern;
mod readout;
mod resampling;

#[cfg(feature = "image")]
pub use file::ImageKind;
pub use geometry::{Geometry, GeometryError, LARGEST_SIDE};
#[cfg(feature = "image")]
pub use image_files::{ImageFileError, decode_image, image_names, is_image, read_image};
pub use pattern::{Measure, Pattern, PatternError};
pub use readout::{LayerReadout, NamedNumbers, Numbers, ReadoutError};
pub use resampling::{Resampling, Weights};
