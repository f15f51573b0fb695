//! What single optimizers reach.

use analysis::StatsError;
use analysis::compare::descending_ranks;
use analysis::summary::{Summary, quantiles};

use super::{Cut, Found};

/// Mean, spread, quantiles, ranks and wins of an optimizer.
pub(super) fn value(cut: &Cut<'_>, index: usize, statistic: &str) -> Found {
    let values = &cut.columns[index];
    let summary = |of: fn(Summary) -> f64| Summary::of(values).map(of);
    let quantile = |share: f64| quantiles(values, [share]).map(|[quantile]| quantile);
    Some(match statistic {
        "count" => Ok(values.len() as f64),
        "mean" => summary(|s| s.mean),
        "sem" => summary(|s| s.standard_error()),
        "sd" => summary(|s| s.sd),
        "min" => summary(|s| s.min),
        "q25" => quantile(0.25),
        "median" => quantile(0.5),
        "q75" => quantile(0.75),
        "max" => summary(|s| s.max),
        "zeros" => Ok(values.iter().filter(|value| **value == 0.0).count() as f64),
        "place" => place(cut, index),
        "rank" => ranks_in_rows(cut).and_then(|rows| mean_rank(&rows, index, |s| s.mean)),
        "rank_sem" => ranks_in_rows(cut).and_then(|rows| mean_rank(&rows, index, |s| s.standard_error())),
        "wins" => ranks_in_rows(cut).map(|rows| wins(&rows, index)),
        "win_share" => ranks_in_rows(cut).map(|rows| wins(&rows, index) / values.len() as f64),
        "wins_or_ties" => {
            ranks_in_rows(cut).map(|rows| rows.iter().filter(|ranks| ranks[index] == first(ranks)).count() as f64)
        }
        _ => return None,
    })
}

/// Rank of the optimizer's mean.
fn place(cut: &Cut<'_>, index: usize) -> Result<f64, StatsError> {
    let mean = |column: &Vec<f64>| Summary::of(column).map_or(f64::NAN, |summary| summary.mean);
    let means: Vec<f64> = cut.columns.iter().map(mean).collect();
    Ok(ranks(&means, cut.quantity.smallest_first)?[index])
}

/// Ranks of all optimizers in every row, `[rows][optimizers]`; rows with a value that is not finite are left out.
fn ranks_in_rows(cut: &Cut<'_>) -> Result<Vec<Vec<f64>>, StatsError> {
    let row = |row: usize| cut.columns.iter().map(|column| column[row]).collect::<Vec<f64>>();
    let finite = |values: &Vec<f64>| values.iter().all(|value| value.is_finite());
    (0..cut.rows.len()).map(row).filter(finite).map(|values| ranks(&values, cut.quantity.smallest_first)).collect()
}

fn ranks(values: &[f64], smallest_first: bool) -> Result<Vec<f64>, StatsError> {
    let descending = descending_ranks(values)?;
    let turn = |rank: f64| if smallest_first { values.len() as f64 + 1.0 - rank } else { rank };
    Ok(descending.into_iter().map(turn).collect())
}

fn mean_rank(rows: &[Vec<f64>], index: usize, of: fn(Summary) -> f64) -> Result<f64, StatsError> {
    Summary::of(&rows.iter().map(|ranks| ranks[index]).collect::<Vec<_>>()).map(of)
}

fn first(ranks: &[f64]) -> f64 {
    ranks.iter().copied().fold(f64::INFINITY, f64::min)
}

/// Rows in which the optimizer is first; of several, the leftmost column counts.
fn wins(rows: &[Vec<f64>], index: usize) -> f64 {
    let won = |ranks: &&Vec<f64>| ranks.iter().position(|rank| *rank == first(ranks)) == Some(index);
    rows.iter().filter(won).count() as f64
}
