//! The tables of analysed runs.

use analysis::agreement::{ComponentAgreement, RunAgreement};

use super::measures::{ComponentMeasures, GenerationMeasures, Measures};

/// Projections that `generations.csv` holds.
const PROJECTIONS: usize = 5;

/// Names and contents of the tables.
pub(crate) fn tables(runs: &[Measures]) -> Result<Vec<(&'static str, Vec<u8>)>, csv::Error> {
    Ok(vec![("generations.csv", generations(runs)?), ("components.csv", components(runs)?)])
}

fn generations(runs: &[Measures]) -> Result<Vec<u8>, csv::Error> {
    let fixed = [
        "run",
        "optimizer",
        "generation",
        "evaluations",
        "mean_clean",
        "best_clean",
        "mean_noisy",
        "code_norm",
        "mean_code_norm",
        "step_length",
        "step_angle",
        "angle_between_steps",
        "angle_within",
        "distance_within",
    ];
    let header = fixed.map(str::to_owned).into_iter().chain((1..=PROJECTIONS).map(|k| format!("pc{k}"))).collect();
    let rows = runs.iter().flat_map(|run| {
        let row = move |(number, generation)| generation_row(run, number, generation);
        run.generations.iter().enumerate().map(row)
    });
    write(std::iter::once(header).chain(rows))
}

fn generation_row(run: &Measures, number: usize, generation: &GenerationMeasures) -> Vec<String> {
    let mut row = vec![run.run.clone(), run.optimizer.clone(), number.to_string(), generation.evaluations.to_string()];
    let values = [
        generation.mean_clean,
        generation.best_clean,
        generation.mean_noisy,
        generation.code_norm,
        generation.mean_norm,
        generation.step_length,
        generation.step_angle,
        generation.angle_between_steps,
        generation.angle_within,
        generation.distance_within,
    ];
    row.extend(values.map(cell));
    row.extend((0..PROJECTIONS).map(|k| cell(generation.projections.get(k).copied().unwrap_or(f64::NAN))));
    row
}

fn components(runs: &[Measures]) -> Result<Vec<u8>, csv::Error> {
    let header = [
        "run",
        "optimizer",
        "component",
        "explained_variance_ratio",
        "random_walk",
        "periods",
        "r_squared_free",
        "r_squared_fixed",
    ];
    let rows = runs.iter().flat_map(|run| run.components.iter().map(move |component| component_row(run, component)));
    write(std::iter::once(header.map(str::to_owned).to_vec()).chain(rows))
}

fn component_row(run: &Measures, component: &ComponentMeasures) -> Vec<String> {
    let mut row = vec![run.run.clone(), run.optimizer.clone(), component.component.to_string()];
    let values = [
        component.explained_variance_ratio,
        component.random_walk,
        component.periods,
        component.r_squared_free,
        component.r_squared_fixed,
    ];
    row.extend(values.map(cell));
    row
}

/// The test of each component of several runs.
pub(super) fn agreement(agreement: &RunAgreement) -> Result<Vec<u8>, csv::Error> {
    let header = ["component", "pairs_of_runs", "mean_squared_cosine", "by_chance", "p", "p_holm"];
    let header = header.map(str::to_owned).to_vec();
    let row = |one: &ComponentAgreement| {
        let numbers = [one.mean_squared, one.by_chance, one.p, one.p_holm].map(cell);
        [one.component.to_string(), agreement.pairs.to_string()].into_iter().chain(numbers).collect()
    };
    write(std::iter::once(header).chain(agreement.components.iter().map(row)))
}

/// A row a pair of runs and component.
pub(super) fn agreement_pairs(agreement: &RunAgreement, runs: &[Measures]) -> Result<Vec<u8>, csv::Error> {
    let header = ["run", "other_run", "component", "absolute_cosine"].map(str::to_owned).to_vec();
    let pairs = runs.iter().enumerate().flat_map(|(i, run)| runs[i + 1..].iter().map(move |other| (run, other)));
    let rows = pairs.zip(&agreement.each).flat_map(|((run, other), cosines)| {
        cosines
            .iter()
            .enumerate()
            .map(|(k, cosine)| vec![run.run.clone(), other.run.clone(), (k + 1).to_string(), cell(*cosine)])
    });
    write(std::iter::once(header).chain(rows))
}

/// The shortest text that reads back as the same number; nothing where there is none.
fn cell(value: f64) -> String {
    if value.is_finite() { format!("{value:?}") } else { String::new() }
}

fn write(rows: impl Iterator<Item = Vec<String>>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}
