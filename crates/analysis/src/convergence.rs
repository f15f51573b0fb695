//! How fast a run approaches what it ends with.
//!
//! A trace is the best clean score so far after every evaluation. Its area and the evaluations to a share of its last
//! value say how much of a run's budget was needed, whatever the score's unit.

use crate::error::{StatsError, check_count, check_finite};
use crate::summary::{mean, running_maximum};

/// Shares of the final best score whose crossing is reported.
pub const SHARES: [f64; 3] = [0.5, 0.8, 0.9];

/// Speed of one run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Convergence {
    /// Best clean score of the run.
    pub best: f64,
    /// Area under the best-so-far trace as a share of `best` times the number of evaluations: the mean over evaluations
    /// of the best score so far over the final one. 1 where the first code is the best.
    pub area: f64,
    /// Evaluations until the best so far first reaches each of [`SHARES`] of `best`, counted from 1.
    pub evaluations_to: [usize; 3],
}

impl Convergence {
    /// Measures the clean scores of a run in the order of their evaluation.
    ///
    /// Shares are of the distance from zero, the response of a silent unit; a run whose best score is not positive has
    /// none.
    ///
    /// # Errors
    /// No scores, a score that is not finite, or a best score that is not positive.
    pub fn of(clean_scores: &[f64]) -> Result<Self, StatsError> {
        check_count(clean_scores.len(), 1)?;
        check_finite(clean_scores)?;
        let trace = running_maximum(clean_scores);
        let best = trace[trace.len() - 1];
        if best <= 0.0 {
            return Err(StatsError::OutOfRange { name: "best score", value: best, low: 0.0, high: f64::INFINITY });
        }
        let evaluations_to = SHARES.map(|share| trace.partition_point(|score| *score < share * best) + 1);
        Ok(Self { best, area: mean(&trace) / best, evaluations_to })
    }

    /// Area with another score in the place of the run's own best, such as the largest of its unit over all optimizers:
    /// comparable between runs that end at different heights.
    #[must_use]
    pub fn area_relative_to(&self, score: f64) -> f64 {
        self.area * self.best / score
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staircase() {
        let speed = Convergence::of(&[0.0, 5.0, 2.0, 8.0, 10.0]).unwrap();
        assert_eq!(speed.evaluations_to, [2, 4, 5]);
        approx::assert_relative_eq!(speed.area, (5.0 + 5.0 + 8.0 + 10.0) / 50.0, max_relative = 1e-15);
        approx::assert_relative_eq!(speed.area_relative_to(20.0), speed.area / 2.0, max_relative = 1e-15);
    }

    #[test]
    fn a_silent_unit_has_no_speed() {
        assert!(matches!(Convergence::of(&[0.0, -1.0]), Err(StatsError::OutOfRange { .. })));
        assert_eq!(Convergence::of(&[]), Err(StatsError::TooFew { needed: 1, found: 0 }));
    }
}
