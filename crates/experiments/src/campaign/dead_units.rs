//! Units that never respond.

use super::grid::Unit;
use super::record::RunRecord;
use crate::Goal;

/// The scores that the finished runs saw, unit by unit in the order of the grid.
#[derive(Debug, Default)]
pub(crate) struct Answers(Vec<Answer>);

#[derive(Debug)]
struct Answer {
    unit: Unit,
    runs: usize,
    /// The score that all runs have seen and no other; none if there was another one.
    only: Option<f64>,
}

impl Answers {
    /// Takes a run in; those of a unit come one after the other.
    pub(crate) fn add(&mut self, unit: &Unit, record: &RunRecord) {
        let only = only_score(record);
        match self.0.last_mut() {
            Some(answer) if answer.unit == *unit => {
                answer.runs += 1;
                answer.only = answer.only.filter(|score| only == Some(*score));
            }
            _ => self.0.push(Answer { unit: unit.clone(), runs: 1, only }),
        }
    }

    /// Units that have always answered with one and the same score. A single run proves that of 0 only: its first code
    /// may be its best by chance.
    pub(crate) fn into_dead(self) -> Vec<Unit> {
        let dead = |answer: &Answer| answer.only.is_some_and(|score| score == 0.0 || answer.runs > 1);
        self.0.into_iter().filter(dead).map(|answer| answer.unit).collect()
    }
}

/// The only score that a run saw, as far as its record tells: no score was above that of the first code. None if low scores
/// are sought, because no score of a rectified unit is below 0.
fn only_score(record: &RunRecord) -> Option<f64> {
    let first = record.best_clean.filter(|best| best.evaluation == 0 && record.spec.goal == Goal::Maximize)?;
    Some(first.score.0)
}
