//! The command `actmax`.

use std::ffi::OsString;
use std::path::PathBuf;

use actmax::{Cli, CommandError};
use clap::Parser;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

use crate::errors::{ActmaxError, report};

/// Runs the command with these arguments, the first of which is its name. Returns the exit status.
///
/// `program` is the file that starts the command.
#[pyfunction]
pub(crate) fn run_command(py: Python<'_>, arguments: Vec<OsString>, program: PathBuf) -> u8 {
    py.detach(|| actmax::main_with(arguments, program))
}

/// Does what the command does with these arguments, the first of which is its name. Returns what it would print.
#[pyfunction]
pub(crate) fn said_by_command(py: Python<'_>, arguments: Vec<OsString>) -> PyResult<String> {
    let cli = Cli::try_parse_from(arguments).map_err(|error| PyValueError::new_err(error.to_string()))?;
    let mut out = Vec::new();
    py.detach(|| actmax::run(&cli, &mut out)).map_err(failed)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The exception for a command that failed.
pub(crate) fn failed(error: CommandError) -> PyErr {
    if error.is_usage() { PyValueError::new_err(report(&error)) } else { ActmaxError::new_err(report(&error)) }
}
