//! The record of a run.

use std::time::Duration;

use optim_core::{Population, to_f32};
use serde::{Deserialize, Serialize};

use crate::StopReason;
use crate::spec::RunPlan;

/// Which codes a record keeps. Scores and norms are always kept, and so are the best, the recommended and the next codes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keep {
    /// Every code of the run: 4 N bytes an evaluation, 49 MB for 3000 codes of 4096.
    #[default]
    All,
    /// Those of the last scored generation.
    LastOnly,
    /// None, and no means of the generations: the record then does not grow with N times the generations.
    None,
}

impl Keep {
    /// Whether it is the default, which files leave out.
    pub(crate) fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// Whether a record that keeps this has everything that one of `other` has.
    pub(crate) fn covers(self, other: Self) -> bool {
        match self {
            Self::All => true,
            Self::LastOnly => other != Self::All,
            Self::None => other == Self::None,
        }
    }
}

/// Whether a run came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All generations were scored.
    Finished,
    /// A stop rule of the plan ended it before.
    Stopped,
    /// An observer ended it before.
    Interrupted,
}

/// Seconds by phase. Generations from a journal count with the seconds that they took then, except
/// for `observe`, which is of this process only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PhaseSeconds {
    /// The method proposed codes.
    pub ask: f64,
    /// The objective scored them.
    pub evaluate: f64,
    /// Noise was drawn.
    pub noise: f64,
    /// The method took the scores.
    pub tell: f64,
    /// The generation was recorded, written to the journal and shown to the observers.
    pub observe: f64,
}

impl PhaseSeconds {
    /// Sum over the phases.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.ask + self.evaluate + self.noise + self.tell + self.observe
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.ask += other.ask;
        self.evaluate += other.evaluate;
        self.noise += other.noise;
        self.tell += other.tell;
        self.observe += other.observe;
    }

    pub(crate) fn elapsed(&self) -> Duration {
        Duration::try_from_secs_f64(self.total()).unwrap_or_default()
    }
}

/// The best code of a run by one kind of score; the first of equal ones.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct BestCode {
    /// The code, length N.
    pub code: Vec<f64>,
    /// Its score.
    pub score: f64,
    /// Its generation, counted from 0.
    pub generation: u32,
    /// Its column in the generation.
    pub index: usize,
    /// Its row in the arrays over all evaluations.
    pub evaluation: usize,
}

/// Everything that a run recorded. `n` is the number of evaluations, `G` of scored generations.
///
/// Scores have the activation's natural sign, whatever the goal. Arrays over all evaluations bear
/// the names under which the published scripts store them.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Evolution {
    /// Length N of a code.
    pub dim: usize,
    /// What was planned.
    pub plan: RunPlan,
    /// Whether all planned generations were scored.
    pub outcome: Outcome,
    /// The stop rule that held first; none if none did.
    pub stopped: Option<StopReason>,
    /// Codes, C-order `[n, N]`, or `[lambda of the last generation, N]` with [`Keep::LastOnly`]; empty with
    /// [`Keep::None`].
    pub codes_all: Vec<f32>,
    /// Scores that the method saw, `[n]`.
    pub scores_all: Vec<f64>,
    /// Scores before noise, `[n]`.
    pub cleanscores_all: Vec<f64>,
    /// Generation of each evaluation, counted from 0, `[n]`.
    pub generations: Vec<u32>,
    /// Mean code of each scored generation, C-order `[G, N]`; empty with [`Keep::None`].
    pub generation_means: Vec<f32>,
    /// The code that the method recommends after each scored generation, C-order `[G, N]`; empty unless the plan
    /// asks for it.
    pub recommendations: Vec<f32>,
    /// Mean Euclidean norm of the codes of each scored generation, `[G]`.
    pub mean_norms: Vec<f64>,
    /// The method's named scalars after each scored generation, `[G]`.
    pub diagnostics: Vec<Vec<(&'static str, f64)>>,
    /// Seconds that each scored generation took, `[G]`.
    pub seconds: Vec<PhaseSeconds>,
    /// Best code by clean score; none if no score was a number.
    pub best_clean: Option<BestCode>,
    /// Best code by noisy score: with noise this is the luckiest draw.
    pub best_noisy: Option<BestCode>,
    /// The method's own best code and its score as told.
    pub incumbent: Option<(Vec<f64>, f64)>,
    /// The code that the method recommends after the last generation, length N.
    pub recommended: Vec<f64>,
    /// Mean code of the last scored generation, length N; none if no generation was scored.
    pub final_mean: Option<Vec<f64>>,
    /// The generation that the method would score next, `N x lambda`; never evaluated.
    pub next_codes: Population,
}

impl Evolution {
    pub(crate) fn new(dim: usize, plan: RunPlan) -> Self {
        Self {
            dim,
            plan,
            outcome: Outcome::Interrupted,
            stopped: None,
            codes_all: Vec::new(),
            scores_all: Vec::new(),
            cleanscores_all: Vec::new(),
            generations: Vec::new(),
            generation_means: Vec::new(),
            recommendations: Vec::new(),
            mean_norms: Vec::new(),
            diagnostics: Vec::new(),
            seconds: Vec::new(),
            best_clean: None,
            best_noisy: None,
            incumbent: None,
            recommended: Vec::new(),
            final_mean: None,
            next_codes: Population::new(dim),
        }
    }

    /// Number n of codes scored.
    #[must_use]
    pub fn evaluations(&self) -> usize {
        self.scores_all.len()
    }

    /// Number G of generations scored.
    #[must_use]
    pub fn generations_scored(&self) -> u32 {
        self.generations.last().map_or(0, |last| last + 1)
    }

    /// Mean norm of the generation proposed after the last scored one: the published `codenorm`.
    #[must_use]
    pub fn next_mean_norm(&self) -> Option<f64> {
        mean_norm(&self.next_codes)
    }

    /// Seconds by phase, over all generations.
    #[must_use]
    pub fn timing(&self) -> PhaseSeconds {
        let mut total = PhaseSeconds::default();
        self.seconds.iter().for_each(|seconds| total.add(seconds));
        total
    }

    /// Adds a scored generation.
    pub(crate) fn push_generation(&mut self, codes: &Population, clean: &[f64], noisy: &[f64]) {
        let generation = self.generations_scored();
        self.keep_codes(codes);
        self.mean_norms.push(mean_norm(codes).unwrap_or(f64::NAN));
        let mean = codes.mean().unwrap_or_else(|| vec![f64::NAN; self.dim]);
        if self.plan.keep != Keep::None {
            self.generation_means.extend_from_slice(&to_f32(&mean));
        }
        self.final_mean = Some(mean);
        self.update_bests(codes, clean, noisy, generation);
        self.scores_all.extend_from_slice(noisy);
        self.cleanscores_all.extend_from_slice(clean);
        self.generations.extend(std::iter::repeat_n(generation, codes.len()));
    }

    /// Keeps the code that the method recommends after the last generation, if the plan asks for it.
    pub(crate) fn push_recommended(&mut self, code: &[f64]) {
        if self.plan.keep_recommended {
            self.recommendations.extend_from_slice(&to_f32(code));
        }
    }

    fn update_bests(&mut self, codes: &Population, clean: &[f64], noisy: &[f64], generation: u32) {
        let first_row = self.evaluations();
        let goal = self.plan.goal;
        for (best, scores) in [(&mut self.best_clean, clean), (&mut self.best_noisy, noisy)] {
            for (index, &score) in scores.iter().enumerate() {
                if goal.is_better(score, best.as_ref().map_or(f64::NAN, |best| best.score)) {
                    let code = codes.code(index).to_vec();
                    *best = Some(BestCode { code, score, generation, index, evaluation: first_row + index });
                }
            }
        }
    }

    fn keep_codes(&mut self, codes: &Population) {
        match self.plan.keep {
            Keep::None => {}
            Keep::LastOnly => codes.write_f32(&mut self.codes_all),
            Keep::All => {
                self.reserve_codes(codes.as_slice().len());
                codes.append_f32(&mut self.codes_all);
            }
        }
    }

    /// Reserves room for the coming generations, so that the codes are not copied as a run of usual length grows. It
    /// counts one code more a generation, because SphereCMA adds one to every generation but the first.
    fn reserve_codes(&mut self, generation_len: usize) {
        const GENERATIONS_AHEAD: u32 = 128;
        if self.codes_all.capacity() - self.codes_all.len() < generation_len {
            let ahead = (self.plan.generations - self.generations_scored()).clamp(1, GENERATIONS_AHEAD);
            self.codes_all.reserve_exact((generation_len + self.dim) * ahead as usize);
        }
    }
}

/// Mean Euclidean norm of the codes; none if there is no code.
fn mean_norm(codes: &Population) -> Option<f64> {
    (!codes.is_empty()).then(|| codes.norms().sum::<f64>() / codes.len() as f64)
}
