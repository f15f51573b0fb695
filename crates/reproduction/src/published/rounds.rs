//! The three sets of runs with everything that was measured of them.

use std::collections::HashMap;
use std::path::Path;

use analysis::normalisation::{ScoreKind, by_unit_maximum};
use anyhow::{Context, Result};

use super::csv_file::{Run, RunTable};
use super::names::{ROUND1, ROUND2, SPECTRA};

/// Something measured of every run.
pub(super) struct Quantity {
    pub(super) name: &'static str,
    /// `[optimizers][runs]`
    pub(super) columns: Vec<Vec<f64>>,
    /// Runs that have it; `None`: all.
    pub(super) rows: Option<Vec<bool>>,
    /// Whether 1 is the rank of the smallest value.
    pub(super) smallest_first: bool,
    /// Whether it measures success, so that there is a best optimizer.
    pub(super) is_score: bool,
}

impl Quantity {
    fn score(name: &'static str, columns: Vec<Vec<f64>>) -> Self {
        Self { name, columns, rows: None, smallest_first: false, is_score: true }
    }

    fn measure(name: &'static str, columns: Vec<Vec<f64>>) -> Self {
        Self { is_score: false, ..Self::score(name, columns) }
    }
}

/// One set of runs.
pub(super) struct Round {
    pub(super) table: &'static str,
    pub(super) optimizers: &'static [&'static str],
    pub(super) runs: Vec<Run>,
    /// Number of the unit of every run.
    pub(super) units: Vec<usize>,
    /// The units' scopes, by number.
    pub(super) unit_names: Vec<String>,
    pub(super) quantities: Vec<Quantity>,
}

impl Round {
    fn new(table: &'static str, optimizers: &'static [&'static str], runs: Vec<Run>) -> Self {
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut unit_names = Vec::new();
        let mut units = Vec::with_capacity(runs.len());
        for run in &runs {
            let name = format!("layer={},channel={}", run.layer, run.channel);
            units.push(*numbers.entry(name.clone()).or_insert_with(|| {
                unit_names.push(name);
                unit_names.len() - 1
            }));
        }
        Self { table, optimizers, runs, units, unit_names, quantities: Vec::new() }
    }

    /// The column of an optimizer.
    pub(super) fn optimizer(&self, name: &str) -> Option<usize> {
        self.optimizers.iter().position(|optimizer| *optimizer == name)
    }

    /// The columns of optimizers: all, or those of a set such as `pycma+pycmaDiagonal`.
    pub(super) fn set(&self, names: Option<&str>) -> Option<Vec<usize>> {
        match names {
            None => Some((0..self.optimizers.len()).collect()),
            Some(names) => names.split('+').map(|name| self.optimizer(name)).collect(),
        }
    }

    /// A quantity by name.
    pub(super) fn quantity(&self, name: &str) -> Option<&Quantity> {
        self.quantities.iter().find(|quantity| quantity.name == name)
    }

    /// Scores over their unit's largest; rows of units that never respond are left out.
    fn normalised(&self, name: &'static str, kind: ScoreKind, scores: &[Vec<f64>]) -> Result<Quantity> {
        let mut largest = vec![f64::NEG_INFINITY; self.unit_names.len()];
        for column in scores {
            column.iter().zip(&self.units).for_each(|(score, &unit)| largest[unit] = largest[unit].max(*score));
        }
        let live: Vec<usize> = (0..self.runs.len()).filter(|&run| largest[self.units[run]] > 0.0).collect();
        let rows: Vec<Vec<f64>> = live.iter().map(|&run| scores.iter().map(|column| column[run]).collect()).collect();
        let names: Vec<&str> = live.iter().map(|&run| self.unit_names[self.units[run]].as_str()).collect();
        let normalised = by_unit_maximum(kind, &rows, &names)
            .with_context(|| format!("the {} scores of {} cannot be normalised", kind.name(), self.table))?;
        let mut columns = vec![vec![0.0; self.runs.len()]; scores.len()];
        let mut present = vec![false; self.runs.len()];
        for (row, &run) in normalised.rows.iter().zip(&live) {
            present[run] = true;
            row.iter().zip(&mut columns).for_each(|(score, column)| column[run] = *score);
        }
        let rows = (live.len() < self.runs.len()).then_some(present);
        Ok(Quantity { rows, ..Quantity::score(name, columns) })
    }
}

/// Scores over one number of their run; runs where that number is zero are left out.
fn over_row(name: &'static str, scores: &[Vec<f64>], divisor: impl Fn(&[f64]) -> f64) -> Quantity {
    let runs = scores.first().map_or(0, Vec::len);
    let row = |run: usize| scores.iter().map(|column| column[run]).collect::<Vec<f64>>();
    let divisors: Vec<f64> = (0..runs).map(|run| divisor(&row(run))).collect();
    let divide = |(score, by): (&f64, &f64)| if *by == 0.0 { 0.0 } else { score / by };
    let columns = scores.iter().map(|column| column.iter().zip(&divisors).map(divide).collect()).collect();
    let present: Vec<bool> = divisors.iter().map(|by| *by != 0.0).collect();
    let rows = present.contains(&false).then_some(present);
    Quantity { rows, ..Quantity::score(name, columns) }
}

/// A table without its runs, `[optimizers][runs]`.
type Columns = Vec<Vec<f64>>;

/// Tables of one set of runs, their rows equal.
fn read(folder: &Path, files: &[&str], optimizers: &[&str]) -> Result<(Vec<Run>, Vec<Columns>)> {
    let mut tables = Vec::new();
    for file in files {
        let table = RunTable::read(folder, file, optimizers)?;
        if let Some(first) = tables.first() {
            table.require_rows_of(first)?;
        }
        tables.push(table);
    }
    let runs = tables.first().map(|table| table.runs.clone()).unwrap_or_default();
    Ok((runs, tables.into_iter().map(|table| table.columns).collect()))
}

/// Twelve optimizers of nevergrad; scores as the optimizer saw them.
pub(super) fn round1(folder: &Path) -> Result<Round> {
    let files = ["maxobj", "runtime", "codenorm"].map(|what| format!("ng_benchmark_{what}_summary.csv"));
    let (runs, tables) = read(folder, &files.each_ref().map(String::as_str), ROUND1)?;
    let [noisy, runtime, codenorm] = three(tables);
    let mut round = Round::new("round1", ROUND1, runs);
    let noise_free: Vec<bool> = round.runs.iter().map(|run| run.noise == 0.0).collect();
    let random = ROUND1.len() - 1;
    let mean = |row: &[f64]| row.iter().sum::<f64>() / row.len() as f64;
    let largest = |row: &[f64]| row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    round.quantities = vec![
        round.normalised("norm", ScoreKind::Noisy, &noisy)?,
        over_row("norm_rowmean", &noisy, mean),
        over_row("norm_rowmax", &noisy, largest),
        over_row("norm_random", &noisy, |row| row[random]),
        Quantity { rows: Some(noise_free), ..Quantity::score("clean", noisy.clone()) },
        Quantity::score("noisy", noisy),
        Quantity { smallest_first: true, ..Quantity::measure("runtime", runtime) },
        Quantity::measure("codenorm", codenorm),
    ];
    Ok(round)
}

fn three(tables: Vec<Columns>) -> [Columns; 3] {
    let mut tables = tables.into_iter();
    std::array::from_fn(|_| tables.next().unwrap_or_default())
}

/// The genetic algorithm and five variants of CMA-ES; clean scores.
pub(super) fn round2(folder: &Path) -> Result<Round> {
    let files = ["cleanobj", "maxobj", "runtime", "codenorm"].map(|what| format!("CMA_benchmark_{what}_summary.csv"));
    let (runs, mut tables) = read(folder, &files.each_ref().map(String::as_str), ROUND2)?;
    let clean = tables.remove(0);
    let [noisy, runtime, codenorm] = three(tables);
    let mut round = Round::new("round2", ROUND2, runs);
    round.quantities = vec![
        round.normalised("norm", ScoreKind::Clean, &clean)?,
        round.normalised("norm_noisy", ScoreKind::Noisy, &noisy)?,
        Quantity::score("clean", clean),
        Quantity::score("noisy", noisy),
        Quantity { smallest_first: true, ..Quantity::measure("runtime", runtime) },
        Quantity::measure("codenorm", codenorm),
    ];
    Ok(round)
}

/// Covariance matrices at the end of noise-free runs.
pub(super) fn spectra(folder: &Path) -> Result<Round> {
    const MEASURES: [&str; 4] = ["condnum", "devi2id", "maxeig", "mineig"];
    let files: Vec<String> =
        ["cleanobj", "maxobj"].iter().chain(&MEASURES).map(|what| format!("CMA_spectra_{what}_summary.csv")).collect();
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let (runs, tables) = read(folder, &names, SPECTRA)?;
    let mut round = Round::new("spectra", SPECTRA, runs);
    let mut tables = tables.into_iter();
    let (clean, noisy) = (tables.next().unwrap_or_default(), tables.next().unwrap_or_default());
    let mut quantities = vec![round.normalised("norm", ScoreKind::Clean, &clean)?];
    quantities.push(Quantity::score("clean", clean));
    quantities.push(Quantity::score("noisy", noisy));
    quantities.extend(MEASURES.into_iter().zip(tables).map(|(name, columns)| Quantity::measure(name, columns)));
    round.quantities = quantities;
    Ok(round)
}
