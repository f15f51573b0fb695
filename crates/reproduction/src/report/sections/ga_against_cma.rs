//! The genetic algorithm against CholeskyCMAES, unit by unit.

use analysis::figure::ga_against_cma::{GaAgainstCma, UnitPair};
use anyhow::{Context, Result};

use super::super::campaigns::Grid;
use super::super::study::{Content, Study, describe};
use crate::published::Over;

const GENETIC: &str = "genetic";
const CMA: &str = "cholesky-cmaes";

/// A symbol a unit and noise level.
pub(in super::super) fn ga_against_cma(study: &Study<'_>) -> Result<Content> {
    let scores = study.scores(Grid::Round2)?;
    let column = |name: &str| scores.column(name).with_context(|| format!("round2 has no runs of {name}"));
    let (genetic, cma) = (column(GENETIC)?, column(CMA)?);
    let mut pairs = Vec::new();
    for noise in scores.levels() {
        let means = scores.by_unit(genetic, Some(noise)).into_iter().zip(scores.by_unit(cma, Some(noise)));
        for (unit, (genetic, cma)) in scores.units.iter().zip(means) {
            pairs.push(UnitPair { layer: unit.layer.clone(), noise, genetic, cma });
        }
    }
    let mut layers: Vec<&str> = scores.units.iter().map(|unit| unit.layer.as_str()).collect();
    layers.dedup();
    let mut published = Vec::new();
    for noise in scores.levels() {
        for &layer in &layers {
            let over = Over { layer: Some(layer), noise: Some(noise) };
            let mean = |optimizer| study.published.mean("round2", "norm", optimizer, over);
            if let (Some(genetic), Some(cma)) = (mean(GENETIC), mean(CMA)) {
                published.push(UnitPair { layer: layer.to_owned(), noise, genetic, cma });
            }
        }
    }
    let figure = GaAgainstCma {
        title: "Genetic algorithm against CholeskyCMAES".to_owned(),
        score: "normalised clean score".to_owned(),
        genetic: GENETIC.to_owned(),
        cma: CMA.to_owned(),
        pairs,
        published,
    };
    let shown = study.runs(Grid::Round2)?.iter().filter(|run| [GENETIC, CMA].contains(&run.label.as_str()));
    Ok(Content {
        svg: Some(figure.to_svg()?),
        summary:
            "A symbol is a unit. Its scores are means over repeats. Above the line CholeskyCMAES is ahead. Diamonds are the \
                  published means of AlexNet's layers of the same name, over ten units each. The claims on the ratio stand \
                  at the top of the page."
                .to_owned(),
        caption: describe(shown),
        ..Content::default()
    })
}
