//! A method, objectives and observers to test with.

use std::ops::ControlFlow;

use experiments::{Event, Evolution, GenerationReport, Observer, RunStart};
use optim_core::{ConfigError, Objective, Optimizer, Population, TellError};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

/// An evolution strategy that takes the best code as its next mean, with as many codes a generation
/// as the list says, over and over.
pub(crate) struct BestOfLambda {
    mean: Vec<f64>,
    lambdas: Vec<usize>,
    generation: u64,
    asked: Option<usize>,
    incumbent: Option<(Vec<f64>, f64)>,
}

impl BestOfLambda {
    pub(crate) fn new(dim: usize, lambdas: &[usize]) -> Self {
        Self { mean: vec![0.0; dim], lambdas: lambdas.to_vec(), generation: 0, asked: None, incumbent: None }
    }
}

impl Optimizer for BestOfLambda {
    fn dim(&self) -> usize {
        self.mean.len()
    }
    fn generation(&self) -> u64 {
        self.generation
    }
    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.mean = codes.code(0).to_vec();
        Ok(())
    }
    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let lambda = self.lambdas[self.generation as usize % self.lambdas.len()];
        out.reshape(self.mean.len(), lambda);
        for i in 0..lambda {
            for (x, mean) in out.code_mut(i).iter_mut().zip(&self.mean) {
                let normal: f64 = StandardNormal.sample(rng);
                *x = mean + normal;
            }
        }
        self.asked = Some(lambda);
    }
    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.asked.take().ok_or(TellError::NotAsked)?;
        let best = (0..scores.len())
            .filter(|&i| !scores[i].is_nan())
            .max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
            .ok_or(TellError::AllNan { count: scores.len() })?;
        self.mean = codes.code(best).to_vec();
        if self.incumbent.as_ref().is_none_or(|(_, score)| scores[best] > *score) {
            self.incumbent = Some((self.mean.clone(), scores[best]));
        }
        self.generation += 1;
        Ok(())
    }
    fn recommend(&self) -> &[f64] {
        &self.mean
    }
    fn incumbent(&self) -> Option<(&[f64], f64)> {
        self.incumbent.as_ref().map(|(code, score)| (&code[..], *score))
    }
    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("told", self.generation as f64)]
    }
}

/// Why [`Function`] may fail.
#[derive(Debug, thiserror::Error)]
#[error("the device is gone")]
pub(crate) struct DeviceGone;

/// Any function of a generation, that counts its calls.
pub(crate) struct Function<F> {
    pub(crate) dim: usize,
    pub(crate) calls: usize,
    pub(crate) function: F,
}

impl<F: FnMut(&Population) -> Result<Vec<f64>, DeviceGone>> Function<F> {
    pub(crate) fn new(dim: usize, function: F) -> Self {
        Self { dim, calls: 0, function }
    }
}

impl<F: FnMut(&Population) -> Result<Vec<f64>, DeviceGone>> Objective for Function<F> {
    type Error = DeviceGone;
    fn dim(&self) -> usize {
        self.dim
    }
    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), DeviceGone> {
        self.calls += 1;
        *scores = (self.function)(codes)?;
        Ok(())
    }
}

/// `-|z - 1|^2` of each code.
pub(crate) fn hill(codes: &Population) -> Result<Vec<f64>, DeviceGone> {
    Ok(codes.iter().map(|code| -code.iter().map(|x| (x - 1.0).powi(2)).sum::<f64>()).collect())
}

/// One generation as an observer saw it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) generation: u32,
    pub(crate) replayed: bool,
    pub(crate) codes: Population,
    pub(crate) clean: Vec<f64>,
    pub(crate) noisy: Vec<f64>,
    pub(crate) best_clean: Option<f64>,
    pub(crate) mean_score: f64,
    pub(crate) diagnostics: Vec<(&'static str, f64)>,
    pub(crate) evaluations: usize,
}

/// Remembers everything, and breaks after `stop_after` generations.
#[derive(Default)]
pub(crate) struct Witness {
    pub(crate) start: Option<RunStart>,
    pub(crate) seen: Vec<Seen>,
    /// With the generation in which they came.
    pub(crate) warnings: Vec<(usize, Event)>,
    pub(crate) ends: usize,
    pub(crate) stop_after: Option<usize>,
}

impl Witness {
    pub(crate) fn stopping_after(generations: usize) -> Self {
        Self { stop_after: Some(generations), ..Self::default() }
    }

    fn flow(&self) -> ControlFlow<()> {
        if self.stop_after == Some(self.seen.len()) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

impl Observer for Witness {
    fn on_start(&mut self, start: &RunStart) -> ControlFlow<()> {
        self.start = Some(*start);
        self.flow()
    }
    fn on_generation(&mut self, report: &GenerationReport<'_>) -> ControlFlow<()> {
        self.seen.push(Seen {
            generation: report.generation,
            replayed: report.replayed,
            codes: report.codes.clone(),
            clean: report.clean.to_vec(),
            noisy: report.noisy.to_vec(),
            best_clean: report.best_clean.map(|best| best.score),
            mean_score: report.mean_score,
            diagnostics: report.diagnostics.to_vec(),
            evaluations: report.evaluations,
        });
        self.flow()
    }
    fn on_warning(&mut self, event: &Event) {
        self.warnings.push((self.seen.len(), *event));
    }
    fn on_end(&mut self, _evolution: &Evolution) {
        self.ends += 1;
    }
}
