//! `summary.json`, and what of it is said at the end.

use std::io::{self, Write};

use experiments::{Evolution, Noise, Outcome, PhaseSeconds, RunSummary};
use serde::{Deserialize, Serialize};

use super::reference::ReferenceSummary;
use crate::console::significant;

/// Time inside ONNX Runtime, over the generations that the last process evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionTime {
    /// Seconds inside ONNX Runtime.
    pub session: f64,
    /// Seconds of evaluation: the session, conversion to single precision, reading the unit.
    pub evaluate: f64,
    /// Seconds of the generations in all.
    pub total: f64,
}

impl SessionTime {
    /// Time of the generations after the `replayed` ones, with `session` seconds inside ONNX Runtime.
    #[must_use]
    pub(crate) fn of(evolution: &Evolution, replayed: usize, session: f64) -> Self {
        let here = evolution.seconds.get(replayed..).unwrap_or_default();
        let evaluate = here.iter().map(|seconds| seconds.evaluate).sum();
        Self { session, evaluate, total: here.iter().map(PhaseSeconds::total).sum() }
    }

    /// Share of the total that was spent inside ONNX Runtime.
    #[must_use]
    pub fn share(&self) -> f64 {
        if self.total > 0.0 { self.session / self.total } else { 0.0 }
    }
}

/// What `actmax evolve` writes into `summary.json`: the run's summary with what only the command knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvolveSummary {
    /// The run in numbers; its fields stand beside the others.
    #[serde(flatten)]
    pub run: RunSummary,
    /// Time inside ONNX Runtime.
    pub onnx_seconds: SessionTime,
    /// Where the best image lies among reference images, if there were any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<ReferenceSummary>,
    /// What the user was warned of.
    pub warnings: Vec<String>,
}

impl EvolveSummary {
    /// Says in some lines what came out.
    ///
    /// # Errors
    /// If `out` fails.
    pub fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        let run = &self.run;
        if let Some(best) = &run.best_clean {
            writeln!(out, "best clean score   {} (generation {})", significant(best.score.0), best.generation)?;
        }
        if let Some(best) = run.best_noisy.as_ref().filter(|_| run.spec.noise != Noise::None) {
            writeln!(out, "best noisy score   {} (generation {})", significant(best.score.0), best.generation)?;
        }
        if let Some(score) = run.final_mean_score {
            writeln!(out, "final mean         {}", significant(score.0))?;
        }
        if let Some(norm) = run.norms.last_generation {
            writeln!(out, "code norm          {norm:.1}")?;
        }
        if let Some(reference) = &self.reference {
            writeln!(out, "among references   {}", reference.describe())?;
        }
        if self.onnx_seconds.total > 0.0 {
            let (rate, share) = (run.evaluations as f64 / run.runtime, 100.0 * self.onnx_seconds.share());
            writeln!(
                out,
                "evaluations        {} in {:.1} s, {rate:.0} a second ({share:.0} % of it in ONNX Runtime)",
                run.evaluations, run.runtime
            )?;
        } else {
            writeln!(out, "evaluations        {}, all of them recorded before", run.evaluations)?;
        }
        if let presentations @ 2.. = run.spec.presentations() {
            let all = run.evaluations as u64 * u64::from(presentations);
            writeln!(out, "presentations      {all}: {} codes, {presentations} times each", run.evaluations)?;
        }
        if run.outcome != Outcome::Finished {
            let why = run.stopped.map_or_else(String::new, |reason| format!(": {reason}"));
            writeln!(out, "stopped after      {} of {} generations{why}", run.generations_done, run.generations_asked)?;
        }
        self.warnings.iter().try_for_each(|warning| writeln!(out, "warning            {warning}"))
    }
}
