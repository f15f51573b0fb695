//! The command `actmax` as a library: the one place that wires optimizers, networks, the evolution loop
//! and the figures together for a user.

mod library;

pub use library::{Library, LibraryError};
