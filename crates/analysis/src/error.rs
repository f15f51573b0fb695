//! Error types of the crate.

/// Why a statistic cannot be computed from the given data.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// Fewer observations than the statistic needs.
    #[error("{found} observations, at least {needed} are needed")]
    TooFew {
        /// Smallest number that suffices.
        needed: usize,
        /// Number given.
        found: usize,
    },
    /// Two arguments that must be of one length are not.
    #[error("lengths differ: {left} and {right}")]
    LengthMismatch {
        /// Length of the first argument.
        left: usize,
        /// Length of the second argument.
        right: usize,
    },
    /// A value is NaN or infinite.
    #[error("value {index} is not finite")]
    NotFinite {
        /// Position of the first such value, in the order of the slice (column-major for a matrix).
        index: usize,
    },
    /// All values are equal, so that a ratio to their variance is undefined.
    #[error("the data do not vary")]
    Constant,
    /// The angle with a vector of length zero is undefined.
    #[error("a vector has length zero")]
    ZeroVector,
    /// Two vectors that point the same or the opposite way span no plane.
    #[error("the two directions lie in one line, so no single plane holds them")]
    Collinear,
    /// More principal components asked for than centred rows can have.
    #[error("{asked} components asked for, {rows} rows of {columns} numbers have at most {available}")]
    TooManyComponents {
        /// Number asked for.
        asked: usize,
        /// Largest number possible.
        available: usize,
        /// Rows of the data.
        rows: usize,
        /// Columns of the data.
        columns: usize,
    },
    /// The symmetric eigenvalue iteration did not settle.
    #[error("the eigenvalues of a {size} x {size} matrix did not converge")]
    NoConvergence {
        /// Rows of the matrix.
        size: usize,
    },
    /// Leading eigenvectors were not found to the precision asked for.
    #[error(
        "{count} leading eigenvectors have residuals up to {residual:e}; ask for more of them or decompose the whole matrix"
    )]
    Residual {
        /// Number of eigenvectors asked for.
        count: usize,
        /// Largest residual.
        residual: f64,
    },
    /// A parameter lies outside its domain.
    #[error("{name} = {value} lies outside {low} .. {high}")]
    OutOfRange {
        /// Name of the parameter.
        name: &'static str,
        /// Value given.
        value: f64,
        /// Lower end of the domain.
        low: f64,
        /// Upper end of the domain.
        high: f64,
    },
    /// The denominator of a resampled ratio is zero.
    #[error("the denominator of resample {resample} is zero")]
    ZeroDenominator {
        /// Number of the first such resample, from 0.
        resample: usize,
    },
    /// A term of a linear model adds nothing to the terms that it is tested against.
    #[error("term {term} of the model lies within the span of the others")]
    Aliased {
        /// Position of the term.
        term: usize,
    },
    /// The largest score of a unit is zero or negative, so that scores cannot be divided by it.
    #[error("the largest score of the unit in row {row} is {maximum}, not positive")]
    NonPositiveMaximum {
        /// First row of that unit.
        row: usize,
        /// Its largest score.
        maximum: f64,
    },
}

/// Why an RGB picture cannot be made or encoded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PictureError {
    /// The buffer does not hold three bytes a pixel, or a side is zero.
    #[error("{found} bytes given for a picture of {width} x {height} RGB pixels")]
    Size {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
        /// Length of the buffer.
        found: usize,
    },
}

/// Why an SVG cannot be turned into a PNG or PDF.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The text is not an SVG document.
    #[error("not an SVG document")]
    Parse(#[from] resvg::usvg::Error),
    /// The scale is not positive, or the resulting bitmap is too large to allocate.
    #[error("an SVG of {width} x {height} cannot be drawn at scale {scale}")]
    Size {
        /// Width of the SVG in its own units.
        width: f32,
        /// Height of the SVG in its own units.
        height: f32,
        /// Pixels a unit.
        scale: f32,
    },
    /// A page cannot hold it.
    #[error("{what} cannot be written as PDF")]
    Unsupported {
        /// What the document has.
        what: &'static str,
    },
    /// The PNG encoder failed.
    #[error("the PNG encoder failed")]
    Encode(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Fails on the first value that is NaN or infinite.
pub(crate) fn check_finite(values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|value| !value.is_finite()) {
        Some(index) => Err(StatsError::NotFinite { index }),
        None => Ok(()),
    }
}

/// Fails where fewer than `needed` observations are given.
pub(crate) fn check_count(found: usize, needed: usize) -> Result<(), StatsError> {
    if found < needed { Err(StatsError::TooFew { needed, found }) } else { Ok(()) }
}

/// Fails where two lengths differ.
pub(crate) fn check_lengths(left: usize, right: usize) -> Result<(), StatsError> {
    if left == right { Ok(()) } else { Err(StatsError::LengthMismatch { left, right }) }
}
