//! Recordings of `ZOHA_Sphere_lr_euclid` (SphereCMA).

use serde_json::Value;

use super::recording::{Place, Recording};
use super::{Deviations, ReplayError, Report};
use crate::methods::{SphereCma, SphereCmaConfig};
use crate::{Method, Optimizer, Population};

pub(super) fn replay(recording: &Recording) -> Result<Report, ReplayError> {
    let options = recording.options(&["maximize"]);
    let config: SphereCmaConfig = serde_json::from_value(Value::Object(options))?;
    let name = Method::SphereCma(config).name();
    let (dim, lambda) = (recording.dim, recording.population_size()?);
    let mut method = SphereCma::new(dim, config)?;
    let mut deviations = Deviations::new();
    let constants = |key: &str| (key == "mulist").then(|| method.mulist().to_vec());
    Place("constants".into()).compare_all(&recording.constants, &mut deviations, constants)?;

    let mut own = Population::new(dim);
    if recording.initial_draws.is_empty() {
        method.start_from(&recording.first_codes()?)?;
        method.ask_with(&nalgebra::DMatrix::zeros(dim, lambda), &mut own);
    } else {
        let place = Place("initial_draws".into());
        method.ask_with(&place.matrix(&recording.initial_draws, "randn", dim, lambda)?, &mut own);
    }
    recording.run(&mut method, own, &mut deviations, |method, place, entry, own, deviations| {
        method.ask_with(&place.matrix(&entry.draws, "innerU", dim, lambda)?, own);
        place.compare_all(&entry.state_after, deviations, |variable| state(method, variable))
    })?;
    Ok(deviations.report(recording, name))
}

fn state(method: &SphereCma, name: &str) -> Option<Vec<f64>> {
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    let steps = method.generation() as f64;
    Some(match name {
        "xcur" => method.xcur().to_vec(),
        "xnew" => method.xnew().to_vec(),
        "mu_used" => vec![method.mu()?],
        "istep" => vec![steps - 1.0],
        _ => return None,
    })
}
