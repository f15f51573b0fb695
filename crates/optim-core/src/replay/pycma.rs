//! Recordings of pycma's `CMAEvolutionStrategy`.

use nalgebra::DMatrix;
use serde_json::{Map, Value};

use super::recording::{Entry, Place, Recording, missing};
use super::{Deviations, ReplayError, Report};
use crate::methods::pycma::{Constants, Form};
use crate::methods::{Cma, CmaConfig, DiagonalCma, DiagonalCmaConfig, UhCma, UhCmaConfig};

pub(super) fn replay(recording: &Recording) -> Result<Report, ReplayError> {
    match recording.params.get("CMA_diagonal") {
        Some(Value::Bool(true)) => diagonal(recording),
        None | Some(Value::Bool(false)) => full(recording),
        Some(_) => Err(missing("params", "CMA_diagonal")),
    }
}

/// Replays through both forms of the covariance matrix.
fn full(recording: &Recording) -> Result<Report, ReplayError> {
    let (dim, lambda) = (recording.dim, recording.population_size()?);
    let mut deviations = Deviations::new();
    for form in [Form::Dense, Form::Structured] {
        let (options, mean) = options(recording)?;
        let config: CmaConfig = serde_json::from_value(Value::Object(options))?;
        let mut method = Cma::with_form(dim, config, form)?;
        method.set_mean(&mean);
        let gap = method.lazy_update_gap();
        compare_constants(recording, method.constants(), Some(gap), false, &mut deviations)?;
        recording.run_asking(
            &mut method,
            &mut deviations,
            |method, place, entry, own, deviations| {
                method.ask_with(&rotated(place, entry, dim, lambda)?, own);
                if let Some(d) = method.axis_lengths() {
                    deviations.compare("D", d, &axes(place).vector(&entry.eig_at_ask, "D")?);
                }
                Ok(())
            },
            |method, place, entry, deviations| {
                place.compare_all(&entry.state_after, deviations, |name| full_state(method, name))
            },
        )?;
    }
    Ok(deviations.report(recording, "cma"))
}

/// Recordings with uncertainty handling, through both forms of the covariance matrix.
pub(super) fn replay_uh(recording: &Recording) -> Result<Report, ReplayError> {
    let mut deviations = Deviations::new();
    for form in [Form::Dense, Form::Structured] {
        let config: UhCmaConfig = serde_json::from_value(Value::Object(recording.options(&[])))?;
        let lambda = config.population_size.saturating_sub(config.reevaluations);
        recording.run_asking(
            &mut UhCma::with_form(recording.dim, config, form)?,
            &mut deviations,
            |method, place, entry, own, _| {
                method.ask_with(&rotated(place, entry, recording.dim, lambda)?, own);
                Ok(())
            },
            |method, place, entry, deviations| {
                place.compare_all(&entry.state_after, deviations, |name| uh_state(method, name))
            },
        )?;
    }
    Ok(deviations.report(recording, "uh-cma"))
}

fn diagonal(recording: &Recording) -> Result<Report, ReplayError> {
    let mut deviations = Deviations::new();
    let (options, mean) = options(recording)?;
    let config: DiagonalCmaConfig = serde_json::from_value(Value::Object(options))?;
    let mut method = DiagonalCma::new(recording.dim, config)?;
    method.set_mean(&mean);
    compare_constants(recording, method.constants(), None, method.tpa_s().is_some(), &mut deviations)?;
    recording.run_asking(
        &mut method,
        &mut deviations,
        |method, place, entry, own, _| {
            let mut rows = rows(place, entry, recording.dim)?.into_iter();
            let mut enough = true;
            method.ask_with(
                |normals| match rows.next() {
                    Some(row) => normals.copy_from_slice(&row),
                    None => enough = false,
                },
                own,
            );
            let used = enough && rows.next().is_none();
            if used { Ok(()) } else { Err(missing(&place.0, "randn_calls")) }
        },
        |method, place, entry, deviations| {
            place.compare_all(&entry.state_after, deviations, |name| diagonal_state(method, name))
        },
    )?;
    Ok(deviations.report(recording, "diagonal-cma"))
}

/// The parameters as options, and the initial mean.
fn options(recording: &Recording) -> Result<(Map<String, Value>, Vec<f64>), ReplayError> {
    let options = recording.options(&["CMA_diagonal", "x0", "popsize"]);
    let mean = match recording.params.get("x0") {
        Some(x0) => Place("params".into()).vector(&Map::from_iter([("x0".into(), x0.clone())]), "x0")?,
        None => vec![0.0],
    };
    match mean.len() {
        1 => Ok((options, vec![mean[0]; recording.dim])),
        length if length == recording.dim => Ok((options, mean)),
        _ => Err(missing("params", "x0")),
    }
}

fn axes(place: &Place) -> Place {
    Place(format!("{}, eig_at_ask", place.0))
}

/// The normals of a batch, `N x lambda`, turned: the reference samples `B D z`, and the symmetric root of
/// `C = B D^2 B'` makes the same of `B z`.
pub(super) fn rotated(place: &Place, entry: &Entry, dim: usize, lambda: usize) -> Result<DMatrix<f64>, ReplayError> {
    let normals = rows(place, entry, dim)?.concat();
    if normals.len() != dim * lambda {
        return Err(missing(&place.0, "randn_calls"));
    }
    let b = axes(place).matrix(&entry.eig_at_ask, "B", dim, dim)?.transpose();
    Ok(b * DMatrix::from_vec(dim, lambda, normals))
}

/// The vectors of N normals behind the codes of an entry, in the order in which they were drawn.
pub(super) fn rows(place: &Place, entry: &Entry, dim: usize) -> Result<Vec<Vec<f64>>, ReplayError> {
    let values = place.vector(&entry.draws, "randn_calls")?;
    if entry.draws.len() != 1 || !values.len().is_multiple_of(dim) {
        return Err(missing(&place.0, "randn_calls"));
    }
    Ok(values.chunks_exact(dim).map(<[f64]>::to_vec).collect())
}

/// Compares the constants; those that a variant does not use are recorded as null.
fn compare_constants(
    recording: &Recording,
    own: &Constants,
    gap: Option<f64>,
    two_point: bool,
    deviations: &mut Deviations,
) -> Result<(), ReplayError> {
    let mut recorded = recording.constants.clone();
    let unused = |key: &str| (key == "lazy_update_gap" && gap.is_none()) || (key == "damps" && two_point);
    recorded.retain(|key, value| !(value.is_null() && unused(key)));
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    Place("constants".into()).compare_all(&recorded, deviations, |name| {
        Some(match name {
            "weights" => own.weights.clone(),
            "mu" => vec![own.mu as f64],
            "mueff" => vec![own.mueff],
            "cc" => vec![own.cc],
            "c1" => vec![own.c1],
            "cmu" => vec![own.cmu],
            "cc_sep" => vec![own.cc_sep],
            "c1_sep" => vec![own.c1_sep],
            "cmu_sep" => vec![own.cmu_sep],
            "cs" => vec![own.cs],
            "damps" => vec![own.damps],
            "chiN" => vec![own.chi_n],
            "lazy_update_gap" => vec![gap?],
            _ => return None,
        })
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn full_state(method: &Cma, name: &str) -> Option<Vec<f64>> {
    Some(match name {
        "mean" => method.mean().to_vec(),
        "sigma" => vec![method.sigma()],
        "pc" => method.pc().to_vec(),
        "ps" => method.ps().to_vec(),
        "sigma_vec" => vec![1.0],
        "countiter" => vec![method.countiter() as f64],
        "C" => method.covariance().as_slice().to_vec(),
        _ => return None,
    })
}

fn uh_state(method: &UhCma, name: &str) -> Option<Vec<f64>> {
    Some(match name {
        "mean" => method.mean().to_vec(),
        "sigma" => vec![method.sigma()],
        "C" => method.covariance().as_slice().to_vec(),
        "noise" => vec![method.noise()],
        _ => return None,
    })
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn diagonal_state(method: &DiagonalCma, name: &str) -> Option<Vec<f64>> {
    Some(match name {
        "mean" => method.mean().to_vec(),
        "sigma" => vec![method.sigma()],
        "pc" => method.pc().to_vec(),
        "ps" => method.ps().to_vec(),
        "sigma_vec" => method.sigma_vec().to_vec(),
        "countiter" => vec![method.countiter() as f64],
        "tpa_s" => vec![method.tpa_s()?],
        _ => return None,
    })
}
