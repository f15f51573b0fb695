//! Curvature of units: Hessians at peaks and at random codes.

use analysis::figure::hessian_spectra::{HessianPanel, HessianSpectra, HessianSpectrum, ProbedCode, Subspace};
use analysis::geometry::norm;
use analysis::landscape::{Curvature, Stencil};
use analysis::report::{Cell, Claim, Table};
use anyhow::{Context, Result};
use experiments::probe::{Directions, fill_up, scores_around};
use nalgebra::DMatrix;
use optim_core::{Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};

use super::super::campaigns::Grid;
use super::super::claims::{Notation, Side, Statement, over_runs};
use super::super::runs::{Run, double};
use super::super::study::{Content, NamedTable, Study, describe};
use super::headings;
use super::metric::{measured, restricted};
use progress::Progress;

/// Step of the differences as a share of the code's norm.
const STEP: f64 = 0.03;
/// Codes evaluated at once.
const BATCH: usize = 40;
const SEED: u64 = 3;

/// Spectra in leading directions of the metric and in random ones.
pub(in super::super) fn hessian(study: &Study<'_>) -> Result<Content> {
    let measured = measured(study)?;
    let axes = &measured.average.eigenvectors;
    let count = study.analyses.hessian_directions.min(axes.ncols());
    let runs = peaks(study)?;
    let stencil = Stencil::new(count, 1.0)?;
    let progress = Progress::start("curvature of units", (runs.len() * 4 * stencil.points()) as u64);
    let leading = axes.columns(0, count).into_owned();
    let random = fill_up(&DMatrix::zeros(axes.nrows(), 0), count, &mut stream_rng(SEED, Stream::Resampling, 0))?;
    let subspaces = [(Subspace::TopMetric, leading), (Subspace::Random, random)];
    let mut units = Vec::new();
    for run in &runs {
        units.push(unit(study, run, &subspaces, count, &progress)?);
    }
    progress.finish();
    let (panels, rows): (Vec<_>, Vec<_>) = units.iter().map(|unit| (unit.panel.clone(), unit.rows.clone())).unzip();
    let table = Table {
        caption: "Curvature along directions: absolute eigenvalues of the Hessian".to_owned(),
        headings: headings([
            "unit",
            "code",
            "directions",
            "largest",
            "mean",
            "effective number (participation ratio)",
            "share negative",
            "most positive",
            "its cosine with the code",
            "with the slope",
        ]),
        rows: rows.concat(),
    };
    let title = format!("Eigenvalues of Hessians in {count} directions");
    Ok(Content {
        svg: Some(HessianSpectra { title, panels, columns: 2 }.to_svg()?),
        summary: format!(
            "How does a unit's response curve around the best code of a run (peak), and around a random code of the same norm? \
             Curvatures are central differences of the clean response, {:.0} % of the code's norm apart. They are taken in \
             the {count} leading directions of the generator's metric and in {count} random ones. The table gives the \
             share of directions along which the response falls ('share negative'). In the publication most directions of code \
             space hardly matter to the unit. A unit that is silent around a random code is flat there.\n\nAn eigenvalue can be \
             positive at a peak: the best of 3000 codes is not a maximum in 4096 dimensions. The last columns of the table \
             give the most positive eigenvalue and the direction that belongs to it, by the cosines of its angles with the \
             code and with the slope of the response.{}",
            100.0 * STEP,
            restricted(&measured)
        ),
        caption: format!("{} Directions of the metric: {}.", describe(runs.iter().copied()), measured.known()),
        tables: vec![NamedTable { stem: "hessian", table }],
        claims: claims(&units)?,
    })
}

/// The best noise-free runs of units at even distances of the grid, from its last one.
fn peaks<'a>(study: &'a Study<'_>) -> Result<Vec<&'a Run>> {
    let mut best: Vec<&Run> = Vec::new();
    for run in study.runs(Grid::Round2)?.iter().filter(|run| run.noise == 0.0) {
        match best.iter_mut().find(|known| known.unit() == run.unit()) {
            Some(known) if known.best_clean >= run.best_clean => {}
            Some(known) => *known = run,
            None => best.push(run),
        }
    }
    best.retain(|run| run.best_clean > 0.0);
    best.reverse();
    let wanted = study.analyses.hessian_units.max(1);
    let stride = (best.len() / wanted).max(1);
    Ok(best.into_iter().step_by(stride).take(wanted).collect())
}

/// What was found of one unit.
struct UnitCurvature {
    panel: HessianPanel,
    rows: Vec<Vec<Cell>>,
    /// Effective number of directions at the peak within the metric's leading ones, as a share of their number.
    effective_share: f64,
    /// Mean absolute curvature at the peak along the metric's leading directions over that along random ones.
    leading_over_random: f64,
}

fn unit(
    study: &Study<'_>,
    run: &Run,
    subspaces: &[(Subspace, DMatrix<f64>); 2],
    count: usize,
    progress: &Progress,
) -> Result<UnitCurvature> {
    let peak = double(&run.arrays()?.best_code.context("a run without a best code")?);
    let mut rng = stream_rng(SEED, Stream::Resampling, 1);
    let random: Vec<f64> = peak.iter().map(|_| StandardNormal.sample(&mut rng)).collect();
    let size = norm(&peak) / norm(&random);
    let random: Vec<f64> = random.iter().map(|x| size * x).collect();
    let stencil = Stencil::new(count, STEP * norm(&peak))?;
    let mut objective = study.models.objective(run)?;
    let label = study.models.unit_label(run);
    let (mut spectra, mut rows, mut at_peak) = (Vec::new(), Vec::new(), Vec::new());
    for (probed, code) in [(ProbedCode::Peak, &peak), (ProbedCode::Random, &random)] {
        for (subspace, columns) in subspaces {
            let mut done = 0;
            let tick = |now: usize, _| {
                progress.advance((now - done) as u64);
                done = now;
            };
            let directions = Directions::Columns(columns.clone());
            let scores = scores_around(&mut objective, code, &directions, &stencil.coordinates(), BATCH, tick)?;
            let curvature = Curvature::of(&stencil.hessian(&scores)?)?;
            let upward = Upward::of(&curvature, columns, code, &stencil.gradient(&scores)?);
            let spectrum =
                HessianSpectrum { code: probed, subspace: *subspace, eigenvalues: curvature.eigenvalues.clone() };
            rows.push(row(&label, &spectrum, &curvature, &upward));
            if probed == ProbedCode::Peak {
                at_peak.push(curvature.eigenvalues.clone());
            }
            spectra.push(spectrum);
        }
    }
    Ok(UnitCurvature {
        panel: HessianPanel { unit: label, spectra },
        rows,
        effective_share: effective(&at_peak[0]) / count as f64,
        leading_over_random: mean_size(&at_peak[0]) / mean_size(&at_peak[1]),
    })
}

/// The direction along which the response bends upwards most.
struct Upward {
    /// Its eigenvalue.
    curvature: f64,
    /// Absolute cosine of its angle with the code.
    on_code: f64,
    /// Absolute cosine of its angle with the slope within the subspace.
    on_slope: f64,
}

impl Upward {
    /// `columns` are the directions of the subspace, `slope` has one number a direction.
    fn of(curvature: &Curvature, columns: &DMatrix<f64>, code: &[f64], slope: &[f64]) -> Self {
        let vector = curvature.eigenvectors.column(0);
        let cosine = |with: &[f64], direction: &[f64]| {
            let dot: f64 = with.iter().zip(direction).map(|(a, b)| a * b).sum();
            dot.abs() / norm(with)
        };
        Self {
            curvature: curvature.eigenvalues[0],
            on_code: cosine(code, (columns * vector).as_slice()),
            on_slope: cosine(slope, vector.clone_owned().as_slice()),
        }
    }
}

/// Participation ratio of absolute values: the squared sum over the sum of squares; NaN for a flat landscape.
fn effective(eigenvalues: &[f64]) -> f64 {
    let sum: f64 = eigenvalues.iter().map(|value| value.abs()).sum();
    sum * sum / eigenvalues.iter().map(|value| value * value).sum::<f64>()
}

fn mean_size(eigenvalues: &[f64]) -> f64 {
    eigenvalues.iter().map(|value| value.abs()).sum::<f64>() / eigenvalues.len() as f64
}

fn row(label: &str, spectrum: &HessianSpectrum, curvature: &Curvature, upward: &Upward) -> Vec<Cell> {
    let scientific = super::scientific_cell;
    let largest = spectrum.eigenvalues.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()));
    vec![
        Cell::text(label),
        Cell::text(if spectrum.code == ProbedCode::Peak { "peak" } else { "random" }),
        Cell::text(if spectrum.subspace == Subspace::TopMetric { "leading in the metric" } else { "random" }),
        scientific(largest),
        scientific(mean_size(&spectrum.eigenvalues)),
        Cell::number(effective(&spectrum.eigenvalues), 1),
        Cell::number(curvature.share_negative(1e-6 * largest), 2),
        scientific(upward.curvature),
        Cell::number(upward.on_code, 2),
        Cell::number(upward.on_slope, 2),
    ]
}

fn claims(units: &[UnitCurvature]) -> Result<Vec<Claim>> {
    let finite = |value: fn(&UnitCurvature) -> f64| -> Vec<f64> {
        units.iter().map(value).filter(|value| value.is_finite()).collect()
    };
    let statement = |words: &str, claimed: &str| Statement {
        words: words.to_owned(),
        source: "figure on landscapes",
        claimed: claimed.to_owned(),
        ..Statement::default()
    };
    let claims = [
        (
            statement(
                "At a peak few of the metric's leading directions are curved: their effective number is below half of those probed",
                "few",
            ),
            "share of directions",
            finite(|unit| unit.effective_share),
            (Side::Below, 0.5),
        ),
        (
            statement(
                "Curvature at a peak is larger along the metric's leading directions than along random ones",
                "larger",
            ),
            "ratio of mean absolute curvature",
            finite(|unit| unit.leading_over_random),
            (Side::Above, 1.0),
        ),
    ];
    let judge = |(statement, measure, values, bound): (Statement, &str, Vec<f64>, (Side, f64))| match values.is_empty()
    {
        true => Ok(super::super::claims::not_tested(statement, "no unit responds at its peak")),
        false => over_runs(statement, measure, &values, bound, Notation::Decimals(2)),
    };
    claims.into_iter().map(judge).collect()
}
