//! What can go wrong while probing.

use thiserror::Error;

/// Why a generator or an objective could not be probed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ProbeError {
    /// A vector is not as long as the codes are.
    #[error("{what} has {found} values, codes of {expected} are probed")]
    Length {
        /// What was given.
        what: &'static str,
        /// Length N of a code.
        expected: usize,
        /// Length given.
        found: usize,
    },
    /// The step cannot be divided by.
    #[error("step {step} cannot be taken; give a finite number above 0, in the units of the codes")]
    Step {
        /// The step as given.
        step: f64,
    },
    /// Nothing to probe along.
    #[error("{found} directions in {dim} dimensions; give 1 to {dim}")]
    Directions {
        /// Length N of a code.
        dim: usize,
        /// Number of directions.
        found: usize,
    },
    /// Directions that do not span as many dimensions as there are.
    #[error("direction {index} lies within the span of the earlier ones")]
    Dependent {
        /// Position of the direction, from 0.
        index: usize,
    },
    /// No room for a single code.
    #[error("a batch of 0 codes evaluates nothing; give 1 or more")]
    ZeroBatch,
    /// The features of a batch do not divide into its images.
    #[error("{values} features were made of {codes} codes; every code must give the same number, as the first did")]
    Features {
        /// Codes of the batch.
        codes: usize,
        /// Values that came out.
        values: usize,
    },
    /// A pixel, feature or score is NaN or infinite.
    #[error("a value at point {point} is not finite")]
    NotFinite {
        /// Position of the point, from 0; 0 is the centre.
        point: usize,
    },
    /// The generator or the objective failed.
    #[error("evaluation failed")]
    Evaluation(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ProbeError {
    pub(super) fn evaluation(source: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::Evaluation(Box::new(source))
    }
}

/// Fails on a vector that is not as long as a code.
pub(super) fn check_length(what: &'static str, expected: usize, found: usize) -> Result<(), ProbeError> {
    if expected == found { Ok(()) } else { Err(ProbeError::Length { what, expected, found }) }
}

/// Fails on a step that is zero, negative, infinite or NaN.
pub(super) fn check_step(step: f64) -> Result<(), ProbeError> {
    if step.is_finite() && step > 0.0 { Ok(()) } else { Err(ProbeError::Step { step }) }
}

/// Fails on an empty batch.
pub(super) fn check_batch(batch: usize) -> Result<(), ProbeError> {
    if batch == 0 { Err(ProbeError::ZeroBatch) } else { Ok(()) }
}
