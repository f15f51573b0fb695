//! Why a figure cannot be drawn.

use crate::error::RenderError;

/// Why a figure cannot be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FigureError {
    /// No value is finite, so that there is nothing to see.
    #[error("{figure}: nothing to show; give it at least one finite {needs}")]
    Empty {
        /// Module of the figure.
        figure: &'static str,
        /// What it shows.
        needs: &'static str,
    },
    /// Two lists that belong together differ in length.
    #[error("{figure}: {found} {what}, {expected} are needed")]
    Length {
        /// Module of the figure.
        figure: &'static str,
        /// What is counted.
        what: &'static str,
        /// Number that fits the rest.
        expected: usize,
        /// Number given.
        found: usize,
    },
    /// A picture cannot be encoded.
    #[error(transparent)]
    Picture(#[from] RenderError),
}

/// Fails where none of `values` is finite.
pub(crate) fn check_any(
    figure: &'static str,
    needs: &'static str,
    values: impl IntoIterator<Item = f64>,
) -> Result<(), FigureError> {
    match values.into_iter().any(f64::is_finite) {
        true => Ok(()),
        false => Err(FigureError::Empty { figure, needs }),
    }
}

/// Fails where a list has not the length that fits the rest.
pub(crate) fn check_length(
    figure: &'static str,
    what: &'static str,
    expected: usize,
    found: usize,
) -> Result<(), FigureError> {
    if expected == found { Ok(()) } else { Err(FigureError::Length { figure, what, expected, found }) }
}
