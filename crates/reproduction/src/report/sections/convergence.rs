//! Speed of convergence.

use analysis::convergence::{Convergence, SHARES};
use analysis::report::{Cell, Table};
use analysis::style::optimizer_label;
use analysis::summary::quantile;
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::runs::Run;
use super::super::study::{Content, NamedTable, Study, describe};
use super::mean_cell;

/// A row an optimizer and round, over noise-free runs.
pub(in super::super) fn convergence(study: &Study<'_>) -> Result<Content> {
    let mut rows = Vec::new();
    let mut shown: Vec<&Run> = Vec::new();
    for round in [Grid::Round1, Grid::Round2] {
        let scores = study.scores(round)?;
        for optimizer in &scores.optimizers {
            let runs = study.noise_free(round, optimizer)?;
            rows.push(row(round, optimizer, &runs, &scores));
            shown.extend(runs);
        }
    }
    let shares = SHARES.map(|share| format!("evaluations to {:.0} %", 100.0 * share));
    let first = ["round", "optimizer", "runs", "area", "area under unit maximum"].map(str::to_owned);
    let table = Table {
        caption:
            "Speed of convergence, noise-free runs: mean ± standard error; evaluations as median (quartiles). One run \
                  has neither error nor quartiles"
                .to_owned(),
        headings: first.into_iter().chain(shares).collect(),
        rows,
    };
    Ok(Content {
        summary: "Area is the mean over evaluations of the best clean score so far, or of 0 where that is negative. The first \
                  column divides it by the run's own final best: 1 means at once, however low that is. The second divides it by the largest score of the unit over all \
                  optimizers of the round, so a run that stops low stays low. Evaluations are counted until the best \
                  score so far first reaches a share of the run's own final best. A run without a positive score has no speed \
                  and is left out."
            .to_owned(),
        caption: describe(shown),
        tables: vec![NamedTable { stem: "convergence", table }],
        ..Content::default()
    })
}

fn row(round: Grid, optimizer: &str, runs: &[&Run], scores: &super::super::scores::Scores) -> Vec<Cell> {
    let (mut found, mut relative): (Vec<&Convergence>, Vec<f64>) = (Vec::new(), Vec::new());
    for run in runs {
        let name = run.unit().to_string();
        let unit = scores.units.iter().find(|unit| unit.name == name);
        if let (Some(convergence), Some(unit)) = (&run.convergence, unit) {
            found.push(convergence);
            relative.push(convergence.area_relative_to(unit.largest));
        }
    }
    let areas: Vec<f64> = found.iter().map(|convergence| convergence.area).collect();
    let mut cells = vec![
        Cell::text(round.name()),
        Cell::text(optimizer_label(optimizer)),
        Cell::number(found.len() as f64, 0),
        mean_cell(&areas, 3),
        mean_cell(&relative, 3),
    ];
    for index in 0..SHARES.len() {
        let counts: Vec<f64> = found.iter().map(|convergence| convergence.evaluations_to[index] as f64).collect();
        let at = |probability| quantile(&counts, probability).unwrap_or(f64::NAN);
        cells.push(match counts.len() {
            0 | 1 => Cell::number(at(0.5), 0),
            _ => Cell::numeric(format!("{:.0} ({:.0} to {:.0})", at(0.5), at(0.25), at(0.75))),
        });
    }
    cells
}
