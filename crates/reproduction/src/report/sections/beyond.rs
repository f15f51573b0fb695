//! Newer methods beside those of the publication, on the units of round 2.

use analysis::figure::Estimate;
use analysis::figure::paired_by_unit::PairedByUnit;
use analysis::report::{Cell, Table};
use analysis::style::optimizer_label;
use anyhow::{Context, Result};
use optim_core::{Objective, Population};

use super::super::campaigns::Grid;
use super::super::runs::Run;
use super::super::scores::Scores;
use super::super::study::{Content, NamedTable, Study, describe};
use super::headings;
use super::sphere::unit_scores;

/// The method of this project.
const OURS: &str = "polar-es-savage";
const COMPARED: [&str; 8] =
    [OURS, "cr-fm-nes", "sphere-cma", "sphere-cma-inv", "cholesky-cmaes", "cma", "diagonal-cma", "genetic"];

/// Clean scores of recommended codes, which an experimenter takes home, and of the best codes.
pub(in super::super) fn beyond(study: &Study<'_>) -> Result<Content> {
    let best = joined(study)?;
    let recommended = recommended(study, &best)?;
    let resamples = study.analyses.resamples;
    let (by_recommended, by_best) = (Scores::of(&recommended, resamples)?, Scores::of(&best, resamples)?);
    let figure = PairedByUnit {
        title: "Newer methods: clean score of the recommended code".to_owned(),
        interval: "95 % bootstrap interval over units".to_owned(),
        groups: unit_scores(&by_recommended, &COMPARED, |_, _| None)?,
    };
    let mut rows = Vec::new();
    for noise in by_recommended.levels() {
        for rival in COMPARED.into_iter().filter(|name| *name != OURS) {
            rows.push(row(noise, rival, &by_recommended, &by_best)?);
        }
    }
    let units = by_recommended.units.len();
    let table = Table {
        caption: format!(
            "Gain of Polar ES Savage over each method in mean normalised clean score, percent, with a 95 % bootstrap interval over \
             {units} units. Negative: the other is ahead"
        ),
        headings: headings(["noise", "method", "recommended code", "best code"]),
        rows,
    };
    Ok(Content {
        svg: Some(figure.to_svg()?),
        summary: format!(
            "In the publication SphereCMA is best without noise, but not with it. Polar ES Savage (polar-es-savage) is this \
             project's method for every level. CR-FM-NES (Nomura and Ono 2022) is a newer rival. A line is a unit. Its scores \
             are means over repeats, divided by the largest of the unit. {} docs/polar-es.md has more methods, and a second \
             pair of networks on which Polar ES Savage is not the best under noise.",
            verdicts(&by_recommended)?
        ),
        caption: describe(&best),
        tables: vec![NamedTable { stem: "beyond", table }],
        ..Content::default()
    })
}

/// Runs of both campaigns, in the order of a grid: the methods of one unit, noise level and repeat together.
fn joined(study: &Study<'_>) -> Result<Vec<Run>> {
    let (published, newer) = (study.runs(Grid::Round2)?, study.runs(Grid::Beyond)?);
    let same = |a: &Run, b: &Run| a.unit() == b.unit() && a.noise == b.noise && a.repeat == b.repeat;
    let mut runs = Vec::new();
    for group in published.chunk_by(same) {
        for name in COMPARED {
            let found =
                group.iter().chain(newer.iter().filter(|run| same(run, &group[0]))).find(|run| run.label == name);
            runs.push(found.with_context(|| format!("{name} has no run on {}", group[0].unit()))?.clone());
        }
    }
    Ok(runs)
}

/// The same runs with the clean score of the code that their method recommended in the place of the best.
fn recommended(study: &Study<'_>, runs: &[Run]) -> Result<Vec<Run>> {
    let mut scores = Vec::new();
    for of_unit in runs.chunk_by(|a, b| a.unit() == b.unit()) {
        let mut codes = Vec::new();
        for run in of_unit {
            codes.extend(run.arrays()?.recommended.iter().map(|&x| f64::from(x)));
        }
        let mut objective = study.models.objective(&of_unit[0])?;
        let (codes, mut of_codes) = (Population::from_rows(objective.dim(), &codes), Vec::new());
        objective.evaluate(&codes, &mut of_codes)?;
        scores.extend(of_codes);
    }
    Ok(runs.iter().zip(scores).map(|(run, score)| run.with_best_clean(score)).collect())
}

/// Gain of our method over another, in percent.
fn gain(scores: &Scores, rival: &str, noise: f64) -> Result<Estimate> {
    let column = |name: &str| scores.column(name).with_context(|| format!("there are no runs of {name}"));
    let ratio = scores.ratio(column(OURS)?, column(rival)?, Some(noise))?;
    let percent = |ratio: f64| 100.0 * (ratio - 1.0);
    Ok(Estimate { mean: percent(ratio.mean), low: percent(ratio.low), high: percent(ratio.high) })
}

fn row(noise: f64, rival: &str, recommended: &Scores, best: &Scores) -> Result<Vec<Cell>> {
    let mut cells = vec![Cell::number(noise, 1), Cell::text(optimizer_label(rival))];
    for scores in [recommended, best] {
        let Estimate { mean, low, high } = gain(scores, rival, noise)?;
        let interval = if low.is_finite() { format!(" ({low:.1} to {high:.1})") } else { String::new() };
        cells.push(Cell::numeric(format!("{mean:.1}{interval}")));
    }
    Ok(cells)
}

/// By how much our method is ahead of the best published one of each level.
fn verdicts(scores: &Scores) -> Result<String> {
    let mut words = Vec::new();
    for noise in scores.levels() {
        let mean = |name: &&str| {
            scores.column(name).map_or(0.0, |column| {
                let values = scores.values(column, Some(noise));
                values.iter().sum::<f64>() / values.len() as f64
            })
        };
        let rival = COMPARED[2..].iter().max_by(|a, b| mean(a).total_cmp(&mean(b))).context("no published method")?;
        let gain = gain(scores, rival, noise)?;
        let interval =
            if gain.low.is_finite() { format!(" [{:.1}, {:.1}]", gain.low, gain.high) } else { String::new() };
        words.push(format!("{:+.1}{interval} % at noise {noise} ({})", gain.mean, optimizer_label(rival)));
    }
    Ok(format!("Gain of Polar ES Savage over the best published method of each level: {}.", words.join(", ")))
}
