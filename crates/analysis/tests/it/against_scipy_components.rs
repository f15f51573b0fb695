//! Principal axes, their agreement, densities and distances against NumPy and SciPy, on the cases that
//! `fixtures/make_component_cases.py` wrote.

use analysis::agreement::{RunAgreement, chance_of_mean_squared};
use analysis::density::Density;
use analysis::distances::CodeDistances;
use analysis::pca::Pca;
use approx::assert_relative_eq;
use nalgebra::DMatrix;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    runs: Vec<Vec<Vec<f64>>>,
    eigenvalues: Vec<Vec<f64>>,
    axes: Vec<Vec<Vec<f64>>>,
    agreement: AgreementCase,
    chance: Vec<ChanceCase>,
    drawn: Vec<DrawnCase>,
    density: DensityCase,
    distances: DistancesCase,
}

#[derive(Deserialize)]
struct AgreementCase {
    mean: Vec<Vec<f64>>,
    mean_squared: Vec<f64>,
    p: Vec<f64>,
}

#[derive(Deserialize)]
struct ChanceCase {
    mean_squared: f64,
    pairs: usize,
    dim: usize,
    p: f64,
}

#[derive(Deserialize)]
struct DrawnCase {
    runs: usize,
    dim: usize,
    quantiles: Vec<QuantileCase>,
}

#[derive(Deserialize)]
struct QuantileCase {
    mean_squared: f64,
    p: f64,
}

#[derive(Deserialize)]
struct DensityCase {
    sample: Vec<f64>,
    at: Vec<f64>,
    density: Vec<f64>,
}

#[derive(Deserialize)]
struct DistancesCase {
    euclidean: Vec<Vec<f64>>,
    angles: Vec<Vec<f64>>,
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("../fixtures/component_cases.json")).unwrap()
}

fn matrix(rows: &[Vec<f64>]) -> DMatrix<f64> {
    DMatrix::from_fn(rows.len(), rows[0].len(), |row, column| rows[row][column])
}

#[test]
fn axes_are_eigenvectors_of_the_covariance_matrix() {
    let cases = cases();
    for ((rows, values), vectors) in cases.runs.iter().zip(&cases.eigenvalues).zip(&cases.axes) {
        let rows = matrix(rows);
        let pca = Pca::fit(&rows, 3).unwrap();
        let axes = pca.axes(&rows).unwrap();
        for k in 0..3 {
            assert_relative_eq!(pca.explained_variance[k], values[k], max_relative = 1e-10);
            for (found, expected) in axes.column(k).iter().zip(&vectors[k]) {
                assert_relative_eq!(*found, *expected, epsilon = 1e-10);
            }
        }
    }
}

#[test]
fn runs_agree_as_numpy_says() {
    let Cases { axes, agreement, .. } = cases();
    let axes: Vec<DMatrix<f64>> = axes.iter().map(|axes| matrix(axes).transpose()).collect();
    let found = RunAgreement::of(&axes).unwrap();
    assert_relative_eq!(found.mean, matrix(&agreement.mean), epsilon = 1e-12);
    for (component, (squared, p)) in found.components.iter().zip(agreement.mean_squared.iter().zip(&agreement.p)) {
        assert_relative_eq!(component.mean_squared, *squared, epsilon = 1e-12);
        assert_relative_eq!(component.p, *p, max_relative = 1e-9);
    }
}

#[test]
fn the_chance_of_agreement_is_that_of_scipy_and_of_drawn_directions() {
    let cases = cases();
    for ChanceCase { mean_squared, pairs, dim, p } in cases.chance {
        assert_relative_eq!(chance_of_mean_squared(mean_squared, pairs, dim).unwrap(), p, max_relative = 1e-9);
    }
    for DrawnCase { runs, dim, quantiles } in cases.drawn {
        for QuantileCase { mean_squared, p } in quantiles {
            let found = chance_of_mean_squared(mean_squared, runs * (runs - 1) / 2, dim).unwrap();
            // The standard error of a share p of 20,000 draws, and a tenth for what the gamma distribution leaves out.
            let error = (p * (1.0 - p) / 20_000.0).sqrt();
            assert!((found - p).abs() < 4.0 * error + 0.1 * p, "{runs} runs: {found} is not {p}");
        }
    }
}

#[test]
fn densities_are_those_of_gaussian_kde() {
    let DensityCase { sample, at, density } = cases().density;
    let found = Density::of(&sample).unwrap();
    for (at, expected) in at.iter().zip(density) {
        assert_relative_eq!(found.at(*at), expected, max_relative = 1e-12);
    }
}

#[test]
fn distances_are_those_of_scipy() {
    let Cases { runs, distances, .. } = cases();
    let found = CodeDistances::of(&matrix(&runs[0])).unwrap();
    assert_relative_eq!(found.euclidean, matrix(&distances.euclidean), epsilon = 1e-10);
    // arccos loses half of the digits at 0.
    assert_relative_eq!(found.angles, matrix(&distances.angles), epsilon = 1e-5);
}
