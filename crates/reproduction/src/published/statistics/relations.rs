//! Quantities against each other, and noise levels against the noise-free one.

use analysis::correlation::Correlation;
use analysis::summary::Summary;
use anyhow::Result;

use super::{Bootstrap, Cut, Found, pairs};
use crate::published::key::Key;
use crate::published::rounds::Round;
use crate::published::scope::{Kind, Scope};

/// By how much the score that the optimizer saw overstates the clean one.
pub(in crate::published) const INFLATION: &str = "noisy/clean";

/// Streams of the resampling beyond those of the tables.
const STREAMS: u64 = 10_000;

/// Correlation of two quantities over the runs of one optimizer: `norm~codenorm`. The second is taken in the rows of the
/// first.
pub(super) fn correlation(round: &Round, scope: &Scope, key: &Key<'_>) -> Found {
    let (first, second) = key.quantity.split_once('~')?;
    let (x, y) = (round.quantity(first)?, round.quantity(second)?);
    let index = round.optimizer(key.optimizer?)?;
    let cut = Cut::of(round, x, scope)?;
    if !cut.rows.iter().all(|&row| y.rows.as_ref().is_none_or(|present| present[row])) {
        return None;
    }
    let other: Vec<f64> = cut.rows.iter().map(|&row| y.columns[index][row]).collect();
    let (pearson, spearman) = (Correlation::pearson, Correlation::spearman);
    let found = |of: fn(&[f64], &[f64]) -> Result<Correlation, analysis::StatsError>| of(&cut.columns[index], &other);
    Some(match key.statistic {
        "pearson" => found(pearson).map(|c| c.r),
        "pearson_p" => found(pearson).map(|c| c.p),
        "spearman" => found(spearman).map(|c| c.r),
        "spearman_p" => found(spearman).map(|c| c.p),
        _ => return None,
    })
}

/// Mean noisy score over mean clean score, where a table has both for every run.
pub(super) fn inflation(
    round: &Round,
    scope: &Scope,
    key: &Key<'_>,
    bootstrap: Bootstrap,
    number: u64,
) -> Result<Found> {
    let (Some(clean), Some(noisy)) = (round.quantity("clean"), round.quantity("noisy")) else { return Ok(None) };
    let Some(index) = key.optimizer.and_then(|name| round.optimizer(name)) else { return Ok(None) };
    let (Some(mut cut), Some(other)) = (Cut::of(round, noisy, scope), Cut::of(round, clean, scope)) else {
        return Ok(None);
    };
    if clean.rows.is_some() {
        return Ok(None);
    }
    cut.columns.extend(other.columns);
    let below = [round.optimizers.len() + index];
    pairs::ratio(&cut, index, &below, key.statistic, bootstrap, STREAMS + number)
}

/// Mean at a noise level over the mean without noise, over all layers or of one.
pub(super) fn retention(cut: &Cut<'_>, scope: &Scope, scopes: &[Scope], index: usize) -> Found {
    if !matches!(scope.kind, Kind::Noise | Kind::Cell) || scope.noise == Some(0.0) {
        return None;
    }
    let is_base = |base: &&Scope| base.kind == scope.kind && base.layer == scope.layer && base.noise == Some(0.0);
    let base = Cut::of(cut.round, cut.quantity, scopes.iter().find(is_base)?)?;
    let mean = |cut: &Cut<'_>| Summary::of(&cut.columns[index]).map(|summary| summary.mean);
    Some(mean(cut).and_then(|noisy| Ok(noisy / mean(&base)?)))
}
