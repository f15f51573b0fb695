//! `summary.json`: the results of a run on one page.

use serde::{Deserialize, Serialize};

use crate::journal::Score;
use crate::record::{BestCode, Evolution, Outcome, PhaseSeconds};
use crate::{Provenance, RunSpec, StopReason};

/// A best score and where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BestScore {
    /// The score.
    pub score: Score,
    /// Its generation, counted from 0.
    pub generation: u32,
    /// Its column in the generation.
    pub index: usize,
    /// Its row in the arrays over all evaluations.
    pub evaluation: usize,
}

impl From<&BestCode> for BestScore {
    fn from(best: &BestCode) -> Self {
        Self { score: Score(best.score), generation: best.generation, index: best.index, evaluation: best.evaluation }
    }
}

/// Euclidean norms of codes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Norms {
    /// Of the code with the best clean score.
    pub best_clean: Option<f64>,
    /// Of the mean of the last scored generation.
    pub final_mean: Option<f64>,
    /// Mean over the last scored generation.
    pub last_generation: Option<f64>,
    /// Mean over the generation that would come next: the published `codenorm`.
    pub next_generation: Option<f64>,
    /// Of the code that the method recommends.
    pub recommended: f64,
}

impl Norms {
    pub(crate) fn of(evolution: &Evolution) -> Self {
        Self {
            best_clean: evolution.best_clean.as_ref().map(|best| norm(&best.code)),
            final_mean: evolution.final_mean.as_deref().map(norm),
            last_generation: evolution.mean_norms.last().copied(),
            next_generation: evolution.next_mean_norm(),
            recommended: norm(&evolution.recommended),
        }
    }
}

/// A run in numbers. Scores have the activation's natural sign.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// What was to be run, its seed included.
    pub spec: RunSpec,
    /// Which program ran it, and on what.
    pub provenance: Provenance,
    /// Whether it came to its end.
    pub outcome: Outcome,
    /// Why it ended before its last generation, if a stop rule did that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped: Option<StopReason>,
    /// Generations asked for.
    pub generations_asked: u32,
    /// Generations scored.
    pub generations_done: u32,
    /// Codes scored. Each counts once, however often it was presented: see [`RunSpec::presentations`].
    pub evaluations: usize,
    /// The best clean score: the result.
    pub best_clean: Option<BestScore>,
    /// The best noisy score: with noise this is the luckiest draw.
    pub best_noisy: Option<BestScore>,
    /// Clean score of the mean code of the last generation, if the caller evaluated it.
    pub final_mean_score: Option<Score>,
    /// Norms of codes.
    pub norms: Norms,
    /// Seconds by phase.
    pub seconds: PhaseSeconds,
    /// Seconds in all.
    pub runtime: f64,
}

impl RunSummary {
    /// Summarises a run. `final_mean_score` is the clean score of [`Evolution::final_mean`], if the
    /// caller evaluated it.
    #[must_use]
    pub fn new(evolution: &Evolution, spec: &RunSpec, provenance: &Provenance, final_mean_score: Option<f64>) -> Self {
        let seconds = evolution.timing();
        Self {
            spec: spec.clone(),
            provenance: provenance.clone(),
            outcome: evolution.outcome,
            stopped: evolution.stopped,
            generations_asked: evolution.plan.generations,
            generations_done: evolution.generations_scored(),
            evaluations: evolution.evaluations(),
            best_clean: evolution.best_clean.as_ref().map(BestScore::from),
            best_noisy: evolution.best_noisy.as_ref().map(BestScore::from),
            final_mean_score: final_mean_score.map(Score),
            norms: Norms::of(evolution),
            seconds,
            runtime: seconds.total(),
        }
    }
}

pub(crate) fn norm(code: &[f64]) -> f64 {
    code.iter().map(|x| x * x).sum::<f64>().sqrt()
}
