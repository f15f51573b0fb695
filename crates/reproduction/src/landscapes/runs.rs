//! Running methods on landscapes.

use std::ops::Range;

use anyhow::{Context, Result};
use experiments::{Evolver, Goal, Keep, Noise, ObjectiveSpec, RunPlan, RunSpec};
use optim_core::{Method, Objective, registry};
use progress::Progress;

use super::objective::Landscape;
use super::reference::{Cell, Finish};
use crate::parallel;

/// One run.
#[derive(Clone, Debug)]
struct Job<'a> {
    cell: &'a Cell,
    seed: u64,
}

/// Runs every cell with every seed on `workers` threads; results in the order of `cells`.
///
/// # Errors
/// If a run fails.
pub fn run_all(cells: &[Cell], seeds: Range<u64>, workers: usize) -> Result<Vec<Vec<Finish>>> {
    let mut jobs: Vec<Job> = cells.iter().flat_map(|cell| seeds.clone().map(move |seed| Job { cell, seed })).collect();
    // Long runs first, so that no worker is left alone with one at the end.
    jobs.sort_by_key(|job| std::cmp::Reverse(job.cell.dim));
    let progress = Progress::start(&format!("{} runs", jobs.len()), jobs.iter().map(cost).sum());
    let finishes = parallel::map(
        &parallel::pool(workers)?,
        &jobs,
        || (),
        |(), job| {
            let finish = run(job.cell, job.seed).with_context(|| format!("run failed: {job:?}"))?;
            progress.advance(cost(job));
            Ok(finish)
        },
    )?;
    progress.finish();
    let of = |cell: &Cell| jobs.iter().zip(&finishes).filter(|(job, _)| job.cell == cell).map(|(_, f)| *f).collect();
    Ok(cells.iter().map(of).collect())
}

fn cost(job: &Job) -> u64 {
    job.cell.dim as u64
}

/// One run of the cell's method with its default options, in the loop of `experiments`.
fn run(cell: &Cell, seed: u64) -> Result<Finish> {
    let method = Method::from_name(registry()[cell.place].name)?;
    let mut landscape = Landscape::new(cell.landscape, cell.dim);
    Ok(evolve(&method, &mut landscape, cell.noise(), seed, super::GENERATIONS)?)
}

/// `generations` of `method` on `objective`, scores multiplied by `max(0, 1 + noise N(0, 1))`.
///
/// # Errors
/// If the method refuses the landscape.
pub fn evolve<F: Objective>(
    method: &Method,
    objective: &mut F,
    noise: f64,
    seed: u64,
    generations: u32,
) -> Result<Finish, experiments::EvolveError> {
    let spec = RunSpec {
        method: method.clone(),
        dim: objective.dim(),
        seed,
        generations,
        noise: Noise::Multiplicative { level: noise },
        goal: Goal::Maximize,
        objective: ObjectiveSpec::default(),
        initial_codes_sha256: None,
        reps: 1,
        stop: experiments::StopRules::default(),
        initial_norm: None,
    };
    let plan = RunPlan { keep: Keep::LastOnly, unresponsive_after: 0, ..spec.plan() };
    let evolution = Evolver::new(spec.optimizer(None)?, plan)?.run(objective)?;
    Ok(Finish {
        evaluations: evolution.evaluations(),
        best_clean: evolution.best_clean.as_ref().map_or(f64::NAN, |best| best.score),
        final_norm: evolution.mean_norms.last().copied().unwrap_or(f64::NAN),
    })
}

#[cfg(test)]
mod tests {
    use super::super::objective::Kind;
    use super::*;

    #[test]
    fn results_do_not_depend_on_the_workers_and_come_in_the_order_of_the_cells() {
        let place = registry().iter().position(|info| info.name == "cholesky-cmaes").unwrap();
        let cells = [Cell::new(place, 16, Kind::Ellipsoid, 0.2), Cell::new(place, 64, Kind::CosTuning, 0.0)];
        let (one, two) = (run_all(&cells, 0..2, 1).unwrap(), run_all(&cells, 0..2, 2).unwrap());
        assert_eq!(one, two);
        assert_eq!(one[0][1], run(&cells[0], 1).unwrap());
        assert_eq!(one[1][0].evaluations, 1 + 74 * 40);
        assert!(one[0][0].best_clean > 50.0 && one[1][0].final_norm > 0.0);
        assert_ne!(one[0][0], one[0][1], "seeds differ");
    }
}
