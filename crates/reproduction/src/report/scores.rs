//! Normalised clean scores of a round, and comparisons of its optimizers.

use std::collections::BTreeMap;

use analysis::bootstrap::GroupBootstrap;
use analysis::comparison::PooledRatio;
use analysis::figure::Estimate;
use analysis::interval::expanded_coverage;
use analysis::normalisation::{ScoreKind, by_unit_maximum};
use analysis::summary::Summary;
use anyhow::{Context, Result};
use optim_core::{Stream, stream_rng};
use rand::RngExt;

use super::claims::COVERAGE;
use super::runs::Run;

/// Seed of the resampling of units.
pub(super) const RESAMPLING_SEED: u64 = 1;

/// Coverage of the percentiles that give an interval of 95 % over so many units.
pub(super) fn coverage(units: usize) -> Result<f64> {
    // An interval over one unit has no width, whatever the coverage; no claim is judged by it.
    if units < 2 { Ok(COVERAGE) } else { Ok(expanded_coverage(units, COVERAGE)?) }
}

/// Clean scores divided by their unit's largest over all optimizers, noise levels and repeats of the round.
pub(super) struct Scores {
    /// Labels of the arms, in the order of the grid.
    pub(super) optimizers: Vec<String>,
    /// One row a (unit, noise level, repeat).
    pub(super) rows: Vec<Row>,
    /// The units in the order of the grid.
    pub(super) units: Vec<ScoredUnit>,
    /// Units that no optimizer ever made respond; they have no rows.
    pub(super) silent: Vec<String>,
    draw: GroupBootstrap,
    coverage: f64,
}

/// A unit and what its scores are divided by.
pub(super) struct ScoredUnit {
    pub(super) name: String,
    pub(super) network: String,
    pub(super) layer: String,
    pub(super) largest: f64,
}

/// What all optimizers reached on one unit at one noise level in one repeat.
pub(super) struct Row {
    /// Number of the unit in [`Scores::units`].
    pub(super) unit: usize,
    pub(super) noise: f64,
    /// One score an optimizer.
    pub(super) scores: Vec<f64>,
}

impl Scores {
    /// Takes all runs of a round, in the order of its grid: optimizers vary fastest.
    pub(super) fn of(runs: &[Run], resamples: usize) -> Result<Self> {
        let first = runs.first().context("a round without runs")?;
        let arms = runs
            .iter()
            .take_while(|run| run.unit() == first.unit() && run.noise == first.noise && run.repeat == first.repeat);
        let optimizers: Vec<String> = arms.map(|run| run.label.clone()).collect();
        let mut largest: Vec<(String, f64)> = Vec::new();
        for run in runs {
            let name = run.unit().to_string();
            match largest.iter_mut().find(|(known, _)| *known == name) {
                Some((_, largest)) => *largest = largest.max(run.best_clean),
                None => largest.push((name, run.best_clean)),
            }
        }
        let live = |run: &Run| largest.iter().any(|(name, largest)| *name == run.unit().to_string() && *largest > 0.0);
        let groups: Vec<&[Run]> = runs.chunks(optimizers.len()).filter(|group| live(&group[0])).collect();
        let mut units: Vec<ScoredUnit> = Vec::new();
        let mut members = Vec::new();
        for group in &groups {
            let (unit, name) = (group[0].unit(), group[0].unit().to_string());
            members.push(units.iter().position(|known| known.name == name).unwrap_or_else(|| {
                let largest =
                    largest.iter().find(|(known, _)| *known == name).map_or(f64::NAN, |(_, largest)| *largest);
                units.push(ScoredUnit { name, network: unit.network.clone(), layer: unit.layer.clone(), largest });
                units.len() - 1
            }));
        }
        let clean: Vec<Vec<f64>> =
            groups.iter().map(|group| group.iter().map(|run| run.best_clean).collect()).collect();
        let names: Vec<&str> = members.iter().map(|&unit| units[unit].name.as_str()).collect();
        let normalised = by_unit_maximum(ScoreKind::Clean, &clean, &names).context("scores cannot be normalised")?;
        let rows = groups.iter().zip(members).zip(normalised.rows);
        let mut rng = stream_rng(RESAMPLING_SEED, Stream::Resampling, 0);
        Ok(Self {
            optimizers,
            rows: rows.map(|((group, unit), scores)| Row { unit, noise: group[0].noise, scores }).collect(),
            draw: GroupBootstrap::draw(units.len(), resamples, |n| rng.random_range(0..n))?,
            coverage: coverage(units.len())?,
            units,
            silent: largest.into_iter().filter(|(_, largest)| *largest <= 0.0).map(|(name, _)| name).collect(),
        })
    }

    /// Noise levels, ascending.
    pub(super) fn levels(&self) -> Vec<f64> {
        let mut levels: Vec<f64> = self.rows.iter().map(|row| row.noise).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    }

    /// Position of an optimizer.
    pub(super) fn column(&self, optimizer: &str) -> Option<usize> {
        self.optimizers.iter().position(|name| name == optimizer)
    }

    /// Rows at one noise level, or all.
    pub(super) fn at(&self, noise: Option<f64>) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| noise.is_none_or(|noise| row.noise == noise))
    }

    /// Scores of one optimizer.
    pub(super) fn values(&self, column: usize, noise: Option<f64>) -> Vec<f64> {
        self.at(noise).map(|row| row.scores[column]).collect()
    }

    /// Mean score of one optimizer on every unit, over repeats and the noise levels asked for; NaN where a unit has none.
    pub(super) fn by_unit(&self, column: usize, noise: Option<f64>) -> Vec<f64> {
        let mut found: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for row in self.at(noise) {
            found.entry(row.unit).or_default().push(row.scores[column]);
        }
        let mean = |unit| found.get(&unit).map_or(f64::NAN, |values| values.iter().sum::<f64>() / values.len() as f64);
        (0..self.units.len()).map(mean).collect()
    }

    /// Mean and spread over the runs of one optimizer.
    pub(super) fn summary(&self, column: usize, noise: Option<f64>) -> Result<Summary> {
        Ok(Summary::of(&self.values(column, noise))?)
    }

    /// Ratio of the means of two quantities of the same rows, whose units are given.
    fn interval(&self, above: &[f64], below: &[f64], units: &[usize]) -> Result<Estimate> {
        let PooledRatio { ratio, low, high } = PooledRatio::of(above, below, units, &self.draw, self.coverage)?;
        Ok(Estimate { mean: ratio, low, high })
    }

    /// Ratio of two optimizers' mean scores with an interval over units.
    pub(super) fn ratio(&self, above: usize, below: usize, noise: Option<f64>) -> Result<Estimate> {
        let units: Vec<usize> = self.at(noise).map(|row| row.unit).collect();
        let (above, below) = (self.values(above, noise), self.values(below, noise));
        self.interval(&above, &below, &units)
    }

    /// Share of rows in which one of `columns` has the largest score, with an interval over units. Where all units have
    /// the same share, 0 or 1, resamples do not vary, and the interval is the exact one of Clopper and Pearson (1934).
    pub(super) fn win_share(&self, columns: &[usize], noise: Option<f64>) -> Result<Estimate> {
        let wins = |row: &Row| {
            let best = row.scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            f64::from(u8::from(columns.iter().any(|&column| row.scores[column] == best)))
        };
        let units: Vec<usize> = self.at(noise).map(|row| row.unit).collect();
        let won: Vec<f64> = self.at(noise).map(wins).collect();
        let share = self.interval(&won, &vec![1.0; won.len()], &units)?;
        let reach = 1.0 - (0.5 * (1.0 - COVERAGE)).powf(1.0 / self.units.len() as f64);
        Ok(match share.mean {
            0.0 => Estimate { high: reach, ..share },
            1.0 => Estimate { low: 1.0 - reach, ..share },
            _ => share,
        })
    }

    /// Mean over units of one optimizer's scores with an interval over units.
    pub(super) fn mean(&self, column: usize, noise: Option<f64>) -> Result<Estimate> {
        let units: Vec<usize> = self.at(noise).map(|row| row.unit).collect();
        let values = self.values(column, noise);
        self.interval(&values, &vec![1.0; values.len()], &units)
    }
}
