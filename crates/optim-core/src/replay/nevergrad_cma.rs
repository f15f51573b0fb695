//! Recordings of nevergrad's methods over pycma.

use super::pycma::{rotated, rows};
use super::recording::{Entry, Place, Recording, missing};
use super::{Deviations, ReplayError, Report};
use crate::methods::nevergrad::{NgRescaledCma, NgRescaledCmaConfig, NgSqpcma, NgSqpcmaConfig, SamplerState};
use crate::methods::{NgCma, NgCmaConfig};
use crate::{Optimizer, Population};

pub(super) fn replay_cma(recording: &Recording) -> Result<Report, ReplayError> {
    let diagonal = recording.optimizer.ends_with("DiagonalCMA");
    let (workers, bounds) = (recording.workers()?, recording.walls()?);
    let config = NgCmaConfig { workers, bounds, diagonal, ..NgCmaConfig::default() };
    let method = NgCma::new(recording.dim, config)?;
    let name = if diagonal { "ng-diagonal-cma" } else { "ng-cma" };
    drive(recording, method, name, |method, draw, own| method.ask_with(draw, own), NgCma::sampler_state)
}

pub(super) fn replay_rescaled_cma(recording: &Recording) -> Result<Report, ReplayError> {
    let (workers, bounds, budget) = (recording.workers()?, recording.walls()?, recording.budget);
    let config = NgRescaledCmaConfig { workers, bounds, budget, ..NgRescaledCmaConfig::default() };
    let method = NgRescaledCma::new(recording.dim, config)?;
    let ask = |method: &mut NgRescaledCma, draw: &mut dyn FnMut(&mut [f64]), own: &mut Population| {
        method.ask_with(draw, own);
    };
    drive(recording, method, "ng-rescaled-cma", ask, NgRescaledCma::sampler_state)
}

pub(super) fn replay_sqpcma(recording: &Recording) -> Result<Report, ReplayError> {
    let (workers, bounds) = (recording.workers()?, recording.walls()?);
    let method = NgSqpcma::new(recording.dim, NgSqpcmaConfig { workers, bounds, ..NgSqpcmaConfig::default() })?;
    drive(recording, method, "ng-sqpcma", |method, draw, own| method.ask_with(draw, own), NgSqpcma::sampler_state)
}

/// Replays with the draws of the batches that the recorded asks sampled.
fn drive<O: Optimizer>(
    recording: &Recording,
    mut method: O,
    name: &'static str,
    mut ask: impl FnMut(&mut O, &mut dyn FnMut(&mut [f64]), &mut Population),
    state: impl Fn(&O) -> SamplerState<'_>,
) -> Result<Report, ReplayError> {
    let mut deviations = Deviations::new();
    recording.run_asking(
        &mut method,
        &mut deviations,
        |method, place, entry, own, _| {
            let mut normals = batches(place, entry, recording.dim)?.into_iter();
            let mut fits = true;
            let mut draw = |out: &mut [f64]| match normals.next() {
                Some(batch) if batch.len() == out.len() => out.copy_from_slice(&batch),
                _ => fits = false,
            };
            ask(method, &mut draw, own);
            let used = fits && normals.next().is_none();
            if used { Ok(()) } else { Err(missing(&place.0, "randn_calls")) }
        },
        |method, place, entry, deviations| {
            let SamplerState { mean, sigma, countiter } = state(method);
            #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
            place.compare_all(&entry.state_after, deviations, |key| {
                Some(match key {
                    "mean" => mean.to_vec(),
                    "sigma" => vec![sigma],
                    "countiter" => vec![countiter as f64],
                    _ => return None,
                })
            })
        },
    )?;
    Ok(deviations.report(recording, name))
}

/// What each draw of an ask returns: a whole batch, turned, where eigenvectors are recorded, else one
/// vector after the other.
fn batches(place: &Place, entry: &Entry, dim: usize) -> Result<Vec<Vec<f64>>, ReplayError> {
    let rows = rows(place, entry, dim)?;
    if entry.eig_at_ask.is_empty() || rows.is_empty() {
        return Ok(rows);
    }
    Ok(vec![rotated(place, entry, dim, rows.len())?.as_slice().to_vec()])
}
