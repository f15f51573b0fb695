//! Scores over the largest score of their unit.

use std::collections::HashMap;

use crate::error::{StatsError, check_finite, check_lengths};

/// Which scores are divided, and by the largest of which.
///
/// The publication divides clean scores in the comparison of covariance methods, but noisy ones in the comparison of
/// nevergrad's: there the largest pools all noise levels, so that the normalised score rises with the noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoreKind {
    /// Noise-free scores.
    Clean,
    /// Scores as the optimizer saw them.
    Noisy,
}

impl ScoreKind {
    /// Name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Noisy => "noisy",
        }
    }
}

/// Scores in units of their unit's largest.
#[derive(Debug, Clone, PartialEq)]
pub struct NormalisedScores {
    /// Which scores these are.
    pub kind: ScoreKind,
    /// One row a run, one column an optimizer.
    pub rows: Vec<Vec<f64>>,
}

/// Divides every score by the largest score of its unit, over all optimizers and all runs of that unit: repeats and
/// noise levels (Wang & Ponce, 2022).
///
/// `rows[i]` holds the scores of run `i`, one an optimizer; `units[i]` names its unit. The result has the shape of
/// `rows`.
///
/// # Errors
/// Lengths that differ, a score that is not finite, or a unit whose largest score is not positive.
pub fn by_unit_maximum(kind: ScoreKind, rows: &[Vec<f64>], units: &[&str]) -> Result<NormalisedScores, StatsError> {
    check_lengths(rows.len(), units.len())?;
    let mut maxima: HashMap<&str, f64> = HashMap::new();
    for (row, unit) in rows.iter().zip(units) {
        check_finite(row)?;
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let maximum = maxima.entry(unit).or_insert(f64::NEG_INFINITY);
        *maximum = maximum.max(largest);
    }
    let divide = |index: usize| {
        let maximum = maxima[units[index]];
        if maximum > 0.0 {
            Ok(rows[index].iter().map(|score| score / maximum).collect())
        } else {
            Err(StatsError::NonPositiveMaximum { row: index, maximum })
        }
    };
    let rows = (0..rows.len()).map(divide).collect::<Result<_, _>>()?;
    Ok(NormalisedScores { kind, rows })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_divided_by_their_own_maximum() {
        let rows = [vec![1.0, 2.0], vec![10.0, 5.0], vec![4.0, 3.0]];
        let scores = by_unit_maximum(ScoreKind::Clean, &rows, &["a", "b", "a"]).unwrap();
        assert_eq!(scores.rows, [vec![0.25, 0.5], vec![1.0, 0.5], vec![1.0, 0.75]]);
        let error = by_unit_maximum(ScoreKind::Noisy, &[vec![-1.0, 0.0]], &["dead"]).unwrap_err();
        assert_eq!(error, StatsError::NonPositiveMaximum { row: 0, maximum: 0.0 });
    }
}
