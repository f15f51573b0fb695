//! Normalised clean scores, and who is above whom.

use std::collections::BTreeMap;

use analysis::compare::normalise_by_unit_maximum;
use analysis::report::{Cell, Table, Verdict, VerdictRow};
use analysis::style::optimizer_label;
use analysis::summary::Summary;
use anyhow::{Context, Result};

use super::grid::OPTIMIZERS;
use super::preset::Settings;
use super::runs::Run;

/// Standard errors that a difference must exceed to be called one.
const DECISIVE: f64 = 2.0;
/// Units below which the spread over units says nothing.
const FEWEST_UNITS: usize = 3;

/// An ordering of two optimizers with the published ratio of their mean normalised clean scores by noise level.
///
/// Ratios from `CMA_benchmark_cleanobj_summary.csv` of ActMax-Optimizer-Dev (Wang and Ponce 2022): mean over 350
/// runs a noise level on AlexNet of the score divided by its unit's maximum over six optimizers.
struct Ordering {
    above: &'static str,
    below: &'static str,
    published: &'static [(f64, f64)],
}

const ORDERINGS: [Ordering; 5] = [
    Ordering {
        above: "cholesky-cmaes",
        below: "genetic",
        published: &[(0.0, 1.961_685), (0.2, 1.519_450), (0.5, 1.462_741)],
    },
    Ordering { above: "sphere-cma", below: "genetic", published: &[(0.0, 2.325_218), (0.2, 1.545_770), (0.5, 1.381_743)] },
    Ordering {
        above: "sphere-cma-inv",
        below: "genetic",
        published: &[(0.0, 1.998_573), (0.2, 1.483_129), (0.5, 1.353_387)],
    },
    Ordering {
        above: "sphere-cma",
        below: "cholesky-cmaes",
        published: &[(0.0, 1.185_317), (0.2, 1.017_322), (0.5, 0.944_626)],
    },
    Ordering { above: "genetic", below: "random-search", published: &[] },
];

/// Clean scores divided by their unit's largest over all optimizers, noise levels and repeats.
pub(super) struct Scores {
    /// One row a (unit, noise level, repeat), one column an optimizer.
    rows: Vec<Row>,
}

struct Row {
    unit: String,
    noise: f64,
    scores: Vec<f64>,
}

impl Scores {
    /// Takes the whole grid, in the order of its jobs: optimizers vary fastest.
    pub(super) fn of(runs: &[Run]) -> Result<Self> {
        let groups: Vec<&[Run]> = runs.chunks(OPTIMIZERS.len()).collect();
        let units: Vec<String> = groups.iter().map(|group| group[0].job.unit.address.to_string()).collect();
        let clean: Vec<Vec<f64>> = groups.iter().map(|group| group.iter().map(|run| run.best_clean).collect()).collect();
        let names: Vec<&str> = units.iter().map(String::as_str).collect();
        let normalised = normalise_by_unit_maximum(&clean, &names).context("scores cannot be normalised")?;
        let row = |(group, scores): (&&[Run], Vec<f64>)| Row {
            unit: group[0].job.unit.address.to_string(),
            noise: group[0].job.noise,
            scores,
        };
        Ok(Self { rows: groups.iter().zip(normalised).map(row).collect() })
    }

    fn at(&self, noise: f64) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.noise == noise)
    }

    fn summary(&self, optimizer: usize, noise: f64) -> Result<Summary> {
        let scores: Vec<f64> = self.at(noise).map(|row| row.scores[optimizer]).collect();
        Ok(Summary::of(&scores)?)
    }

    /// Mean and standard error by optimizer and noise level.
    pub(super) fn table(&self, settings: &Settings) -> Result<Table> {
        let mut rows = Vec::new();
        for (index, optimizer) in OPTIMIZERS.iter().enumerate() {
            let mut cells = vec![Cell::text(optimizer_label(optimizer))];
            for &noise in settings.noise_levels {
                let summary = self.summary(index, noise)?;
                let text = format!("{:.3} ± {:.3}", summary.mean, summary.standard_error());
                cells.push(Cell { number: true, ..Cell::text(text) });
            }
            rows.push(cells);
        }
        let levels = settings.noise_levels.iter().map(|noise| format!("noise {noise}"));
        let runs = settings.noise_levels.first().map_or(0, |&noise| self.at(noise).count());
        Ok(Table {
            caption: format!("Normalised clean score: mean ± standard error over {runs} runs a cell"),
            headings: std::iter::once("optimizer".to_owned()).chain(levels).collect(),
            rows,
        })
    }

    /// The published orderings, one row a pair and noise level.
    pub(super) fn orderings(&self, settings: &Settings) -> Result<Vec<VerdictRow>> {
        let mut rows = Vec::new();
        for ordering in &ORDERINGS {
            for &noise in settings.noise_levels {
                rows.push(self.ordering(ordering, noise)?);
            }
        }
        Ok(rows)
    }

    fn ordering(&self, ordering: &Ordering, noise: f64) -> Result<VerdictRow> {
        let (above, below) = (column(ordering.above)?, column(ordering.below)?);
        let ratio = self.summary(above, noise)?.mean / self.summary(below, noise)?.mean;
        let difference = self.paired_difference(above, below, noise)?;
        let published = ordering.published.iter().find(|(level, _)| *level == noise).map(|(_, ratio)| *ratio);
        let side = if published.is_none_or(|ratio| ratio > 1.0) { 1.0 } else { -1.0 };
        let (first, second) = (optimizer_label(ordering.above), optimizer_label(ordering.below));
        let relation = if side > 0.0 { "above" } else { "below" };
        Ok(VerdictRow {
            claim: format!("{first} {relation} {second}, noise {noise}"),
            expected: published.map_or_else(|| "above 1".to_owned(), |ratio| format!("{ratio:.2}")),
            ours: format!("{ratio:.2} (difference {:+.3})", difference.mean).replace('-', "−"),
            tolerance: format!("± {:.3}", DECISIVE * difference.standard_error()),
            verdict: verdict(side, &difference),
        })
    }

    /// Difference of two optimizers' scores at one noise level: one value a unit, averaged over repeats.
    fn paired_difference(&self, above: usize, below: usize, noise: f64) -> Result<Summary> {
        let mut by_unit: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
        for row in self.at(noise) {
            by_unit.entry(&row.unit).or_default().push(row.scores[above] - row.scores[below]);
        }
        let differences = by_unit.values().map(|values| values.iter().sum::<f64>() / values.len() as f64);
        Ok(Summary::of(&differences.collect::<Vec<f64>>())?)
    }
}

fn column(optimizer: &str) -> Result<usize> {
    OPTIMIZERS.iter().position(|name| *name == optimizer).with_context(|| format!("{optimizer} is not in the grid"))
}

/// Whether a difference lies on the expected side of zero, beyond its uncertainty.
fn verdict(side: f64, difference: &Summary) -> Verdict {
    let margin = DECISIVE * difference.standard_error();
    match side * difference.mean {
        _ if difference.n < FEWEST_UNITS => Verdict::Undecided,
        signed if signed > margin => Verdict::Holds,
        signed if signed < -margin => Verdict::DoesNotHold,
        _ => Verdict::Undecided,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_must_exceed_twice_its_error() {
        let of = |values: &[f64], side| verdict(side, &Summary::of(values).unwrap());
        assert_eq!(of(&[0.3, 0.2, 0.25, 0.3], 1.0), Verdict::Holds);
        assert_eq!(of(&[0.3, 0.2, 0.25, 0.3], -1.0), Verdict::DoesNotHold);
        assert_eq!(of(&[0.3, -0.2, 0.25, -0.3], 1.0), Verdict::Undecided);
        assert_eq!(of(&[0.3, 0.3], 1.0), Verdict::Undecided);
    }
}
