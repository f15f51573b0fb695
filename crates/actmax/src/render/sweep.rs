//! Which codes become images: those of a file, or codes along paths through them.

use std::path::{Path, PathBuf};

use analysis::StatsError;
use analysis::geometry::norm;
use analysis::path::{self, at_norm, between, turned};
use clap::ValueEnum;
use optim_core::{Population, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};
use thiserror::Error;

use super::RenderArgs;
use crate::CommandError;
use crate::codes_argument::{read_codes_argument, row_words};
use crate::console::{counted, significant};

/// Codes between two ends, if no other number is given.
const STEPS: usize = 9;

/// Why codes make no images.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SweepError {
    /// `--rows` names a row that is not there.
    #[error("{} has no row {row}: its rows are 0 to {}", file.display(), rows.saturating_sub(1))]
    NoSuchRow {
        /// The file, as given.
        file: PathBuf,
        /// The row.
        row: usize,
        /// Rows that it has.
        rows: usize,
    },
    /// The second codes are neither one nor as many as the first.
    #[error("{} holds {}, for {} there must be one or as many", file.display(), counted(*found, "code"), counted(*needed, "code"))]
    Pairing {
        /// The file, as given.
        file: PathBuf,
        /// Codes in it.
        found: usize,
        /// Codes that are paired with them.
        needed: usize,
    },
    /// No path leads through a code.
    #[error("row {row} of {}", file.display())]
    NoPath {
        /// The file, as given.
        file: PathBuf,
        /// The row.
        row: usize,
        /// Why not.
        source: StatsError,
    },
}

/// How two codes are connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Along {
    /// The arc between the two directions, with a norm that changes evenly.
    #[default]
    GreatCircle,
    /// The straight line, whose middle is shorter than its ends.
    Line,
}

/// Codes that become images.
pub(crate) struct Planned {
    /// The codes.
    pub(crate) codes: Population,
    /// For each, the name of its file without the extension, and the words below it on the sheet.
    pub(crate) names: Vec<(String, Vec<String>)>,
    /// Images that belong side by side, if they are a sweep's.
    pub(crate) columns: Option<usize>,
}

/// A stop on the path through a code: the end of the file's name, the words for it, the code.
type Stop = (String, Vec<String>, Vec<f64>);

/// What the arguments ask for, of codes of length `dim` in `file`.
pub(crate) fn planned(args: &RenderArgs, file: &Path, dim: usize) -> Result<Planned, CommandError> {
    let all = read_codes_argument(file, dim)?;
    let rows = match &args.rows {
        None => (0..all.len()).collect(),
        Some(rows) => rows
            .of(all.len())
            .map_err(|row| CommandError::from(SweepError::NoSuchRow { file: file.to_owned(), row, rows: all.len() }))?,
    };
    let second = args.to.as_deref().or(args.towards.as_deref());
    let second = second.map(|second| paired(second, dim, rows.len())).transpose()?;
    let mut planned = Planned { codes: Population::new(dim), names: Vec::new(), columns: None };
    let mut values = Vec::new();
    for (place, &row) in rows.iter().enumerate() {
        let code = all.code(row);
        let second = second.as_ref().map(|second| second.code(if second.len() == 1 { 0 } else { place }));
        let stops = stops(args, code, row, second).map_err(|source| SweepError::NoPath {
            file: file.to_owned(),
            row,
            source,
        })?;
        planned.columns = (!stops.is_empty()).then_some(stops.len());
        let words = row_words(file, row);
        if stops.is_empty() {
            planned.names.push((format!("{row:04}"), vec![words.clone(), norm_words(code)]));
            values.extend_from_slice(code);
        }
        for (ending, at, code) in stops {
            planned.names.push((format!("{row:04}_{ending}"), [vec![words.clone()], at].concat()));
            values.extend(code);
        }
    }
    planned.codes = Population::from_rows(dim, &values);
    Ok(planned)
}

fn norm_words(code: &[f64]) -> String {
    format!("norm {}", significant(norm(code)))
}

/// Second codes: one for all, or one for each of `needed`.
fn paired(file: &Path, dim: usize, needed: usize) -> Result<Population, CommandError> {
    let codes = read_codes_argument(file, dim)?;
    match codes.len() {
        found if found == 1 || found == needed => Ok(codes),
        found => Err(SweepError::Pairing { file: file.to_owned(), found, needed }.into()),
    }
}

/// The stops of the sweep that the arguments ask for; none if they ask for no sweep.
fn stops(args: &RenderArgs, code: &[f64], row: usize, second: Option<&[f64]>) -> Result<Vec<Stop>, StatsError> {
    if !args.norms.is_empty() {
        let stop = |&norm: &f64| Ok((format!("norm{norm}"), vec![format!("norm {norm}")], at_norm(code, norm)?));
        return args.norms.iter().map(stop).collect();
    }
    if !args.angles.is_empty() {
        let direction =
            second.map_or_else(|| random_direction(args.seed.unwrap_or(0), row, code.len()), <[f64]>::to_vec);
        let stop =
            |&angle: &f64| Ok((format!("angle{angle}"), vec![format!("{angle}°")], turned(code, &direction, angle)?));
        return args.angles.iter().map(stop).collect();
    }
    let (Some(_), Some(to)) = (&args.to, second) else { return Ok(Vec::new()) };
    let steps = args.steps.map_or(STEPS, usize::from);
    let path = match args.along.unwrap_or_default() {
        Along::GreatCircle => path::Path::GreatCircle,
        Along::Line => path::Path::Line,
    };
    let stop = |step: usize| {
        let share = if steps == 1 { 0.5 } else { step as f64 / (steps - 1) as f64 };
        let code = between(code, to, share, path)?;
        Ok((format!("step{step:02}"), vec![format!("{:.0} %", 100.0 * share), norm_words(&code)], code))
    };
    (0..steps).map(stop).collect()
}

/// A direction that a seed names, another one for each row.
fn random_direction(seed: u64, row: usize, dim: usize) -> Vec<f64> {
    let mut rng = stream_rng(seed, Stream::Resampling, row as u64);
    (0..dim).map(|_| StandardNormal.sample(&mut rng)).collect()
}
