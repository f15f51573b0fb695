//! Recordings of upstream's `Genetic`.

use serde_json::Value;

use super::recording::{Entry, Place, Recording, missing};
use super::{Deviations, ReplayError, Report};
use crate::methods::{Genetic, GeneticConfig, GeneticDraws};
use crate::{Optimizer, Population};

pub(super) fn replay(recording: &Recording) -> Result<Report, ReplayError> {
    let config: GeneticConfig = serde_json::from_value(Value::Object(recording.options(&["maximize"])))?;
    let mutation_rate = config.mutation_rate;
    let mut method = Genetic::new(recording.dim, config)?;
    let mut own = Population::new(recording.dim);
    method.start_from(&recording.first_codes()?)?;
    // The first generation is given: the generator is not read.
    method.ask(&mut crate::stream_rng(0, crate::Stream::Method, 0), &mut own);

    let mut deviations = Deviations::new();
    recording.run(&mut method, own, &mut deviations, |method, place, entry, own, deviations| {
        let draws = draws(place, entry, recording.dim, method.children(), mutation_rate)?;
        method.ask_with(&draws, own);
        place.compare_all(&entry.state_after, deviations, |name| (name == "kT").then(|| vec![method.kt()]))
    })?;
    Ok(deviations.report(recording, "genetic"))
}

/// The draws of a generation of `children`, as all genetic algorithms record them.
pub(super) fn draws(
    place: &Place,
    entry: &Entry,
    dim: usize,
    children: usize,
    mutation_rate: f64,
) -> Result<GeneticDraws, ReplayError> {
    let vector = |key| place.vector(&entry.draws, key);
    let draws = GeneticDraws {
        parent1: vector("parent1_uniform")?,
        parent2: vector("parent2_uniform")?,
        parentage: place.matrix(&entry.draws, "parentage_uniform", dim, children)?,
        mutate: place.matrix(&entry.draws, "mutate_uniform", dim, children)?,
        mutations: vector("mutation_normal_scaled")?,
    };
    let mutating = draws.mutate.iter().filter(|&&u| u < mutation_rate).count();
    let fits = [&draws.parent1, &draws.parent2].iter().all(|parents| parents.len() == children);
    if draws.mutations.len() == mutating && fits { Ok(draws) } else { Err(missing(&place.0, "draws")) }
}
