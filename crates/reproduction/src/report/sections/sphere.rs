//! SphereCMA against the other CMA-ES by noise level.

use analysis::figure::paired_by_unit::{PairedByUnit, UnitScores};
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::scores::Scores;
use super::super::study::{Content, Study, describe};
use super::activation::{levels_and_all, ordering};
use crate::published::Over;

const COMPARED: [&str; 5] = ["sphere-cma", "sphere-cma-inv", "cholesky-cmaes", "cma", "diagonal-cma"];

/// Paired by unit, with means over units.
pub(in super::super) fn sphere(study: &Study<'_>) -> Result<Content> {
    let scores = study.scores(Grid::Round2)?;
    let published = |optimizer: &str, noise| {
        study.published.mean("round2", "norm", optimizer, Over { noise: Some(noise), layer: None })
    };
    let groups = unit_scores(&scores, &COMPARED, published)?;
    let mut claims = Vec::new();
    for against in ["cholesky-cmaes", "cma", "diagonal-cma"] {
        for noise in levels_and_all(&scores) {
            claims.push(ordering(study, &scores, ["sphere-cma", against], noise)?);
        }
    }
    let figure = PairedByUnit {
        title: "SphereCMA against the other CMA-ES".to_owned(),
        interval: "95 % bootstrap interval over units".to_owned(),
        groups,
    };
    let shown = study.runs(Grid::Round2)?.iter().filter(|run| COMPARED.contains(&run.label.as_str()));
    Ok(Content {
        svg: Some(figure.to_svg()?),
        summary: "A line is a unit. Its scores are means over repeats. In the publication SphereCMA (exp) is ahead of \
                  CholeskyCMAES without noise, level with it at noise 0.2 and behind it at noise 0.5. The publication's gain of 7 % \
                  is the mean over the three levels. Diamonds are the published means on AlexNet."
            .to_owned(),
        caption: describe(shown),
        claims,
        ..Content::default()
    })
}

/// Scores of optimizers by noise level and unit; those without runs are left out.
pub(super) fn unit_scores(
    scores: &Scores,
    optimizers: &[&str],
    published: impl Fn(&str, f64) -> Option<f64>,
) -> Result<Vec<UnitScores>> {
    let mut groups = Vec::new();
    for noise in scores.levels() {
        for &optimizer in optimizers {
            let Some(column) = scores.column(optimizer) else { continue };
            groups.push(UnitScores {
                optimizer: optimizer.to_owned(),
                noise,
                by_unit: scores.by_unit(column, Some(noise)),
                mean: scores.mean(column, Some(noise))?,
                published: published(optimizer, noise),
            });
        }
    }
    Ok(groups)
}
