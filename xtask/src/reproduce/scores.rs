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

/// Noise levels of the publication.
const PUBLISHED_LEVELS: [f64; 3] = [0.0, 0.2, 0.5];

/// An ordering of two optimizers with the published ratio of their mean normalised clean scores.
///
/// Ratios from `CMA_benchmark_cleanobj_summary.csv` of ActMax-Optimizer-Dev (Wang and Ponce 2022): means over 350
/// runs a noise level on AlexNet of the score divided by its unit's maximum over six optimizers.
struct Ordering {
    above: &'static str,
    below: &'static str,
    published: Option<Published>,
}

/// Ratios at each of [`PUBLISHED_LEVELS`], and over all.
struct Published {
    by_level: [f64; 3],
    overall: f64,
}

impl Published {
    /// The ratio at one noise level, or over all.
    fn ratio(&self, noise: Option<f64>) -> Option<f64> {
        match noise {
            None => Some(self.overall),
            Some(noise) => {
                let index = PUBLISHED_LEVELS.iter().position(|level| *level == noise)?;
                Some(self.by_level[index])
            }
        }
    }
}

const fn published(by_level: [f64; 3], overall: f64) -> Option<Published> {
    Some(Published { by_level, overall })
}

const ORDERINGS: [Ordering; 5] = [
    Ordering {
        above: "cholesky-cmaes",
        below: "genetic",
        published: published([1.961_685, 1.519_450, 1.462_741], 1.666_526),
    },
    Ordering {
        above: "sphere-cma",
        below: "genetic",
        published: published([2.325_218, 1.545_770, 1.381_743], 1.786_446),
    },
    Ordering {
        above: "sphere-cma-inv",
        below: "genetic",
        published: published([1.998_573, 1.483_129, 1.353_387], 1.636_132),
    },
    Ordering {
        above: "sphere-cma",
        below: "cholesky-cmaes",
        published: published([1.185_317, 1.017_322, 0.944_626], 1.071_958),
    },
    Ordering { above: "genetic", below: "random-search", published: None },
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
        let clean: Vec<Vec<f64>> =
            groups.iter().map(|group| group.iter().map(|run| run.best_clean).collect()).collect();
        let names: Vec<&str> = units.iter().map(String::as_str).collect();
        let normalised = normalise_by_unit_maximum(&clean, &names).context("scores cannot be normalised")?;
        let row = |(group, scores): (&&[Run], Vec<f64>)| Row {
            unit: group[0].job.unit.address.to_string(),
            noise: group[0].job.noise,
            scores,
        };
        Ok(Self { rows: groups.iter().zip(normalised).map(row).collect() })
    }

    /// Rows at one noise level, or all.
    fn at(&self, noise: Option<f64>) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| noise.is_none_or(|noise| row.noise == noise))
    }

    fn summary(&self, optimizer: usize, noise: Option<f64>) -> Result<Summary> {
        let scores: Vec<f64> = self.at(noise).map(|row| row.scores[optimizer]).collect();
        Ok(Summary::of(&scores)?)
    }

    /// Mean and standard error by optimizer and noise level.
    pub(super) fn table(&self, settings: &Settings) -> Result<Table> {
        let mut rows = Vec::new();
        for (index, optimizer) in OPTIMIZERS.iter().enumerate() {
            let mut cells = vec![Cell::text(optimizer_label(optimizer))];
            for &noise in settings.noise_levels {
                let summary = self.summary(index, Some(noise))?;
                let text = format!("{:.3} ± {:.3}", summary.mean, summary.standard_error());
                cells.push(Cell { number: true, ..Cell::text(text) });
            }
            rows.push(cells);
        }
        let levels = settings.noise_levels.iter().map(|noise| format!("noise {noise}"));
        let runs = settings.noise_levels.first().map_or(0, |&noise| self.at(Some(noise)).count());
        Ok(Table {
            caption: format!("Normalised clean score: mean ± standard error over {runs} runs a cell"),
            headings: std::iter::once("optimizer".to_owned()).chain(levels).collect(),
            rows,
        })
    }

    /// The published orderings, one row a pair and noise level, and one over all levels where they are the published
    /// ones.
    pub(super) fn orderings(&self, settings: &Settings) -> Result<Vec<VerdictRow>> {
        let mut levels: Vec<Option<f64>> = settings.noise_levels.iter().copied().map(Some).collect();
        if settings.noise_levels == PUBLISHED_LEVELS {
            levels.push(None);
        }
        let of = |ordering| levels.iter().map(move |&noise| self.ordering(ordering, noise));
        ORDERINGS.iter().flat_map(of).collect()
    }

    fn ordering(&self, ordering: &Ordering, noise: Option<f64>) -> Result<VerdictRow> {
        let (above, below) = (column(ordering.above)?, column(ordering.below)?);
        let ratio = self.summary(above, noise)?.mean / self.summary(below, noise)?.mean;
        let difference = self.paired_difference(above, below, noise)?;
        let published = ordering.published.as_ref().and_then(|published| published.ratio(noise));
        let side = if published.is_none_or(|ratio| ratio > 1.0) { 1.0 } else { -1.0 };
        let (first, second) = (optimizer_label(ordering.above), optimizer_label(ordering.below));
        let relation = if side > 0.0 { "above" } else { "below" };
        let level = noise.map_or_else(|| "all noise levels".to_owned(), |noise| format!("noise {noise}"));
        Ok(VerdictRow {
            claim: format!("{first} {relation} {second}, {level}"),
            expected: published.map_or_else(|| "above 1".to_owned(), |ratio| format!("{ratio:.2}")),
            ours: format!("{ratio:.2} (difference {:+.3})", difference.mean).replace('-', "−"),
            tolerance: format!("± {:.3}", DECISIVE * difference.standard_error()),
            verdict: verdict(side, &difference),
        })
    }

    /// Difference of two optimizers' scores: one value a unit, averaged over its runs.
    fn paired_difference(&self, above: usize, below: usize, noise: Option<f64>) -> Result<Summary> {
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
