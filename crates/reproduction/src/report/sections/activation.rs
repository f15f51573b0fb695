//! Normalised activation by optimizer.

use analysis::figure::activation_by_optimizer::{ActivationByOptimizer, ActivationGroup};
use analysis::report::{Cell, Claim, Table};
use analysis::style::optimizer_label;
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::claims::{Side, Statement, not_tested, over_groups, over_units};
use super::super::scores::Scores;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{mean_cell, mean_words, published_cell};
use crate::published::Over;

/// Boxes by noise level, means by noise level, and the claims on who is ahead.
pub(in super::super) fn activation(study: &Study<'_>, round: Grid) -> Result<Content> {
    let scores = study.scores(round)?;
    let mut networks: Vec<&str> = scores.units.iter().map(|unit| unit.network.as_str()).collect();
    networks.dedup();
    let mut groups = Vec::new();
    for network in networks {
        for &noise in &scores.levels() {
            for (column, optimizer) in scores.optimizers.iter().enumerate() {
                let rows = scores.at(Some(noise)).filter(|row| scores.units[row.unit].network == network);
                groups.push(ActivationGroup {
                    network: network.to_owned(),
                    noise,
                    optimizer: optimizer.clone(),
                    activations: rows.map(|row| row.scores[column]).collect(),
                    published: published(study, round, optimizer, noise),
                });
            }
        }
    }
    let title = round.titled("normalised clean activation by optimizer");
    let claims = match round {
        Grid::Round1 => first_round(study, &scores)?,
        _ => second_round(study, &scores)?,
    };
    Ok(Content {
        svg: Some(ActivationByOptimizer { title, groups }.to_svg()?),
        summary: summary(round, &scores)?,
        caption: describe(study.runs(round)?),
        tables: vec![NamedTable { stem: stem(round), table: table(study, round, &scores)? }],
        claims,
    })
}

fn stem(round: Grid) -> &'static str {
    if round == Grid::Round1 { "round1-scores" } else { "round2-scores" }
}

/// The published mean that may stand beside ours: of round 1 the noise-free one alone, since its tables hold noisy
/// scores.
fn published(study: &Study<'_>, round: Grid, optimizer: &str, noise: f64) -> Option<f64> {
    let comparable = round == Grid::Round2 || noise == 0.0;
    let over = Over { noise: Some(noise), layer: None };
    study.published.mean(round.name(), "norm", optimizer, over).filter(|_| comparable)
}

fn summary(round: Grid, scores: &Scores) -> Result<String> {
    let published = match round {
        Grid::Round1 => {
            let noisy = match scores.levels()[..] {
                [0.0] => "",
                _ => {
                    " Where there was noise, the published tables of this round hold noisy scores, so levels above zero have no diamond."
                }
            };
            format!(
                "Diamonds are published means of noise-free runs on AlexNet and ResNet50.{noisy} They are divided by the \
                 largest noisy score of all levels, which puts them on a lower scale: compare ratios."
            )
        }
        _ => "Diamonds are published means on AlexNet, normalised in the same way.".to_owned(),
    };
    let silent = match scores.silent.len() {
        0 => String::new(),
        _ => format!(" Left out, since no optimizer ever made them respond: {}.", scores.silent.join(", ")),
    };
    Ok(format!(
        "{}\n\nA point is a run: its largest clean score over the largest clean score of its unit over all optimizers of \
         the round, noise levels and repeats. {published} The table also gives the share of (unit, noise, repeat) in which \
         each optimizer comes first.{silent}",
        standings(scores)?
    ))
}

/// The optimizers by their mean score, at the lowest and at the highest noise level.
fn standings(scores: &Scores) -> Result<String> {
    let levels = scores.levels();
    let mut ends: Vec<f64> = levels.first().into_iter().chain(levels.last()).copied().collect();
    ends.dedup();
    let mut sentences = Vec::new();
    for noise in ends {
        let mut means = Vec::new();
        for (column, optimizer) in scores.optimizers.iter().enumerate() {
            means.push((optimizer_label(optimizer), scores.summary(column, Some(noise))?.mean));
        }
        means.sort_by(|a, b| b.1.total_cmp(&a.1));
        let listed: Vec<String> = means.iter().map(|(label, mean)| format!("{label} {mean:.2}")).collect();
        let level = if noise == 0.0 { "Without noise".to_owned() } else { format!("At noise {noise}") };
        sentences.push(format!("{level} the mean scores are: {}.", listed.join(", ")));
    }
    Ok(sentences.join(" "))
}

fn table(study: &Study<'_>, round: Grid, scores: &Scores) -> Result<Table> {
    let mut rows = Vec::new();
    for (column, optimizer) in scores.optimizers.iter().enumerate() {
        let mut cells = vec![Cell::text(optimizer_label(optimizer))];
        for &noise in &scores.levels() {
            cells.push(mean_cell(&scores.values(column, Some(noise)), 3));
            cells.push(published_cell(published(study, round, optimizer, noise), 3));
        }
        cells.push(Cell::number(scores.win_share(&[column], None)?.mean, 2));
        rows.push(cells);
    }
    let levels = scores.levels();
    let pair = |noise: &f64| [format!("noise {noise}"), "published".to_owned()];
    Ok(Table {
        caption: format!(
            "Normalised clean score: {}; units: {}",
            mean_words(scores.at(scores.levels().first().copied()).count()),
            scores.units.len()
        ),
        headings: std::iter::once("optimizer".to_owned())
            .chain(levels.iter().flat_map(pair))
            .chain(["share of wins".to_owned()])
            .collect(),
        rows,
    })
}

fn first_round(study: &Study<'_>, scores: &Scores) -> Result<Vec<Claim>> {
    let units = scores.units.len();
    let family = ["ng-cma", "ng-diagonal-cma"].map(|name| scores.column(name));
    let statement = |words: &str, claimed: String| Statement {
        words: words.to_owned(),
        source: "round 1",
        claimed,
        ..Statement::default()
    };
    let share = statement("CMA or DiagonalCMA wins more than half of the runs", "0.99 of the runs".to_owned());
    let ratio = statement("CMA is above RandomSearch", ratio_claimed(study, "round1", ["ng-cma", "ng-random-search"]));
    let (Some(cma), Some(diagonal), Some(random)) = (family[0], family[1], scores.column("ng-random-search")) else {
        let why = "an optimizer is missing in the campaign";
        return Ok(vec![not_tested(share, why), not_tested(ratio, why)]);
    };
    let wins = scores.win_share(&[cma, diagonal], None)?;
    let above_random = match scores.ratio(cma, random, Some(0.0)) {
        Ok(found) => over_units(ratio, "ratio of means, noise 0", found, (Side::Above, 1.0), units),
        Err(error) => not_tested(ratio, &format!("there is no ratio: {error}")),
    };
    let side = (Side::Above, 0.5);
    let share = match wins.mean {
        0.0 | 1.0 => {
            let over = format!("the exact 95 % binomial interval over {units} units");
            over_groups(share, "share of wins", wins, side, (units, &over))
        }
        _ => over_units(share, "share of wins", wins, side, units),
    };
    Ok(vec![share, above_random])
}

/// The published ratio of two means of noise-free runs.
fn ratio_claimed(study: &Study<'_>, table: &str, [above, below]: [&str; 2]) -> String {
    let over = Over { noise: Some(0.0), layer: None };
    let mean = |optimizer| study.published.mean(table, "norm", optimizer, over);
    mean(above).zip(mean(below)).map_or_else(String::new, |(above, below)| format!("{:.2}", above / below))
}

/// The orderings of round 2, at every noise level and over all of the published ones.
fn second_round(study: &Study<'_>, scores: &Scores) -> Result<Vec<Claim>> {
    const ORDERINGS: [[&str; 2]; 5] = [
        ["cholesky-cmaes", "genetic"],
        ["cma", "genetic"],
        ["sphere-cma", "genetic"],
        ["sphere-cma-inv", "genetic"],
        ["diagonal-cma", "genetic"],
    ];
    let mut claims = Vec::new();
    for pair in ORDERINGS {
        for noise in levels_and_all(scores) {
            claims.push(ordering(study, scores, pair, noise)?);
        }
    }
    claims.push(super::random_search::claim(study)?);
    Ok(claims)
}

/// Noise levels, and all together where they are the published ones.
pub(super) fn levels_and_all(scores: &Scores) -> Vec<Option<f64>> {
    let levels = scores.levels();
    let all = (levels == [0.0, 0.2, 0.5]).then_some(None);
    levels.into_iter().map(Some).chain(all).collect()
}

/// Whether the first of two optimizers of round 2 is on the published side of the second.
pub(super) fn ordering(
    study: &Study<'_>,
    scores: &Scores,
    [first, second]: [&str; 2],
    noise: Option<f64>,
) -> Result<Claim> {
    let over = Over { noise, layer: None };
    let mean = |optimizer| study.published.mean("round2", "norm", optimizer, over);
    let published = mean(first).zip(mean(second)).map(|(first, second)| first / second);
    let side = if published.is_some_and(|ratio| ratio < 1.0) { Side::Below } else { Side::Above };
    let statement = Statement {
        words: format!("{} {} {}", optimizer_label(first), side.words(), optimizer_label(second)),
        condition: noise.map_or_else(|| "all noise levels".to_owned(), |noise| format!("noise {noise}")),
        source: "round 2",
        claimed: published.map_or_else(String::new, |ratio| format!("{ratio:.2}")),
    };
    let (Some(above), Some(below)) = (scores.column(first), scores.column(second)) else {
        return Ok(not_tested(statement, "an optimizer is missing in the campaign"));
    };
    Ok(match scores.ratio(above, below, noise) {
        Ok(found) => over_units(statement, "ratio of means", found, (side, 1.0), scores.units.len()),
        Err(error) => not_tested(statement, &format!("there is no ratio: {error}")),
    })
}
