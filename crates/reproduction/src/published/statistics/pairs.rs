//! Optimizers against each other.

use analysis::StatsError;
use analysis::bootstrap::{GroupBootstrap, ratio_interval};
use analysis::compare::{TTest, Variances};
use anyhow::{Context, Result};
use optim_core::{Stream, stream_rng};
use rand::RngExt;

use super::{Bootstrap, Cut, Found};

/// Coverage of the intervals.
const COVERAGE: f64 = 0.95;

/// A statistic of one optimizer against another, or its ratio to the average of several.
pub(super) fn value(
    cut: &Cut<'_>,
    index: usize,
    others: &[usize],
    statistic: &str,
    bootstrap: Bootstrap,
    stream: u64,
) -> Result<Found> {
    if matches!(statistic, "ratio" | "ratio_lo" | "ratio_hi") {
        return ratio(cut, index, others, statistic, bootstrap, stream);
    }
    let &[other] = others else { return Ok(None) };
    let (a, b) = (&cut.columns[index], &cut.columns[other]);
    let ahead = |(x, y): &(&f64, &f64)| if cut.quantity.smallest_first { x < y } else { x > y };
    let wins = a.iter().zip(b).filter(ahead).count() as f64;
    Ok(match statistic {
        "pair_wins" => Some(Ok(wins)),
        "pair_win_share" => Some(Ok(wins / a.len() as f64)),
        _ => test(a, b, statistic),
    })
}

/// A number of a two-sided t test.
fn test(a: &[f64], b: &[f64], statistic: &str) -> Found {
    let (number, kind) = statistic.split_once('_').unwrap_or((statistic, ""));
    let test = match kind {
        "" => TTest::independent(a, b, Variances::Equal),
        "welch" => TTest::independent(a, b, Variances::Unequal),
        "paired" => TTest::paired(a, b),
        _ => return None,
    };
    match number {
        "t" => Some(test.map(|test| test.t)),
        "p" => Some(test.map(|test| test.p)),
        "df" => Some(test.map(|test| test.degrees_of_freedom)),
        _ => None,
    }
}

/// Mean of one column over the average of the means of others, or a bound of its interval over resampled units.
pub(super) fn ratio(
    cut: &Cut<'_>,
    above: usize,
    below: &[usize],
    statistic: &str,
    bootstrap: Bootstrap,
    stream: u64,
) -> Result<Found> {
    let total = |index: &usize| cut.columns[*index].iter().sum::<f64>();
    let average: f64 = below.iter().map(total).sum::<f64>() / below.len() as f64;
    let interval = || interval(cut, above, below, bootstrap, stream);
    Ok(match statistic {
        "ratio" => Some(Ok(total(&above) / average)),
        "ratio_lo" => Some(interval()?.map(|(low, _)| low)),
        "ratio_hi" => Some(interval()?.map(|(_, high)| high)),
        _ => None,
    })
}

type Interval = Result<(f64, f64), StatsError>;

/// Draws units of the scope with replacement.
fn interval(cut: &Cut<'_>, above: usize, below: &[usize], bootstrap: Bootstrap, stream: u64) -> Result<Interval> {
    let units: Vec<usize> = cut.rows.iter().map(|&row| cut.round.units[row]).collect();
    let mut present = units.clone();
    present.sort_unstable();
    present.dedup();
    let mut rng = stream_rng(bootstrap.seed, Stream::Resampling, stream);
    let draw = GroupBootstrap::draw(present.len(), bootstrap.resamples, |n| rng.random_range(0..n))
        .context("the units cannot be resampled")?;
    let totals = |index: usize| {
        let mut sums = vec![0.0; present.len()];
        for (value, unit) in cut.columns[index].iter().zip(&units) {
            sums[present.partition_point(|known| known < unit)] += value;
        }
        draw.totals(&sums)
    };
    let of_resamples = || {
        let mut denominators = vec![0.0; bootstrap.resamples];
        for &index in below {
            let share = 1.0 / below.len() as f64;
            denominators.iter_mut().zip(totals(index)?).for_each(|(sum, total)| *sum += share * total);
        }
        ratio_interval(&totals(above)?, &denominators, COVERAGE)
    };
    Ok(of_resamples())
}
