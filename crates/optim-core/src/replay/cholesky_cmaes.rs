//! Recordings of `CholeskyCMAES`.

use serde_json::Value;

use super::recording::{Place, Recording, codes, missing};
use super::{Deviations, ReplayError, Report};
use crate::methods::{CholeskyCmaes, CholeskyCmaesConfig};
use crate::{Optimizer, Population};

pub(super) fn replay(recording: &Recording) -> Result<Report, ReplayError> {
    let mut method = CholeskyCmaes::new(recording.dim, config(recording)?)?;
    let first = match &recording.init_code {
        Value::Null => recording.first_codes()?,
        code => codes(code, recording.dim, "recording", "init_code")?,
    };
    let lambda = recording.population_size()?;
    let mut deviations = Deviations::new();
    Place("constants".into()).compare_all(&recording.constants, &mut deviations, |name| constant(&method, name))?;

    let mut own = Population::new(recording.dim);
    method.start_from(&first)?;
    method.ask_with(&nalgebra::DMatrix::zeros(recording.dim, lambda), &mut own);
    let mut xold = vec![0.0; recording.dim];
    recording.run(&mut method, own, &mut deviations, |method, place, entry, own, deviations| {
        let randz = place.matrix(&entry.draws, "randz", recording.dim, lambda)?;
        method.ask_with(&randz, own);
        let previous = std::mem::replace(&mut xold, method.xmean().to_vec());
        place.compare_all(&entry.state_after, deviations, |name| state(method, &previous, name))
    })?;
    Ok(deviations.report(recording, "cholesky-cmaes"))
}

fn config(recording: &Recording) -> Result<CholeskyCmaesConfig, ReplayError> {
    let mut options = recording.options(&["maximize", "optim_params"]);
    if let Some(rates) = recording.params.get("optim_params").filter(|rates| !rates.is_null()) {
        let rates = rates.as_object().ok_or_else(|| missing("params", "optim_params"))?;
        options.extend(rates.clone());
    }
    Ok(serde_json::from_value(Value::Object(options))?)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn state(method: &CholeskyCmaes, xold: &[f64], name: &str) -> Option<Vec<f64>> {
    Some(match name {
        "xmean" => method.xmean().to_vec(),
        "xold" => xold.to_vec(),
        "sigma" => vec![method.sigma()],
        "pc" => method.pc().to_vec(),
        "ps" => method.ps().to_vec(),
        "counteval" => vec![method.counteval() as f64],
        "eigeneval" => vec![method.eigeneval() as f64],
        "istep" => vec![method.generation() as f64],
        // Recordings list rows, matrices are stored by columns.
        "A" => method.factor().to_dense().transpose().as_slice().to_vec(),
        "Ainv" => method.factor().inverse_to_dense().transpose().as_slice().to_vec(),
        _ => return None,
    })
}

fn constant(method: &CholeskyCmaes, name: &str) -> Option<Vec<f64>> {
    let constants = method.constants();
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let mu = constants.weights.len() as f64;
    Some(match name {
        "mu" => vec![mu],
        "weights" => constants.weights.clone(),
        "mueff" => vec![constants.mueff],
        "cc" => vec![constants.cc],
        "cs" => vec![constants.cs],
        "c1" => vec![constants.c1],
        "damps" => vec![constants.damps],
        "chiN" => vec![constants.chi_n],
        "update_crit" => vec![constants.update_crit],
        _ => return None,
    })
}
