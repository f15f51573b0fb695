//! Noise-driven runs: scores drawn from N(0, 1), no network.

use std::convert::Infallible;
use std::ops::ControlFlow;

use analysis::drift::Drift;
use analysis::geometry::angle_degrees;
use analysis::pca::Pca;
use anyhow::{Context, Result};
use experiments::{Evolution, Evolver, GenerationReport, Keep, Observer, Plan};
use nalgebra::DMatrix;
use optim_core::{AnyOptimizer, ConfigError, Method, Objective, Optimizer, Population, Stream, TellError, stream_rng};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use rayon::ThreadPool;

use super::grid::run_seed;
use super::runs::{row_norms, trajectory};
use crate::parallel;
use crate::progress::Progress;

/// Length N of the published codes.
pub(super) const DIM: usize = 4096;
/// Generations of the published runs.
pub(super) const GENERATIONS: u32 = 75;

/// A noise-driven run that is to be made.
#[derive(Clone, Copy, Debug)]
pub(super) struct DriftJob {
    pub(super) optimizer: &'static str,
    /// Counted from 0.
    pub(super) repeat: u32,
    pub(super) generations: u32,
}

/// What a noise-driven run leaves.
#[derive(Clone, Debug)]
pub(super) struct DriftRun {
    pub(super) job: DriftJob,
    /// Norm of the mean code of every sampled generation.
    pub(super) mean_norms: Vec<f64>,
    /// Walk of the mean codes of the sampled generations.
    pub(super) sampled: Walk,
    /// Walk of the code that the method stands by after every generation (CholeskyCMAES: xmean); none where it
    /// never moves.
    pub(super) recommended: Option<Walk>,
    /// Mean codes of the sampled generations, `[T, N]`, of the first repeat.
    pub(super) trajectory: Option<DMatrix<f64>>,
    /// Mean norm of the generation proposed last, which was never evaluated.
    pub(super) codenorm: f64,
    /// Named scalars of the method after the last generation.
    diagnostics: Vec<(&'static str, f64)>,
    /// Mean angle in degrees between code 0 and the others, of the second and the last generation, and of the one
    /// proposed after it: for SphereCMA the angular steps from its base point.
    pub(super) angles: [f64; 3],
}

impl DriftRun {
    /// A scalar of the method's final state.
    pub(super) fn diagnostic(&self, name: &str) -> Result<f64> {
        let found = self.diagnostics.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| *value).with_context(|| format!("{} has no diagnostic '{name}'", self.job.optimizer))
    }
}

/// How a trajectory resembles a random walk.
#[derive(Clone, Copy, Debug)]
pub(super) struct Walk {
    /// R2 of the regression of the squared norm on the generation; NaN for a constant norm.
    pub(super) r_squared: f64,
    /// Share of the variance that the first principal component explains.
    pub(super) first_share: f64,
}

impl Walk {
    fn of(trajectory: &DMatrix<f64>) -> Result<Self> {
        let r_squared = Drift::of(trajectory)?.growth.r_squared.unwrap_or(f64::NAN);
        Ok(Self { r_squared, first_share: Pca::fit(trajectory, 1)?.explained_variance_ratio[0] })
    }
}

/// `repeats` runs of every optimizer.
pub(super) fn jobs(optimizers: &[&'static str], repeats: u32, generations: u32) -> Vec<DriftJob> {
    let of = |&optimizer: &&'static str| (0..repeats).map(move |repeat| DriftJob { optimizer, repeat, generations });
    optimizers.iter().flat_map(of).collect()
}

/// Makes the runs; results come in the order of the jobs.
pub(super) fn run_all(jobs: &[DriftJob], base_seed: u64, pool: &ThreadPool) -> Result<Vec<DriftRun>> {
    let generations = jobs.iter().map(|job| u64::from(job.generations)).sum();
    let progress = Progress::start(&format!("{} noise-driven runs", jobs.len()), generations);
    let runs = parallel::map(
        pool,
        jobs,
        || (),
        |(), job| {
            let run = run(*job, base_seed)
                .with_context(|| format!("noise-driven run failed: {}, repeat {}", job.optimizer, job.repeat));
            progress.advance(u64::from(job.generations));
            run
        },
    )?;
    progress.finish();
    Ok(runs)
}

fn run(job: DriftJob, base_seed: u64) -> Result<DriftRun> {
    let seed = run_seed(base_seed, job.optimizer, "noise-driven", 0.0, job.repeat);
    let mut recommended = Vec::new();
    let optimizer = Recorded {
        inner: Method::from_name(job.optimizer)?.for_generations(job.generations as usize).build(DIM)?,
        recommended: &mut recommended,
    };
    let plan = Plan { keep: Keep::LastOnly, ..Plan::new(seed, job.generations) };
    let mut second = SecondGeneration::default();
    let mut scores = NormalScores { seed, generation: 0 };
    let evolution = Evolver::new(optimizer, plan)?.with_observer(&mut second).run(&mut scores)?;
    let trajectory = trajectory(&evolution);
    let recommended = DMatrix::from_row_slice(recommended.len() / DIM, DIM, &recommended);
    Ok(DriftRun {
        job,
        mean_norms: row_norms(&trajectory),
        sampled: Walk::of(&trajectory)?,
        recommended: Walk::of(&recommended).ok(),
        trajectory: (job.repeat == 0).then_some(trajectory),
        codenorm: evolution.next_mean_norm().context("the method proposes no code")?,
        diagnostics: evolution.diagnostics.last().cloned().unwrap_or_default(),
        angles: angles(&evolution, second.codes.as_ref())?,
    })
}

/// See [`DriftRun::angles`].
fn angles(evolution: &Evolution, second: Option<&Population>) -> Result<[f64; 3]> {
    let last: Vec<f64> = evolution.codes_all.iter().map(|&x| f64::from(x)).collect();
    let last = Population::from_rows(evolution.dim, &last);
    let second = second.context("a run of one generation has no second one")?;
    Ok([mean_angle(second)?, mean_angle(&last)?, mean_angle(&evolution.next_codes)?])
}

fn mean_angle(codes: &Population) -> Result<f64> {
    let mut sum = 0.0;
    for code in codes.iter().skip(1) {
        sum += angle_degrees(codes.code(0), code)?;
    }
    Ok(sum / (codes.len() - 1) as f64)
}

/// Scores that know nothing of the codes; of the stream that no other part of a run draws from.
struct NormalScores {
    seed: u64,
    generation: u64,
}

impl Objective for NormalScores {
    type Error = Infallible;

    fn dim(&self) -> usize {
        DIM
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
        let rng = stream_rng(self.seed, Stream::Shuffle, self.generation);
        self.generation += 1;
        scores.clear();
        scores.extend(Distribution::<f64>::sample_iter(StandardNormal, rng).take(codes.len()));
        Ok(())
    }
}

/// Keeps the codes of the second generation.
#[derive(Default)]
struct SecondGeneration {
    codes: Option<Population>,
}

impl Observer for SecondGeneration {
    fn on_generation(&mut self, report: &GenerationReport<'_>) -> ControlFlow<()> {
        if report.generation == 1 {
            self.codes = Some(report.codes.clone());
        }
        ControlFlow::Continue(())
    }
}

/// A method that notes what it recommends after every `tell`.
struct Recorded<'a> {
    inner: AnyOptimizer,
    recommended: &'a mut Vec<f64>,
}

impl Optimizer for Recorded<'_> {
    fn dim(&self) -> usize {
        self.inner.dim()
    }
    fn generation(&self) -> u64 {
        self.inner.generation()
    }
    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.inner.start_from(codes)
    }
    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        self.inner.ask(rng, out);
    }
    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.inner.tell(codes, scores)?;
        self.recommended.extend_from_slice(self.inner.recommend());
        Ok(())
    }
    fn recommend(&self) -> &[f64] {
        self.inner.recommend()
    }
    fn incumbent(&self) -> Option<(&[f64], f64)> {
        self.inner.incumbent()
    }
    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        self.inner.diagnostics()
    }
}
