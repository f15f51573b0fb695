//! Several evolutions, generation by generation.

use std::sync::Arc;
use std::time::Instant;

use optim_core::{Asked, Objective};

use crate::beside::beside;
use crate::{Evolution, EvolveError, Evolver};

/// Evolutions in lock step: all are asked, one evaluation scores the codes of all, each is told its own.
///
/// ```text
/// every member:  codes = ask
/// Objective::evaluate_together(codes and objective of every member)
/// every member:  tell(its scores); finish, if its plan is over
/// ```
///
/// A member's numbers are those that it has alone, up to what its objective makes of a larger batch. Members may have
/// different methods, plans and population sizes; one leaves when it is over or fails, and others may join between
/// two steps. `T` is what the caller knows a member by.
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

/// Members that left, each with what came of it.
pub type Left<T> = Vec<(T, Result<Evolution, EvolveError>)>;

impl<'a, T, F: Objective> Lockstep<'a, T, F> {
    /// Takes an evolution in, from the next step on.
    ///
    /// # Errors
    /// If the objective takes codes of another length than the method proposes.
    pub fn join(&mut self, tag: T, evolver: Evolver<'a>, objective: F) -> Result<(), EvolveError> {
        evolver.check_dim(&objective)?;
        self.members.push(Member { tag, evolver, objective, scores: Vec::new() });
        Ok(())
    }

    /// Evolutions that are in it.
    #[must_use]
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether none is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// The member that has been in it for longest, and its objective.
    #[must_use]
    pub fn first(&self) -> Option<(&T, &F)> {
        self.members.first().map(|member| (&member.tag, &member.objective))
    }

    /// Turns the wheel by one generation, and returns the members that left: finished, interrupted by an observer, or
    /// failed.
    ///
    /// A member that fails leaves the others as they are. Where the evaluation fails, all fail for that reason. The
    /// seconds of the evaluation are booked on the members in proportion to their codes.
    pub fn step(&mut self) -> Left<T> {
        let mut left = Vec::new();
        self.ask(&mut left);
        let begun = Instant::now();
        let turns = self.members.iter_mut();
        match evaluate(turns.map(|member| (&mut member.evolver, &mut member.objective, &mut member.scores))) {
            Ok(codes) => self.tell(begun.elapsed().as_secs_f64() / codes.max(1) as f64, &mut left),
            Err(error) => {
                let error = Arc::new(error);
                let failed = self.members.drain(..).map(|Member { tag, evolver, .. }| {
                    let error = evolver.not_evaluated(Arc::clone(&error));
                    (tag, Err(error))
                });
                left.extend(failed);
            }
        }
        left
    }

    fn ask(&mut self, left: &mut Left<T>) {
        for mut member in std::mem::take(&mut self.members) {
            match member.evolver.ask().map(|codes| codes.is_some()) {
                Ok(true) => self.members.push(member),
                Ok(false) => left.push((member.tag, member.evolver.finish())),
                Err(error) => left.push((member.tag, Err(error))),
            }
        }
    }

    fn tell(&mut self, seconds_a_code: f64, left: &mut Left<T>) {
        for mut member in std::mem::take(&mut self.members) {
            let seconds = seconds_a_code * member.scores.len() as f64;
            match member.evolver.tell_after(seconds, &member.scores) {
                Ok(()) if member.evolver.is_over() => left.push((member.tag, member.evolver.finish())),
                Ok(()) => self.members.push(member),
                Err(error) => left.push((member.tag, Err(error))),
            }
        }
    }
}

/// Numbers in a generation from which on a thread of its own is worth the tens of microseconds that
/// it takes to start.
const WORTH_A_THREAD: usize = 1 << 15;

/// Scores the codes that are out, does beside it what needs no scores, and returns the number of codes.
pub(crate) fn evaluate<'e, 'a: 'e, F: Objective + 'e>(
    turns: impl IntoIterator<Item = (&'e mut Evolver<'a>, &'e mut F, &'e mut Vec<f64>)>,
) -> Result<usize, F::Error> {
    let (mut asked, mut asides) = (Vec::new(), Vec::new());
    for (evolver, objective, scores) in turns {
        let (codes, aside) = evolver.out();
        asked.push(Asked { objective, codes, scores });
        asides.push(aside);
    }
    let count = asked.iter().map(|asked| asked.codes.len()).sum();
    let numbers: usize = asked.iter().map(|asked| asked.codes.as_slice().len()).sum();
    beside(
        numbers >= WORTH_A_THREAD,
        || F::evaluate_together(&mut asked),
        || asides.into_iter().for_each(|aside| aside()),
    )?;
    Ok(count)
}
