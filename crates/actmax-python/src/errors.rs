//! Errors as exceptions of Python, with what caused them.

use std::error::Error;

use optim_core::TellError;
use pyo3::PyErr;
use pyo3::exceptions::{PyRuntimeError, PyValueError};

pyo3::create_exception!(actmax, ActmaxError, PyRuntimeError, "What fails though its arguments are right.");

/// An error and its causes in one line.
pub(crate) fn report(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

/// The exception for arguments that do not fit.
pub(crate) fn unfit(error: impl Error) -> PyErr {
    PyValueError::new_err(report(&error))
}

/// The exception for scores that a method refuses.
pub(crate) fn refused(error: TellError) -> PyErr {
    match error {
        TellError::NotAsked => ActmaxError::new_err(report(&error)),
        error => unfit(error),
    }
}
