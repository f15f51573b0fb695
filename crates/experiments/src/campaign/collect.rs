//! The table of a campaign: one row a run.

use std::path::{Path, PathBuf};

use thiserror::Error;

use super::error::CampaignError;
use super::record::RunRecord;
use super::status::{Census, provenance_differences};
use super::store::{Store, StoredRun};
use crate::folder::failed;
use crate::{FolderError, Noise, write_whole};

/// Why the table could not be made.
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
    /// The table.
    pub file: PathBuf,
    /// Runs in them.
    pub runs: usize,
    /// Runs of the grid that are not.
    pub missing: usize,
    /// Differences between the programs and machines that made the runs.
    pub provenance_differences: Vec<String>,
}

/// Writes the table of a campaign into `folder`.
///
/// `runs.csv` has one row a run, sorted by the grid, and one column a number.
///
/// # Errors
/// If a run is damaged, or a file cannot be written.
pub fn collect(store: &Store, folder: &Path) -> Result<Collected, CollectError> {
    let stored = store.runs().collect::<Result<Vec<_>, _>>()?;
    let mut census = Census::default();
    stored.iter().for_each(|stored| census.count(&stored.record.provenance));
    let bytes = tidy(store, &stored).map_err(|source| CollectError::Table { table: RUNS_FILE.to_owned(), source })?;
    let file = write(folder, RUNS_FILE, &bytes).map_err(CampaignError::from)?;
    let missing = store.campaign().runs().len() - stored.len();
    Ok(Collected {
        file,
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

const RUNS_FILE: &str = "runs.csv";

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

type OptionalValue = fn(&RunRecord) -> Option<String>;

/// What some campaigns have besides: a column that no run has a value for is left out.
const OPTIONAL: [(&str, OptionalValue); 2] = [
    ("reps", |record| (record.spec.reps > 1).then(|| record.spec.reps.to_string())),
    ("stopped", |record| record.stopped.map(|reason| reason.to_string())),
];

/// One row a run; what only some campaigns have, and the method's scalars after the last generation, follow the fixed
/// columns.
fn tidy(store: &Store, stored: &[StoredRun]) -> Table {
    let used = |(_, value): &&(_, OptionalValue)| stored.iter().any(|stored| value(&stored.record).is_some());
    let optional_columns: Vec<_> = OPTIONAL.iter().filter(used).collect();
    let mut names: Vec<&String> = stored.iter().flat_map(|stored| stored.record.diagnostics.keys()).collect();
    names.sort();
    names.dedup();
    let fixed = COLUMNS.iter().chain(optional_columns.iter().map(|(name, _)| name)).map(|name| (*name).to_owned());
    let header = fixed.chain(names.iter().map(|name| format!("final_{name}")));
    let rows = stored.iter().map(|stored| {
        let mut row = tidy_row(store, stored);
        row.extend(optional_columns.iter().map(|(_, value)| value(&stored.record).unwrap_or_default()));
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
        optional(match run.spec.noise {
            Noise::Poisson { scale, .. } => Some(scale),
            _ => run.noise_level(),
        }),
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
