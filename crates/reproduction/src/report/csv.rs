//! Machine-readable results.

use analysis::report::{Claim, Table};
use anyhow::Result;

use super::runs::Run;
use crate::files;

/// One row a run, in the order of the grids.
pub(super) fn results<'a>(runs: impl Iterator<Item = (&'static str, &'a Run)>) -> Result<Vec<u8>> {
    let heading = [
        "campaign",
        "optimizer",
        "unit",
        "noise",
        "repeat",
        "seed",
        "generations",
        "evaluations",
        "best_clean",
        "final_mean_norm",
        "codenorm",
        "id",
    ];
    let row = |(campaign, run): (&'static str, &Run)| {
        let stored = run.stored();
        vec![
            campaign.to_owned(),
            run.label.clone(),
            run.unit().to_string(),
            run.noise.to_string(),
            run.repeat.to_string(),
            stored.run.spec.seed.to_string(),
            run.generations().to_string(),
            stored.record.evaluations.to_string(),
            run.best_clean.to_string(),
            run.mean_code_norms.last().copied().unwrap_or(f64::NAN).to_string(),
            run.codenorm.to_string(),
            stored.run.id.to_string(),
        ]
    };
    files::csv(std::iter::once(heading.map(str::to_owned).to_vec()).chain(runs.map(row)))
}

/// One row a claim, in the order of the report.
pub(super) fn claims(claims: &[Claim]) -> Result<Vec<u8>> {
    let heading = ["claim", "source", "claimed", "ours", "measure", "effect", "low", "high", "verdict", "rule"];
    let row = |claim: &Claim| {
        let estimate = claim.effect.as_ref().map(|effect| effect.estimate);
        let number = |value: Option<f64>| value.filter(|x| x.is_finite()).map_or_else(String::new, |x| x.to_string());
        vec![
            claim.words(),
            claim.source.clone(),
            claim.claimed.clone(),
            claim.ours.clone(),
            claim.effect.as_ref().map(|effect| effect.measure.clone()).unwrap_or_default(),
            number(estimate.map(|estimate| estimate.mean)),
            number(estimate.map(|estimate| estimate.low)),
            number(estimate.map(|estimate| estimate.high)),
            claim.verdict.label().to_owned(),
            claim.reason.clone(),
        ]
    };
    files::csv(std::iter::once(heading.map(str::to_owned).to_vec()).chain(claims.iter().map(row)))
}

/// A table of the report, its cells as they are shown there.
pub(super) fn table(table: &Table) -> Result<Vec<u8>> {
    let row = |cells: &Vec<analysis::report::Cell>| {
        let mut row: Vec<String> = cells.iter().map(|cell| cell.text.replace('−', "-")).collect();
        row.resize(table.headings.len(), String::new());
        row
    };
    files::csv(std::iter::once(table.headings.clone()).chain(table.rows.iter().map(row)))
}
