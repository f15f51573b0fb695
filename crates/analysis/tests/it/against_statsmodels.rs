//! The statistics of score tables against statsmodels and SciPy, on the cases that `fixtures/make_table_cases.py` wrote.

use analysis::anova::{Factor, TypeTwo};
use analysis::bootstrap::{GroupBootstrap, ratio_interval};
use analysis::compare::TTest;
use analysis::correlation::Correlation;
use approx::assert_relative_eq;
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    anova: Vec<AnovaCase>,
    correlation: Vec<CorrelationCase>,
    paired: Vec<PairedCase>,
    bootstrap: Vec<BootstrapCase>,
}

#[derive(Deserialize)]
struct AnovaCase {
    model: String,
    covariates: bool,
    score: Vec<f64>,
    optimizer: Vec<usize>,
    noise_index: Vec<usize>,
    noise: Vec<f64>,
    layer: Vec<usize>,
    terms: Vec<Vec<usize>>,
    sum_of_squares: Vec<f64>,
    df: Vec<usize>,
    f: Vec<f64>,
    p: Vec<f64>,
    residual_sum_of_squares: f64,
    residual_df: usize,
}

#[derive(Deserialize)]
struct CorrelationCase {
    x: Vec<f64>,
    y: Vec<f64>,
    pearson: [f64; 2],
    spearman: [f64; 2],
}

#[derive(Deserialize)]
struct PairedCase {
    a: Vec<f64>,
    b: Vec<f64>,
    t: f64,
    df: f64,
    p: f64,
}

#[derive(Deserialize)]
struct BootstrapCase {
    picks: Vec<usize>,
    resamples: usize,
    numerator: Vec<f64>,
    denominator: Vec<f64>,
    coverage: f64,
    interval: [f64; 2],
}

fn cases() -> Cases {
    serde_json::from_str(include_str!("../fixtures/table_cases.json")).unwrap()
}

#[test]
fn type_two_anova_agrees_with_statsmodels() {
    let cases = cases().anova;
    assert_eq!(cases.len(), 12, "six models, balanced and unbalanced");
    for case in cases {
        let depth: Vec<f64> = case.layer.iter().map(|&layer| layer as f64).collect();
        let factors = if case.covariates {
            [Factor::Categories(&case.optimizer), Factor::Covariate(&case.noise), Factor::Covariate(&depth)]
        } else {
            [&case.optimizer, &case.noise_index, &case.layer].map(|levels| Factor::Categories(levels))
        };
        let terms: Vec<&[usize]> = case.terms.iter().map(Vec::as_slice).collect();
        let table = TypeTwo::fit(&case.score, &factors, &terms).unwrap();
        println!("{}, {} rows", case.model, case.score.len());
        assert_eq!(table.residual_degrees_of_freedom, case.residual_df);
        assert_relative_eq!(table.residual_sum_of_squares, case.residual_sum_of_squares, max_relative = 1e-11);
        for (index, test) in table.terms.iter().enumerate() {
            assert_eq!(test.degrees_of_freedom, case.df[index]);
            assert_relative_eq!(test.sum_of_squares, case.sum_of_squares[index], max_relative = 1e-9);
            assert_relative_eq!(test.f, case.f[index], max_relative = 1e-9);
            assert_relative_eq!(test.p, case.p[index], max_relative = 1e-7);
            let share = test.sum_of_squares / (test.sum_of_squares + case.residual_sum_of_squares);
            assert_relative_eq!(test.partial_eta_squared, share, max_relative = 1e-9);
        }
    }
}

#[test]
fn correlations_agree_with_scipy() {
    for case in cases().correlation {
        let pearson = Correlation::pearson(&case.x, &case.y).unwrap();
        let spearman = Correlation::spearman(&case.x, &case.y).unwrap();
        for (ours, [r, p]) in [(pearson, case.pearson), (spearman, case.spearman)] {
            assert_relative_eq!(ours.r, r, max_relative = 1e-12);
            // |r| = 1 to rounding: the p value of a perfect ordering is rounding too.
            if r.abs() < 1.0 - 1e-12 {
                assert_relative_eq!(ours.p, p, max_relative = 1e-8);
            }
            assert_eq!(ours.n, case.x.len());
        }
    }
}

#[test]
fn paired_t_tests_agree_with_scipy() {
    for case in cases().paired {
        let test = TTest::paired(&case.a, &case.b).unwrap();
        assert_relative_eq!(test.t, case.t, max_relative = 1e-11);
        assert_relative_eq!(test.degrees_of_freedom, case.df);
        assert_relative_eq!(test.p, case.p, max_relative = 1e-8);
    }
}

#[test]
fn bootstrap_intervals_agree_with_numpy() {
    for case in cases().bootstrap {
        let mut picks = case.picks.iter().copied();
        let draw = GroupBootstrap::draw(case.numerator.len(), case.resamples, |_| picks.next().unwrap()).unwrap();
        assert_eq!(picks.next(), None, "every pick is used");
        let (above, below) = (draw.totals(&case.numerator).unwrap(), draw.totals(&case.denominator).unwrap());
        let (low, high) = ratio_interval(&above, &below, case.coverage).unwrap();
        assert_relative_eq!(low, case.interval[0], max_relative = 1e-12);
        assert_relative_eq!(high, case.interval[1], max_relative = 1e-12);
    }
}
