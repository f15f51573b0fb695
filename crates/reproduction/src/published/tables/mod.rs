//! The statistics of all tables.

mod best;
mod describe;
pub(super) mod exports;
pub(super) mod models;
mod pairs;
pub(super) mod relations;
pub(super) mod theory;
pub(super) mod units;

use std::path::Path;

use analysis::summary::Summary;
use anyhow::Result;
use rayon::prelude::*;

use super::record::{Place, Record};
use super::rounds::{Quantity, Round, round1, round2, spectra};
use super::scope::{Kind, Scope, scopes};
use progress::Progress;

/// Settings of the resampling.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bootstrap {
    pub(super) resamples: usize,
    pub(super) seed: u64,
}

/// The rows of a scope in which a quantity was measured.
struct Cut<'a> {
    round: &'a Round,
    quantity: &'a Quantity,
    scope: &'a Scope,
    place: Place,
    rows: Vec<usize>,
    /// `[optimizers][rows]`
    columns: Vec<Vec<f64>>,
}

impl<'a> Cut<'a> {
    /// `None` where the scope has no such rows.
    fn of(round: &'a Round, quantity: &'a Quantity, scope: &'a Scope) -> Option<Self> {
        let has = |row: &usize| quantity.rows.as_ref().is_none_or(|present| present[*row]);
        let rows: Vec<usize> = scope.rows.iter().copied().filter(has).collect();
        let take = |column: &Vec<f64>| rows.iter().map(|&row| column[row]).collect();
        let columns = quantity.columns.iter().map(take).collect();
        let (table, of, scope_name) = (round.table, quantity.of, scope.name.clone());
        let place = Place { table, quantity: quantity.name, of, scope: scope_name };
        (!rows.is_empty()).then_some(Self { round, quantity, scope, place, rows, columns })
    }

    fn means(&self) -> Vec<f64> {
        self.columns.iter().map(|column| Summary::of(column).map_or(f64::NAN, |summary| summary.mean)).collect()
    }
}

/// One part of the work: the records of a quantity over a scope.
struct Task<'a> {
    round: &'a Round,
    quantity: &'a Quantity,
    scope: &'a Scope,
    /// Number of the scope within its round, and of the round: the bootstrap's stream.
    stream: u64,
}

/// Mean of every quantity over every scope, by (table, quantity, optimizer, scope).
pub(super) fn means(folder: &Path) -> Result<Vec<([String; 4], f64)>> {
    let mut means = Vec::new();
    for round in &[round1(folder)?, round2(folder)?, spectra(folder)?] {
        let scopes = scopes(&round.runs);
        let pairs = round.quantities.iter().flat_map(|quantity| scopes.iter().map(move |scope| (quantity, scope)));
        for cut in pairs.filter_map(|(quantity, scope)| Cut::of(round, quantity, scope)) {
            let key = |optimizer: &str| [round.table, cut.quantity.name, optimizer, &cut.scope.name].map(str::to_owned);
            means.extend(round.optimizers.iter().map(|optimizer| key(optimizer)).zip(cut.means()));
        }
    }
    Ok(means)
}

/// Every statistic that the files allow, in a fixed order.
pub(super) fn compute(folder: &Path, bootstrap: Bootstrap) -> Result<Vec<Record>> {
    let rounds = [round1(folder)?, round2(folder)?, spectra(folder)?];
    let scopes: Vec<Vec<Scope>> = rounds.iter().map(|round| scopes(&round.runs)).collect();
    let mut tasks = Vec::new();
    for (number, (round, scopes)) in rounds.iter().zip(&scopes).enumerate() {
        for quantity in &round.quantities {
            for (index, scope) in scopes.iter().enumerate() {
                tasks.push(Task { round, quantity, scope, stream: (number * 1000 + index) as u64 });
            }
        }
    }
    let progress = Progress::start("statistics", tasks.len() as u64);
    let computed: Vec<Vec<Record>> = tasks
        .par_iter()
        .map(|task| {
            let records = of_task(task, bootstrap);
            progress.advance(1);
            records
        })
        .collect::<Result<_>>()?;
    let mut records = units::legend(&rounds);
    records.extend(computed.into_iter().flatten());
    for (round, scopes) in rounds.iter().zip(&scopes) {
        records.extend(units::records(round, scopes));
        records.extend(relations::records(round, scopes, bootstrap)?);
        records.extend(models::records(round)?);
    }
    records.extend(best::cell_counts(&records));
    records.extend(exports::records(folder, &rounds)?);
    records.extend(theory::records()?);
    progress.finish();
    Ok(records)
}

fn of_task(task: &Task<'_>, bootstrap: Bootstrap) -> Result<Vec<Record>> {
    let Some(cut) = Cut::of(task.round, task.quantity, task.scope) else { return Ok(Vec::new()) };
    let mut records = describe::records(&cut)?;
    if cut.quantity.is_score {
        records.extend(best::records(&cut));
        records.extend(models::one_way(&cut));
    }
    if pairs::wanted(cut.quantity.pairs, cut.scope.kind) {
        records.extend(pairs::records(&cut, bootstrap, task.stream)?);
    }
    Ok(records)
}

/// Scopes that are not single cells.
fn pooled(scopes: &[Scope]) -> impl Iterator<Item = &Scope> {
    scopes.iter().filter(|scope| !matches!(scope.kind, Kind::Cell | Kind::NetNoise))
}
