//! Geometry of steps: distances of codes and images, contrast, one tangent vector at several norms.

use analysis::contrast::rms_contrast;
use analysis::distances::CodeDistances;
use analysis::figure::step_geometry::{Distances, NormCurve, StepGeometry, StepSeries};
use analysis::report::{Cell, Claim, Table};
use analysis::style::optimizer_label;
use anyhow::{Context, Result};
use nalgebra::DMatrix;

use super::super::campaigns::Grid;
use super::super::claims::{Notation, Side, Statement, not_tested, over_runs};
use super::super::models::Perception;
use super::super::runs::{Run, rows};
use super::super::study::{Content, NamedTable, Study, describe};
use super::tangent::{STEP, TangentWalk, best_code};
use super::{WALKERS, headings, single};

/// One noise-free run an optimizer, its codes of every generation made again from the recorded scores.
pub(in super::super) fn steps(study: &Study<'_>) -> Result<Content> {
    let shown: Vec<&Run> = WALKERS
        .iter()
        .map(|optimizer| study.shown(optimizer))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .flatten()
        .collect();
    let first = shown.first().context("round2 has no noise-free runs of the optimizers that are looked at")?;
    let mut perception = study.models.perception(first.networks().context("steps need a network")?)?;
    let (mut series, mut contrast, mut table) = (Vec::new(), Vec::new(), Vec::new());
    for run in &shown {
        let walk = Walk::of(run, study.analyses.images_compared, &mut perception)?;
        table.push(walk.row(&run.label));
        contrast.push(NormCurve { label: run.label.clone(), run: true, points: walk.contrast });
        series.push(StepSeries { optimizer: run.label.clone(), within: walk.within, across: walk.across });
    }
    let walk = TangentWalk::of(&best_code(&shown)?, &mut perception)?;
    contrast.push(walk.contrast());
    let tangent = walk.curves();
    let layers = perception.layers.join(", ");
    let table = Table {
        caption: "First and last generation with a direction: angle (degrees), Euclidean and perceptual distance"
            .to_owned(),
        headings: headings([
            "optimizer",
            "angle within, first",
            "last",
            "distance within, first",
            "last",
            "perceptual within, first",
            "last",
            "angle across, last",
            "perceptual across, last",
        ]),
        rows: table,
    };
    let title = "Geometry of steps".to_owned();
    Ok(Content {
        svg: Some(StepGeometry { title, series, contrast, tangent }.to_svg()?),
        summary: format!(
            "As the norm grows, steps of one length turn the code by a smaller angle and change the image less. Growth of the \
             norm therefore acts as a schedule of step sizes. 'Within' is the mean over pairs of {} codes of a generation. \
             'Across' compares the mean codes of successive generations. Contrast is the standard deviation of the image \
             of the mean code. Bottom right: one tangent vector ({:.0} % of the code's norm) is added to multiples of one \
             evolved code, at one length and at one angle.\n\nPerceptual distances come from the activations of the network \
             at hand (layers {layers}). Feature vectors have unit length; squared differences are averaged over positions \
             and summed over layers. The publication used another network (Zhang et al., 2018).",
            study.analyses.images_compared,
            100.0 * STEP
        ),
        caption: format!(
            "{} Codes of every generation are made again by telling each method its recorded scores.",
            describe(shown)
        ),
        tables: vec![NamedTable { stem: "steps", table }],
        claims: vec![claim(&study.noise_free(Grid::Round2, "cholesky-cmaes")?)?],
    })
}

/// Codes of a generation are at smaller angles to each other at the end of a run than in its second generation (the first
/// of CholeskyCMAES is one zero code).
fn claim(runs: &[&Run]) -> Result<Claim> {
    let shrinks = |run: &&Run| Some(mean_angle(run, run.generations() - 1)? / mean_angle(run, 1)?);
    let ratios: Vec<f64> = runs.iter().filter_map(shrinks).collect();
    let statement = Statement {
        words:
            "CholeskyCMAES: the angle between codes of a generation shrinks as their norm grows (last generation over \
                second)"
                .to_owned(),
        source: "figure on steps",
        claimed: "below 1".to_owned(),
        ..Statement::default()
    };
    if ratios.is_empty() {
        return Ok(not_tested(statement, "no run has two generations with a direction"));
    }
    over_runs(statement, "ratio of angles", &ratios, (Side::Below, 1.0), Notation::Decimals(3))
}

/// Angle in degrees whose cosine is the mean over pairs of a generation's codes, from the norms of their mean m and, taken
/// as equal, of the n codes: `cos = (n |m|^2 / R^2 - 1) / (n - 1)`.
fn mean_angle(run: &Run, generation: usize) -> Option<f64> {
    let n = run.evaluations.get(generation)? - run.evaluations.get(generation.checked_sub(1)?)?;
    let ratio = run.mean_code_norms.get(generation)? / run.code_norms.get(generation)?;
    let angle = ((n * ratio * ratio - 1.0) / (n - 1.0)).clamp(-1.0, 1.0).acos().to_degrees();
    angle.is_finite().then_some(angle)
}

/// What the steps of one run look like.
struct Walk {
    within: Distances,
    across: Distances,
    contrast: Vec<(f64, f64)>,
}

impl Walk {
    fn of(run: &Run, compared: usize, perception: &mut Perception) -> Result<Self> {
        let samples = samples(run, compared)?;
        let arrays = run.arrays()?;
        let means = rows(&arrays.generation_means, arrays.dim);
        let mut walk = Self { within: empty(), across: empty(), contrast: Vec::new() };
        for sample in &samples {
            push(&mut walk.within, sample, perception.perceive(&single(sample))?.distances().ok());
        }
        for generation in 0..means.nrows() {
            let here = means.rows(generation, 1).into_owned();
            let perceived = perception.perceive(&single(&here))?;
            walk.contrast.push((run.mean_code_norms[generation], rms_contrast(&perceived.pixels(0))?));
        }
        for generation in 1..means.nrows() {
            let pair = means.rows(generation - 1, 2).into_owned();
            push(&mut walk.across, &pair, perception.perceive(&single(&pair))?.distances().ok());
        }
        Ok(walk)
    }

    fn row(&self, label: &str) -> Vec<Cell> {
        let finite =
            |values: &[Vec<f64>]| values[0].iter().copied().filter(|value| value.is_finite()).collect::<Vec<f64>>();
        let ends = |values: &[Vec<f64>], decimals: usize| {
            let values = finite(values);
            let cell = |value: Option<&f64>| Cell::number(value.copied().unwrap_or(f64::NAN), decimals);
            [cell(values.first()), cell(values.last())]
        };
        let mut cells = vec![Cell::text(optimizer_label(label))];
        cells.extend(ends(&self.within.angle, 2));
        cells.extend(ends(&self.within.euclidean, 1));
        cells.extend(ends(&self.within.perceptual, 4));
        cells.extend(ends(&self.across.angle, 2).into_iter().skip(1));
        cells.extend(ends(&self.across.perceptual, 4).into_iter().skip(1));
        cells
    }
}

fn empty() -> Distances {
    Distances { angle: vec![Vec::new()], euclidean: vec![Vec::new()], perceptual: vec![Vec::new()] }
}

/// Adds the mean distances over pairs of some codes and of their images; NaN where there are none.
fn push(distances: &mut Distances, codes: &DMatrix<f64>, perceptual: Option<DMatrix<f64>>) {
    let of_codes = CodeDistances::of(codes).ok();
    distances.angle[0].push(of_codes.as_ref().map_or(f64::NAN, CodeDistances::mean_angle));
    distances.euclidean[0].push(of_codes.as_ref().map_or(f64::NAN, CodeDistances::mean_euclidean));
    let mean = |matrix: DMatrix<f64>| {
        let pairs = analysis::distances::pairs(&matrix);
        pairs.iter().sum::<f64>() / pairs.len() as f64
    };
    distances.perceptual[0].push(perceptual.map_or(f64::NAN, mean));
}

/// Codes at even distances of every generation, `[compared, N]`.
fn samples(run: &Run, compared: usize) -> Result<Vec<DMatrix<f64>>> {
    let mut samples = Vec::new();
    crate::replay::replay(run.stored(), |codes| {
        let compared = compared.min(codes.len());
        let chosen: Vec<f64> =
            (0..compared).flat_map(|index| codes.code(index * codes.len() / compared).to_vec()).collect();
        samples.push(DMatrix::from_row_slice(compared, codes.dim(), &chosen));
    })?;
    Ok(samples)
}
