//! The statistics against NumPy, SciPy and scikit-learn, on the cases that `fixtures/make_cases.py` wrote.

use analysis::compare::{Anova, TTest, Variances, descending_ranks};
use analysis::cosine;
use analysis::drift::Drift;
use analysis::geometry::angle_degrees;
use analysis::pca::Pca;
use analysis::random_walk;
use analysis::regression::LinearFit;
use analysis::summary::{Summary, quantile};
use approx::{assert_abs_diff_eq, assert_relative_eq};
use nalgebra::DMatrix;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    pca: PcaCase,
    walk: WalkCase,
    cosine: Vec<CosineCase>,
    regression: Vec<RegressionCase>,
    summary: Vec<SummaryCase>,
    t_test: Vec<TCase>,
    ranks: Vec<RankCase>,
    angle: AngleCase,
    anova: Vec<AnovaCase>,
}

#[derive(Deserialize)]
struct PcaCase {
    rows: Vec<Vec<f64>>,
    projections: Vec<Vec<f64>>,
    explained_variance: Vec<f64>,
    explained_variance_ratio: Vec<f64>,
}

#[derive(Deserialize)]
struct WalkCase {
    seed: u64,
    generations: usize,
    dim: usize,
    first: Vec<f64>,
    last: Vec<f64>,
    explained_variance_ratio: Vec<f64>,
    projections: Vec<Vec<f64>>,
    squared_norm_first: f64,
    squared_norm_last: f64,
    growth_slope: f64,
    growth_r_squared: f64,
    step_angles: Vec<f64>,
}

#[derive(Deserialize)]
struct CosineCase {
    values: Vec<f64>,
    k: usize,
    frequency: f64,
    amplitude: f64,
    offset: f64,
    r_squared: f64,
    fixed_frequency: f64,
    fixed_coefficients: [f64; 3],
    fixed_r_squared: f64,
}

#[derive(Deserialize)]
struct RegressionCase {
    x: Vec<f64>,
    y: Vec<f64>,
    slope: f64,
    intercept: f64,
    r_squared: f64,
    slope_error: f64,
    intercept_error: f64,
}

#[derive(Deserialize)]
struct SummaryCase {
    values: Vec<f64>,
    mean: f64,
    sd: f64,
    standard_error: f64,
    probabilities: Vec<f64>,
    quantiles: Vec<f64>,
}

#[derive(Deserialize)]
struct TCase {
    a: Vec<f64>,
    b: Vec<f64>,
    equal: TResult,
    unequal: TResult,
}

#[derive(Deserialize)]
struct TResult {
    t: f64,
    df: f64,
    p: f64,
}

#[derive(Deserialize)]
struct RankCase {
    scores: Vec<f64>,
    ranks: Vec<f64>,
}

#[derive(Deserialize)]
struct AnovaCase {
    groups: Vec<Vec<f64>>,
    f: f64,
    p: f64,
}

#[derive(Deserialize)]
struct AngleCase {
    a: Vec<f64>,
    b: Vec<f64>,
    degrees: f64,
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("../fixtures/cases.json")).unwrap()
}

/// The walk of `splitmix_walk` in `fixtures/make_cases.py`, shape `[generations, dim]`.
fn splitmix_walk(case: &WalkCase) -> DMatrix<f64> {
    let mut state = case.seed;
    let mut uniform = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64 - 0.5
    };
    let mut code = vec![0.0; case.dim];
    let mut walk = DMatrix::zeros(case.generations, case.dim);
    for mut row in walk.row_iter_mut() {
        code.iter_mut().for_each(|value| *value += uniform());
        row.iter_mut().zip(&code).for_each(|(place, value)| *place = *value);
    }
    assert_eq!(walk.row(0).iter().take(3).copied().collect::<Vec<_>>(), case.first);
    for (index, expected) in case.last.iter().enumerate() {
        assert_relative_eq!(walk[(case.generations - 1, case.dim - 3 + index)], *expected, max_relative = 1e-13);
    }
    walk
}

fn assert_projections(pca: &Pca, expected: &[Vec<f64>]) {
    for (k, expected) in expected.iter().enumerate() {
        let scale = expected.iter().fold(0.0f64, |scale, value| scale.max(value.abs()));
        for (ours, theirs) in pca.projection(k).unwrap().iter().zip(expected) {
            assert_abs_diff_eq!(ours, theirs, epsilon = 1e-9 * scale);
        }
    }
}

fn assert_all_close(ours: &[f64], theirs: &[f64], max_relative: f64) {
    assert!(ours.len() >= theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert_relative_eq!(a, b, max_relative = max_relative);
    }
}

#[test]
fn pca_agrees_with_scikit_learn() {
    let case = cases().pca;
    let rows = DMatrix::from_fn(case.rows.len(), case.rows[0].len(), |t, n| case.rows[t][n]);
    let pca = Pca::fit(&rows, case.explained_variance.len()).unwrap();
    assert_all_close(&pca.explained_variance, &case.explained_variance, 1e-9);
    assert_all_close(&pca.explained_variance_ratio, &case.explained_variance_ratio, 1e-9);
    assert_projections(&pca, &case.projections);
}

#[test]
fn pca_of_a_long_walk_agrees_with_scikit_learn_and_theory() {
    let case = cases().walk;
    let pca = Pca::fit(&splitmix_walk(&case), case.explained_variance_ratio.len()).unwrap();
    assert_all_close(&pca.explained_variance_ratio, &case.explained_variance_ratio, 1e-9);
    assert_projections(&pca, &case.projections);
    for (index, ratio) in pca.explained_variance_ratio.iter().enumerate() {
        let theory = random_walk::explained_variance_ratio(index + 1, case.generations).unwrap();
        assert_relative_eq!(*ratio, theory, max_relative = 0.05);
    }
}

#[test]
fn drift_of_a_long_walk_agrees_with_numpy() {
    let case = cases().walk;
    let drift = Drift::of(&splitmix_walk(&case)).unwrap();
    assert_relative_eq!(drift.squared_norms[0], case.squared_norm_first, max_relative = 1e-12);
    assert_relative_eq!(drift.squared_norms[case.generations - 1], case.squared_norm_last, max_relative = 1e-12);
    assert_relative_eq!(drift.growth.slope, case.growth_slope, max_relative = 1e-10);
    assert_relative_eq!(drift.growth.r_squared.unwrap(), case.growth_r_squared, max_relative = 1e-10);
    let angles: Vec<f64> = drift.step_angles.iter().map(|angle| angle.unwrap()).collect();
    assert_eq!(angles.len(), case.step_angles.len());
    assert_all_close(&angles, &case.step_angles, 1e-10);
}

#[test]
fn cosines_agree_with_curve_fit() {
    for case in cases().cosine {
        let fit = cosine::fit_component(&case.values, case.k).unwrap();
        assert_relative_eq!(fit.r_squared, case.r_squared, max_relative = 1e-10);
        assert_relative_eq!(fit.frequency, case.frequency, max_relative = 1e-5);
        assert_relative_eq!(fit.amplitude, case.amplitude, max_relative = 1e-4);
        assert_abs_diff_eq!(fit.offset, case.offset, epsilon = 1e-4 * case.amplitude);
        assert_relative_eq!(cosine::theory_frequency(case.k, case.values.len()).unwrap(), case.fixed_frequency);
        assert_fixed(&case);
    }
}

fn assert_fixed(case: &CosineCase) {
    let fixed = cosine::fit_at(&case.values, case.fixed_frequency).unwrap();
    let [cos_part, sin_part, offset] = case.fixed_coefficients;
    assert_relative_eq!(fixed.r_squared, case.fixed_r_squared, max_relative = 1e-10);
    assert_abs_diff_eq!(fixed.amplitude * fixed.phase.cos(), cos_part, epsilon = 1e-9 * fixed.amplitude);
    assert_abs_diff_eq!(-fixed.amplitude * fixed.phase.sin(), sin_part, epsilon = 1e-9 * fixed.amplitude);
    assert_abs_diff_eq!(fixed.offset, offset, epsilon = 1e-9 * fixed.amplitude);
}

#[test]
fn regression_agrees_with_linregress() {
    for case in cases().regression {
        let fit = LinearFit::fit(&case.x, &case.y).unwrap();
        assert_relative_eq!(fit.slope, case.slope, max_relative = 1e-11);
        assert_relative_eq!(fit.intercept, case.intercept, max_relative = 1e-11);
        assert_relative_eq!(fit.r_squared.unwrap(), case.r_squared, max_relative = 1e-11);
        assert_relative_eq!(fit.slope_error, case.slope_error, max_relative = 1e-9);
        assert_relative_eq!(fit.intercept_error, case.intercept_error, max_relative = 1e-9);
    }
}

#[test]
fn summaries_agree_with_numpy() {
    for case in cases().summary {
        let summary = Summary::of(&case.values).unwrap();
        assert_relative_eq!(summary.mean, case.mean, max_relative = 1e-13);
        assert_relative_eq!(summary.sd, case.sd, max_relative = 1e-13);
        assert_relative_eq!(summary.standard_error(), case.standard_error, max_relative = 1e-13);
        for (probability, expected) in case.probabilities.iter().zip(&case.quantiles) {
            assert_relative_eq!(quantile(&case.values, *probability).unwrap(), *expected, max_relative = 1e-13);
        }
    }
}

#[test]
fn t_tests_agree_with_scipy() {
    for case in cases().t_test {
        for (variances, expected) in [(Variances::Equal, &case.equal), (Variances::Unequal, &case.unequal)] {
            let test = TTest::independent(&case.a, &case.b, variances).unwrap();
            assert_relative_eq!(test.t, expected.t, max_relative = 1e-11);
            assert_relative_eq!(test.degrees_of_freedom, expected.df, max_relative = 1e-11);
            assert_relative_eq!(test.p, expected.p, max_relative = 1e-8);
        }
    }
}

#[test]
fn anova_agrees_with_f_oneway() {
    for case in cases().anova {
        let groups: Vec<&[f64]> = case.groups.iter().map(Vec::as_slice).collect();
        let test = Anova::one_way(&groups).unwrap();
        assert_relative_eq!(test.f, case.f, max_relative = 1e-11);
        assert_relative_eq!(test.p, case.p, max_relative = 1e-8);
        assert_eq!(test.between + test.within + 1, case.groups.concat().len());
    }
}

#[test]
fn ranks_and_angles_agree_with_scipy_and_numpy() {
    let cases = cases();
    for case in cases.ranks {
        assert_eq!(descending_ranks(&case.scores).unwrap(), case.ranks);
    }
    let angle = angle_degrees(&cases.angle.a, &cases.angle.b).unwrap();
    assert_relative_eq!(angle, cases.angle.degrees, max_relative = 1e-12);
}
