//! Analyses of variance of normalised scores.
//!
//! The published analysis takes noise level and layer as numbers, and counts the two hidden fully connected layers in
//! the wrong order (`published::names`). It is computed so, with the layers in their true order, and with both as
//! categories.

use analysis::StatsError;
use analysis::anova::{Factor, TypeTwo};
use analysis::compare::Anova;
use anyhow::Result;
use rayon::prelude::*;

use super::Cut;
use crate::published::names::{PREVIOUS_CMA, layer};
use crate::published::record::{Name, Place, Record};
use crate::published::rounds::{Quantity, Round};
use crate::published::scope::ALL;

/// Formula of the one-way analysis.
pub(in crate::published) const ONE_WAY: &str = "score ~ C(optimizer)";
/// Its term, and the main effect of the optimizer everywhere.
pub(in crate::published) const OPTIMIZER: &str = "C(optimizer)";
/// The published analysis.
pub(in crate::published) const PUBLISHED: &str =
    "score ~ C(optimizer) + noise + layernum_as_published + C(optimizer):layernum + C(optimizer):noise";
/// Its interaction of optimizer and layer.
pub(in crate::published) const OPTIMIZER_BY_LAYER: &str = "C(optimizer):layernum";
const CORRECTED: &str = "score ~ C(optimizer) + noise + layernum + C(optimizer):layernum + C(optimizer):noise";
const CATEGORIES: &str = "score ~ C(optimizer) + C(noise) + C(layer) + C(optimizer):C(layer) + C(optimizer):C(noise)";
const ALL_PAIRS: &str = "score ~ C(optimizer) + C(noise) + C(layer) + C(optimizer):C(layer) + C(optimizer):C(noise) + \
                         C(noise):C(layer)";
const NOISE_FREE: &str = "score ~ C(optimizer) + C(layer) + C(optimizer):C(layer)";

/// Factors of a long table, in this order in every model.
const FACTOR_OPTIMIZER: usize = 0;
const FACTOR_NOISE: usize = 1;
const FACTOR_LAYER: usize = 2;

/// How noise level and layer enter.
#[derive(Clone, Copy, PartialEq)]
enum Coding {
    PublishedNumbers,
    Numbers,
    Categories,
}

struct Model {
    formula: &'static str,
    coding: Coding,
    terms: &'static [(&'static str, &'static [usize])],
}

const NUMBER_TERMS: &[(&str, &[usize])] = &[
    (OPTIMIZER, &[FACTOR_OPTIMIZER]),
    ("noise", &[FACTOR_NOISE]),
    ("layernum", &[FACTOR_LAYER]),
    (OPTIMIZER_BY_LAYER, &[FACTOR_OPTIMIZER, FACTOR_LAYER]),
    ("C(optimizer):noise", &[FACTOR_OPTIMIZER, FACTOR_NOISE]),
];

const CATEGORY_TERMS: &[(&str, &[usize])] = &[
    (OPTIMIZER, &[FACTOR_OPTIMIZER]),
    ("C(noise)", &[FACTOR_NOISE]),
    ("C(layer)", &[FACTOR_LAYER]),
    ("C(optimizer):C(layer)", &[FACTOR_OPTIMIZER, FACTOR_LAYER]),
    ("C(optimizer):C(noise)", &[FACTOR_OPTIMIZER, FACTOR_NOISE]),
    ("C(noise):C(layer)", &[FACTOR_NOISE, FACTOR_LAYER]),
];

const NOISE_FREE_TERMS: &[(&str, &[usize])] = &[
    (OPTIMIZER, &[FACTOR_OPTIMIZER]),
    ("C(layer)", &[FACTOR_LAYER]),
    ("C(optimizer):C(layer)", &[FACTOR_OPTIMIZER, FACTOR_LAYER]),
];

/// The models that a table allows.
fn models(round: &Round) -> Vec<Model> {
    let model = |formula, coding, terms| Model { formula, coding, terms };
    if round.runs.iter().all(|run| run.noise == round.runs[0].noise) {
        return vec![model(NOISE_FREE, Coding::Categories, NOISE_FREE_TERMS)];
    }
    let all_but_last = &CATEGORY_TERMS[..CATEGORY_TERMS.len() - 1];
    let mut models =
        vec![model(CATEGORIES, Coding::Categories, all_but_last), model(ALL_PAIRS, Coding::Categories, CATEGORY_TERMS)];
    if round.runs.iter().all(|run| layer(&run.layer).is_some_and(|layer| layer.depth.is_some())) {
        models.push(model(PUBLISHED, Coding::PublishedNumbers, NUMBER_TERMS));
        models.push(model(CORRECTED, Coding::Numbers, NUMBER_TERMS));
    }
    models
}

/// F of the optimizers within a scope: of all, and of the three earlier variants of CMA.
pub(super) fn one_way(cut: &Cut<'_>) -> Vec<Record> {
    let mut records = Vec::new();
    let previous = members(&cut.round.optimizers, PREVIOUS_CMA);
    let everyone: Vec<usize> = (0..cut.columns.len()).collect();
    for (optimizers, name) in [(everyone, None), (previous.unwrap_or_default(), Some(PREVIOUS_CMA.join("+")))] {
        if optimizers.is_empty() {
            continue;
        }
        let groups: Vec<&[f64]> = optimizers.iter().map(|&index| cut.columns[index].as_slice()).collect();
        let test = Anova::one_way(&groups);
        let values = [
            ("F", test.map(|test| test.f)),
            ("p", test.map(|test| test.p)),
            ("df", test.map(|test| test.between as f64)),
            ("df_residual", test.map(|test| test.within as f64)),
        ];
        let name = name.map(|name| Name::from(name.as_str()));
        records.extend(values.into_iter().map(|(statistic, value)| Record {
            optimizer: name.clone(),
            model: Some(ONE_WAY),
            term: Some(OPTIMIZER),
            ..cut.place.record(statistic, value)
        }));
    }
    records
}

fn members(optimizers: &[Name], wanted: &[&str]) -> Option<Vec<usize>> {
    wanted.iter().map(|name| optimizers.iter().position(|optimizer| &**optimizer == *name)).collect()
}

/// All models over the whole table: of all optimizers, of the three earlier variants of CMA and of every pair.
pub(super) fn records(round: &Round) -> Result<Vec<Record>> {
    let Some(quantity) = round.quantity("norm") else { return Ok(Vec::new()) };
    let count = round.optimizers.len();
    let mut sets: Vec<Vec<usize>> = vec![(0..count).collect()];
    sets.extend(members(&round.optimizers, PREVIOUS_CMA));
    sets.extend((0..count).flat_map(|a| (a + 1..count).map(move |b| vec![a, b])));
    let models = models(round);
    let of_set = |set: &Vec<usize>| {
        let long = Long::of(round, quantity, set);
        models.iter().flat_map(|model| long.records(round, quantity, set, model)).collect::<Vec<_>>()
    };
    let found: Vec<Vec<Record>> = sets.par_iter().map(of_set).collect();
    Ok(found.into_iter().flatten().collect())
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
    fn of(round: &Round, quantity: &Quantity, set: &[usize]) -> Self {
        let rows: Vec<usize> =
            (0..round.runs.len()).filter(|&row| quantity.rows.as_ref().is_none_or(|has| has[row])).collect();
        let entries: Vec<(usize, usize)> =
            set.iter().flat_map(|&optimizer| rows.iter().map(move |&row| (optimizer, row))).collect();
        let numbers = |of: &dyn Fn(usize) -> f64| entries.iter().map(|&(_, row)| of(row)).collect::<Vec<f64>>();
        let depth = |depth: Option<u8>| depth.map_or(0.0, f64::from);
        let noise = numbers(&|row| round.runs[row].noise);
        let levels: Vec<u64> = noise.iter().map(|noise| noise.to_bits()).collect();
        let layers: Vec<&str> = entries.iter().map(|&(_, row)| round.runs[row].layer.as_str()).collect();
        Self {
            scores: entries.iter().map(|&(optimizer, row)| quantity.columns[optimizer][row]).collect(),
            optimizer: entries.iter().map(|&(optimizer, _)| optimizer).collect(),
            noise_index: numbered(&levels),
            layer_index: numbered(&layers),
            depth: numbers(&|row| depth(layer(&round.runs[row].layer).and_then(|layer| layer.depth))),
            published_depth: numbers(&|row| depth(layer(&round.runs[row].layer).and_then(|l| l.published_depth))),
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

    fn records(&self, round: &Round, quantity: &Quantity, set: &[usize], model: &Model) -> Vec<Record> {
        let place = Place { table: round.table, quantity: quantity.name, of: quantity.of, scope: Name::from(ALL) };
        let names: Vec<&str> = set.iter().map(|&index| &*round.optimizers[index]).collect();
        let optimizer = (set.len() < round.optimizers.len()).then(|| Name::from(names.join("+").as_str()));
        let terms: Vec<&[usize]> = model.terms.iter().map(|(_, factors)| *factors).collect();
        let fit = TypeTwo::fit(&self.scores, &self.factors(model.coding), &terms);
        let record = |statistic, term, value: Result<f64, StatsError>| Record {
            optimizer: optimizer.clone(),
            model: Some(model.formula),
            term: Some(term),
            ..place.record(statistic, value)
        };
        let table = match fit {
            Ok(table) => table,
            Err(error) => return model.terms.iter().map(|(term, _)| record("F", *term, Err(error))).collect(),
        };
        let lines = table.terms.iter().zip(model.terms).flat_map(|(test, (term, _))| {
            [
                record("sum_of_squares", term, Ok(test.sum_of_squares)),
                record("df", term, Ok(test.degrees_of_freedom as f64)),
                record("F", term, Ok(test.f)),
                record("p", term, Ok(test.p)),
                record("partial_eta_squared", term, Ok(test.partial_eta_squared)),
            ]
        });
        let residual = [
            record("sum_of_squares", "residual", Ok(table.residual_sum_of_squares)),
            record("df", "residual", Ok(table.residual_degrees_of_freedom as f64)),
        ];
        lines.chain(residual).collect()
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
