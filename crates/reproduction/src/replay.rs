//! The codes of a stored run again: its method is told the recorded scores.

use std::convert::Infallible;
use std::ops::ControlFlow;

use anyhow::Result;
use experiments::campaign::StoredRun;
use experiments::{Evolution, Evolver, GenerationReport, Keep, Noise, Observer, RunPlan};
use optim_core::{Objective, Population};

/// Shows the codes of every generation of a run, in order; gives the run as the method went through it.
///
/// The noise is in the recorded scores already.
pub(crate) fn replay(stored: &StoredRun, visit: impl FnMut(&Population)) -> Result<Evolution> {
    let spec = &stored.run.spec;
    let mut scores = RecordedScores { dim: spec.dim, scores: stored.arrays()?.scores_all.into_iter() };
    let mut visitor = Visitor(visit);
    let plan = RunPlan { keep: Keep::LastOnly, noise: Noise::None, ..spec.plan() };
    Ok(Evolver::new(spec.optimizer(None)?, plan)?.with_observer(&mut visitor).run(&mut scores)?)
}

/// Gives the scores of a stored run in their order, whatever the codes.
struct RecordedScores {
    dim: usize,
    scores: std::vec::IntoIter<f64>,
}

impl Objective for RecordedScores {
    type Error = Infallible;

    fn dim(&self) -> usize {
        self.dim
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
        scores.clear();
        scores.extend(self.scores.by_ref().take(codes.len()));
        Ok(())
    }
}

struct Visitor<F>(F);

impl<F: FnMut(&Population)> Observer for Visitor<F> {
    fn on_generation(&mut self, report: &GenerationReport<'_>) -> ControlFlow<()> {
        (self.0)(report.codes);
        ControlFlow::Continue(())
    }
}
