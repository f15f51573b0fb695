//! Run time by optimizer.

use analysis::figure::runtime_by_optimizer::{RuntimeByOptimizer, RuntimeGroup, Timed};
use analysis::report::{Cell, Table};
use analysis::style::optimizer_label;
use analysis::summary::Summary;
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{headings, published_cell};
use crate::published::Over;

/// Seconds a run, beside the published ones.
pub(in super::super) fn runtime(study: &Study<'_>, round: Grid) -> Result<Content> {
    let runs = study.runs(round)?;
    let mut groups: Vec<RuntimeGroup> = Vec::new();
    for run in runs {
        let condition = run.unit().network.clone();
        let known = |group: &&mut RuntimeGroup| group.optimizer == run.label && group.condition == condition;
        match groups.iter_mut().find(known) {
            Some(group) => group.seconds.extend(run.seconds),
            None => groups.push(RuntimeGroup {
                optimizer: run.label.clone(),
                seconds: run.seconds.into_iter().collect(),
                published: study.published.mean(round.name(), "runtime", &run.label, Over::default()),
                condition,
            }),
        }
    }
    let rows = groups.iter().map(|group| {
        let mean = Summary::of(&group.seconds).map_or(f64::NAN, |summary| summary.mean);
        vec![
            Cell::text(optimizer_label(&group.optimizer)),
            Cell::text(&group.condition),
            Cell::number(mean, 2),
            published_cell(group.published, 1),
        ]
    });
    let table = Table {
        caption: "Seconds a run".to_owned(),
        headings: headings(["optimizer", "network", "mean", "published (Tesla V100)"]),
        rows: rows.collect(),
    };
    let stem = if round == Grid::Round1 { "round1-runtime" } else { "round2-runtime" };
    let title = round.titled("time of a run by optimizer");
    Ok(Content {
        svg: Some(RuntimeByOptimizer { title, timed: Timed::Run, groups }.to_svg()?),
        summary: "A time covers optimizer, generator and CNN, with several runs at once on the machine of the methods section. \
                  Published times are of a Tesla V100, with larger networks and 3000 evaluations: compare orders of \
                  magnitude between optimizers, not seconds. On the same processor and program the scores of this page \
                  repeat exactly, and times do not. On another processor small differences of rounding may grow."
            .to_owned(),
        caption: describe(runs),
        tables: vec![NamedTable { stem, table }],
        ..Content::default()
    })
}
