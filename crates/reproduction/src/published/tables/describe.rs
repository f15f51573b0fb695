//! What single optimizers reach.

use analysis::compare::descending_ranks;
use analysis::summary::{Summary, quantiles};
use anyhow::Result;

use super::Cut;
use crate::published::record::Record;

/// Mean, spread, quantiles, ranks and wins of every optimizer.
pub(super) fn records(cut: &Cut<'_>) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    let standings = Standings::of(cut)?;
    let places = standings.places(cut);
    for (index, (optimizer, values)) in cut.round.optimizers.iter().zip(&cut.columns).enumerate() {
        let mut push = |statistic, value| records.push(cut.place.record(statistic, value).of_optimizer(optimizer));
        let summary = Summary::of(values);
        let quartiles = quantiles(values, [0.25, 0.5, 0.75]);
        let count = values.len() as f64;
        push("count", Ok(count));
        push("mean", summary.map(|s| s.mean));
        push("sem", summary.map(|s| s.standard_error()));
        push("sd", summary.map(|s| s.sd));
        push("min", summary.map(|s| s.min));
        push("q25", quartiles.map(|q| q[0]));
        push("median", quartiles.map(|q| q[1]));
        push("q75", quartiles.map(|q| q[2]));
        push("max", summary.map(|s| s.max));
        push("zeros", Ok(values.iter().filter(|value| **value == 0.0).count() as f64));
        push("place", places.as_ref().map(|places| places[index]).map_err(|error| *error));
        push("rank", Summary::of(&standings.ranks[index]).map(|s| s.mean));
        push("rank_sem", Summary::of(&standings.ranks[index]).map(|s| s.standard_error()));
        push("wins", Ok(standings.wins[index]));
        push("win_share", Ok(standings.wins[index] / count));
        push("wins_or_ties", Ok(standings.wins_or_ties[index]));
    }
    Ok(records)
}

/// Ranks within rows, and who is first.
struct Standings {
    /// `[optimizers][rows]`
    ranks: Vec<Vec<f64>>,
    /// Rows in which an optimizer is first; of several, the leftmost column.
    wins: Vec<f64>,
    /// Rows in which nobody is before it.
    wins_or_ties: Vec<f64>,
}

impl Standings {
    /// Rows with a value that is not finite are left out.
    fn of(cut: &Cut<'_>) -> Result<Self> {
        let optimizers = cut.columns.len();
        let mut standings = Self {
            ranks: vec![Vec::new(); optimizers],
            wins: vec![0.0; optimizers],
            wins_or_ties: vec![0.0; optimizers],
        };
        for row in 0..cut.rows.len() {
            let values: Vec<f64> = cut.columns.iter().map(|column| column[row]).collect();
            if values.iter().any(|value| !value.is_finite()) {
                continue;
            }
            let ranks = ranks(&values, cut.quantity.smallest_first)?;
            let first = ranks.iter().copied().fold(f64::INFINITY, f64::min);
            let mut is_won = false;
            for (index, &rank) in ranks.iter().enumerate() {
                standings.ranks[index].push(rank);
                if rank == first {
                    standings.wins_or_ties[index] += 1.0;
                    standings.wins[index] += f64::from(u8::from(!is_won));
                    is_won = true;
                }
            }
        }
        Ok(standings)
    }

    /// Rank of every optimizer's mean.
    fn places(&self, cut: &Cut<'_>) -> Result<Vec<f64>, analysis::StatsError> {
        ranks(&cut.means(), cut.quantity.smallest_first)
    }
}

fn ranks(values: &[f64], smallest_first: bool) -> Result<Vec<f64>, analysis::StatsError> {
    let descending = descending_ranks(values)?;
    let turn = |rank: f64| if smallest_first { values.len() as f64 + 1.0 - rank } else { rank };
    Ok(descending.into_iter().map(turn).collect())
}
