//! The native half of the Python package `actmax`: arrays in, arrays out, and no computation of its own.
//!
//! `python/actmax` is the other half, which users see. It checks kinds of arguments and makes arrays of them; everything
//! that is computed is computed by the other crates of this workspace.

#![allow(clippy::needless_pass_by_value, reason = "PyO3 hands arguments over by value")]

mod command;
mod errors;
mod optimizer;

/// Functions and classes behind the package `actmax`.
#[pyo3::pymodule]
mod _actmax {
    #[pymodule_export]
    use super::command::run_command;
    #[pymodule_export]
    use super::errors::ActmaxError;
    #[pymodule_export]
    use super::optimizer::{Optimizer, optimizers};
}
