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

    /// Evaluates several populations at once, each by its own objective: those of evolutions in lock step, say.
    ///
    /// The scores are those that [`evaluate`](Self::evaluate) gives for each. The default calls it for each. Objectives
    /// that are faster together do better here: units of one network can share a batch.
    ///
    /// # Errors
    /// If a population cannot be evaluated; all `scores` are unspecified then.
    fn evaluate_together(evaluations: &mut [Evaluation<'_, Self>]) -> Result<(), Self::Error>
    where
        Self: Sized,
    {
        evaluations.iter_mut().try_for_each(|Evaluation { objective, codes, scores }| objective.evaluate(codes, scores))
    }
}

/// One population, its objective, and room for its scores.
#[derive(Debug)]
pub struct Evaluation<'a, O> {
    /// What scores it. Each population has its own.
    pub objective: &'a mut O,
    /// The population.
    pub codes: &'a Population,
    /// Overwritten with one score a code, in the order of the codes.
    pub scores: &'a mut Vec<f64>,
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use super::*;

    /// Scores a code by its first number times a factor.
    struct First(f64);

    impl Objective for First {
        type Error = Infallible;

        fn dim(&self) -> usize {
            2
        }

        fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
            scores.clear();
            scores.extend(codes.iter().map(|code| self.0 * code[0]));
            Ok(())
        }
    }

    #[test]
    fn populations_are_evaluated_one_by_one_by_default() {
        let (a, b) = (Population::from_rows(2, &[1.0, 0.0, 2.0, 0.0]), Population::from_rows(2, &[3.0, 0.0]));
        let (mut first, mut tenfold) = (First(1.0), First(10.0));
        let (mut of_a, mut of_b) = (vec![9.0], Vec::new());
        let Ok(()) = First::evaluate_together(&mut [
            Evaluation { objective: &mut first, codes: &a, scores: &mut of_a },
            Evaluation { objective: &mut tenfold, codes: &b, scores: &mut of_b },
        ]);
        assert_eq!((of_a, of_b), (vec![1.0, 2.0], vec![30.0]));
    }
}
