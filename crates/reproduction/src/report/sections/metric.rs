//! The generator's metric at evolved codes.

use std::convert::Infallible;
use std::sync::{Arc, PoisonError};

use analysis::figure::metric_spectrum::{Eigenvalues, MetricSpectrum};
use analysis::metric::{SHARES, Spectrum, average};
use analysis::report::{Cell, Table};
use analysis::style::optimizer_label;
use anyhow::{Context, Result};
use experiments::probe::{Difference, Directions, MetricPlan, metric as measure_metric};
use gen_models::Images;
use nalgebra::DMatrix;
use optim_core::{Generator, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};

use super::super::campaigns::Grid;
use super::super::runs::{Run, double};
use super::super::study::{Content, NamedTable, Study, describe};
use super::headings;
use progress::Progress;

/// Eigenvalues that are computed where the others are zero: the published cut-off.
const LEADING: usize = analysis::alignment::PUBLISHED_CUTOFF;
/// Step of the differences, in the units of the codes.
const STEP: f64 = 1.0;
/// Images are averaged over squares of pixels down to this side or less.
const SIDE: usize = 64;
const SEED: u64 = 1;

/// The metric averaged over codes, and the spectrum at each.
pub(in super::super) struct Measured {
    /// Eigenvalues and axes of the average.
    pub(super) average: Spectrum,
    /// Eigenvalues at every code.
    pub(super) codes: Vec<Spectrum>,
    /// What figures call the runs of the codes.
    pub(super) labels: Vec<String>,
    /// Networks, units and length of these runs.
    provenance: String,
    /// Length of a code.
    dim: usize,
    /// Random directions that the metric was measured in; none: all coordinates.
    directions: Option<usize>,
}

impl Measured {
    /// What is known of the metric, in words.
    pub(super) fn known(&self) -> String {
        let (known, dim) = (self.average.eigenvalues.len(), self.dim);
        match self.directions {
            Some(count) => format!("restricted to {count} random directions of N = {dim}"),
            None if known < dim => format!("{known} leading eigenvalues of N = {dim}"),
            None => format!("N = {dim}"),
        }
    }
}

/// What a reader must know of a metric that was not measured in all directions; empty where it was.
pub(super) fn restricted(measured: &Measured) -> String {
    measured.directions.map_or_else(String::new, |count| {
        format!(
            " At this size the metric was measured within {count} random directions of {}. Its axes are the best within \
             those, and hold about {:.0} % of the length of an arbitrary code.",
            measured.dim,
            100.0 * (count as f64 / measured.dim as f64).sqrt()
        )
    })
}

/// Spectrum of the metric at single codes and on average.
pub(in super::super) fn metric(study: &Study<'_>) -> Result<Content> {
    let measured = &*measured(study)?;
    let mut rows: Vec<Vec<Cell>> = measured
        .labels
        .iter()
        .zip(&measured.codes)
        .map(|(label, spectrum)| row(label, spectrum))
        .collect::<Result<_>>()?;
    rows.push(row("average", &measured.average)?);
    let trace = if measured.directions.is_some() { "trace within the directions" } else { "trace" };
    let shares = SHARES.map(|share| format!("axes for {} %", 100.0 * share));
    let table = Table {
        caption: "Effective dimension of the metric".to_owned(),
        headings: headings(["code of", trace, "participation ratio"]).into_iter().chain(shares).collect(),
        rows,
    };
    let figure = MetricSpectrum {
        title: "Spectrum of the generator's metric".to_owned(),
        note: measured.known(),
        codes: measured.codes.iter().map(drawn).collect(),
        average: drawn(&measured.average),
    };
    Ok(Content {
        svg: Some(figure.to_svg()?),
        summary: format!(
            "Along how many axes of code space does the image change? The curve shows the eigenvalues of J'J. \
             J holds the change of every pixel with every coordinate of the code, by forward differences with a step of \
             {STEP}. Pixels are averaged over squares to at most {SIDE} a side. The distance is that of pixels; the \
             publication measured a perceptual one. Shares are of the trace of the whole metric.{}",
            restricted(measured)
        ),
        caption: format!(
            "At the best codes of {}; {}. {}",
            measured.labels.join("; "),
            measured.known(),
            measured.provenance
        ),
        tables: vec![NamedTable { stem: "metric", table }],
        ..Content::default()
    })
}

fn drawn(spectrum: &Spectrum) -> Eigenvalues {
    Eigenvalues { values: spectrum.eigenvalues.clone(), trace: spectrum.trace }
}

fn row(label: &str, spectrum: &Spectrum) -> Result<Vec<Cell>> {
    let mut cells =
        vec![Cell::text(label), Cell::number(spectrum.trace, 3), Cell::number(spectrum.participation_ratio()?, 1)];
    cells.extend(spectrum.effective_dimensions().map(|count| Cell::number(count.map_or(f64::NAN, |n| n as f64), 0)));
    Ok(cells)
}

/// The metric; measured at the first call, for which others wait.
pub(in super::super) fn measured(study: &Study<'_>) -> Result<Arc<Measured>> {
    let mut metric = study.metric.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(measured) = &*metric {
        return Ok(Arc::clone(measured));
    }
    let measured = Arc::new(measure(study)?);
    Ok(Arc::clone(metric.insert(measured)))
}

/// Best codes of noise-free runs of the spherical method on units at even distances of the grid.
fn codes<'a>(study: &'a Study<'_>) -> Result<Vec<&'a Run>> {
    let mut runs = study.noise_free(Grid::Round2, "sphere-cma")?;
    runs.retain(|run| run.repeat == 0);
    runs.reverse();
    let stride = (runs.len() / study.analyses.metric_codes.max(1)).max(1);
    Ok(runs.into_iter().step_by(stride).take(study.analyses.metric_codes).collect())
}

fn measure(study: &Study<'_>) -> Result<Measured> {
    let runs = codes(study)?;
    let first = runs.first().context("round2 has no noise-free runs of sphere-cma to measure the metric at")?;
    let mut generator = study.models.generator(first.networks().context("a metric needs a generator")?)?;
    let dim = generator.latent_dim();
    let directions = match study.analyses.metric_directions {
        None => Directions::Axes,
        Some(count) => Directions::random(dim, count, &mut stream_rng(SEED, Stream::Resampling, 1))?,
    };
    let plan = MetricPlan { directions, step: STEP, difference: Difference::Forward, batch: 40 };
    let pixels = |images: &Images, out: &mut Vec<f32>| {
        images.append_averaged(SIDE, out);
        Ok::<(), Infallible>(())
    };
    let images = runs.len() * (plan.directions.count(dim) + 1);
    let progress = Progress::start("the generator's metric", images as u64);
    let (mut metrics, mut spectra, mut labels) = (Vec::<DMatrix<f64>>::new(), Vec::new(), Vec::new());
    for run in &runs {
        let code = double(&run.arrays()?.best_code.context("a run without a best code")?);
        let mut made = 0;
        let tick = |now: usize, _| {
            progress.advance((now - made) as u64);
            made = now;
        };
        let metric = measure_metric(&mut generator, &code, &plan, pixels, tick)?;
        spectra.push(spectrum(&metric, &plan.directions)?);
        metrics.push(metric);
        labels.push(format!("{} on {}", optimizer_label(&run.label), study.models.unit_label(run)));
    }
    let average = match &spectra[..] {
        [one] => one.clone(),
        _ => spectrum(&average(&metrics)?, &plan.directions)?,
    };
    progress.finish();
    let directions = study.analyses.metric_directions;
    let provenance = describe(runs.iter().copied());
    Ok(Measured { average, codes: spectra, labels, provenance, dim, directions })
}

/// The leading eigenvalues where the others vanish, else all; axes in code space.
fn spectrum(metric: &DMatrix<f64>, directions: &Directions) -> Result<Spectrum> {
    if let Directions::Columns(columns) = directions {
        return Ok(Spectrum::of(metric)?.in_code_space(columns)?);
    }
    let mut rng = stream_rng(SEED, Stream::Resampling, 0);
    let count = LEADING.min(metric.nrows());
    match Spectrum::leading(metric, count, || StandardNormal.sample(&mut rng)) {
        Ok(spectrum) => Ok(spectrum),
        Err(_) => Ok(Spectrum::of(metric)?),
    }
}
