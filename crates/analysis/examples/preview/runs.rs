//! Figures of single runs and of their trajectories.

use std::f64::consts::PI;

use analysis::figure::evolved_images::{EvolvedImages, OptimizerImages};
use analysis::figure::montage::{Montage, MontageRow, Scaling, Tile};
use analysis::figure::norms::{NormSeries, Norms};
use analysis::figure::projections::{ProjectionRow, Projections};
use analysis::figure::traces::{Trace, TracePanel, Traces};
use analysis::picture::Picture;
use analysis::summary::running_maximum;
use nalgebra::DMatrix;

use super::noise::Noise;
use super::{GENERATIONS, OPTIMIZERS, Outcome, UNITS};

pub(crate) fn montage(scaling: Scaling) -> Montage {
    let row = |(index, unit): (usize, &&str)| MontageRow {
        unit: (*unit).to_owned(),
        tiles: OPTIMIZERS.iter().enumerate().map(|(column, method)| tile(index, column, method.1)).collect(),
    };
    Montage {
        title: "Evolved images".to_owned(),
        optimizers: OPTIMIZERS.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        rows: UNITS.iter().enumerate().map(row).collect(),
        scaling,
        tile: 132.0,
    }
}

fn tile(row: usize, column: usize, score: f64) -> Option<Tile> {
    if (row, column) == (3, 5) {
        return None;
    }
    let wave = |value: usize, period: f64, shift: f64| (value as f64 / 64.0 * PI * period + shift).sin();
    let byte = |value: f64| (127.5 + 127.0 * value.clamp(-1.0, 1.0)) as u8;
    let pixels = (0..64 * 64)
        .flat_map(|index| {
            let (x, y) = (index % 64, index / 64);
            let bump = wave(x, 1.0 + row as f64, column as f64) * wave(y, 2.0 + column as f64, row as f64);
            [byte(bump), byte(0.7 * wave(x + y, 3.0, bump)), byte(-0.5 * bump + 0.3 * wave(y, 1.0, 0.0))]
        })
        .collect();
    Some(Tile { image: Picture::new(64, 64, pixels).ok()?, score: score + row as f64 * 7.3 })
}

pub(crate) fn traces() -> Traces {
    let mut noise = Noise(3);
    let panels = UNITS
        .iter()
        .enumerate()
        .map(|(index, unit)| TracePanel {
            unit: (*unit).to_owned(),
            traces: OPTIMIZERS
                .iter()
                .map(|(name, top, pace)| trace(name, top * (1.0 + index as f64), *pace, &mut noise))
                .collect(),
        })
        .collect();
    Traces { title: "Scores over the run, noise level 0.2".to_owned(), panels, columns: 3 }
}

fn trace(name: &str, top: f64, pace: f64, noise: &mut Noise) -> Trace {
    let mut mean_clean = Vec::new();
    let (mut best_clean, mut best_noisy) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        let level = top * (1.0 + 0.1 * noise.normal());
        let mean: Vec<f64> = (0..GENERATIONS)
            .map(|t| level * (1.0 - (-(t as f64) / pace).exp()) + 0.02 * top * noise.normal())
            .collect();
        let best: Vec<f64> = mean.iter().map(|score| score + 0.08 * top + 0.03 * top * noise.normal().abs()).collect();
        let noisy: Vec<f64> = best.iter().map(|score| score * (1.12 + 0.1 * noise.normal().abs())).collect();
        mean_clean.push(mean);
        best_clean.push(running_maximum(&best));
        best_noisy.push(running_maximum(&noisy));
    }
    Trace { optimizer: name.to_owned(), mean_clean, best_clean, best_noisy }
}

pub(crate) fn norms() -> Norms {
    let mut noise = Noise(5);
    let series = [
        ("cholesky-cmaes", 2400.0),
        ("cma", 1900.0),
        ("diagonal-cma", 2100.0),
        ("genetic", 300.0),
        ("sphere-cma", 0.0),
    ]
    .iter()
    .map(|(name, pace)| {
        let mut run = |pace: f64| -> Vec<f64> {
            let start = if pace == 0.0 { 90_000.0 } else { 0.0 };
            let norm = |t: usize| (start + pace * (t as f64).powf(1.04) * (1.0 + 0.02 * noise.normal())).sqrt();
            (0..GENERATIONS).map(norm).collect()
        };
        NormSeries {
            optimizer: (*name).to_owned(),
            norms: (0..3).map(|_| run(*pace)).collect(),
            control: (0..3).map(|_| run(0.93 * pace)).collect(),
        }
    })
    .collect();
    Norms { title: "Growth of the mean code".to_owned(), series }
}

pub(crate) fn projections() -> Outcome<Projections> {
    let mut rows = Vec::new();
    for (index, (name, note)) in
        [("cholesky-cmaes", "driven"), ("cholesky-cmaes", "noise"), ("sphere-cma", "driven")].into_iter().enumerate()
    {
        let mut noise = Noise(11 + index as u64);
        let mut code = vec![0.0; 1000];
        let walk = DMatrix::from_row_iterator(
            GENERATIONS,
            1000,
            (0..GENERATIONS).flat_map(|_| {
                code.iter_mut().for_each(|value| *value += noise.normal());
                code.clone()
            }),
        );
        rows.push(ProjectionRow::of(name, note, &walk)?);
    }
    Ok(Projections { title: "Principal projections of the mean code".to_owned(), rows })
}

pub(crate) fn evolved_images() -> EvolvedImages {
    let row = |(index, (name, score, _)): (usize, &(&str, f64, f64))| OptimizerImages {
        optimizer: (*name).to_owned(),
        tiles: (0..UNITS.len()).map(|column| tile(column, index, *score)).collect(),
    };
    EvolvedImages {
        title: "Evolved images by optimizer".to_owned(),
        columns: UNITS.iter().map(|unit| (*unit).to_owned()).collect(),
        rows: OPTIMIZERS.iter().enumerate().map(row).collect(),
        scaling: Scaling::Smooth,
        tile: 120.0,
    }
}
