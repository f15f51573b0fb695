//! Analyses of variance.
//!
//! The published analysis takes noise level and layer as numbers, and counts the two hidden fully connected layers in
//! the wrong order (`published::names`). It is computed so, with the layers in their true order, and with both as
//! categories.

use analysis::StatsError;
use analysis::anova::{Factor, TypeTwo};
use analysis::compare::Anova;

use super::{Cut, Found};
use crate::published::key::Key;
use crate::published::names::{Layer, layer};

/// Formula of the one-way analysis.
pub(in crate::published) const ONE_WAY: &str = "score ~ C(optimizer)";
/// Its term, and the main effect of the optimizer everywhere.
pub(in crate::published) const OPTIMIZER: &str = "C(optimizer)";
/// The published analysis.
pub(in crate::published) const PUBLISHED: &str =
    "score ~ C(optimizer) + noise + layernum_as_published + C(optimizer):layernum + C(optimizer):noise";
/// Its interaction of optimizer and layer.
pub(in crate::published) const OPTIMIZER_BY_LAYER: &str = "C(optimizer):layernum";
/// The same with the layers in their true order.
const CORRECTED: &str = "score ~ C(optimizer) + noise + layernum + C(optimizer):layernum + C(optimizer):noise";
const CATEGORIES: &str = "score ~ C(optimizer) + C(noise) + C(layer) + C(optimizer):C(layer) + C(optimizer):C(noise)";
const ALL_PAIRS: &str = "score ~ C(optimizer) + C(noise) + C(layer) + C(optimizer):C(layer) + C(optimizer):C(noise) + \
                         C(noise):C(layer)";
const NOISE_FREE: &str = "score ~ C(optimizer) + C(layer) + C(optimizer):C(layer)";

/// How noise level and layer enter.
#[derive(Clone, Copy, PartialEq)]
enum Coding {
    PublishedNumbers,
    Numbers,
    Categories,
}

/// A term and the numbers of its factors: 0 optimizer, 1 noise, 2 layer.
type Term = (&'static str, &'static [usize]);

const NUMBER_TERMS: &[Term] = &[
    (OPTIMIZER, &[0]),
    ("noise", &[1]),
    ("layernum", &[2]),
    (OPTIMIZER_BY_LAYER, &[0, 2]),
    ("C(optimizer):noise", &[0, 1]),
];
const CATEGORY_TERMS: &[Term] = &[
    (OPTIMIZER, &[0]),
    ("C(noise)", &[1]),
    ("C(layer)", &[2]),
    ("C(optimizer):C(layer)", &[0, 2]),
    ("C(optimizer):C(noise)", &[0, 1]),
];
const ALL_PAIRS_TERMS: &[Term] = &[
    (OPTIMIZER, &[0]),
    ("C(noise)", &[1]),
    ("C(layer)", &[2]),
    ("C(optimizer):C(layer)", &[0, 2]),
    ("C(optimizer):C(noise)", &[0, 1]),
    ("C(noise):C(layer)", &[1, 2]),
];
const NOISE_FREE_TERMS: &[Term] = &[(OPTIMIZER, &[0]), ("C(layer)", &[2]), ("C(optimizer):C(layer)", &[0, 2])];

/// A number of a term of a model over the optimizers of the key: all, or a set such as `pycma+pycmaDiagonal`.
pub(super) fn value(cut: &Cut<'_>, formula: &str, term: &str, key: &Key<'_>) -> Found {
    let set = cut.round.set(key.optimizer)?;
    let (coding, terms) = match formula {
        ONE_WAY if term == OPTIMIZER => return one_way(cut, &set, key.statistic),
        PUBLISHED => (Coding::PublishedNumbers, NUMBER_TERMS),
        CORRECTED => (Coding::Numbers, NUMBER_TERMS),
        CATEGORIES => (Coding::Categories, CATEGORY_TERMS),
        ALL_PAIRS => (Coding::Categories, ALL_PAIRS_TERMS),
        NOISE_FREE => (Coding::Categories, NOISE_FREE_TERMS),
        _ => return None,
    };
    let has_depth = |&row: &usize| layer(&cut.round.runs[row].layer).is_some_and(|layer| layer.depth.is_some());
    if coding != Coding::Categories && !cut.rows.iter().all(has_depth) {
        return None;
    }
    let factors: Vec<&[usize]> = terms.iter().map(|(_, factors)| *factors).collect();
    let long = Long::of(cut, &set);
    match TypeTwo::fit(&long.scores, &long.factors(coding), &factors) {
        Ok(table) => number(&table, terms.iter().position(|(name, _)| *name == term), term, key.statistic).map(Ok),
        Err(error) => Some(Err(error)),
    }
}

fn number(table: &TypeTwo, term: Option<usize>, name: &str, statistic: &str) -> Option<f64> {
    let Some(test) = term.map(|term| &table.terms[term]) else {
        return match (name, statistic) {
            ("residual", "sum_of_squares") => Some(table.residual_sum_of_squares),
            ("residual", "df") => Some(table.residual_degrees_of_freedom as f64),
            _ => None,
        };
    };
    match statistic {
        "sum_of_squares" => Some(test.sum_of_squares),
        "df" => Some(test.degrees_of_freedom as f64),
        "F" => Some(test.f),
        "p" => Some(test.p),
        "partial_eta_squared" => Some(test.partial_eta_squared),
        _ => None,
    }
}

fn one_way(cut: &Cut<'_>, set: &[usize], statistic: &str) -> Found {
    let groups: Vec<&[f64]> = set.iter().map(|&index| cut.columns[index].as_slice()).collect();
    let number = |of: fn(Anova) -> f64| -> Result<f64, StatsError> { Anova::one_way(&groups).map(of) };
    Some(match statistic {
        "F" => number(|test| test.f),
        "p" => number(|test| test.p),
        "df" => number(|test| test.between as f64),
        "df_residual" => number(|test| test.within as f64),
        _ => return None,
    })
}

/// A row an optimizer and run.
struct Long {
    scores: Vec<f64>,
    optimizer: Vec<usize>,
    noise: Vec<f64>,
    noise_index: Vec<usize>,
    layer_index: Vec<usize>,
    depth: Vec<f64>,
    published_depth: Vec<f64>,
}

impl Long {
    fn of(cut: &Cut<'_>, set: &[usize]) -> Self {
        let entries: Vec<(usize, usize)> =
            set.iter().flat_map(|&optimizer| (0..cut.rows.len()).map(move |row| (optimizer, row))).collect();
        let run = |row: usize| &cut.round.runs[cut.rows[row]];
        let noise: Vec<f64> = entries.iter().map(|&(_, row)| run(row).noise).collect();
        let levels: Vec<u64> = noise.iter().map(|noise| noise.to_bits()).collect();
        let layers: Vec<&str> = entries.iter().map(|&(_, row)| run(row).layer.as_str()).collect();
        let depths = |of: fn(&Layer) -> Option<u8>| -> Vec<f64> {
            layers.iter().map(|module| layer(module).and_then(of).map_or(0.0, f64::from)).collect()
        };
        Self {
            scores: entries.iter().map(|&(optimizer, row)| cut.columns[optimizer][row]).collect(),
            optimizer: entries.iter().map(|&(optimizer, _)| optimizer).collect(),
            noise_index: numbered(&levels),
            layer_index: numbered(&layers),
            depth: depths(|layer| layer.depth),
            published_depth: depths(|layer| layer.published_depth),
            noise,
        }
    }

    fn factors(&self, coding: Coding) -> [Factor<'_>; 3] {
        let optimizer = Factor::Categories(&self.optimizer);
        let noise = Factor::Covariate(&self.noise);
        match coding {
            Coding::PublishedNumbers => [optimizer, noise, Factor::Covariate(&self.published_depth)],
            Coding::Numbers => [optimizer, noise, Factor::Covariate(&self.depth)],
            Coding::Categories => {
                [optimizer, Factor::Categories(&self.noise_index), Factor::Categories(&self.layer_index)]
            }
        }
    }
}

/// Numbers equal values alike, in the order of their first appearance.
fn numbered<T: PartialEq>(values: &[T]) -> Vec<usize> {
    let mut seen: Vec<&T> = Vec::new();
    let number = |value| {
        seen.iter().position(|known| *known == value).unwrap_or_else(|| {
            seen.push(value);
            seen.len() - 1
        })
    };
    values.iter().map(number).collect()
}
