//! Figures of trajectories, steps and covariance.

use std::f64::consts::PI;

use analysis::cosine;
use analysis::figure::cosine_panels::{CosineGroup, CosinePanels, CosineRun};
use analysis::figure::covariance::{Covariance, CovarianceSeries, PublishedCovariance};
use analysis::figure::lissajous::{Lissajous, LissajousPanel};
use analysis::figure::projections::ProjectionRow;
use analysis::figure::step_geometry::{Distances, NormCurve, StepGeometry, StepSeries};
use analysis::figure::step_schedules::{Schedule, StepSchedules};
use analysis::pca::Pca;
use nalgebra::DMatrix;

use super::noise::Noise;
use super::{GENERATIONS, Outcome};

const COMPONENTS: usize = 12;

/// A random walk with a drift, `[T, N]`.
fn walk(seed: u64, drift: f64) -> DMatrix<f64> {
    let mut noise = Noise(seed);
    let mut code = vec![0.0; 600];
    let rows = (0..GENERATIONS).flat_map(|_| {
        code.iter_mut().enumerate().for_each(|(n, value)| *value += noise.normal() + if n < 40 { drift } else { 0.0 });
        code.clone()
    });
    DMatrix::from_row_iterator(GENERATIONS, 600, rows)
}

fn cosine_run(trajectory: &DMatrix<f64>) -> Outcome<CosineRun> {
    let pca = Pca::fit(trajectory, 30)?;
    let mut run = CosineRun { explained_variance_ratio: pca.explained_variance_ratio.clone(), ..CosineRun::default() };
    for k in 1..=COMPONENTS {
        let values = pca.projection(k - 1)?;
        let free = cosine::fit_component(&values, k)?;
        run.periods.push(free.periods(GENERATIONS));
        run.r_squared_free.push(free.r_squared);
        let fixed = cosine::fit_at(&values, cosine::theory_frequency(k, GENERATIONS)?)?;
        run.r_squared_fixed.push(fixed.r_squared);
    }
    Ok(run)
}

pub(crate) fn cosine_panels() -> Outcome<CosinePanels> {
    let group = |optimizer: &str, note: &str, control: bool, drift: f64| -> Outcome<CosineGroup> {
        let runs = (0..5).map(|seed| cosine_run(&walk(31 + seed, drift))).collect::<Outcome<Vec<_>>>()?;
        let (optimizer, note) = (optimizer.to_owned(), note.to_owned());
        Ok(CosineGroup { optimizer, note, control, generations: GENERATIONS, runs })
    };
    Ok(CosinePanels {
        title: "Trajectories of the mean code look like random walks".to_owned(),
        shown: ProjectionRow::of("cholesky-cmaes", "fc8 373 macaque", &walk(31, 0.35))?,
        groups: vec![
            group("cholesky-cmaes", "units", false, 0.35)?,
            group("cholesky-cmaes", "noise-driven", true, 0.0)?,
        ],
    })
}

pub(crate) fn lissajous() -> Outcome<Lissajous> {
    let row = |heading: &str, drift: f64| -> Outcome<(String, Vec<LissajousPanel>)> {
        let pca = Pca::fit(&walk(41, drift), 6)?;
        let panel = |(i, j): (usize, usize)| -> Outcome<LissajousPanel> {
            let (x, y) = (pca.projection(i - 1)?, pca.projection(j - 1)?);
            let ideal = |k: usize, values: &[f64]| -> Vec<f64> {
                let wave = |t: usize| (PI * k as f64 * (t as f64 + 0.5) / GENERATIONS as f64).cos();
                let scale = (0..values.len()).map(|t| wave(t) * values[t]).sum::<f64>() * 2.0 / GENERATIONS as f64;
                (0..values.len()).map(|t| scale * wave(t)).collect()
            };
            let pairs = |x: &[f64], y: &[f64]| x.iter().copied().zip(y.iter().copied()).collect();
            let ideal = pairs(&ideal(i, &x), &ideal(j, &y));
            Ok(LissajousPanel { horizontal: i, vertical: j, measured: pairs(&x, &y), ideal })
        };
        let pairs = [(1, 2), (1, 3), (2, 3), (3, 4), (4, 5)];
        Ok((heading.to_owned(), pairs.into_iter().map(panel).collect::<Outcome<_>>()?))
    };
    let rows = vec![row("CholeskyCMAES, fc8 373 macaque", 0.3)?, row("CholeskyCMAES, noise-driven control", 0.0)?];
    Ok(Lissajous { title: "Lissajous curves of the mean code".to_owned(), rows })
}

/// Runs that follow `shape(generation)` within some percent.
fn around(seed: u64, shape: impl Fn(f64) -> f64) -> Vec<Vec<f64>> {
    let mut noise = Noise(seed);
    let run = |noise: &mut Noise| {
        let level = 1.0 + 0.08 * noise.normal();
        (0..GENERATIONS).map(|t| shape(t as f64) * level * (1.0 + 0.02 * noise.normal())).collect()
    };
    (0..4).map(|_| run(&mut noise)).collect()
}

pub(crate) fn step_geometry() -> StepGeometry {
    let distances = |scale: f64, decay: f64| Distances {
        angle: around(51, |t| scale * 70.0 * (-t / decay).exp() + 4.0),
        euclidean: around(52, |t| scale * 260.0 * (-t / decay).exp() + 30.0),
        perceptual: around(53, |t| scale * 0.5 * (-t / decay / 2.0).exp() + 0.05),
    };
    let series = [("cholesky-cmaes", 60.0), ("sphere-cma", 25.0), ("genetic", 45.0)];
    let norms: Vec<f64> = (1..=10).map(|step| 60.0 * f64::from(step)).collect();
    let curve = |label: &str, value: &dyn Fn(f64) -> f64| NormCurve {
        label: label.to_owned(),
        run: false,
        points: norms.iter().map(|&norm| (norm, value(norm))).collect(),
    };
    StepGeometry {
        title: "Geometry of steps in code and image space".to_owned(),
        series: series
            .iter()
            .map(|(name, decay)| StepSeries {
                optimizer: (*name).to_owned(),
                within: distances(1.0, *decay),
                across: distances(0.3, *decay),
            })
            .collect(),
        contrast: vec![
            curve("evolved codes", &|norm| 70.0 * (1.0 - (-norm / 180.0).exp())),
            curve("random codes", &|norm| 62.0 * (1.0 - (-norm / 240.0).exp())),
        ],
        tangent: vec![
            curve("tangent vector 1", &|norm| 22.0 / (1.0 + norm / 90.0)),
            curve("tangent vector 2", &|norm| 17.0 / (1.0 + norm / 120.0)),
            curve("tangent vector 3", &|norm| 12.0 / (1.0 + norm / 100.0)),
        ],
    }
}

pub(crate) fn step_schedules() -> StepSchedules {
    let schedule = |optimizer: &str, degrees: &dyn Fn(f64) -> f64| Schedule {
        optimizer: optimizer.to_owned(),
        degrees: (0..GENERATIONS).map(|t| degrees(t as f64)).collect(),
        measured: (0..GENERATIONS).step_by(10).map(|t| (t as f64, degrees(t as f64) + 0.3)).collect(),
    };
    StepSchedules {
        title: "Step sizes of SphereCMA".to_owned(),
        schedules: vec![
            schedule("sphere-cma", &|t| 7.33 + 33.0 * (-t / 18.0).exp()),
            schedule("sphere-cma-inv", &|t| 8.0 + 35.0 / (1.0 + t / 8.0)),
            schedule("sphere-cma-lin", &|t| 43.0 - 35.0 * t / 74.0),
        ],
    }
}

pub(crate) fn covariance() -> Covariance {
    let series = |optimizer: &str, control: bool, size: f64| {
        let near_one = |seed: u64, scale: f64| -> Vec<Vec<f64>> {
            let departures = around(seed, |t| scale * size * t / 75.0);
            departures.iter().map(|run| run.iter().map(|value| 1.0 + value).collect()).collect()
        };
        CovarianceSeries {
            optimizer: optimizer.to_owned(),
            control,
            largest: near_one(61, 1.0),
            smallest: near_one(62, -0.4),
            condition: near_one(63, 1.4),
            distance: around(64, |t| 1e-3 * (size * t / 75.0).powi(2)),
            published: (!control).then_some(PublishedCovariance {
                largest: 1.0 + 1.2 * size,
                smallest: 1.0 - 0.3 * size,
                condition: 1.0 + 1.3 * size,
                distance: 1.5e-3 * size * size,
            }),
        }
    };
    let title = "Covariance matrices stay near the identity".to_owned();
    let names = [("cholesky-cmaes", 1.8e-4), ("cma", 2.7e-3), ("diagonal-cma", 0.14)];
    let both = |(name, size): (&str, f64)| [series(name, false, size), series(name, true, 0.9 * size)];
    Covariance { title, series: names.into_iter().flat_map(both).collect() }
}
