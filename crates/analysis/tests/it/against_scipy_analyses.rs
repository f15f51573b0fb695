//! The analyses of runs and of probes against NumPy, SciPy and scikit-learn, on the cases that
//! `fixtures/make_analysis_cases.py` wrote.

use analysis::alignment::{Alignment, Projections, axes_beyond_shuffles, singular_value_shares};
use analysis::convergence::Convergence;
use analysis::covariance::Shape;
use analysis::distances::{CodeDistances, pairs};
use analysis::ks::{KsMethod, KsTest};
use analysis::landscape::{Curvature, Stencil};
use analysis::metric::Spectrum;
use analysis::norm_growth::NormGrowth;
use analysis::pca::{Pca, axis_agreement};
use analysis::perceptual::{FeatureMap, perceptual_distance};
use analysis::published_cosine;
use analysis::rank_sum::RankSum;
use analysis::reference_images::AmongReferences;
use approx::{assert_abs_diff_eq, assert_relative_eq};
use nalgebra::DMatrix;
use serde::Deserialize;

type Rows = Vec<Vec<f64>>;

#[derive(Deserialize)]
struct Cases {
    ks: Vec<KsCase>,
    rank_sum: Vec<RankSumCase>,
    convergence: Vec<ConvergenceCase>,
    place: Vec<ReferenceCase>,
    published_cosine: Vec<CosineCase>,
    axes: AxesCase,
    distances: DistanceCase,
    perceptual: PerceptualCase,
    growth: GrowthCase,
    metric: MetricCase,
    alignment: AlignmentCase,
    covariance: CovarianceCase,
    hessian: HessianCase,
}

#[derive(Deserialize)]
struct KsCase {
    a: Vec<f64>,
    b: Vec<f64>,
    statistic: f64,
    exact: f64,
    asymptotic: f64,
}

#[derive(Deserialize)]
struct RankSumCase {
    a: Vec<f64>,
    b: Vec<f64>,
    z: f64,
    p: f64,
}

#[derive(Deserialize)]
struct ConvergenceCase {
    scores: Vec<f64>,
    area: f64,
    evaluations_to: [usize; 3],
}

#[derive(Deserialize)]
struct ReferenceCase {
    score: f64,
    references: Vec<f64>,
    below: f64,
    percentile: f64,
    z: f64,
}

#[derive(Deserialize)]
struct CosineCase {
    values: Vec<f64>,
    k: usize,
    parameters: [f64; 4],
    r_squared_free: f64,
    r_squared_fixed: f64,
}

#[derive(Deserialize)]
struct AxesCase {
    means: Rows,
    codes: Rows,
    agreement: Rows,
}

#[derive(Deserialize)]
struct DistanceCase {
    codes: Rows,
    angles: Vec<f64>,
    euclidean: Vec<f64>,
}

#[derive(Deserialize)]
struct Layer {
    channels: usize,
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct PerceptualCase {
    a: Vec<Layer>,
    b: Vec<Layer>,
    distance: f64,
}

#[derive(Deserialize)]
struct GrowthCase {
    means: Rows,
    last_codes: Rows,
    r_squared: f64,
    final_norm: f64,
    final_spread: f64,
}

#[derive(Deserialize)]
struct MetricCase {
    metric: Rows,
    eigenvalues: Vec<f64>,
    participation: f64,
    dimensions: [usize; 3],
}

#[derive(Deserialize)]
struct AlignmentCase {
    codes: Rows,
    control: Rows,
    axes: Rows,
    eigenvalues: Vec<f64>,
    cutoff: usize,
    mean_absolute: Vec<f64>,
    absolute_mean: Vec<f64>,
    pearson: [f64; 2],
    spearman: [f64; 2],
    before: [f64; 2],
    after: [f64; 2],
    shares: Vec<f64>,
    beyond: [usize; 2],
}

#[derive(Deserialize)]
struct CovarianceCase {
    eigenvalues: Vec<f64>,
    condition: f64,
    deviation: f64,
}

#[derive(Deserialize)]
struct HessianCase {
    directions: usize,
    step: f64,
    coordinates: Vec<f64>,
    responses: Vec<f64>,
    hessian: Rows,
    eigenvalues: Vec<f64>,
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("../fixtures/analysis_cases.json")).unwrap()
}

fn matrix(rows: &Rows) -> DMatrix<f64> {
    DMatrix::from_fn(rows.len(), rows[0].len(), |i, j| rows[i][j])
}

fn assert_all_close(ours: &[f64], theirs: &[f64], epsilon: f64) {
    assert_eq!(ours.len(), theirs.len());
    for (a, b) in ours.iter().zip(theirs) {
        assert_abs_diff_eq!(a, b, epsilon = epsilon);
    }
}

#[test]
fn ks_agrees_with_ks_2samp_and_kolmogorov() {
    for case in cases().ks {
        let exact = KsTest::of(&case.a, &case.b).unwrap();
        assert_eq!(exact.method, KsMethod::Exact);
        assert_relative_eq!(exact.statistic, case.statistic, max_relative = 1e-13);
        assert_relative_eq!(exact.p, case.exact, max_relative = 1e-9);
        let limit = KsTest::with(&case.a, &case.b, KsMethod::Asymptotic).unwrap();
        assert_relative_eq!(limit.p, case.asymptotic, max_relative = 1e-10);
        let swapped = KsTest::of(&case.b, &case.a).unwrap();
        assert_relative_eq!(swapped.p, exact.p, max_relative = 1e-11);
    }
}

#[test]
fn rank_sums_agree_with_ranksums() {
    for case in cases().rank_sum {
        let test = RankSum::of(&case.a, &case.b).unwrap();
        assert_relative_eq!(test.z, case.z, max_relative = 1e-12);
        assert_relative_eq!(test.p, case.p, max_relative = 1e-9);
    }
}

#[test]
fn convergence_agrees_with_numpy() {
    for case in cases().convergence {
        let speed = Convergence::of(&case.scores).unwrap();
        assert_relative_eq!(speed.area, case.area, max_relative = 1e-13);
        assert_eq!(speed.evaluations_to, case.evaluations_to);
    }
}

#[test]
fn reference_scores_agree_with_percentileofscore_and_zmap() {
    for case in cases().place {
        let found = AmongReferences::of(case.score, &case.references).unwrap();
        assert_abs_diff_eq!(100.0 * found.share_below, case.below, epsilon = 1e-12);
        assert_abs_diff_eq!(found.percentile(), case.percentile, epsilon = 1e-12);
        assert_relative_eq!(found.z.unwrap(), case.z, max_relative = 1e-12);
    }
}

#[test]
fn published_cosines_agree_with_curve_fit() {
    for case in cases().published_cosine {
        let fit = published_cosine::fit_from_theory(&case.values, case.k).unwrap();
        assert_abs_diff_eq!(fit.r_squared_free, case.r_squared_free, epsilon = 1e-9);
        assert_relative_eq!(fit.r_squared_fixed, case.r_squared_fixed, max_relative = 1e-11);
        let [amplitude, omega, phi, offset] = case.parameters;
        assert_relative_eq!(fit.amplitude, amplitude, max_relative = 1e-4);
        assert_relative_eq!(fit.omega, omega, max_relative = 1e-5);
        assert_abs_diff_eq!(fit.phi, phi, epsilon = 1e-5);
        assert_abs_diff_eq!(fit.offset, offset, epsilon = 1e-4 * amplitude);
    }
}

#[test]
fn axes_of_means_and_codes_agree_as_in_scikit_learn() {
    let case = cases().axes;
    let axes = |rows: &Rows| {
        let rows = matrix(rows);
        Pca::fit(&rows, 4).unwrap().axes(&rows).unwrap()
    };
    let agreement = axis_agreement(&axes(&case.means), &axes(&case.codes)).unwrap();
    assert_all_close(agreement.as_slice(), matrix(&case.agreement).as_slice(), 1e-9);
}

#[test]
fn distances_agree_with_scikit_learn() {
    let case = cases().distances;
    let distances = CodeDistances::of(&matrix(&case.codes)).unwrap();
    assert_all_close(&pairs(&distances.angles), &case.angles, 1e-9);
    assert_all_close(&pairs(&distances.euclidean), &case.euclidean, 1e-9);
}

#[test]
fn perceptual_distance_agrees_with_numpy() {
    let case = cases().perceptual;
    let maps = |layers: &'static [Layer]| -> Vec<FeatureMap<'static>> {
        layers.iter().map(|layer| FeatureMap { channels: layer.channels, values: &layer.values }).collect()
    };
    let (a, b) = (maps(Vec::leak(case.a)), maps(Vec::leak(case.b)));
    assert_relative_eq!(perceptual_distance(&a, &b).unwrap(), case.distance, max_relative = 1e-12);
}

#[test]
fn norm_growth_agrees_with_numpy() {
    let case = cases().growth;
    let growth = NormGrowth::of_trajectory(&matrix(&case.means), &matrix(&case.last_codes)).unwrap();
    assert_relative_eq!(growth.r_squared.unwrap(), case.r_squared, max_relative = 1e-11);
    assert_relative_eq!(growth.final_norm, case.final_norm, max_relative = 1e-13);
    assert_relative_eq!(growth.final_spread, case.final_spread, max_relative = 1e-12);
}

#[test]
fn metric_spectrum_agrees_with_eigvalsh() {
    let case = cases().metric;
    let spectrum = Spectrum::of(&matrix(&case.metric)).unwrap();
    assert_all_close(&spectrum.eigenvalues, &case.eigenvalues, 1e-12 * case.eigenvalues[0]);
    assert_relative_eq!(spectrum.participation_ratio().unwrap(), case.participation, max_relative = 1e-12);
    assert_eq!(spectrum.effective_dimensions(), case.dimensions.map(Some));
}

#[test]
fn alignment_agrees_with_scipy() {
    let case = cases().alignment;
    let (codes, control, axes) = (matrix(&case.codes), matrix(&case.control), matrix(&case.axes));
    let sizes = Projections::of(&codes, &axes).unwrap();
    assert_all_close(&sizes.mean_absolute, &case.mean_absolute, 1e-12);
    assert_all_close(&sizes.absolute_mean, &case.absolute_mean, 1e-12);
    let of_control = Projections::of(&control, &axes).unwrap();
    let alignment =
        Alignment::of(&sizes.mean_absolute, &of_control.mean_absolute, &case.eigenvalues, case.cutoff).unwrap();
    assert_all_close(&[alignment.pearson.r, alignment.spearman.r], &[case.pearson[0], case.spearman[0]], 1e-11);
    assert_relative_eq!(alignment.pearson.p, case.pearson[1], max_relative = 1e-7);
    assert_relative_eq!(alignment.spearman.p, case.spearman[1], max_relative = 1e-7);
    for (test, [statistic, p]) in [(alignment.before, case.before), (alignment.after.unwrap(), case.after)] {
        assert_relative_eq!(test.statistic, statistic, max_relative = 1e-12);
        assert_relative_eq!(test.p, p, max_relative = 1e-9);
    }
    let (shares, shuffled) = (singular_value_shares(&codes).unwrap(), singular_value_shares(&control).unwrap());
    assert_all_close(&shares, &case.shares, 1e-12);
    let beyond = |level| axes_beyond_shuffles(&shares, std::slice::from_ref(&shuffled), level).unwrap();
    assert_eq!([beyond(0.05), beyond(0.3)], case.beyond);
}

#[test]
fn covariance_shape_agrees_with_numpy() {
    let case = cases().covariance;
    let shape = Shape::of(&case.eigenvalues).unwrap();
    assert_relative_eq!(shape.condition_number(), case.condition, max_relative = 1e-11);
    assert_relative_eq!(shape.deviation, case.deviation, max_relative = 1e-11);
}

#[test]
fn hessian_agrees_with_the_closed_form() {
    let case = cases().hessian;
    let stencil = Stencil::new(case.directions, case.step).unwrap();
    assert_all_close(&stencil.coordinates(), &case.coordinates, 0.0);
    let hessian = stencil.hessian(&case.responses).unwrap();
    assert_all_close(hessian.as_slice(), matrix(&case.hessian).as_slice(), 1e-5);
    assert_all_close(&Curvature::of(&hessian).unwrap().eigenvalues, &case.eigenvalues, 1e-5);
}
