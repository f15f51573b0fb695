//! Tests of canvas, patterns and readouts.

#![cfg(feature = "image")]

mod canvas;
mod file;
mod geometry;
mod pattern;
mod readout;
mod resampling;
