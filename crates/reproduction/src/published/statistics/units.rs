//! Counts of rows and units, and the largest score of every unit.

use super::Found;
use crate::published::key::Key;
use crate::published::rounds::Round;
use crate::published::scope::{Kind, Scope};

/// Rows or distinct units of a scope.
pub(super) fn count(round: &Round, scope: &Scope, key: &Key<'_>) -> Found {
    match key.statistic {
        "count" => Some(Ok(scope.rows.len() as f64)),
        "units" => Some(Ok(units_of(round, scope).len() as f64)),
        _ => None,
    }
}

fn units_of(round: &Round, scope: &Scope) -> Vec<usize> {
    let mut units: Vec<usize> = scope.rows.iter().map(|&row| round.units[row]).collect();
    units.sort_unstable();
    units.dedup();
    units
}

/// Largest score that every optimizer has in a unit; `None` where the table has not all of these scores.
fn largest_scores(round: &Round, quantity: &str, unit: usize) -> Option<Vec<f64>> {
    let quantity = round.quantity(quantity).filter(|quantity| quantity.rows.is_none())?;
    let largest = |column: &Vec<f64>| {
        let of_unit = column.iter().zip(&round.units).filter(|(_, other)| **other == unit);
        of_unit.fold(f64::NEG_INFINITY, |largest, (score, _)| largest.max(*score))
    };
    Some(quantity.columns.iter().map(largest).collect())
}

fn maximum(scores: &[f64]) -> f64 {
    scores.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The score that a unit's scores are divided by; its scope is `layer=...,channel=...`.
pub(super) fn largest_score(round: &Round, key: &Key<'_>) -> Found {
    let of = match key.quantity {
        "normaliser" => "clean",
        "normaliser_noisy" => "noisy",
        _ => return None,
    };
    let unit = round.unit_names.iter().position(|name| *name == key.scope)?;
    (key.statistic == "max").then_some(Ok(maximum(&largest_scores(round, of, unit)?)))
}

/// Units of a scope whose largest score an optimizer reached; of several, the leftmost column counts.
pub(super) fn reached(round: &Round, of: &str, scope: &Scope, key: &Key<'_>) -> Found {
    if key.statistic != "units" || !matches!(scope.kind, Kind::All | Kind::Layer | Kind::Net) {
        return None;
    }
    let index = round.optimizer(key.optimizer?)?;
    let mut count = 0.0;
    for unit in units_of(round, scope) {
        let scores = largest_scores(round, of, unit)?;
        let best = maximum(&scores);
        if best > 0.0 && scores.iter().position(|score| *score == best) == Some(index) {
            count += 1.0;
        }
    }
    Some(Ok(count))
}
