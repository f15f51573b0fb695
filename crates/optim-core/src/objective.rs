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

    /// Evaluates several populations, those of evolutions in lock step, say: `scores[i]` is overwritten with the
    /// scores of `populations[i]`.
    ///
    /// The scores are those of as many calls of [`evaluate`](Self::evaluate), which is what this does unless an
    /// objective is faster on many codes at once.
    ///
    /// # Errors
    /// If a population cannot be evaluated; all `scores` are unspecified then.
    ///
    /// # Panics
    /// If there are not as many `scores` as `populations`.
    fn evaluate_many(&mut self, populations: &[&Population], scores: &mut [Vec<f64>]) -> Result<(), Self::Error> {
        assert_eq!(populations.len(), scores.len(), "one vector of scores a population");
        populations.iter().zip(scores).try_for_each(|(codes, scores)| self.evaluate(codes, scores))
    }
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

    /// Scores a code by its first number, and counts the calls.
    struct First(usize);

    impl Objective for First {
        type Error = Infallible;

        fn dim(&self) -> usize {
            2
        }

        fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
            self.0 += 1;
            scores.clear();
            scores.extend(codes.iter().map(|code| code[0]));
            Ok(())
        }
    }

    #[test]
    fn many_populations_are_evaluated_one_by_one_by_default() {
        let (a, b) = (Population::from_rows(2, &[1.0, 0.0, 2.0, 0.0]), Population::from_rows(2, &[3.0, 0.0]));
        let mut objective = First(0);
        let mut scores = vec![vec![9.0]; 2];
        let Ok(()) = objective.evaluate_many(&[&a, &b], &mut scores);
        assert_eq!(scores, [vec![1.0, 2.0], vec![3.0]]);
        assert_eq!(objective.0, 2);
    }
}
