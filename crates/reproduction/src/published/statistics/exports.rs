//! The tables that shipped beside the run tables, against what the run tables give.

use std::path::Path;

use analysis::summary::Summary;
use anyhow::{Result, bail};

use super::Found;
use crate::published::csv_file::{CsvFile, RunTable};
use crate::published::key::Key;
use crate::published::names::{EXPORTS, Export, LAYERS, Layer, NORMALISED, ROUND2, RUNTIME_EXPORT};
use crate::published::rounds::{Quantity, Round};
use crate::published::scope::ALL;

/// Largest difference between the rows of a shipped table and ours.
pub(in crate::published) const ROWS_DIFFERENCE: &str = "published_rows_max_difference";
/// Between its means and ours, with its layer names read as the authors meant them.
const MEAN_DIFFERENCE: &str = "published_mean_max_difference";
const SEM_DIFFERENCE: &str = "published_sem_max_difference";
/// Ends the names of the same with its layer names taken at their word.
const AT_FACE_VALUE: &str = "_names_at_face_value";

/// Largest absolute difference of a shipped table from ours.
pub(super) fn value(folder: &Path, round: &Round, key: &Key<'_>) -> Result<Found> {
    let Some(quantity) = round.quantity(key.quantity).filter(|_| key.scope == ALL) else { return Ok(None) };
    let (statistic, name): (&str, fn(&Layer) -> &str) = match key.statistic.strip_suffix(AT_FACE_VALUE) {
        Some(statistic) => (statistic, |layer| layer.name),
        None => (key.statistic, |layer| layer.published),
    };
    let compared = match (key.table, key.quantity, statistic) {
        ("round2", "norm", ROWS_DIFFERENCE) => row_difference(folder, quantity)?,
        ("round2", "runtime", MEAN_DIFFERENCE) => {
            runtime_difference(&CsvFile::read(folder, RUNTIME_EXPORT)?, round, quantity)?
        }
        (_, _, MEAN_DIFFERENCE | SEM_DIFFERENCE) => {
            let of = if statistic == MEAN_DIFFERENCE { "mean" } else { "sem" };
            let is_asked =
                |export: &&Export| (export.table, export.quantity, export.statistic) == (key.table, key.quantity, of);
            let Some(export) = EXPORTS.iter().find(is_asked) else { return Ok(None) };
            cell_difference(&CsvFile::read(folder, export.file)?, export, round, quantity, name)?
        }
        _ => return Ok(None),
    };
    Ok(Some(Ok(compared)))
}

/// Over all cells, `name` saying which layer a row of the shipped table is.
fn cell_difference(
    file: &CsvFile,
    export: &Export,
    round: &Round,
    quantity: &Quantity,
    name: fn(&Layer) -> &str,
) -> Result<f64> {
    let (labels, noise) = (file.text("layershortname")?, file.numbers("noise_level")?);
    let mut largest = 0.0f64;
    for (optimizer, column) in round.optimizers.iter().zip(&quantity.columns) {
        for ((shipped, label), noise) in file.numbers(optimizer)?.iter().zip(&labels).zip(&noise) {
            let is_row = |run: usize| {
                let run = &round.runs[run];
                run.noise == *noise && LAYERS.iter().any(|layer| layer.module == run.layer && name(layer) == *label)
            };
            let values: Vec<f64> = (0..column.len()).filter(|&run| is_row(run)).map(|run| column[run]).collect();
            if values.is_empty() {
                bail!("{} has no runs of a layer {label} at noise {noise:?}", round.table);
            }
            let summary = Summary::of(&values)?;
            let ours = if export.statistic == "mean" { summary.mean } else { summary.standard_error() };
            largest = largest.max((shipped - ours).abs());
        }
    }
    Ok(largest)
}

fn runtime_difference(file: &CsvFile, round: &Round, quantity: &Quantity) -> Result<f64> {
    let rows = file.text("")?;
    let mut largest = 0.0f64;
    for (optimizer, column) in round.optimizers.iter().zip(&quantity.columns) {
        let summary = Summary::of(column)?;
        for (shipped, row) in file.numbers(optimizer)?.iter().zip(&rows) {
            let ours = if *row == "mean" { summary.mean } else { summary.standard_error() };
            largest = largest.max((shipped - ours).abs());
        }
    }
    Ok(largest)
}

fn row_difference(folder: &Path, quantity: &Quantity) -> Result<f64> {
    let shipped = RunTable::read(folder, NORMALISED, ROUND2)?;
    let differences = shipped.columns.iter().zip(&quantity.columns).flat_map(|(a, b)| a.iter().zip(b));
    Ok(differences.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max))
}
