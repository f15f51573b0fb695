//! Tables of a campaign: one row a run, and the column layout of the published tables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::error::CampaignError;
use super::grid::{Run, Unit};
use super::record::RunRecord;
use super::status::{Census, provenance_differences};
use super::store::{Store, StoredRun};
use crate::folder::failed;
use crate::{FolderError, write_whole};

/// Why tables could not be made.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CollectError {
    /// A file or the campaign.
    #[error(transparent)]
    Campaign(#[from] CampaignError),
    /// A table could not be put together.
    #[error("the table {table} could not be put together")]
    Table {
        /// Its file.
        table: String,
        /// Why not.
        source: csv::Error,
    },
}

/// What [`collect`] made.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Collected {
    /// The tables.
    pub files: Vec<PathBuf>,
    /// Runs in them.
    pub runs: usize,
    /// Runs of the grid that are not.
    pub missing: usize,
    /// Differences between the programs and machines that made the runs.
    pub provenance_differences: Vec<String>,
}

/// Writes the tables of a campaign into `folder`.
///
/// `runs.csv` has one row a run, sorted by the grid, and one column a number. `published/QUANTITY_summary.csv` have
/// one row a (unit, noise level, repeat) and one column an optimizer, as the published tables have. `published_layer` tells
/// what the published tables call the layer of a unit, if they know it.
///
/// # Errors
/// If a run is damaged, or a file cannot be written.
pub fn collect(
    store: &Store,
    folder: &Path,
    published_layer: &dyn Fn(&Unit) -> Option<String>,
) -> Result<Collected, CollectError> {
    let stored = store.runs().collect::<Result<Vec<_>, _>>()?;
    let mut census = Census::default();
    stored.iter().for_each(|stored| census.count(&stored.record.provenance));
    let mut tables = vec![("runs.csv".to_owned(), tidy(store, &stored))];
    for quantity in QUANTITIES {
        if let Some(table) = published(store, &stored, quantity, published_layer) {
            tables.push((format!("published/{}_summary.csv", quantity.name), table));
        }
    }
    let mut files = Vec::new();
    for (name, table) in tables {
        let bytes = table.map_err(|source| CollectError::Table { table: name.clone(), source })?;
        files.push(write(folder, &name, &bytes).map_err(CampaignError::from)?);
    }
    let missing = store.campaign().runs().len() - stored.len();
    Ok(Collected {
        files,
        runs: stored.len(),
        missing,
        provenance_differences: provenance_differences(&census.into_sorted()),
    })
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<PathBuf, FolderError> {
    let path = folder.join(name);
    let parent = path.parent().unwrap_or(folder);
    std::fs::create_dir_all(parent).map_err(|source| failed("create the folder", parent, source))?;
    write_whole(&path, |file| std::io::Write::write_all(file, bytes))
        .map_err(|source| failed("write", &path, source))?;
    Ok(path)
}

type Table = Result<Vec<u8>, csv::Error>;

/// Writes rows as CSV.
fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> Table {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

const COLUMNS: [&str; 22] = [
    "optimizer",
    "method",
    "network",
    "layer",
    "channel",
    "row",
    "column",
    "noise",
    "noise_level",
    "repeat",
    "generations",
    "evaluations",
    "best_clean",
    "best_clean_generation",
    "best_noisy",
    "norm_best_clean",
    "norm_best_noisy",
    "norm_next_generation",
    "norm_final_mean",
    "runtime",
    "seed",
    "id",
];

/// One row a run; the method's scalars after the last generation follow the fixed columns.
fn tidy(store: &Store, stored: &[StoredRun]) -> Table {
    let mut names: Vec<&String> = stored.iter().flat_map(|stored| stored.record.diagnostics.keys()).collect();
    names.sort();
    names.dedup();
    let header = COLUMNS.iter().map(|name| (*name).to_owned()).chain(names.iter().map(|name| format!("final_{name}")));
    let rows = stored.iter().map(|stored| {
        let mut row = tidy_row(store, stored);
        row.extend(names.iter().map(|name| optional(stored.record.diagnostics.get(*name).map(|value| value.0))));
        row
    });
    csv(std::iter::once(header.collect()).chain(rows))
}

fn tidy_row(store: &Store, StoredRun { run, record, .. }: &StoredRun) -> Vec<String> {
    let position = run.unit.position;
    let noise = serde_json::to_value(run.spec.noise).unwrap_or_default();
    vec![
        run.label.clone(),
        run.spec.method.name().to_owned(),
        run.unit.network.clone(),
        run.unit.layer.clone(),
        run.unit.channel.to_string(),
        position.map_or_else(String::new, |(row, _)| row.to_string()),
        position.map_or_else(String::new, |(_, column)| column.to_string()),
        noise["kind"].as_str().unwrap_or_default().to_owned(),
        optional(run.noise_level()),
        run.repeat.to_string(),
        run.spec.generations.to_string(),
        record.evaluations.to_string(),
        optional(record.best_clean.map(|best| best.score.0)),
        record.best_clean.map_or_else(String::new, |best| best.generation.to_string()),
        optional(record.best_noisy.map(|best| best.score.0)),
        optional(record.norms.best_clean),
        optional(record.best_noisy_norm),
        optional(record.norms.next_generation),
        optional(record.norms.final_mean),
        optional(store.timing(run).map(|timing| timing.runtime)),
        run.spec.seed.to_string(),
        run.id.to_string(),
    ]
}

/// A number as the shortest text that reads back as the same; nothing where there is none.
fn optional(value: Option<f64>) -> String {
    value.map_or_else(String::new, |value| format!("{value:?}"))
}

/// A published table.
struct Quantity {
    name: &'static str,
    of: fn(&Store, &Run, &RunRecord) -> Option<f64>,
}

/// The published tables by the part of their names between `benchmark_` or `spectra_` and `_summary.csv`.
const QUANTITIES: &[Quantity] = &[
    Quantity { name: "cleanobj", of: |_, _, record| record.best_clean.map(|best| best.score.0) },
    Quantity { name: "maxobj", of: |_, _, record| record.best_noisy.map(|best| best.score.0) },
    Quantity { name: "codenorm", of: |_, run, record| codenorm(run, record) },
    Quantity { name: "runtime", of: |store, run, _| store.timing(run).map(|timing| timing.runtime) },
    Quantity { name: "maxeig", of: |_, _, record| diagnostic(record, "largest_eigenvalue") },
    Quantity { name: "mineig", of: |_, _, record| diagnostic(record, "smallest_eigenvalue") },
    Quantity { name: "condnum", of: |_, _, record| diagnostic(record, "condition_number") },
    Quantity { name: "devi2id", of: |_, _, record| diagnostic(record, "deviation_from_identity") },
];

/// Norm of the code with the best noisy score for nevergrad's methods, of the next generation for the others.
fn codenorm(run: &Run, record: &RunRecord) -> Option<f64> {
    if run.spec.method.name().starts_with("ng-") { record.best_noisy_norm } else { record.norms.next_generation }
}

fn diagnostic(record: &RunRecord, name: &str) -> Option<f64> {
    record.diagnostics.get(name).map(|value| value.0)
}

/// One row a (unit, noise, repeat), one column an arm; none if no run has the quantity.
fn published(
    store: &Store,
    stored: &[StoredRun],
    quantity: &Quantity,
    published_layer: &dyn Fn(&Unit) -> Option<String>,
) -> Option<Table> {
    let labels: Vec<&str> = store.campaign().arms.iter().map(|arm| arm.label.as_str()).collect();
    let mut rows: BTreeMap<usize, (&Run, Vec<String>)> = BTreeMap::new();
    let (mut order, mut any) = (BTreeMap::new(), false);
    for StoredRun { run, record, .. } in stored {
        let key = (run.folder(), run.repeat);
        let next = order.len();
        let at = *order.entry(key).or_insert(next);
        let (_, cells) = rows.entry(at).or_insert_with(|| (run, vec![String::new(); labels.len()]));
        let value = (quantity.of)(store, run, record);
        any |= value.is_some();
        if let Some(column) = labels.iter().position(|label| *label == run.label) {
            cells[column] = optional(value);
        }
    }
    let names = labels.iter().map(|label| published_name(store, label));
    let last = ["netname", "layername", "channum", "noise_level", "RND", "expdir"];
    let header = std::iter::once(String::new()).chain(names).chain(last.map(str::to_owned)).collect();
    let lines = rows.into_iter().map(|(at, (run, cells))| {
        let unit = &run.unit;
        let last = [
            unit.network.clone(),
            published_layer(unit).unwrap_or_else(|| unit.layer.clone()),
            unit.channel.to_string(),
            optional(run.noise_level()),
            run.row_id.to_string(),
            run.folder(),
        ];
        std::iter::once(at.to_string()).chain(cells).chain(last).collect()
    });
    any.then(|| csv(std::iter::once(header).chain(lines)))
}

/// The published name of an arm's method, or its label where it has none or the arm is named otherwise.
fn published_name(store: &Store, label: &str) -> String {
    let arm = store.campaign().arms.iter().find(|arm| arm.label == label);
    let info = arm.map(|arm| arm.method.info()).filter(|info| info.name == label);
    info.and_then(|info| info.aliases.last()).map_or(label, |alias| *alias).to_owned()
}
