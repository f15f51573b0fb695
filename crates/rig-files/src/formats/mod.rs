//! One module a format; each reads a slice of bytes, without files, so that a fuzzer can drive it.

pub mod csv;
pub mod h5;
pub mod json;
pub mod mat;
pub mod mat5;
pub mod npz;
