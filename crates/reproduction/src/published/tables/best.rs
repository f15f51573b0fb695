//! The best optimizer of a scope, and those that a test does not tell from it.

use std::collections::BTreeMap;

use analysis::compare::{TTest, Variances};
use analysis::comparison::Best;

use super::Cut;
use crate::published::record::{Name, Place, Record};
use crate::published::scope::{ALL, layer_scope};

type Test = fn(&[f64], &[f64]) -> Result<TTest, analysis::StatsError>;

/// The tests by which others equal the best; the first is the published one.
const TESTS: [(&str, Test); 3] = [
    ("equals_best", |a, b| TTest::independent(a, b, Variances::Equal)),
    ("equals_best_welch", |a, b| TTest::independent(a, b, Variances::Unequal)),
    ("equals_best_paired", TTest::paired),
];

/// 1 or 0 an optimizer: has the best mean (the leftmost of several), equals it.
pub(super) fn records(cut: &Cut<'_>) -> Vec<Record> {
    let yes = |holds: bool| f64::from(u8::from(holds));
    let found: Vec<_> =
        TESTS.iter().filter_map(|(name, test)| Some((*name, Best::of(&cut.columns, test).ok()?))).collect();
    let mut records = Vec::new();
    for (index, optimizer) in cut.round.optimizers.iter().enumerate() {
        let record = |statistic, value| cut.place.record(statistic, value).of_optimizer(optimizer);
        records.extend(found.first().map(|(_, best)| record("best", Ok(yes(index == best.column)))));
        records.extend(found.iter().map(|(name, best)| record(name, best.equals[index].map(yes))));
    }
    records
}

/// What a count of cells belongs to.
type Count = (&'static str, &'static str, Option<&'static str>, String, Name);

/// Cells (layer, noise level) in which an optimizer is best, or best or equal to the best: over all layers and the noise
/// levels that every layer has, by noise level and by layer.
pub(super) fn cell_counts(records: &[Record]) -> Vec<Record> {
    let cells: Vec<(&Record, &str, &str)> = records
        .iter()
        .filter_map(|record| {
            let (layer, noise) = record.scope.strip_prefix("layer=")?.split_once(",noise=")?;
            (record.statistic == "best" || record.statistic == "equals_best").then_some((record, layer, noise))
        })
        .collect();
    let levels = common_levels(&cells);
    let mut counts: BTreeMap<Count, [f64; 3]> = BTreeMap::new();
    for (record, layer, noise) in cells {
        let Some(optimizer) = &record.optimizer else { continue };
        let mut scopes = vec![format!("noise={noise}"), layer_scope(layer)];
        if levels.get(record.table).is_some_and(|levels| levels.contains(&noise)) {
            scopes.push(ALL.to_owned());
        }
        for scope in scopes {
            let key = (record.table, record.quantity, record.of, scope, optimizer.clone());
            let [cells, best, equal] = counts.entry(key).or_default();
            let yes = record.value.unwrap_or(0.0);
            if record.statistic == "best" {
                *cells += 1.0;
                *best += yes;
            } else {
                *equal += yes;
            }
        }
    }
    counts.into_iter().flat_map(count_records).collect()
}

fn count_records(((table, quantity, of, scope, optimizer), [cells, best, equal]): (Count, [f64; 3])) -> [Record; 4] {
    let place = Place { table, quantity, of, scope: Name::from(scope.as_str()) };
    let record = |statistic, value| place.record(statistic, Ok(value)).of_optimizer(&optimizer);
    [
        record("cells", cells),
        record("best_cells", best),
        record("best_cell_share", best / cells),
        record("best_or_equal_cells", best + equal),
    ]
}

/// Noise levels at which every layer of a table was run.
fn common_levels<'a>(cells: &[(&'a Record, &'a str, &'a str)]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let mut layers: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
    for (record, layer, noise) in cells {
        let seen = layers.entry(record.table).or_default().entry(noise).or_default();
        if !seen.contains(layer) {
            seen.push(layer);
        }
    }
    let common = |levels: BTreeMap<&'a str, Vec<&'a str>>| {
        let all = levels.values().map(Vec::len).max().unwrap_or(0);
        levels.into_iter().filter(|(_, layers)| layers.len() == all).map(|(noise, _)| noise).collect()
    };
    layers.into_iter().map(|(table, levels)| (table, common(levels))).collect()
}
