//! Variants of CMA-ES by layer and noise level.

use analysis::figure::Estimate;
use analysis::figure::variants_by_layer_and_noise::{VariantCell, VariantsByLayerAndNoise};
use analysis::report::{Cell, Table};
use analysis::style::optimizer_label;
use anyhow::Result;

use super::super::campaigns::Grid;
use super::super::study::{Content, NamedTable, Study, describe};
use super::{headings, published_cell};
use crate::published::Over;

const VARIANTS: [&str; 5] = ["cholesky-cmaes", "cma", "diagonal-cma", "sphere-cma", "sphere-cma-inv"];

/// Means with standard errors over the runs of a layer.
pub(in super::super) fn variants(study: &Study<'_>) -> Result<Content> {
    let scores = study.scores(Grid::Round2)?;
    let mut layers: Vec<&str> = scores.units.iter().map(|unit| unit.layer.as_str()).collect();
    layers.dedup();
    let (mut cells, mut rows) = (Vec::new(), Vec::new());
    for noise in scores.levels() {
        for &layer in &layers {
            for optimizer in VARIANTS {
                let Some(column) = scores.column(optimizer) else { continue };
                let in_layer = scores.at(Some(noise)).filter(|row| scores.units[row.unit].layer == layer);
                let values: Vec<f64> = in_layer.map(|row| row.scores[column]).collect();
                let score = Estimate::with_standard_error(&values);
                let over = Over { layer: Some(layer), noise: Some(noise) };
                let published = study.published.mean("round2", "norm", optimizer, over);
                rows.push(vec![
                    Cell::text(layer),
                    Cell::number(noise, 1),
                    Cell::text(optimizer_label(optimizer)),
                    Cell::number(score.mean, 3),
                    Cell::number(if values.len() > 1 { score.mean - score.low } else { f64::NAN }, 3),
                    Cell::number(values.len() as f64, 0),
                    published_cell(published, 3),
                ]);
                cells.push(VariantCell {
                    layer: layer.to_owned(),
                    noise,
                    optimizer: optimizer.to_owned(),
                    score,
                    published,
                });
            }
        }
    }
    let table = Table {
        caption: "Normalised clean score by layer and noise level".to_owned(),
        headings: headings(["layer", "noise", "optimizer", "mean", "standard error", "runs", "published"]),
        rows,
    };
    let title = "Variants of CMA-ES by layer and noise".to_owned();
    let shown = study.runs(Grid::Round2)?.iter().filter(|run| VARIANTS.contains(&run.label.as_str()));
    Ok(Content {
        svg: Some(VariantsByLayerAndNoise { title, cells }.to_svg()?),
        summary:
            "The analysis of variance below tests whether the order of the optimizers depends on the layer. Diamonds are published means on AlexNet's layer of the \
                  same name. The layers of another network are not the same layers."
                .to_owned(),
        caption: describe(shown),
        tables: vec![NamedTable { stem: "variants", table }],
        ..Content::default()
    })
}
