//! The tables that shipped beside the run tables, against what the run tables give.

use std::path::Path;

use analysis::StatsError;
use analysis::summary::Summary;
use anyhow::Result;

use crate::published::csv_file::{CsvFile, RunTable};
use crate::published::names::{EXPORTS, Export, LAYERS, Layer, NORMALISED, ROUND2, RUNTIME_EXPORT};
use crate::published::record::{Name, Place, Record};
use crate::published::rounds::{Quantity, Round};
use crate::published::scope::ALL;

/// Largest difference between the rows of a shipped table and ours.
pub(in crate::published) const ROWS_DIFFERENCE: &str = "published_rows_max_difference";
/// Between its means and ours, with its layer names read as the authors meant them.
const MEAN_DIFFERENCE: &str = "published_mean_max_difference";
/// The same with its layer names taken at their word.
const MEAN_DIFFERENCE_AT_FACE_VALUE: &str = "published_mean_max_difference_names_at_face_value";
const SEM_DIFFERENCE: &str = "published_sem_max_difference";
const SEM_DIFFERENCE_AT_FACE_VALUE: &str = "published_sem_max_difference_names_at_face_value";

/// Largest absolute difference a shipped table; a table that is not in the folder gives no number.
pub(super) fn records(folder: &Path, rounds: &[Round]) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    for export in EXPORTS {
        let Some((round, quantity)) = find(rounds, export.table, export.quantity) else { continue };
        let place = place(round, quantity);
        let [meant, literal] = match export.statistic {
            "mean" => [MEAN_DIFFERENCE, MEAN_DIFFERENCE_AT_FACE_VALUE],
            _ => [SEM_DIFFERENCE, SEM_DIFFERENCE_AT_FACE_VALUE],
        };
        let as_meant: fn(&Layer) -> &str = |layer| layer.published;
        let at_face_value: fn(&Layer) -> &str = |layer| layer.name;
        for (statistic, name) in [(meant, as_meant), (literal, at_face_value)] {
            records.push(compared(folder, export.file, &place, statistic, |file| {
                cell_difference(&file, export, round, quantity, name)
            })?);
        }
    }
    if let Some((round, quantity)) = find(rounds, "round2", "runtime") {
        records.push(compared(folder, RUNTIME_EXPORT, &place(round, quantity), MEAN_DIFFERENCE, |file| {
            runtime_difference(&file, round, quantity)
        })?);
    }
    if let Some((round, quantity)) = find(rounds, "round2", "norm") {
        records.push(compared(folder, NORMALISED, &place(round, quantity), ROWS_DIFFERENCE, |_| {
            row_difference(folder, quantity)
        })?);
    }
    Ok(records)
}

fn find<'a>(rounds: &'a [Round], table: &str, quantity: &str) -> Option<(&'a Round, &'a Quantity)> {
    let round = rounds.iter().find(|round| round.table == table)?;
    Some((round, round.quantity(quantity)?))
}

fn place(round: &Round, quantity: &Quantity) -> Place {
    Place { table: round.table, quantity: quantity.name, of: quantity.of, scope: Name::from(ALL) }
}

/// A number, or why there is none.
type Difference = Result<f64, String>;

/// A record of `difference`, or of the file's absence.
fn compared(
    folder: &Path,
    name: &str,
    place: &Place,
    statistic: &'static str,
    difference: impl FnOnce(CsvFile) -> Result<Difference>,
) -> Result<Record> {
    if !folder.join(name).is_file() {
        let absent = place.record(statistic, Err(StatsError::TooFew { needed: 1, found: 0 }));
        return Ok(Record { reason: Some(format!("{name} is not in the folder")), ..absent });
    }
    let record = match difference(CsvFile::read(folder, name)?)? {
        Ok(value) => place.record(statistic, Ok(value)),
        Err(reason) => Record { reason: Some(reason), ..place.record(statistic, Ok(f64::NAN)) },
    };
    Ok(record.with_text(name.to_owned()))
}

/// Over all cells, `name` saying which layer a row of the shipped table is.
fn cell_difference(
    file: &CsvFile,
    export: &Export,
    round: &Round,
    quantity: &Quantity,
    name: fn(&Layer) -> &str,
) -> Result<Difference> {
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
                return Ok(Err(format!("{} has no runs of a layer {label} at noise {noise:?}", round.table)));
            }
            let summary = Summary::of(&values)?;
            let ours = if export.statistic == "mean" { summary.mean } else { summary.standard_error() };
            largest = largest.max((shipped - ours).abs());
        }
    }
    Ok(Ok(largest))
}

fn runtime_difference(file: &CsvFile, round: &Round, quantity: &Quantity) -> Result<Difference> {
    let rows = file.text("")?;
    let mut largest = 0.0f64;
    for (optimizer, column) in round.optimizers.iter().zip(&quantity.columns) {
        let summary = Summary::of(column)?;
        for (shipped, row) in file.numbers(optimizer)?.iter().zip(&rows) {
            let ours = if *row == "mean" { summary.mean } else { summary.standard_error() };
            largest = largest.max((shipped - ours).abs());
        }
    }
    Ok(Ok(largest))
}

fn row_difference(folder: &Path, quantity: &Quantity) -> Result<Difference> {
    let shipped = RunTable::read(folder, NORMALISED, ROUND2)?;
    let differences = shipped.columns.iter().zip(&quantity.columns).flat_map(|(a, b)| a.iter().zip(b));
    Ok(Ok(differences.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)))
}
