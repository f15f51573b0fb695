//! Evolved images by optimizer.

use analysis::figure::evolved_images::{EvolvedImages, OptimizerImages};
use analysis::figure::montage::{Montage, MontageRow, Scaling, Tile};
use anyhow::{Context, Result};

use super::super::campaigns::Grid;
use super::super::runs::Run;
use super::super::study::{Content, Study, describe};

/// Side of an image, CSS pixels.
const TILE: f64 = 96.0;
/// Side of an image where optimizers are columns.
const SMALL_TILE: f64 = 92.0;
/// Most units that are rows, with optimizers as columns.
const FEW: usize = 3;
/// Most columns.
const COLUMNS: usize = 7;

/// Images of the best clean score of every optimizer, noise-free, first repeat; a column a unit.
pub(in super::super) fn montage(study: &Study<'_>, round: Grid) -> Result<Content> {
    let mut shown: Vec<&Run> = study.runs(round)?.iter().filter(|run| run.noise == 0.0 && run.repeat == 0).collect();
    let mut units: Vec<&Run> = Vec::new();
    for &run in &shown {
        if !units.iter().any(|known| known.unit() == run.unit()) {
            units.push(run);
        }
    }
    // Of many units those at even distances: one a layer where the grid has as many channels everywhere.
    let stride = units.len().div_ceil(COLUMNS).max(1);
    let units: Vec<&Run> = units.into_iter().step_by(stride).collect();
    shown.retain(|run| units.iter().any(|unit| unit.unit() == run.unit()));
    let mut rows: Vec<OptimizerImages> = Vec::new();
    for (column, unit) in units.iter().enumerate() {
        let of_unit: Vec<&&Run> = shown.iter().filter(|run| run.unit() == unit.unit()).collect();
        let networks = unit.networks().context("evolved images need a network")?;
        let mut codes = Vec::new();
        for run in &of_unit {
            codes.extend(run.arrays()?.best_code.with_context(|| format!("{} has no best code", run.label))?);
        }
        let pictures = study.models.pictures(networks, &codes)?;
        for (run, image) in of_unit.iter().zip(pictures) {
            let row = match rows.iter().position(|row| row.optimizer == run.label) {
                Some(row) => row,
                None => {
                    rows.push(OptimizerImages { optimizer: run.label.clone(), tiles: vec![None; units.len()] });
                    rows.len() - 1
                }
            };
            rows[row].tiles[column] = Some(Tile { image, score: run.best_clean });
        }
    }
    let columns: Vec<String> = units.iter().map(|run| study.models.unit_label(run)).collect();
    let title = round.titled("evolved images by optimizer");
    // Few units would leave a strip as high as there are optimizers.
    let svg = match columns.len() <= FEW {
        true => Montage { title, ..by_unit(columns, &rows) }.to_svg()?,
        false => EvolvedImages { title, columns, rows, scaling: Scaling::Smooth, tile: TILE }.to_svg()?,
    };
    Ok(Content {
        svg: Some(svg),
        summary:
            "Each image is the best of one run by its clean score. The score below it is an activation in arbitrary units: \
                  compare images of one unit only. The more alike the images of a unit are, the better its preferred \
                  image is defined."
                .to_owned(),
        caption: describe(shown),
        ..Content::default()
    })
}

/// The same images with a row a unit.
fn by_unit(units: Vec<String>, rows: &[OptimizerImages]) -> Montage {
    let row = |(index, unit): (usize, String)| MontageRow {
        unit,
        tiles: rows.iter().map(|row| row.tiles[index].clone()).collect(),
    };
    Montage {
        title: String::new(),
        optimizers: rows.iter().map(|row| row.optimizer.clone()).collect(),
        rows: units.into_iter().enumerate().map(row).collect(),
        scaling: Scaling::Smooth,
        tile: SMALL_TILE,
    }
}
