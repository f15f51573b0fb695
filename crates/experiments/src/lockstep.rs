//! Several evolutions, generation by generation.

use std::sync::Arc;
use std::time::Instant;

use optim_core::{Evaluation, Objective};

use crate::{Evolution, EvolveError, Evolver};

/// Evolutions in lock step: all are asked, one evaluation scores the codes of all, and each is told its own scores.
///
/// ```text
/// every member:  codes = ask
/// Objective::evaluate_together(codes and objective of every member)
/// every member:  tell(its scores); finish, if its plan is over
/// ```
///
/// A member gets the numbers that it would get alone, if its objective does not depend on the batch. Members may have
/// different methods, plans and population sizes. A member leaves when it is over or fails, and others may join between
/// two steps. `T` is a tag by which the caller tells the members apart.
pub struct Lockstep<'a, T, F> {
    members: Vec<Member<'a, T, F>>,
}

struct Member<'a, T, F> {
    tag: T,
    evolver: Evolver<'a>,
    objective: F,
    scores: Vec<f64>,
}

impl<T, F> Default for Lockstep<'_, T, F> {
    fn default() -> Self {
        Self { members: Vec::new() }
    }
}

/// Evolutions that are over, each with its tag and its record, or the error that ended it.
pub type Ended<T> = Vec<(T, Result<Evolution, EvolveError>)>;

impl<'a, T, F: Objective> Lockstep<'a, T, F> {
    /// Adds an evolution, from the next step on.
    ///
    /// # Errors
    /// If the objective takes codes of another length than the method proposes.
    pub fn join(&mut self, tag: T, evolver: Evolver<'a>, objective: F) -> Result<(), EvolveError> {
        evolver.check_dim(&objective)?;
        self.members.push(Member { tag, evolver, objective, scores: Vec::new() });
        Ok(())
    }

    /// Number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether there is no member.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The oldest member and its objective.
    #[must_use]
    pub fn first(&self) -> Option<(&T, &F)> {
        self.members.first().map(|member| (&member.tag, &member.objective))
    }

    /// Makes one generation of every member, and returns the members that are over: finished, interrupted by an
    /// observer, or failed.
    ///
    /// A member that fails leaves the others as they are. If the evaluation fails, all members fail. Each member is
    /// charged a share of the evaluation's seconds, in proportion to its codes.
    pub fn step(&mut self) -> Ended<T> {
        let mut ended = self.ask();
        let begun = Instant::now();
        match self.evaluate() {
            Ok(codes) => ended.extend(self.tell(begun.elapsed().as_secs_f64() / codes.max(1) as f64)),
            Err(error) => {
                let error = Arc::new(error);
                let failed = self.members.drain(..).map(|Member { tag, evolver, .. }| {
                    let error = evolver.not_evaluated(Arc::clone(&error));
                    (tag, Err(error))
                });
                ended.extend(failed);
            }
        }
        ended
    }

    /// Asks all members for codes. Those that have none left are over.
    fn ask(&mut self) -> Ended<T> {
        let mut ended = Vec::new();
        for mut member in std::mem::take(&mut self.members) {
            match member.evolver.ask().map(|codes| codes.is_some()) {
                Ok(true) => self.members.push(member),
                Ok(false) => ended.push((member.tag, member.evolver.finish())),
                Err(error) => ended.push((member.tag, Err(error))),
            }
        }
        ended
    }

    /// Scores the codes of all members at once; returns how many there were.
    fn evaluate(&mut self) -> Result<usize, F::Error> {
        let evaluations = self.members.iter_mut().map(|Member { evolver, objective, scores, .. }| Evaluation {
            objective,
            codes: evolver.codes(),
            scores,
        });
        let mut evaluations: Vec<_> = evaluations.collect();
        F::evaluate_together(&mut evaluations)?;
        Ok(evaluations.iter().map(|evaluation| evaluation.codes.len()).sum())
    }

    /// Tells all members their scores. Those whose plan is done are over.
    fn tell(&mut self, seconds_a_code: f64) -> Ended<T> {
        let mut ended = Vec::new();
        for mut member in std::mem::take(&mut self.members) {
            let seconds = seconds_a_code * member.scores.len() as f64;
            match member.evolver.tell_after(seconds, &member.scores) {
                Ok(()) if member.evolver.is_over() => ended.push((member.tag, member.evolver.finish())),
                Ok(()) => self.members.push(member),
                Err(error) => ended.push((member.tag, Err(error))),
            }
        }
        ended
    }
}
