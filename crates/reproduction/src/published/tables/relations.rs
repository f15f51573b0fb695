//! Quantities against each other, and noise levels against the noise-free one.

use analysis::StatsError;
use analysis::correlation::Correlation;
use anyhow::Result;

use super::pairs::Resampled;
use super::{Bootstrap, Cut, pooled};
use crate::published::record::{Place, Record};
use crate::published::rounds::Round;
use crate::published::scope::{Kind, Scope};

/// Pairs of quantities that are correlated over the runs of one optimizer.
const CORRELATED: &[(&str, &str, &str)] = &[
    ("norm", "codenorm", "norm~codenorm"),
    ("norm", "runtime", "norm~runtime"),
    ("codenorm", "runtime", "codenorm~runtime"),
    ("clean", "noisy", "clean~noisy"),
    ("clean", "condnum", "clean~condnum"),
    ("clean", "devi2id", "clean~devi2id"),
    ("clean", "maxeig", "clean~maxeig"),
    ("clean", "mineig", "clean~mineig"),
];

/// By how much the score that the optimizer saw overstates the clean one.
pub(in crate::published) const INFLATION: &str = "noisy/clean";

/// Streams of the resampling beyond those of the tables.
const STREAMS: u64 = 10_000;

/// All relations of a table.
pub(super) fn records(round: &Round, scopes: &[Scope], bootstrap: Bootstrap) -> Result<Vec<Record>> {
    let mut records = correlations(round, scopes);
    records.extend(inflation(round, scopes, bootstrap)?);
    records.extend(retention(round, scopes));
    Ok(records)
}

fn correlations(round: &Round, scopes: &[Scope]) -> Vec<Record> {
    let mut records = Vec::new();
    for (first, second, name) in CORRELATED {
        let (Some(x), Some(y)) = (round.quantity(first), round.quantity(second)) else { continue };
        // The second quantity is taken in the rows of the first.
        for scope in pooled(scopes) {
            let Some(cut) = Cut::of(round, x, scope) else { continue };
            let place = Place { quantity: name, ..cut.place.clone() };
            for (index, optimizer) in round.optimizers.iter().enumerate() {
                let other: Vec<f64> = cut.rows.iter().map(|&row| y.columns[index][row]).collect();
                let has_other = cut.rows.iter().all(|&row| y.rows.as_ref().is_none_or(|present| present[row]));
                if !has_other {
                    continue;
                }
                let pearson = Correlation::pearson(&cut.columns[index], &other);
                let spearman = Correlation::spearman(&cut.columns[index], &other);
                let values: [(&'static str, Result<f64, StatsError>); 4] = [
                    ("pearson", pearson.map(|c| c.r)),
                    ("pearson_p", pearson.map(|c| c.p)),
                    ("spearman", spearman.map(|c| c.r)),
                    ("spearman_p", spearman.map(|c| c.p)),
                ];
                records.extend(values.map(|(statistic, value)| place.record(statistic, value).of_optimizer(optimizer)));
            }
        }
    }
    records
}

/// Mean noisy score over mean clean score, where a table has both for every run.
fn inflation(round: &Round, scopes: &[Scope], bootstrap: Bootstrap) -> Result<Vec<Record>> {
    let (Some(clean), Some(noisy)) = (round.quantity("clean"), round.quantity("noisy")) else { return Ok(Vec::new()) };
    if clean.rows.is_some() {
        return Ok(Vec::new());
    }
    let optimizers = round.optimizers.len();
    let mut records = Vec::new();
    for (index, scope) in scopes.iter().enumerate() {
        let Some(mut cut) = Cut::of(round, noisy, scope) else { continue };
        let Some(other) = Cut::of(round, clean, scope) else { continue };
        cut.columns.extend(other.columns);
        let resampled = Resampled::draw(&cut, bootstrap, STREAMS + index as u64)?;
        let place = Place { quantity: INFLATION, ..cut.place.clone() };
        for (number, optimizer) in round.optimizers.iter().enumerate() {
            let values = resampled.ratio(number, &[optimizers + number]);
            records.extend(values.map(|(statistic, value)| place.record(statistic, value).of_optimizer(optimizer)));
        }
    }
    Ok(records)
}

/// Mean at a noise level over the mean without noise, over all layers and by layer.
fn retention(round: &Round, scopes: &[Scope]) -> Vec<Record> {
    let mut records = Vec::new();
    for quantity in &round.quantities {
        let of = |scope| Cut::of(round, quantity, scope).map(|cut| (cut.place.clone(), cut.means()));
        for scope in scopes.iter().filter(|scope| matches!(scope.kind, Kind::Noise | Kind::Cell)) {
            let is_base =
                |base: &&Scope| base.kind == scope.kind && base.layer == scope.layer && base.noise == Some(0.0);
            let Some(base) = scopes.iter().find(is_base).filter(|_| scope.noise != Some(0.0)) else { continue };
            let (Some((place, means)), Some((_, base))) = (of(scope), of(base)) else { continue };
            for ((optimizer, mean), base) in round.optimizers.iter().zip(means).zip(base) {
                records.push(place.record("ratio_to_noise_free", Ok(mean / base)).of_optimizer(optimizer));
            }
        }
    }
    records
}
