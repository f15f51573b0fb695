//! Recordings of XDream's optimizers.

use serde_json::Value;

use super::genetic::draws;
use super::recording::{Entry, Place, Recording};
use super::{Deviations, ReplayError, Report};
use crate::methods::{XdreamFdgd, XdreamFdgdConfig, XdreamGenetic, XdreamGeneticConfig, XdreamNes, XdreamNesConfig};
use crate::{Optimizer, Population};

pub(super) fn replay_genetic(recording: &Recording) -> Result<Report, ReplayError> {
    let mut options = recording.options(&["maximize"]);
    // The constructor's default, which takes precedence over a ratio.
    options.entry("n_conserve").or_insert(0.into());
    let config: XdreamGeneticConfig = serde_json::from_value(Value::Object(options))?;
    let mutation_rate = config.mutation_rate;
    let mut method = XdreamGenetic::new(recording.dim, config)?;
    let mut own = Population::new(recording.dim);
    method.start_from(&recording.first_codes()?)?;
    // The first generation is given: the generator is not read.
    method.ask(&mut crate::stream_rng(0, crate::Stream::Method, 0), &mut own);

    let mut deviations = Deviations::new();
    no_constants(recording, &mut deviations)?;
    let (mut best_score, mut best_code) = (None, Vec::new());
    recording.run(&mut method, own, &mut deviations, |method, place, entry, own, deviations| {
        let draws = draws(place, entry, recording.dim, method.children(), mutation_rate)?;
        method.ask_with(&draws, own);
        if method.best_score() != best_score {
            best_score = method.best_score();
            // The reference takes the first code of the next generation for the best one.
            best_code = own.code(0).to_vec();
        }
        place.compare_all(&entry.state_after, deviations, |name| {
            Some(match name {
                "kT" => vec![method.kt()],
                "best_score" => vec![method.best_score()?],
                "best_code" => best_code.clone(),
                _ => return None,
            })
        })
    })?;
    Ok(deviations.report(recording, "xdream-genetic"))
}

pub(super) fn replay_fdgd(recording: &Recording) -> Result<Report, ReplayError> {
    let config: XdreamFdgdConfig = serde_json::from_value(Value::Object(recording.options(&["maximize"])))?;
    let method = XdreamFdgd::new(recording.dim, config)?;
    let ask = |method: &mut XdreamFdgd, place: &Place, entry: &Entry, own: &mut Population| {
        method.ask_with(&place.matrix(&entry.draws, NORMALS, recording.dim, method.directions())?, own);
        Ok(())
    };
    replay_center(recording, "xdream-fdgd", method, ask, |method, name| match name {
        "center" => Some(method.center().to_vec()),
        "radius" => Some(vec![method.search_radius()]),
        name => best(method, name),
    })
}

pub(super) fn replay_nes(recording: &Recording) -> Result<Report, ReplayError> {
    // How often the reference writes its radius to a file is no matter of the method.
    let options = recording.options(&["maximize", "save_search_radius_every"]);
    let config: XdreamNesConfig = serde_json::from_value(Value::Object(options))?;
    let method = XdreamNes::new(recording.dim, config)?;
    let ask = |method: &mut XdreamNes, place: &Place, entry: &Entry, own: &mut Population| {
        method.ask_with(&place.matrix(&entry.draws, NORMALS, recording.dim, method.directions())?, own);
        Ok(())
    };
    replay_center(recording, "xdream-nes", method, ask, |method, name| match name {
        "center" => Some(method.center().to_vec()),
        "radius" => Some(method.search_radius().to_vec()),
        name => best(method, name),
    })
}

const NORMALS: &str = "normal_as_returned";

/// Replays a method that moves a centre: the draws of an entry made the codes of that entry.
fn replay_center<O: Optimizer>(
    recording: &Recording,
    name: &'static str,
    mut method: O,
    ask: impl Fn(&mut O, &Place, &Entry, &mut Population) -> Result<(), ReplayError>,
    state: impl Fn(&O, &str) -> Option<Vec<f64>>,
) -> Result<Report, ReplayError> {
    let mut deviations = Deviations::new();
    no_constants(recording, &mut deviations)?;
    if !recording.init_code.is_null() {
        return Err(ReplayError::Unknown { place: "recording".into(), key: "init_code".into() });
    }
    let mut upcoming = recording.generations.iter().enumerate();
    let mut ask_next = |method: &mut O, own: &mut Population| match upcoming.next() {
        Some((generation, entry)) => ask(method, &Place(format!("generation {generation}")), entry, own),
        None => Ok(()),
    };
    let mut own = Population::new(recording.dim);
    ask_next(&mut method, &mut own)?;
    recording.run(&mut method, own, &mut deviations, |method, place, entry, own, deviations| {
        place.compare_all(&entry.state_after, deviations, |name| state(method, name))?;
        ask_next(method, own)
    })?;
    Ok(deviations.report(recording, name))
}

fn best(method: &impl Optimizer, name: &str) -> Option<Vec<f64>> {
    let (code, score) = method.incumbent()?;
    match name {
        "best_score" => Some(vec![score]),
        "best_code" => Some(code.to_vec()),
        _ => None,
    }
}

/// None of these methods derives constants from its options.
fn no_constants(recording: &Recording, deviations: &mut Deviations) -> Result<(), ReplayError> {
    Place("constants".into()).compare_all(&recording.constants, deviations, |_| None)
}
