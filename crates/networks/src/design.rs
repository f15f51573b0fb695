//! `[design]`: many settings of one method, spread evenly over ranges of its options.

use std::collections::BTreeMap;

use optim_core::rand::seq::SliceRandom;
use optim_core::{Stream, stream_rng};
use serde::Deserialize;
use thiserror::Error;
use toml::Spanned;

use crate::config::{Config, OptimizerKeys};
use crate::resolve::ResolveError;

/// Latin hypercubes of which the one with the largest smallest distance is taken.
const CANDIDATES: u64 = 200;

/// A `[design]` section.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DesignKeys {
    optimizer: Spanned<String>,
    points: Spanned<usize>,
    label: Option<String>,
    options: BTreeMap<Spanned<String>, Spanned<OptionRange>>,
}

/// The values of an option that a design spreads over.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct OptionRange {
    from: f64,
    to: f64,
    /// Steps are equal ratios.
    #[serde(default)]
    logarithmic: bool,
    /// Whole numbers, both ends among them.
    #[serde(default)]
    whole: bool,
}

/// Why there is no design.
#[derive(Debug, Error)]
enum DesignError {
    #[error("a design needs 2 points or more, not {points}")]
    Points { points: usize },
    #[error("{from} to {to} is no range: give from below to{}", if *.logarithmic { ", and both above 0 where it is logarithmic" } else { "" })]
    Range { from: f64, to: f64, logarithmic: bool },
}

impl OptionRange {
    fn check(self) -> Result<(), DesignError> {
        let Self { from, to, logarithmic, .. } = self;
        let finite = from.is_finite() && to.is_finite() && (from > 0.0 || !logarithmic);
        if finite && from < to { Ok(()) } else { Err(DesignError::Range { from, to, logarithmic }) }
    }

    /// The value at a place in `0..1`.
    fn at(self, place: f64) -> toml::Value {
        let Self { from, to, logarithmic, whole } = self;
        // Whole numbers have equal shares of the range.
        let (low, high) = if whole { (from - 0.5, to + 0.5) } else { (from, to) };
        let value = match logarithmic {
            true => (low.ln() + place * (high.ln() - low.ln())).exp(),
            false => low + place * (high - low),
        };
        match whole {
            true => toml::Value::Integer(value.round().clamp(from, to) as i64),
            // Four digits: what a report prints is what was run.
            false => toml::Value::Float(format!("{value:.3e}").parse().unwrap_or(value)),
        }
    }
}

/// The methods of a configuration's design, in the order of its points.
pub(crate) fn design_arms(config: &Config) -> Result<Vec<OptimizerKeys>, ResolveError> {
    let Some(design) = &config.keys.design else { return Ok(Vec::new()) };
    let points = *design.points.get_ref();
    if points < 2 {
        return Err(config.wrong(&design.points, DesignError::Points { points }));
    }
    for range in design.options.values() {
        range.get_ref().check().map_err(|error| config.wrong(range, error))?;
    }
    let seed = config.keys.seed.unwrap_or_default();
    let label = design.label.as_deref().unwrap_or("point");
    let arm = |(number, places): (usize, Vec<f64>)| OptimizerKeys {
        label: Some(format!("{label} {:02}", number + 1)),
        options: design
            .options
            .iter()
            .zip(places)
            .map(|((name, range), place)| (name.clone(), range.get_ref().at(place)))
            .collect(),
        ..OptimizerKeys::plain(design.optimizer.clone())
    };
    Ok(latin_hypercube(points, design.options.len(), seed).into_iter().enumerate().map(arm).collect())
}

/// `points` places in the unit cube of `dim` sides: of every side each of `points` equal parts holds one place, at its
/// middle (McKay, Beckman and Conover, 1979). Of [`CANDIDATES`] such designs it is the one whose nearest two places are
/// farthest apart (Johnson, Moore and Ylvisaker, 1990).
fn latin_hypercube(points: usize, dim: usize, seed: u64) -> Vec<Vec<f64>> {
    let candidate = |number: u64| {
        let mut rng = stream_rng(seed, Stream::Shuffle, number);
        let side = |_| {
            let mut parts: Vec<usize> = (0..points).collect();
            parts.shuffle(&mut rng);
            parts
        };
        let sides: Vec<Vec<usize>> = (0..dim).map(side).collect();
        let place = |point: usize| sides.iter().map(|side| (side[point] as f64 + 0.5) / points as f64).collect();
        (0..points).map(place).collect::<Vec<Vec<f64>>>()
    };
    let mut best = (f64::NEG_INFINITY, Vec::new());
    for number in 0..CANDIDATES {
        let places = candidate(number);
        let nearest = nearest(&places);
        if nearest > best.0 {
            best = (nearest, places);
        }
    }
    best.1
}

/// Squared distance of the nearest two places.
fn nearest(places: &[Vec<f64>]) -> f64 {
    let mut nearest = f64::INFINITY;
    for (index, one) in places.iter().enumerate() {
        for other in &places[..index] {
            nearest = nearest.min(one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum());
        }
    }
    nearest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_every_side_holds_one_place() {
        let places = latin_hypercube(20, 6, 3);
        for side in 0..6 {
            let mut parts: Vec<usize> = places.iter().map(|place| (place[side] * 20.0) as usize).collect();
            parts.sort_unstable();
            assert_eq!(parts, (0..20).collect::<Vec<_>>());
        }
        assert_eq!(places, latin_hypercube(20, 6, 3));
        assert_ne!(places, latin_hypercube(20, 6, 4));
        // Spread farther than a design drawn once: of twenty such, all have two places that are nearer.
        let drawn = (1000..1020).map(|seed| {
            let mut rng = stream_rng(seed, Stream::Shuffle, 0);
            let mut sides = vec![(0..20).collect::<Vec<usize>>(); 6];
            sides.iter_mut().for_each(|side| side.shuffle(&mut rng));
            let place = |point: usize| sides.iter().map(|side| (side[point] as f64 + 0.5) / 20.0).collect();
            nearest(&(0..20).map(place).collect::<Vec<Vec<f64>>>())
        });
        assert!(drawn.fold(0.0, f64::max) <= nearest(&places));
    }

    #[test]
    fn ranges_have_their_ends_and_middles() {
        let range = |from, to, logarithmic, whole| OptionRange { from, to, logarithmic, whole };
        assert_eq!(range(0.0, 2.0, false, false).at(0.25), toml::Value::Float(0.5));
        assert_eq!(range(0.1, 10.0, true, false).at(0.5), toml::Value::Float(1.0));
        let whole = range(0.0, 3.0, false, true);
        let values: Vec<_> =
            [0.0, 0.24, 0.26, 0.5, 0.99, 1.0].map(|place| whole.at(place).as_integer().unwrap()).into();
        assert_eq!(values, [0, 0, 1, 2, 3, 3]);
        assert!(range(0.0, 1.0, true, false).check().is_err() && range(1.0, 1.0, false, false).check().is_err());
    }

    #[test]
    fn points_are_arms_and_wrong_designs_have_a_line() {
        let text = |design: &str| {
            format!(
                "evaluations = 400\nseed = 7\n[noise_scores]\ndim = 8\n[design]\noptimizer = \"xdream-genetic\"\n{design}"
            )
        };
        let resolve = |design: &str| {
            let config = Config::parse("c.toml", "c", &text(design), None).unwrap();
            crate::resolve(&config, &crate::Library::embedded().unwrap())
        };
        let good = "points = 12\nlabel = \"setting\"\noptions.population_size = { from = 8, to = 80, logarithmic = true, \
                    whole = true }\noptions.mutation_rate = { from = 0.05, to = 0.95 }\n";
        let campaign = resolve(good).unwrap();
        assert_eq!(campaign.arms.len(), 12);
        assert_eq!((campaign.arms[0].label.as_str(), campaign.arms[11].label.as_str()), ("setting 01", "setting 12"));
        let mut populations: Vec<usize> = campaign.arms.iter().map(|arm| arm.method.population_size(8)).collect();
        populations.sort_unstable();
        // Equal ratios: half of the settings are below the geometric mean of the ends.
        assert!(populations[5] < 26 && populations[6] > 24 && populations[0] >= 8 && populations[11] <= 80);
        assert!(campaign.arms.iter().all(|arm| arm.generations as usize == 400 / arm.method.population_size(8)));
        for (wrong, says) in [
            ("points = 1\noptions.mutation_rate = { from = 0, to = 1 }", "2 points or more"),
            ("points = 4\noptions.mutation_rate = { from = 1, to = 0 }", "no range"),
            ("points = 4\noptions.mutation_rat = { from = 0, to = 1 }", "mutation_rate"),
            ("points = 4\noptions.mutation_rate = { from = 2, to = 3 }", "mutation_rate"),
        ] {
            let error = resolve(wrong).unwrap_err();
            let cause = std::error::Error::source(&error).map_or(String::new(), ToString::to_string);
            assert!(format!("{error}: {cause}").contains(says), "{error}: {cause}");
        }
    }
}
