//! Scores of the study's runs, over the largest of their unit, and ratios of two settings.

use std::collections::BTreeMap;

use analysis::StatsError;
use analysis::bootstrap::GroupBootstrap;
use analysis::comparison::PooledRatio;
use analysis::figure::Estimate;
use analysis::summary::running_maximum;
use anyhow::{Context, Result};
use experiments::campaign::{Run, StoredRun};
use experiments::{Noise, StoredEvolution};
use optim_core::{Stream, stream_rng};
use rand::RngExt;

use super::super::scores::{RESAMPLING_SEED, coverage};

/// Shares of the budget after which scores are read, in percent.
pub(super) const SHARES: [usize; 3] = [10, 50, 100];

/// What of a run is its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// The best clean score so far.
    Best,
    /// The mean clean score of the generation. More codes do not raise it by luck, so that runs of few codes that are
    /// presented often compare with runs of many.
    Generation,
}

impl Measure {
    /// In words, over what it is divided by.
    pub(super) fn over_largest(self) -> &'static str {
        match self {
            Self::Best => "best clean score / largest of the unit",
            Self::Generation => "last generation's mean / largest of the unit",
        }
    }

    /// The score of a run after every evaluation.
    fn of(self, arrays: &StoredEvolution) -> Vec<f64> {
        let scores = &arrays.cleanscores_all;
        if self == Self::Best {
            return running_maximum(scores);
        }
        let (mut means, mut rest) = (Vec::new(), scores.as_slice());
        for generation in arrays.generations.chunk_by(|a, b| a == b) {
            let (own, later) = rest.split_at(generation.len());
            means.extend(std::iter::repeat_n(own.iter().sum::<f64>() / own.len() as f64, own.len()));
            rest = later;
        }
        means
    }
}

/// Runs of one campaign of the study.
pub(super) struct Results {
    runs: Vec<Scored>,
    /// Labels of the arms, in the order of the grid.
    pub(super) labels: Vec<String>,
    /// Kinds of noise in words, in the order of the grid.
    pub(super) noises: Vec<String>,
    /// Number of units that respond.
    pub(super) units: usize,
    pub(super) measure: Measure,
    pub(super) resamples: usize,
}

/// One run.
struct Scored {
    /// Number of its unit.
    unit: usize,
    label: String,
    noise: String,
    /// Its score after each of [`SHARES`], over the largest of the unit.
    score: [f64; SHARES.len()],
}

impl Results {
    /// Reads the runs. Units that never respond are left out.
    pub(super) fn of(stored: &[StoredRun], measure: Measure, resamples: usize) -> Result<Self> {
        let names = |run: &Run| (run.label.clone(), in_words(run.spec.noise));
        Self::named(stored, measure, resamples, names)
    }

    /// Reads the runs, which `names` gives a label and the condition that stands in place of the noise.
    pub(super) fn named(
        stored: &[StoredRun],
        measure: Measure,
        resamples: usize,
        names: impl Fn(&Run) -> (String, String),
    ) -> Result<Self> {
        let (mut runs, mut labels, mut noises) = (Vec::new(), Vec::new(), Vec::new());
        let (mut units, mut largest): (Vec<String>, BTreeMap<usize, f64>) = (Vec::new(), BTreeMap::new());
        for stored in stored {
            let (label, noise) = names(&stored.run);
            let unit = place(&mut units, stored.run.unit.to_string());
            place(&mut labels, label.clone());
            place(&mut noises, noise.clone());
            let scores = measure.of(&stored.arrays()?);
            let at = |share: usize| scores.get((scores.len() * share / 100).max(1) - 1).copied();
            let score = SHARES.map(|share| at(share).unwrap_or(f64::NAN));
            let top = largest.entry(unit).or_insert(f64::NEG_INFINITY);
            *top = top.max(score[SHARES.len() - 1]);
            runs.push(Scored { unit, label, noise, score });
        }
        runs.retain(|run| largest[&run.unit] > 0.0);
        runs.iter_mut().for_each(|run| run.score = run.score.map(|score| score / largest[&run.unit]));
        let units = largest.values().filter(|largest| **largest > 0.0).count();
        Ok(Self { runs, labels, noises, units, measure, resamples })
    }

    /// Scores of all runs of an arm under a noise after the whole budget.
    pub(super) fn scores(&self, label: &str, noise: &str) -> Vec<f64> {
        self.by(label, noise).map(|run| run.score[SHARES.len() - 1]).collect()
    }

    fn by<'a>(&'a self, label: &'a str, noise: &'a str) -> impl Iterator<Item = &'a Scored> {
        self.runs.iter().filter(move |run| run.label == label && run.noise == noise)
    }

    /// Mean score of an arm on every unit after the whole budget, in the order of the grid.
    pub(super) fn by_unit(&self, label: &str, noise: &str) -> Vec<f64> {
        let mut found: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for run in self.by(label, noise) {
            found.entry(run.unit).or_default().push(run.score[SHARES.len() - 1]);
        }
        found.into_values().map(|scores| scores.iter().sum::<f64>() / scores.len() as f64).collect()
    }

    /// Mean score of an arm over runs after a share of the budget, with an interval over units.
    pub(super) fn mean(&self, label: &str, noise: &str, share: usize) -> Result<Estimate> {
        let (values, units): (Vec<f64>, Vec<usize>) =
            self.by(label, noise).map(|run| (run.score[share], run.unit)).unzip();
        self.interval(&values, &vec![1.0; values.len()], &units)
    }

    /// Mean of one arm less the mean of another, on the same units, with an interval over units.
    pub(super) fn difference(&self, one: &str, other: &str, noise: &str, share: usize) -> Result<Estimate> {
        let (ones, others, units) = self.paired(one, other, noise, share);
        let differences: Vec<f64> = ones.iter().zip(&others).map(|(one, other)| one - other).collect();
        self.interval(&differences, &vec![1.0; differences.len()], &units)
    }

    /// Mean of one arm over the mean of another, on the same units, with an interval over units. Early scores may be
    /// negative and have no ratio.
    pub(super) fn ratio(&self, above: &str, below: &str, noise: &str, share: usize) -> Result<Estimate> {
        let (above, below, units) = self.paired(above, below, noise, share);
        self.interval(&above, &below, &units)
    }

    /// Scores of two arms on the same units in the same repeats, and the numbers of the units.
    fn paired(&self, one: &str, other: &str, noise: &str, share: usize) -> (Vec<f64>, Vec<f64>, Vec<usize>) {
        let mut columns = (Vec::new(), Vec::new(), Vec::new());
        for (a, b) in self.by(one, noise).zip(self.by(other, noise)) {
            columns.0.push(a.score[share]);
            columns.1.push(b.score[share]);
            columns.2.push(a.unit);
        }
        columns
    }

    fn interval(&self, above: &[f64], below: &[f64], units: &[usize]) -> Result<Estimate> {
        Ok(interval_over_units(above, below, units, self.resamples)?.0)
    }
}

/// The best clean score of a run.
pub(super) fn best_clean(arrays: &StoredEvolution) -> f64 {
    arrays.cleanscores_all.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// Ratio of two means of the same rows with an interval over units, whose numbers are given, and how many units these are.
pub(super) fn interval_over_units(
    above: &[f64],
    below: &[f64],
    units: &[usize],
    resamples: usize,
) -> Result<(Estimate, usize)> {
    let mut groups = Vec::new();
    let members: Vec<usize> = units.iter().map(|unit| place(&mut groups, *unit)).collect();
    let mut rng = stream_rng(RESAMPLING_SEED, Stream::Resampling, 2);
    let draw = GroupBootstrap::draw(groups.len(), resamples, |n| rng.random_range(0..n))?;
    let found = PooledRatio::of(above, below, &members, &draw, coverage(groups.len())?);
    let estimate = match found {
        Ok(PooledRatio { ratio, low, high }) => Estimate { mean: ratio, low, high },
        // Resampled units that all score 0: there is a ratio at most of the whole, and no interval.
        Err(StatsError::ZeroDenominator { .. }) => {
            let mean = above.iter().sum::<f64>() / below.iter().sum::<f64>();
            Estimate { mean, low: f64::NAN, high: f64::NAN }
        }
        Err(error) => return Err(error).context("a setting has no scores to compare"),
    };
    Ok((estimate, groups.len()))
}

/// Position of an item in a list, at whose end it is put if it is new.
fn place<T: PartialEq>(list: &mut Vec<T>, item: T) -> usize {
    list.iter().position(|known| *known == item).unwrap_or_else(|| {
        list.push(item);
        list.len() - 1
    })
}

fn in_words(noise: Noise) -> String {
    match noise {
        Noise::None => "no noise".to_owned(),
        Noise::Multiplicative { level } => format!("noise {level}"),
        Noise::Poisson { scale, .. } => format!("spike counts, scale {scale}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ratio_over_units_that_score_nothing_has_no_interval() {
        let (estimate, units) = interval_over_units(&[1.0, 3.0, 2.0], &[0.0, 0.0, 2.0], &[0, 1, 2], 200).unwrap();
        assert_eq!((estimate.mean, units), (3.0, 3));
        assert!(estimate.low.is_nan() && estimate.high.is_nan());
        let (estimate, _) = interval_over_units(&[1.0, 3.0, 2.0], &[1.0, 1.0, 2.0], &[0, 1, 2], 200).unwrap();
        assert!(estimate.low <= 1.5 && estimate.high >= 1.5);
        assert!(interval_over_units(&[f64::NAN], &[1.0], &[0], 20).is_err());
    }
}
