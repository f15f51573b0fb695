//! Units, counts of rows, and what names mean.

use crate::published::names::{NETWORKS, layer};
use crate::published::record::{Name, Place, Record};
use crate::published::rounds::Round;
use crate::published::scope::{Kind, Scope, layer_scope, net_scope};

/// What layers and networks are called, as texts without a number.
pub(super) fn legend(rounds: &[Round]) -> Vec<Record> {
    let mut records = Vec::new();
    for round in rounds {
        let label = |scope: String, text: String| {
            let scope = Name::from(scope.as_str());
            let place = Place { table: round.table, quantity: "label", of: None, scope };
            Record { value: None, reason: None, ..place.record("name", Ok(f64::NAN)) }.with_text(text)
        };
        let mut layers: Vec<&str> = round.runs.iter().map(|run| run.layer.as_str()).collect();
        let mut nets: Vec<&str> = round.runs.iter().map(|run| run.net.as_str()).collect();
        for names in [&mut layers, &mut nets] {
            names.sort_unstable();
            names.dedup();
        }
        for layer in layers.into_iter().filter_map(layer) {
            let text = if layer.name == layer.published {
                layer.name.to_owned()
            } else {
                format!("{}; the published tables call it {}", layer.name, layer.published)
            };
            records.push(label(layer_scope(layer.module), text));
        }
        for (net, text) in NETWORKS.iter().filter(|(net, _)| nets.contains(net)) {
            records.push(label(net_scope(net), (*text).to_owned()));
        }
    }
    records
}

/// Counts of rows and units a scope; the largest score of every unit, and who reached it how often.
pub(super) fn records(round: &Round, scopes: &[Scope]) -> Vec<Record> {
    let mut records = Vec::new();
    for scope in scopes {
        let place = Place { table: round.table, quantity: "runs", of: None, scope: scope.name.clone() };
        records.push(place.record("count", Ok(scope.rows.len() as f64)));
        records.push(place.record("units", Ok(units_of(round, scope).len() as f64)));
    }
    for name in ["clean", "noisy"] {
        if let Some(quantity) = round.quantity(name).filter(|quantity| quantity.rows.is_none()) {
            records.extend(normalisers(round, scopes, name, &quantity.columns));
        }
    }
    records
}

fn units_of(round: &Round, scope: &Scope) -> Vec<usize> {
    let mut units: Vec<usize> = scope.rows.iter().map(|&row| round.units[row]).collect();
    units.sort_unstable();
    units.dedup();
    units
}

fn normalisers(round: &Round, scopes: &[Scope], of: &'static str, columns: &[Vec<f64>]) -> Vec<Record> {
    let count = round.unit_names.len();
    let mut largest = vec![vec![f64::NEG_INFINITY; columns.len()]; count];
    for (index, column) in columns.iter().enumerate() {
        column
            .iter()
            .zip(&round.units)
            .for_each(|(score, &unit)| largest[unit][index] = largest[unit][index].max(*score));
    }
    let place =
        |scope: &str| Place { table: round.table, quantity: normaliser(of), of: Some(of), scope: Name::from(scope) };
    let maximum = |unit: usize| largest[unit].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut records: Vec<Record> =
        (0..count).map(|unit| place(&round.unit_names[unit]).record("max", Ok(maximum(unit)))).collect();
    for scope in scopes.iter().filter(|scope| matches!(scope.kind, Kind::All | Kind::Layer | Kind::Net)) {
        let mut reached = vec![0.0; columns.len()];
        for unit in units_of(round, scope).into_iter().filter(|&unit| maximum(unit) > 0.0) {
            // The leftmost column of several.
            if let Some(first) = largest[unit].iter().position(|score| *score == maximum(unit)) {
                reached[first] += 1.0;
            }
        }
        for (optimizer, units) in round.optimizers.iter().zip(reached) {
            records.push(place(&scope.name).record("units", Ok(units)).of_optimizer(optimizer));
        }
    }
    records
}

/// Name of the quantity that scores are divided by.
pub(in crate::published) fn normaliser(of: &str) -> &'static str {
    if of == "clean" { "normaliser" } else { "normaliser_noisy" }
}
