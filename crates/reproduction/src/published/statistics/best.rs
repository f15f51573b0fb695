//! The best optimizer of a scope, and those that a test does not tell from it.

use analysis::StatsError;
use analysis::compare::{TTest, Variances};
use analysis::comparison::Best;

use super::{Cut, Found};
use crate::published::rounds::{Quantity, Round};
use crate::published::scope::{Kind, Scope};

type Test = fn(&[f64], &[f64]) -> Result<TTest, StatsError>;

/// The published test: equal variances.
const STUDENT: Test = |a, b| TTest::independent(a, b, Variances::Equal);
const WELCH: Test = |a, b| TTest::independent(a, b, Variances::Unequal);

fn number(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

/// 1 or 0: whether an optimizer has the best mean (the leftmost of several), and whether it equals the best.
pub(super) fn value(cut: &Cut<'_>, index: usize, statistic: &str) -> Found {
    if !cut.quantity.is_score {
        return None;
    }
    let equals = |test: Test| Best::of(&cut.columns, test).and_then(|best| best.equals[index].map(number));
    Some(match statistic {
        "best" => Best::of(&cut.columns, STUDENT).map(|best| number(best.column == index)),
        "equals_best" => equals(STUDENT),
        "equals_best_welch" => equals(WELCH),
        "equals_best_paired" => equals(TTest::paired),
        _ => return None,
    })
}

/// Cells (layer, noise level) of a scope, and those in which an optimizer is best, or best or equal to the best.
/// All rows count at the noise levels that every layer has.
pub(super) fn cells(
    round: &Round,
    scopes: &[Scope],
    quantity: &Quantity,
    scope: &Scope,
    index: usize,
    statistic: &str,
) -> Found {
    if !quantity.is_score {
        return None;
    }
    let levels = common_levels(scopes);
    let within = |cell: &&Scope| match scope.kind {
        Kind::All => levels.contains(&cell.noise),
        Kind::Noise => cell.noise == scope.noise,
        Kind::Layer => cell.layer == scope.layer,
        _ => false,
    };
    let cuts: Vec<Cut<'_>> =
        cells_of(scopes).filter(within).filter_map(|cell| Cut::of(round, quantity, cell)).collect();
    if cuts.is_empty() {
        return None;
    }
    let count = |statistic: &str| -> f64 {
        cuts.iter().filter(|cut| value(cut, index, statistic).is_some_and(|yes| yes == Ok(1.0))).count() as f64
    };
    Some(Ok(match statistic {
        "cells" => cuts.len() as f64,
        "best_cells" => count("best"),
        "best_cell_share" => count("best") / cuts.len() as f64,
        "best_or_equal_cells" => count("best") + count("equals_best"),
        _ => return None,
    }))
}

fn cells_of(scopes: &[Scope]) -> impl Iterator<Item = &Scope> {
    scopes.iter().filter(|scope| scope.kind == Kind::Cell)
}

/// Noise levels at which every layer of a table was run.
fn common_levels(scopes: &[Scope]) -> Vec<Option<f64>> {
    let levels = || scopes.iter().filter(|scope| scope.kind == Kind::Noise).map(|scope| scope.noise);
    let layers = |noise: &Option<f64>| cells_of(scopes).filter(|cell| cell.noise == *noise).count();
    let most = levels().map(|noise| layers(&noise)).max().unwrap_or(0);
    levels().filter(|noise| layers(noise) == most).collect()
}
