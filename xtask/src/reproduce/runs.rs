//! Running the grid.

use std::ops::ControlFlow;

use analysis::geometry::norm;
use analysis::summary::running_maximum;
use anyhow::{Context, Result};
use experiments::{Budget, Evolution, Evolver, GenerationReport, Keep, Noise, Observer, Plan};
use nalgebra::DMatrix;
use optim_core::Method;
use rayon::ThreadPool;

use super::grid::Job;
use super::network::{Models, Network, Sessions};
use super::preset::Settings;
use crate::parallel;
use crate::progress::Progress;

/// What a run leaves for tables and figures.
#[derive(Clone, Debug)]
pub(super) struct Run {
    pub(super) job: Job,
    pub(super) evaluations: usize,
    /// Largest noise-free score, and the code that got it.
    pub(super) best_clean: f64,
    pub(super) best_code: Vec<f32>,
    /// Largest score as the optimizer saw it.
    pub(super) best_noisy: f64,
    /// Mean clean score of every generation.
    pub(super) mean_clean: Vec<f64>,
    /// Largest clean score up to every generation.
    pub(super) best_clean_so_far: Vec<f64>,
    /// Largest noisy score up to every generation.
    pub(super) best_noisy_so_far: Vec<f64>,
    /// Norm of the mean code of every generation.
    pub(super) mean_norms: Vec<f64>,
    /// Mean norm of the generation proposed last, which was never evaluated.
    pub(super) codenorm: f64,
    /// Mean codes `[T, N]`, of projected runs.
    pub(super) trajectory: Option<DMatrix<f64>>,
}

/// Runs the jobs on the network; results come in the order of the jobs.
pub(super) fn run_all(network: &Network, settings: &Settings, jobs: &[Job], pool: &ThreadPool) -> Result<Vec<Run>> {
    let models = network.models(settings.layers)?;
    let dim = network.latent_dim()?;
    let progress =
        Progress::start(&format!("{} runs on {}", jobs.len(), settings.cnn), jobs.len() as u64 * settings.evaluations);
    let runs = parallel::map(pool, jobs, Sessions::default, |sessions, job| {
        run(sessions, &models, dim, settings.evaluations, job, &progress).with_context(|| format!("run failed: {job}"))
    })?;
    progress.finish();
    Ok(runs)
}

fn run(
    sessions: &mut Sessions,
    models: &Models,
    dim: usize,
    evaluations: u64,
    job: &Job,
    progress: &Progress,
) -> Result<Run> {
    let method = Method::from_name(job.optimizer)?;
    let generations = Budget::Evaluations(evaluations).generations(method.population_size())?;
    let optimizer = method.for_generations(generations as usize).build(dim)?;
    let noise = Noise::Multiplicative { level: job.noise };
    let plan = Plan { noise, keep: Keep::LastOnly, ..Plan::new(job.seed, generations) };
    let mut objective = sessions.objective(models, &job.unit.address)?;
    let mut ticker = Ticker { progress };
    let evolution = Evolver::new(optimizer, plan)?.with_observer(&mut ticker).run(&mut objective)?;
    Run::of(job, &evolution)
}

/// Moves the progress on.
struct Ticker<'a> {
    progress: &'a Progress,
}

impl Observer for Ticker<'_> {
    fn on_generation(&mut self, report: &GenerationReport<'_>) -> ControlFlow<()> {
        self.progress.advance(report.codes.len() as u64);
        ControlFlow::Continue(())
    }
}

impl Run {
    fn of(job: &Job, evolution: &Evolution) -> Result<Self> {
        let best = evolution.best_clean.as_ref().context("no score was a number")?;
        let noisy = evolution.best_noisy.as_ref().context("no noisy score was a number")?;
        let trajectory = trajectory(evolution);
        Ok(Self {
            job: job.clone(),
            evaluations: evolution.evaluations(),
            best_clean: best.score,
            best_code: best.code.iter().map(|&x| x as f32).collect(),
            best_noisy: noisy.score,
            mean_clean: by_generation(evolution, &evolution.cleanscores_all, mean),
            best_clean_so_far: running_maximum(&by_generation(evolution, &evolution.cleanscores_all, largest)),
            best_noisy_so_far: running_maximum(&by_generation(evolution, &evolution.scores_all, largest)),
            mean_norms: row_norms(&trajectory),
            codenorm: evolution.next_mean_norm().context("the method proposes no code")?,
            trajectory: job.projected.then_some(trajectory),
        })
    }
}

/// Mean code of every generation, `[T, N]`.
pub(super) fn trajectory(evolution: &Evolution) -> DMatrix<f64> {
    let means = evolution.generation_means.iter().map(|&x| f64::from(x));
    DMatrix::from_row_iterator(evolution.mean_norms.len(), evolution.dim, means)
}

/// Euclidean norm of every row.
pub(super) fn row_norms(trajectory: &DMatrix<f64>) -> Vec<f64> {
    trajectory.row_iter().map(|row| norm(&row.iter().copied().collect::<Vec<f64>>())).collect()
}

/// One number a generation.
fn by_generation(evolution: &Evolution, scores: &[f64], reduce: fn(&[f64]) -> f64) -> Vec<f64> {
    let (mut reduced, mut rest) = (Vec::new(), scores);
    for generation in evolution.generations.chunk_by(|a, b| a == b) {
        let (scores, later) = rest.split_at(generation.len());
        reduced.push(reduce(scores));
        rest = later;
    }
    reduced
}

fn mean(scores: &[f64]) -> f64 {
    scores.iter().sum::<f64>() / scores.len() as f64
}

fn largest(scores: &[f64]) -> f64 {
    scores.iter().copied().fold(f64::NAN, f64::max)
}
