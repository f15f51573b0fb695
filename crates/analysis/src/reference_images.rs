//! Where an evolved image's score lies among the scores of reference images, such as photographs.

use crate::error::StatsError;
use crate::summary::Summary;

/// Where one score lies among the scores of reference images.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AmongReferences {
    /// Number of reference scores.
    pub references: usize,
    /// Share of them strictly below.
    pub share_below: f64,
    /// Share of them equal to the score.
    pub share_equal: f64,
    /// Largest reference score.
    pub largest: f64,
    /// Distance from their mean in their standard deviations (divisor `n - 1`); `None` where they do not vary.
    pub z: Option<f64>,
}

impl AmongReferences {
    /// Compares `score` with those of `references`.
    ///
    /// # Errors
    /// No reference, or a value that is not finite.
    pub fn of(score: f64, references: &[f64]) -> Result<Self, StatsError> {
        let summary = Summary::of(references)?;
        if !score.is_finite() {
            return Err(StatsError::NotFinite { index: 0 });
        }
        let share = |is_counted: &dyn Fn(f64) -> bool| {
            references.iter().filter(|value| is_counted(**value)).count() as f64 / references.len() as f64
        };
        Ok(Self {
            references: references.len(),
            share_below: share(&|value| value < score),
            share_equal: share(&|value| value == score),
            largest: summary.max,
            z: (summary.sd > 0.0).then(|| (score - summary.mean) / summary.sd),
        })
    }

    /// Percentile in `[0, 100]`; ties count half (SciPy's `percentileofscore(kind="mean")`).
    #[must_use]
    pub fn percentile(&self) -> f64 {
        100.0 * (self.share_below + self.share_equal / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_count_half() {
        let found = AmongReferences::of(2.0, &[1.0, 2.0, 2.0, 5.0]).unwrap();
        assert_eq!((found.share_below, found.share_equal, found.percentile(), found.largest), (0.25, 0.5, 50.0, 5.0));
        assert_eq!(AmongReferences::of(1.0, &[3.0, 3.0]).unwrap().z, None);
        assert!(AmongReferences::of(f64::NAN, &[3.0]).is_err());
        assert!(AmongReferences::of(1.0, &[]).is_err());
    }
}
