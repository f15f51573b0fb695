//! Probes and analyses together, on functions whose metric and Hessian are known in closed form.

use std::convert::Infallible;

use analysis::landscape::{Curvature, Stencil};
use analysis::metric::{Spectrum, average};
use experiments::probe::{Difference, Directions, MetricPlan, fill_up, metric, scores_around};
use nalgebra::{DMatrix, DVector};
use optim_core::{Generator, Objective, Population, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};

const DIM: usize = 96;
const RANK: usize = 12;

fn normals(rows: usize, columns: usize, seed: u64) -> DMatrix<f64> {
    let mut rng = stream_rng(seed, Stream::Resampling, 0);
    DMatrix::from_fn(rows, columns, |_, _| StandardNormal.sample(&mut rng))
}

/// Images of 200 pixels that depend on the code through twelve numbers.
struct Narrow {
    matrix: DMatrix<f64>,
}

impl Generator for Narrow {
    type Images = Vec<f32>;
    type Error = Infallible;
    fn latent_dim(&self) -> usize {
        DIM
    }
    fn generate(&mut self, codes: &[f32]) -> Result<Vec<f32>, Infallible> {
        let codes = DMatrix::from_iterator(DIM, codes.len() / DIM, codes.iter().map(|value| f64::from(*value)));
        Ok((&self.matrix * codes).iter().map(|value| *value as f32).collect())
    }
}

#[test]
fn the_metric_of_a_narrow_generator_has_its_rank() {
    let mut generator = Narrow { matrix: normals(200, RANK, 1) * normals(RANK, DIM, 2) };
    let expected = generator.matrix.transpose() * &generator.matrix;
    let plan = MetricPlan { directions: Directions::Axes, step: 0.25, difference: Difference::Forward, batch: 40 };
    let mut at = |code: f64| {
        let pixels = |images: &Vec<f32>, out: &mut Vec<f32>| {
            out.extend_from_slice(images);
            Ok::<(), Infallible>(())
        };
        metric(&mut generator, &[code; DIM], &plan, pixels, |_, _| ()).unwrap()
    };
    let found = average([&at(0.0), &at(0.5)]).unwrap();
    assert!((&found - &expected).amax() < 1e-3 * expected.amax(), "{}", (&found - &expected).amax() / expected.amax());
    let mut rng = stream_rng(3, Stream::Resampling, 0);
    let leading = Spectrum::leading(&found, RANK, || StandardNormal.sample(&mut rng)).unwrap();
    let whole = Spectrum::of(&expected).unwrap();
    for k in 0..RANK {
        approx_eq(leading.eigenvalues[k], whole.eigenvalues[k], 1e-3);
    }
    assert_eq!(leading.effective_dimensions(), whole.effective_dimensions());
    approx_eq(leading.participation_ratio().unwrap(), whole.participation_ratio().unwrap(), 1e-3);
}

/// `z'Az / 2 + b'z` with a symmetric A.
struct Quadratic {
    curvature: DMatrix<f64>,
    slope: DVector<f64>,
}

impl Objective for Quadratic {
    type Error = Infallible;
    fn dim(&self) -> usize {
        DIM
    }
    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
        let score = |code: &[f64]| {
            let code = DVector::from_column_slice(code);
            (&self.curvature * &code).dot(&code) / 2.0 + self.slope.dot(&code)
        };
        *scores = codes.iter().map(score).collect();
        Ok(())
    }
}

#[test]
fn the_hessian_of_a_quadratic_is_exact_in_a_subspace() {
    let factor = normals(DIM, DIM, 4);
    let curvature = &factor + factor.transpose();
    let leading = Spectrum::of(&(&factor * factor.transpose())).unwrap().eigenvectors.columns(0, 8).into_owned();
    let directions = fill_up(&leading, 8, &mut stream_rng(5, Stream::Resampling, 0)).unwrap();
    let expected = directions.transpose() * &curvature * &directions;
    let mut objective = Quadratic { curvature, slope: normals(DIM, 1, 6).column(0).into_owned() };
    let stencil = Stencil::new(16, 0.5).unwrap();
    let centre: Vec<f64> = normals(DIM, 1, 7).iter().copied().collect();
    let directions = Directions::Columns(directions);
    let responses = scores_around(&mut objective, &centre, &directions, &stencil.coordinates(), 41, |_, _| ()).unwrap();
    let hessian = stencil.hessian(&responses).unwrap();
    assert!((&hessian - &expected).amax() < 1e-9 * expected.amax(), "{}", (&hessian - &expected).amax());
    let found = Curvature::of(&hessian).unwrap();
    let negative = Curvature::of(&expected).unwrap().share_negative(0.0);
    assert!(negative > 0.1 && negative < 0.9);
    assert_eq!(found.share_negative(1e-6), negative);
}

fn approx_eq(a: f64, b: f64, relative: f64) {
    assert!((a - b).abs() <= relative * b.abs(), "{a} against {b}");
}
