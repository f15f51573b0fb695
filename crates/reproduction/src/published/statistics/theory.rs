//! Closed forms beside the tables: the random walk, the schedules of angles, the strategy constants.

use analysis::random_walk::{explained_variance_ratio, limiting_ratio};
use anyhow::Result;
use optim_core::methods::{AngleSchedule, CholeskyCmaes, CholeskyCmaesConfig, SphereCmaConfig};

use super::Found;
use crate::published::key::Key;

/// Latent dimension of the published runs.
const DIM: usize = 4096;
/// Generations of the published runs.
pub(in crate::published) const GENERATIONS: usize = 75;

/// Scope of the strategy constants.
pub(in crate::published) const CONSTANTS: &str = "lambda=40,N=4096";

/// Scope of a principal component of a walk of [`GENERATIONS`] positions.
pub(in crate::published) fn component(k: usize) -> String {
    format!("component={k},generations={GENERATIONS}")
}

/// Scope of a component in the limit of infinitely many generations.
pub(in crate::published) fn limiting_component(k: usize) -> String {
    format!("component={k},generations=inf")
}

/// Scope of a generation of a schedule, counted from 1.
pub(in crate::published) fn generation(schedule: &str, generation: usize) -> String {
    format!("schedule={schedule},generation={generation}")
}

/// A closed form.
pub(super) fn value(key: &Key<'_>) -> Result<Found> {
    Ok(match key.quantity {
        "explained_variance" => explained_variance(key),
        "angle" => angle(key),
        "constant" if key.scope == CONSTANTS => constant(key.statistic)?.map(Ok),
        _ => None,
    })
}

fn explained_variance(key: &Key<'_>) -> Found {
    let (k, generations) = key.scope.strip_prefix("component=")?.split_once(",generations=")?;
    let k = k.parse().ok()?;
    match (key.statistic, generations) {
        ("ratio", "inf") => Some(limiting_ratio(k)),
        ("ratio", generations) => Some(explained_variance_ratio(k, generations.parse().ok()?)),
        _ => None,
    }
}

fn angle(key: &Key<'_>) -> Found {
    let (schedule, generation) = key.scope.strip_prefix("schedule=")?.split_once(",generation=")?;
    let schedule = match schedule {
        "exp" => AngleSchedule::Exp,
        "inv" => AngleSchedule::Inv,
        "lin" => AngleSchedule::Lin,
        _ => return None,
    };
    let index = generation.parse::<usize>().ok()?.checked_sub(1)?;
    let degrees = *schedule.degrees(GENERATIONS, SphereCmaConfig::default().lim).get(index)?;
    match key.statistic {
        "scheduled_degrees" => Some(Ok(degrees)),
        // A tangent step has N - 1 free directions of mu each, mu = angle / sqrt(N).
        "expected_degrees" => Some(Ok(degrees * ((DIM - 1) as f64 / DIM as f64).sqrt())),
        _ => None,
    }
}

fn constant(statistic: &str) -> Result<Option<f64>> {
    let run = CholeskyCmaes::new(DIM, CholeskyCmaesConfig::default())?;
    let constants = run.constants();
    Ok(match statistic {
        "mueff" => Some(constants.mueff),
        "cs" => Some(constants.cs),
        "cc" => Some(constants.cc),
        "c1" => Some(constants.c1),
        "damps" => Some(constants.damps),
        "chiN" => Some(constants.chi_n),
        _ => None,
    })
}
