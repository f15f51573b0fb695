//! Which statistic a claim is about.
//!
//! A claim's id is words between hyphens, such as `R2-norm-Genetic-ns0.5`. A rule is a pattern of such words, some of
//! them places to fill, and what to compute with what filled them. The first rule whose places can all be filled is
//! taken: `{optimizer}` wants an optimizer of the table, `{noise}` a noise level, and so on.

use std::fmt;

use anyhow::{Context, Result};

use crate::published::key::Key;
use crate::published::names::{LAYERS, NETWORKS, PREVIOUS_CMA, ROUND1, ROUND2, SPECTRA};
use crate::published::scope::{ALL, both, layer_scope, net_scope, noise_scope};
use crate::published::statistics::{Tables, exports, models, relations, theory};

/// What a rule computes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    Number(f64),
    Text(String),
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) if value.fract() == 0.0 && value.abs() < 1e15 => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value:?}"),
            Self::Text(text) => write!(f, "{text}"),
        }
    }
}

/// What the places of a pattern were filled with.
#[derive(Clone, Default)]
struct Filled {
    table: &'static str,
    quantity: &'static str,
    optimizer: &'static str,
    against: &'static str,
    scope: String,
    number: usize,
    word: String,
}

struct Rule {
    pattern: &'static str,
    compute: fn(&Filled, &Tables) -> Result<f64>,
}

const fn rule(pattern: &'static str, compute: fn(&Filled, &Tables) -> Result<f64>) -> Rule {
    Rule { pattern, compute }
}

/// All rules but that of the order, in order of trial.
const RULES: &[Rule] = &[
    rule("{table}-rows", |f, tables| statistic(f, tables, "runs", "count", None)),
    rule("{table}-rows-{noise}", |f, tables| statistic(f, tables, "runs", "count", None)),
    rule("{table}-units", |f, tables| statistic(f, tables, "runs", "units", None)),
    rule("{table}-normfile", |f, tables| statistic(f, tables, "norm", exports::ROWS_DIFFERENCE, None)),
    rule("{table}-sem-{optimizer}", |f, tables| own(f, tables, "norm", "sem")),
    rule("{table}-sem-{optimizer}-{noise}", |f, tables| own(f, tables, "norm", "sem")),
    rule("{table}-meanrank-{optimizer}", |f, tables| own(f, tables, "norm", "rank")),
    rule("{table}-win-{optimizer}", |f, tables| own(f, tables, "norm", "win_share")),
    rule("R1-win-CMAfamily", |f, tables| {
        let share = |optimizer| own(&Filled { table: "round1", optimizer, ..f.clone() }, tables, "norm", "win_share");
        Ok(share("CMA")? + share("DiagonalCMA")?)
    }),
    rule("{table}-cells-{optimizer}", |f, tables| own(f, tables, "norm", "best_cells")),
    rule("{table}-cells-{optimizer}-{noise}", |f, tables| own(f, tables, "norm", "best_cells")),
    rule("{table}-normaliser-{optimizer}", |f, tables| own(f, tables, "normaliser", "units")),
    rule("{table}-inflate-{optimizer}-{noise}", |f, tables| own(f, tables, relations::INFLATION, "ratio")),
    rule("{table}-t-{optimizer}-{against}", |f, tables| pair(f, tables, "norm", "t")),
    rule("{table}-p-{optimizer}-{against}", |f, tables| pair(f, tables, "norm", "p")),
    rule("SP-p-Aupdate", |_, tables| {
        let pair_of = Filled {
            table: "spectra",
            optimizer: "CholeskyCMAES",
            against: "CholeskyCMAES_Aupdate1",
            scope: ALL.to_owned(),
            ..Filled::default()
        };
        pair(&pair_of, tables, "clean", "p_paired")
    }),
    rule("{table}-ratio-{optimizer}-{against}", |f, tables| pair(f, tables, "norm", "ratio")),
    rule("{table}-ratio-{optimizer}-{against}-{noise}", |f, tables| pair(f, tables, "norm", "ratio")),
    rule("R2-66pct", |f, tables| gain(f, tables, "CholeskyCMAES", "Genetic")),
    rule("R2-7pct-avg3", |_, tables| {
        let group = PREVIOUS_CMA.join("+");
        let key =
            Key { statistic: "ratio", optimizer: Some("ZOHA_Sphere_exp"), against: Some(&group), ..norm("round2") };
        Ok(percent(tables.value(&key)?))
    }),
    rule("R2-7pct-{against}", |f, tables| gain(f, tables, "ZOHA_Sphere_exp", f.against)),
    rule("R2-gain-{against}", |f, tables| gain(f, tables, "ZOHA_Sphere_exp", f.against)),
    rule("R2-gain-{against}-{noise}", |f, tables| gain(f, tables, "ZOHA_Sphere_exp", f.against)),
    rule("R2-anova-optxlayer", |_, tables| {
        let optimizer = Some("pycma+pycmaDiagonal");
        tables.value(&Key {
            statistic: "F",
            optimizer,
            model: Some(models::PUBLISHED),
            term: Some(models::OPTIMIZER_BY_LAYER),
            ..norm("round2")
        })
    }),
    rule("R2-anova-3cma", |_, tables| {
        let group = PREVIOUS_CMA.join("+");
        let (model, term) = (Some(models::ONE_WAY), Some(models::OPTIMIZER));
        tables.value(&Key { statistic: "F", optimizer: Some(&group), model, term, ..norm("round2") })
    }),
    rule("{table}-{optimizer}-{against}", |f, tables| pair(f, tables, "norm", "ratio")),
    rule("{table}-{optimizer}-{against}-{noise}", |f, tables| pair(f, tables, "norm", "ratio")),
    rule("{table}-{optimizer}-{against}-{layer}", |f, tables| pair(f, tables, "norm", "ratio")),
    rule("{table}-{quantity}-sd-{optimizer}", |f, tables| own(f, tables, f.quantity, "sd")),
    rule("{table}-{quantity}-{optimizer}", |f, tables| own(f, tables, f.quantity, "mean")),
    rule("{table}-{quantity}-{optimizer}-{noise}", |f, tables| own(f, tables, f.quantity, "mean")),
    rule("{table}-{quantity}-{optimizer}-{net}", |f, tables| own(f, tables, f.quantity, "mean")),
    rule("{table}-{quantity}-{optimizer}-{layer}", |f, tables| own(f, tables, f.quantity, "mean")),
    rule("{table}-{quantity}-{optimizer}-{layer}-{noise}", |f, tables| own(f, tables, f.quantity, "mean")),
    rule("TH-ev-{number}", |f, tables| closed("explained_variance", "ratio", &theory::component(f.number), tables)),
    rule("TH-evinf-{number}", |f, tables| {
        closed("explained_variance", "ratio", &theory::limiting_component(f.number), tables)
    }),
    rule("TH-step-{word}-{number}", |f, tables| {
        closed("angle", "expected_degrees", &theory::generation(&f.word, f.number), tables)
    }),
    rule("TH-mueff", |_, tables| closed("constant", "mueff", theory::CONSTANTS, tables)),
    rule("TH-cs", |_, tables| closed("constant", "cs", theory::CONSTANTS, tables)),
];

/// The rule of the optimizers' order, best first.
const ORDER: &str = "{table}-rank-order";

/// Computes what the claim of this id is about.
pub(super) fn evaluate(id: &str, tables: &Tables) -> Result<Answer> {
    if let Some(filled) = fill(ORDER, id) {
        return order(filled.table, tables).map(Answer::Text);
    }
    let matching = RULES.iter().find_map(|rule| Some((rule, fill(rule.pattern, id)?)));
    let (rule, filled) = matching.context(
        "no rule in crates/reproduction/src/published/claims/rules.rs says what an id of this form means; add one to RULES",
    )?;
    (rule.compute)(&filled, tables).map(Answer::Number)
}

/// Fills the places of a pattern; `None` where the id does not fit.
fn fill(pattern: &str, id: &str) -> Option<Filled> {
    let (places, words): (Vec<&str>, Vec<&str>) = (pattern.split('-').collect(), id.split('-').collect());
    if places.len() != words.len() {
        return None;
    }
    let mut filled = Filled { scope: ALL.to_owned(), ..Filled::default() };
    if let Some((_, table)) = TABLES.iter().find(|(short, _)| *short == words[0]) {
        filled.table = table;
    }
    for (place, word) in places.into_iter().zip(words) {
        match place {
            "{table}" if !filled.table.is_empty() => {}
            "{quantity}" => filled.quantity = quantity(word)?,
            "{optimizer}" => filled.optimizer = optimizer(filled.table, word)?,
            "{against}" => filled.against = optimizer(filled.table, word)?,
            "{noise}" => filled.narrow(noise_scope(noise(word)?)),
            "{net}" => filled.narrow(net_scope(net(word)?)),
            "{layer}" => filled.narrow(layer_scope(LAYERS.iter().find(|layer| layer.module == word)?.module)),
            "{number}" => filled.number = word.parse().ok()?,
            "{word}" => word.clone_into(&mut filled.word),
            literal if literal == word => {}
            _ => return None,
        }
    }
    Some(filled)
}

impl Filled {
    /// Restricts the scope further.
    fn narrow(&mut self, scope: String) {
        self.scope = if self.scope == ALL { scope } else { both(&self.scope, &scope) };
    }
}

const TABLES: &[(&str, &str)] = &[("R1", "round1"), ("R2", "round2"), ("SP", "spectra")];

fn quantity(word: &str) -> Option<&'static str> {
    const QUANTITIES: &[&str] =
        &["norm", "clean", "noisy", "runtime", "codenorm", "condnum", "devi2id", "maxeig", "mineig"];
    let word = if word == "time" { "runtime" } else { word };
    QUANTITIES.iter().find(|name| **name == word).copied()
}

/// An optimizer by its name or by the claims' short one.
fn optimizer(table: &str, word: &str) -> Option<&'static str> {
    let word = match (table, word) {
        ("round1", "Diag") => "DiagonalCMA",
        ("round1", "Random") => "RandomSearch",
        (_, "Diag") => "pycmaDiagonal",
        (_, "Chol") => "CholeskyCMAES",
        (_, "GA") => "Genetic",
        (_, "Sph") => "ZOHA_Sphere_exp",
        (_, word) => word,
    };
    optimizers(table).iter().find(|name| **name == word).copied()
}

fn optimizers(table: &str) -> &'static [&'static str] {
    match table {
        "round1" => ROUND1,
        "round2" => ROUND2,
        "spectra" => SPECTRA,
        _ => &[],
    }
}

/// `ns0.5`, `ns0` or, without the point, `ns05`.
fn noise(word: &str) -> Option<f64> {
    let digits = word.strip_prefix("ns")?;
    match digits.strip_prefix('0') {
        Some(tenths) if !tenths.is_empty() && !tenths.contains('.') => format!("0.{tenths}").parse().ok(),
        _ => digits.parse().ok(),
    }
}

fn net(word: &str) -> Option<&'static str> {
    NETWORKS.iter().find(|net| **net == word).copied()
}

fn norm(table: &str) -> Key<'_> {
    Key { table, quantity: "norm", scope: ALL, ..Key::default() }
}

fn statistic(f: &Filled, tables: &Tables, quantity: &str, statistic: &str, optimizer: Option<&str>) -> Result<f64> {
    tables.value(&Key { table: f.table, quantity, statistic, optimizer, scope: &f.scope, ..Key::default() })
}

/// A statistic of one optimizer.
fn own(f: &Filled, tables: &Tables, quantity: &str, name: &str) -> Result<f64> {
    statistic(f, tables, quantity, name, Some(f.optimizer))
}

/// A statistic of one optimizer against another.
fn pair(f: &Filled, tables: &Tables, quantity: &str, statistic: &str) -> Result<f64> {
    let (optimizer, against) = (Some(f.optimizer), Some(f.against));
    tables.value(&Key { table: f.table, quantity, statistic, optimizer, against, scope: &f.scope, ..Key::default() })
}

/// How many per cent one normalised mean lies above another.
fn gain(f: &Filled, tables: &Tables, optimizer: &'static str, against: &'static str) -> Result<f64> {
    Ok(percent(pair(&Filled { optimizer, against, ..f.clone() }, tables, "norm", "ratio")?))
}

fn percent(ratio: f64) -> f64 {
    100.0 * (ratio - 1.0)
}

fn closed(quantity: &str, statistic: &str, scope: &str, tables: &Tables) -> Result<f64> {
    tables.value(&Key { table: "theory", quantity, statistic, scope, ..Key::default() })
}

/// Optimizers by the place of their mean normalised score.
fn order(table: &'static str, tables: &Tables) -> Result<String> {
    let place = |name: &&'static str| {
        let key = Key { statistic: "place", optimizer: Some(name), ..norm(table) };
        Ok((tables.value(&key)?, *name))
    };
    let mut places = optimizers(table).iter().map(place).collect::<Result<Vec<_>>>()?;
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(places.into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" > "))
}
