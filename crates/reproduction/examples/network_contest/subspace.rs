//! The span of the leading eigenvectors of a generator's metric, and codes in it.

use std::convert::Infallible;

use analysis::metric::Spectrum;
use anyhow::{Result, ensure};
use experiments::probe::{Difference, Directions, MetricPlan, metric};
use gen_models::{Images, Runtime, SessionOptions};
use nalgebra::DMatrix;
use networks::Library;
use optim_core::{Population, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};

/// Random codes at which the metric is measured; it is their mean.
const CODES: usize = 8;

/// Norm of these codes where the manifest tells no natural one, in units of the root of the dimension.
const NORM: f64 = 4.0;

/// Step of the differences as a share of the norm.
const STEP: f64 = 0.01;

/// Shares of the trace by the numbers of directions in this list are printed.
const LISTED: [usize; 10] = [5, 10, 20, 50, 100, 200, 400, 640, 800, 1600];

/// Random codes of the generator's natural norm.
pub(crate) fn random_codes(library: &Library, generator: &str, dim: usize) -> Result<Population> {
    let natural = library.manifest().generator(generator)?.natural_norm;
    let norm = natural.unwrap_or(NORM * (dim as f64).sqrt());
    let mut rng = stream_rng(0, Stream::Resampling, 0);
    let mut codes = Population::new(dim);
    codes.reshape(dim, CODES);
    for index in 0..CODES {
        let code = codes.code_mut(index);
        code.fill_with(|| StandardNormal.sample(&mut rng));
        let length = code.iter().map(|x| x * x).sum::<f64>().sqrt();
        code.iter_mut().for_each(|x| *x *= norm / length);
    }
    Ok(codes)
}

/// Leading eigenvectors of a metric.
pub(crate) struct Span {
    /// Orthogonal directions, one a column, shape `[N, k]`.
    directions: DMatrix<f64>,
    /// The eigenvalues, descending, shape `[k]`.
    eigenvalues: Vec<f64>,
}

impl Span {
    /// The `count` leading eigenvectors of the mean metric of pixels, at `codes`.
    pub(crate) fn measure(
        library: &Library,
        runtime: &Runtime,
        generator: &str,
        codes: &Population,
        count: usize,
    ) -> Result<Self> {
        let mut session = library.generator(generator)?.session(runtime, SessionOptions::default())?;
        let pixels = |images: &Images, out: &mut Vec<f32>| {
            out.extend_from_slice(images.as_slice());
            Ok::<(), Infallible>(())
        };
        let mut mean = DMatrix::zeros(codes.dim(), codes.dim());
        for (code, norm) in codes.iter().zip(codes.norms()) {
            let step = STEP * norm;
            let plan = MetricPlan { directions: Directions::Axes, step, difference: Difference::Forward, batch: 40 };
            mean += metric(&mut session, code, &plan, pixels, |_, _| ())?;
        }
        let spectrum = Spectrum::of(&mean)?;
        for k in LISTED.into_iter().filter(|&k| k <= spectrum.eigenvalues.len()) {
            eprintln!(
                "{k} directions: {:.3} of the trace",
                spectrum.eigenvalues[..k].iter().sum::<f64>() / spectrum.trace
            );
        }
        eprintln!("participation ratio {:.1} of {}", spectrum.participation_ratio()?, codes.dim());
        let directions = spectrum.eigenvectors.columns(0, count).into_owned();
        Ok(Self { directions, eigenvalues: spectrum.eigenvalues[..count].to_vec() })
    }

    /// The first `count` directions, each as long as its eigenvalue to the power `power`; the mean of their squared
    /// lengths is 1. An eigenvalue of 0 has no negative power.
    pub(crate) fn leading(&self, count: usize, power: f64) -> Result<Self> {
        let eigenvalues = self.eigenvalues[..count].to_vec();
        let lengths: Vec<f64> = eigenvalues.iter().map(|value| value.max(0.0).powf(power)).collect();
        let scale = (lengths.iter().map(|length| length * length).sum::<f64>() / count as f64).sqrt();
        ensure!(scale.is_finite() && scale > 0.0, "{count} eigenvalues to the power {power} are no lengths");
        let mut directions = self.directions.columns(0, count).into_owned();
        for (mut direction, length) in directions.column_iter_mut().zip(lengths) {
            direction *= length / scale;
        }
        Ok(Self { directions, eigenvalues })
    }

    /// Codes of shape `[N, n]` from coordinates of shape `[k, n]`.
    pub(crate) fn codes(&self, coordinates: &Population) -> Population {
        let coordinates = DMatrix::from_column_slice(coordinates.dim(), coordinates.len(), coordinates.as_slice());
        Population::from_matrix(&self.directions * coordinates)
    }
}
