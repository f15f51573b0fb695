//! Optimizers against each other.

use analysis::StatsError;
use analysis::bootstrap::{GroupBootstrap, ratio_interval};
use analysis::compare::{TTest, Variances};
use anyhow::{Context, Result};
use optim_core::{Stream, stream_rng};
use rand::RngExt;

use super::{Bootstrap, Cut};
use crate::published::names::PREVIOUS_CMA;
use crate::published::record::{Name, Record};
use crate::published::rounds::Pairs;
use crate::published::scope::Kind;

/// Coverage of the intervals.
const COVERAGE: f64 = 0.95;

/// Whether pairs are compared in a scope.
pub(super) fn wanted(pairs: Pairs, kind: Kind) -> bool {
    match pairs {
        Pairs::Nowhere => false,
        Pairs::Pooled => !matches!(kind, Kind::Cell | Kind::NetNoise),
        Pairs::Everywhere => true,
    }
}

/// Tests, ratios and wins of every optimizer against every other.
pub(super) fn records(cut: &Cut<'_>, bootstrap: Bootstrap, stream: u64) -> Result<Vec<Record>> {
    let resampled = Resampled::draw(cut, bootstrap, stream)?;
    let mut records = Vec::new();
    let names = &cut.round.optimizers;
    for (a, name) in names.iter().enumerate() {
        for (b, other) in names.iter().enumerate().filter(|(b, _)| *b != a) {
            let mut push = |statistic, value: Result<f64, StatsError>| {
                records.push(cut.place.record(statistic, value).of_optimizer(name).against(other));
            };
            for (statistic, value) in tests(&cut.columns[a], &cut.columns[b]) {
                push(statistic, value);
            }
            for (statistic, value) in resampled.ratio(a, &[b]) {
                push(statistic, value);
            }
            let ahead = |x: &f64, y: &f64| if cut.quantity.smallest_first { x < y } else { x > y };
            let rows = cut.columns[a].iter().zip(&cut.columns[b]);
            let wins = rows.filter(|(x, y)| ahead(x, y)).count() as f64;
            push("pair_wins", Ok(wins));
            push("pair_win_share", Ok(wins / cut.rows.len() as f64));
        }
    }
    records.extend(against_previous_cma(cut, &resampled));
    Ok(records)
}

/// Ratios to the average of the three earlier variants, where a table has them all.
fn against_previous_cma(cut: &Cut<'_>, resampled: &Resampled) -> Vec<Record> {
    let names = &cut.round.optimizers;
    let group: Vec<usize> = (0..names.len()).filter(|&index| PREVIOUS_CMA.contains(&&*names[index])).collect();
    if group.len() < PREVIOUS_CMA.len() {
        return Vec::new();
    }
    let other = Name::from(PREVIOUS_CMA.join("+").as_str());
    let of = |(index, name): (usize, &Name)| {
        let record = |(statistic, value)| cut.place.record(statistic, value).of_optimizer(name).against(&other);
        resampled.ratio(index, &group).map(record)
    };
    names.iter().enumerate().flat_map(of).collect()
}

type Named = (&'static str, Result<f64, StatsError>);

fn tests(a: &[f64], b: &[f64]) -> [Named; 9] {
    let pooled = TTest::independent(a, b, Variances::Equal);
    let welch = TTest::independent(a, b, Variances::Unequal);
    let paired = TTest::paired(a, b);
    let (t, p) = (|test: TTest| test.t, |test: TTest| test.p);
    let freedom = |test: TTest| test.degrees_of_freedom;
    [
        ("t", pooled.map(t)),
        ("p", pooled.map(p)),
        ("df", pooled.map(freedom)),
        ("t_welch", welch.map(t)),
        ("p_welch", welch.map(p)),
        ("df_welch", welch.map(freedom)),
        ("t_paired", paired.map(t)),
        ("p_paired", paired.map(p)),
        ("df_paired", paired.map(freedom)),
    ]
}

/// Totals of every optimizer over the same resampled units.
pub(super) struct Resampled {
    totals: Vec<f64>,
    /// `[optimizers][resamples]`; an error where a value is not finite.
    resamples: Vec<Result<Vec<f64>, StatsError>>,
}

impl Resampled {
    /// Draws units of the scope with replacement.
    pub(super) fn draw(cut: &Cut<'_>, bootstrap: Bootstrap, stream: u64) -> Result<Self> {
        let units: Vec<usize> = cut.rows.iter().map(|&row| cut.round.units[row]).collect();
        let mut present = units.clone();
        present.sort_unstable();
        present.dedup();
        let mut rng = stream_rng(bootstrap.seed, Stream::Resampling, stream);
        let draw = GroupBootstrap::draw(present.len(), bootstrap.resamples, |n| rng.random_range(0..n))
            .with_context(|| format!("units of {} cannot be resampled", &*cut.place.scope))?;
        let sums = |column: &Vec<f64>| {
            let mut sums = vec![0.0; present.len()];
            for (value, unit) in column.iter().zip(&units) {
                sums[present.partition_point(|known| known < unit)] += value;
            }
            sums
        };
        let sums: Vec<Vec<f64>> = cut.columns.iter().map(sums).collect();
        let totals = sums.iter().map(|sums| sums.iter().sum()).collect();
        Ok(Self { totals, resamples: sums.iter().map(|sums| draw.totals(sums)).collect() })
    }

    /// Mean of one over the average of the means of others, with its interval.
    pub(super) fn ratio(&self, above: usize, below: &[usize]) -> [Named; 3] {
        let share = 1.0 / below.len() as f64;
        let denominator: f64 = below.iter().map(|&index| share * self.totals[index]).sum();
        let interval = self.denominators(below, share).and_then(|denominators| {
            let numerators = self.resamples[above].as_ref().map_err(|error| *error)?;
            ratio_interval(numerators, &denominators, COVERAGE)
        });
        [
            ("ratio", Ok(self.totals[above] / denominator)),
            ("ratio_lo", interval.map(|(low, _)| low)),
            ("ratio_hi", interval.map(|(_, high)| high)),
        ]
    }

    fn denominators(&self, below: &[usize], share: f64) -> Result<Vec<f64>, StatsError> {
        let mut sums = vec![0.0; self.resamples[below[0]].as_ref().map_err(|error| *error)?.len()];
        for &index in below {
            let totals = self.resamples[index].as_ref().map_err(|error| *error)?;
            sums.iter_mut().zip(totals).for_each(|(sum, total)| *sum += share * total);
        }
        Ok(sums)
    }
}
