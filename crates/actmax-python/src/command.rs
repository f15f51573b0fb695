//! The command `actmax`.

use std::ffi::OsString;
use std::path::PathBuf;

use pyo3::prelude::*;

/// Runs the command with these arguments, the first of which is its name. Returns the exit status.
///
/// `program` is the file that starts the command.
#[pyfunction]
pub(crate) fn run_command(py: Python<'_>, arguments: Vec<OsString>, program: PathBuf) -> u8 {
    py.detach(|| actmax::main_with(arguments, program))
}
