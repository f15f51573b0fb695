//! What a method's codes are scored by: traits that connect the crates of the workspace.

use crate::Population;

/// Codes in, one score a code out. Higher is better.
pub trait Objective {
    /// Why an evaluation failed.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Length N of the codes that it takes.
    fn dim(&self) -> usize;

    /// Overwrites `scores` with one score a code, in the order of the codes.
    ///
    /// # Errors
    /// If the codes cannot be evaluated; `scores` is unspecified then.
    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Self::Error>;
}

/// Latent codes in, images out.
pub trait Generator: Send {
    /// A batch of images.
    type Images;
    /// Why no image came out.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Length N of a code.
    fn latent_dim(&self) -> usize;

    /// Renders a C-order `[n, N]` array of codes.
    ///
    /// # Errors
    /// If the length of `codes` is no multiple of N, or the generator fails.
    fn generate(&mut self, codes: &[f32]) -> Result<Self::Images, Self::Error>;
}

/// Images in, one score an image out. Higher is better.
pub trait Scorer<I> {
    /// Why no score came out.
    type Error: std::error::Error + Send + Sync + 'static;

    /// Overwrites `scores` with one score an image, in order.
    ///
    /// # Errors
    /// If the images cannot be scored; `scores` is unspecified then.
    fn score(&mut self, images: &I, scores: &mut Vec<f64>) -> Result<(), Self::Error>;
}
