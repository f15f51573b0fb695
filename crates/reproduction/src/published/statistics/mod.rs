//! Statistics of the published tables, each computed when it is asked for.

mod best;
pub(super) mod exports;
pub(super) mod models;
mod optimizers;
mod pairs;
pub(super) mod relations;
pub(super) mod theory;
pub(super) mod units;

use std::path::{Path, PathBuf};

use analysis::StatsError;
use anyhow::{Context, Result, bail};

use super::key::Key;
use super::names::TABLES;
use super::rounds::{Quantity, Round, round1, round2, spectra};
use super::scope::{Scope, scopes};

/// Settings of the resampling.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bootstrap {
    pub(super) resamples: usize,
    pub(super) seed: u64,
}

/// A statistic: `None` where there is none of that name.
type Found = Option<Result<f64, StatsError>>;

/// The published tables.
pub(crate) struct Tables {
    folder: PathBuf,
    rounds: Vec<(Round, Vec<Scope>)>,
    bootstrap: Bootstrap,
}

/// The rows of a scope in which a quantity was measured.
struct Cut<'a> {
    round: &'a Round,
    quantity: &'a Quantity,
    rows: Vec<usize>,
    /// `[optimizers][rows]`
    columns: Vec<Vec<f64>>,
}

impl<'a> Cut<'a> {
    /// `None` where the scope has no such rows.
    fn of(round: &'a Round, quantity: &'a Quantity, scope: &Scope) -> Option<Self> {
        let has = |row: &usize| quantity.rows.as_ref().is_none_or(|present| present[*row]);
        let rows: Vec<usize> = scope.rows.iter().copied().filter(has).collect();
        let take = |column: &Vec<f64>| rows.iter().map(|&row| column[row]).collect();
        let columns = quantity.columns.iter().map(take).collect();
        (!rows.is_empty()).then_some(Self { round, quantity, rows, columns })
    }
}

impl Tables {
    /// Reads all tables.
    pub(super) fn read(folder: &Path, bootstrap: Bootstrap) -> Result<Self> {
        let with_scopes = |round: Round| {
            let scopes = scopes(&round.runs);
            (round, scopes)
        };
        let rounds = [round1(folder)?, round2(folder)?, spectra(folder)?].map(with_scopes).into();
        Ok(Self { folder: folder.to_owned(), rounds, bootstrap })
    }

    /// The value of a statistic.
    pub(super) fn value(&self, key: &Key<'_>) -> Result<f64> {
        let found = self.find(key)?.with_context(|| format!("the tables give no such statistic: {key}"))?;
        let value = found.with_context(|| format!("there is no value of {key}"))?;
        if !value.is_finite() {
            bail!("there is no value of {key}: a division by zero");
        }
        Ok(value)
    }

    fn find(&self, key: &Key<'_>) -> Result<Found> {
        if key.table == "theory" {
            return theory::value(key);
        }
        let Some((number, (round, scopes))) =
            self.rounds.iter().enumerate().find(|(_, (round, _))| round.table == key.table)
        else {
            bail!("no table {:?}; tables are {} and theory", key.table, TABLES.join(", "));
        };
        if key.statistic.starts_with("published_") {
            return exports::value(&self.folder, round, key);
        }
        let Some(at) = scopes.iter().position(|scope| *scope.name == *key.scope) else {
            return Ok(units::largest_score(round, key));
        };
        let (scope, stream) = (&scopes[at], (number * 1000 + at) as u64);
        match key.quantity {
            "runs" => Ok(units::count(round, scope, key)),
            "normaliser" => Ok(units::reached(round, "clean", scope, key)),
            "normaliser_noisy" => Ok(units::reached(round, "noisy", scope, key)),
            relations::INFLATION => relations::inflation(round, scope, key, self.bootstrap, at as u64),
            pair if pair.contains('~') => Ok(relations::correlation(round, scope, key)),
            name => {
                let Some(quantity) = round.quantity(name) else { return Ok(None) };
                self.of_quantity((round, scopes), quantity, scope, key, stream)
            }
        }
    }

    fn of_quantity(
        &self,
        (round, scopes): (&Round, &[Scope]),
        quantity: &Quantity,
        scope: &Scope,
        key: &Key<'_>,
        stream: u64,
    ) -> Result<Found> {
        let Some(cut) = Cut::of(round, quantity, scope) else { return Ok(None) };
        if let (Some(model), Some(term)) = (key.model, key.term) {
            return Ok(models::value(&cut, model, term, key));
        }
        let Some(index) = key.optimizer.and_then(|name| round.optimizer(name)) else { return Ok(None) };
        if let Some(against) = key.against {
            let Some(others) = round.set(Some(against)) else { return Ok(None) };
            return pairs::value(&cut, index, &others, key.statistic, self.bootstrap, stream);
        }
        Ok(match key.statistic {
            "ratio_to_noise_free" => relations::retention(&cut, scope, scopes, index),
            statistic => optimizers::value(&cut, index, statistic)
                .or_else(|| best::value(&cut, index, statistic))
                .or_else(|| best::cells(round, scopes, quantity, scope, index, statistic)),
        })
    }
}
