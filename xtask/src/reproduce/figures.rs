//! From runs to figures.

use analysis::figure::montage::{Montage, MontageRow, Scaling, Tile};
use analysis::figure::norms::{NormSeries, Norms};
use analysis::figure::projections::{ProjectionRow, Projections};
use analysis::figure::traces::{Trace, TracePanel, Traces};
use anyhow::{Context, Result};

use super::drift::DriftRun;
use super::grid::{OPTIMIZERS, SHOWN_NOISE};
use super::network::Network;
use super::preset::Settings;
use super::runs::Run;

/// Side of an image in the montage, CSS pixels.
const TILE: f64 = 116.0;

/// Panels side by side, where so many noise levels do not need more.
const WIDEST: usize = 4;

/// Evolved images of the first repeat at [`SHOWN_NOISE`], by optimizer and unit.
pub(super) fn montage(network: &Network, runs: &[Run]) -> Result<String> {
    let shown: Vec<&Run> = runs.iter().filter(|run| run.job.noise == SHOWN_NOISE && run.job.repeat == 0).collect();
    let codes: Vec<f32> = shown.iter().flat_map(|run| run.best_code.iter().copied()).collect();
    let pictures = network.pictures(&codes)?;
    let tiles: Vec<Option<Tile>> =
        shown.iter().zip(pictures).map(|(run, image)| Some(Tile { image, score: run.best_clean })).collect();
    // Optimizers vary fastest in the grid: a chunk is a unit.
    let rows = shown.chunks(OPTIMIZERS.len()).zip(tiles.chunks(OPTIMIZERS.len()));
    let montage = Montage {
        title: "Best images by noise-free score".to_owned(),
        optimizers: OPTIMIZERS.map(str::to_owned).to_vec(),
        rows: rows
            .map(|(runs, tiles)| MontageRow { unit: runs[0].job.unit.label.clone(), tiles: tiles.to_vec() })
            .collect(),
        scaling: Scaling::Smooth,
        tile: TILE,
    };
    Ok(montage.to_svg()?)
}

/// One panel a noise level and first unit of a layer; noise levels side by side.
pub(super) fn traces(settings: &Settings, runs: &[Run]) -> String {
    let mut panels: Vec<TracePanel> = Vec::new();
    for group in runs.chunk_by(|a, b| a.job.unit.address == b.job.unit.address && a.job.noise == b.job.noise) {
        let job = &group[0].job;
        if job.unit.rank == 0 {
            let traces = OPTIMIZERS.iter().map(|optimizer| trace(optimizer, group)).collect();
            panels.push(TracePanel { unit: format!("{}, noise {}", job.unit.label, job.noise), traces });
        }
    }
    let levels = settings.noise_levels.len();
    let units_side_by_side = (WIDEST / levels.max(1)).max(1);
    Traces { title: "Scores by generation".to_owned(), panels, columns: levels * units_side_by_side }.to_svg()
}

fn trace(optimizer: &str, group: &[Run]) -> Trace {
    let of = |values: fn(&Run) -> &Vec<f64>| {
        group.iter().filter(|run| run.job.optimizer == optimizer).map(|run| values(run).clone()).collect()
    };
    let noisy = group.iter().any(|run| run.job.noise > 0.0);
    Trace {
        optimizer: optimizer.to_owned(),
        mean_clean: of(|run| &run.mean_clean),
        best_clean: of(|run| &run.best_clean_so_far),
        best_noisy: if noisy { of(|run| &run.best_noisy_so_far) } else { Vec::new() },
    }
}

/// Norms of the mean code over all noise-free runs, and of the noise-driven controls.
pub(super) fn norms(runs: &[Run], controls: &[DriftRun]) -> String {
    let driven = |optimizer: &str| {
        let shown = runs.iter().filter(|run| run.job.optimizer == optimizer && run.job.noise == SHOWN_NOISE);
        shown.map(|run| run.mean_norms.clone()).collect()
    };
    let control = |optimizer: &str| {
        let own = controls.iter().filter(|run| run.job.optimizer == optimizer);
        own.map(|run| run.mean_norms.clone()).collect()
    };
    let series = |optimizer: &&str| NormSeries {
        optimizer: (*optimizer).to_owned(),
        norms: driven(optimizer),
        control: control(optimizer),
    };
    let title = "Norm of the mean code by generation".to_owned();
    Norms { title, series: OPTIMIZERS.iter().map(series).collect() }.to_svg()
}

/// Principal projections of the projected runs, and of the first noise-driven one of each control.
pub(super) fn projections(runs: &[Run], controls: &[DriftRun], optimizers: &[&str]) -> Result<String> {
    let mut rows = Vec::new();
    for run in runs {
        if let Some(trajectory) = &run.trajectory {
            let row = ProjectionRow::of(run.job.optimizer, &run.job.unit.label, trajectory);
            rows.push(row.with_context(|| format!("no projections of {}", run.job))?);
        }
    }
    for run in controls.iter().filter(|run| optimizers.contains(&run.job.optimizer)) {
        if let Some(trajectory) = &run.trajectory {
            let row = ProjectionRow::of(run.job.optimizer, "noise-driven control", trajectory);
            rows.push(row.with_context(|| format!("no projections of the control of {}", run.job.optimizer))?);
        }
    }
    let title = "Principal components of the mean code's trajectory".to_owned();
    Ok(Projections { title, rows }.to_svg())
}
