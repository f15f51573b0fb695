//! Figures of trajectories, steps, covariance, metric and landscape.

use analysis::figure::FigureError;
use analysis::figure::alignment::{Alignment, Correlations};
use analysis::figure::cosine_panels::{CosineGroup, CosinePanels, CosineRun};
use analysis::figure::covariance::{Covariance, CovarianceSeries, PublishedCovariance};
use analysis::figure::hessian_spectra::{HessianPanel, HessianSpectra, HessianSpectrum, ProbedCode, Subspace};
use analysis::figure::lissajous::{Lissajous, LissajousPanel};
use analysis::figure::metric_spectrum::{Eigenvalues, MetricSpectrum};
use analysis::figure::projections::{Projection, ProjectionRow};
use analysis::figure::step_geometry::{Distances, NormCurve, StepGeometry, StepSeries};
use analysis::figure::step_schedules::{Schedule, StepSchedules};
use analysis::figure::tangent_images::{MovedImages, TangentImages};
use analysis::style::optimizer_color;
use analysis::tangent::Step;

use super::{LONG, NAN, awkward_runs, awkward_values, checked, count, names, picture, survives, texts};

fn cosines(values: &[f64], generations: usize) -> CosinePanels {
    let run = CosineRun {
        periods: values.to_vec(),
        r_squared_free: values.to_vec(),
        r_squared_fixed: values.iter().take(2).copied().collect(),
        explained_variance_ratio: values.to_vec(),
    };
    let group = |control| CosineGroup {
        optimizer: "cma".to_owned(),
        note: if control { "noise-driven" } else { "units" }.to_owned(),
        control,
        generations: if control { generations } else { 30 },
        runs: vec![run.clone(), CosineRun::default()],
    };
    CosinePanels {
        title: LONG.to_owned(),
        shown: ProjectionRow {
            optimizer: "cma".to_owned(),
            note: String::new(),
            projections: vec![Projection { values: values.to_vec(), fit: None }; 7],
            explained_variance_ratio: vec![],
        },
        groups: vec![group(false), group(true)],
    }
}

#[test]
fn cosines_have_four_panels_with_controls_and_theory() {
    let svg = cosines(&[0.6, 0.2, 0.1], 75).to_svg().unwrap();
    let document = checked(&svg);
    let labels = ["Frequency of the fitted cosine", "How well cosines fit", "Explained variance", "CMA noise-driven"];
    for label in labels.into_iter().chain(["theory for 30 and for 75 generations", "periods in a run", "R²", "PC5"]) {
        assert!(texts(&document).contains(&label), "{label} in {:?}", texts(&document));
    }
    for values in awkward_values() {
        [0, 1, 2, 75].into_iter().for_each(|generations| survives(cosines(&values, generations).to_svg()));
    }
    assert!(matches!(cosines(&[], 75).to_svg(), Err(FigureError::Empty { .. })));
}

#[test]
fn lissajous_curves_change_colour_along_the_run() {
    let draw = |measured: Vec<(f64, f64)>| {
        let panel = LissajousPanel { horizontal: 1, vertical: 2, measured, ideal: vec![(0.0, 1.0), (1.0, 0.0)] };
        Lissajous { title: String::new(), rows: vec![("run".to_owned(), vec![panel])] }.to_svg()
    };
    let svg = draw((0..9).map(|t| (f64::from(t).cos(), f64::from(2 * t).cos())).collect()).unwrap();
    let document = checked(&svg);
    let pieces: Vec<&str> = document
        .descendants()
        .filter(|n| n.attribute("stroke-linecap") == Some("round"))
        .filter_map(|n| n.attribute("stroke"))
        .collect();
    assert_eq!(pieces.len(), 8);
    assert!(pieces.windows(2).all(|pair| pair[0] != pair[1]) && texts(&document).contains(&"PC1 and PC2"));
    assert!(matches!(draw(vec![]), Err(FigureError::Empty { .. })));
    survives(draw(vec![(1.0, 1.0)]));
    survives(draw(vec![(NAN, 1.0), (2.0, 2.0), (f64::INFINITY, 1.0)]));
}

#[test]
fn steps_leave_out_rows_without_data() {
    let geometry = |runs: &[Vec<f64>], points: Vec<(f64, f64)>| {
        let distances = Distances { angle: runs.to_vec(), euclidean: runs.to_vec(), perceptual: runs.to_vec() };
        let series = StepSeries { optimizer: "cma".to_owned(), within: distances.clone(), across: distances };
        let tangent = vec![NormCurve { label: "step 1".to_owned(), run: false, points }];
        StepGeometry { title: String::new(), series: vec![series], contrast: vec![], tangent }
    };
    let full = geometry(&[vec![1.0, 2.0], vec![2.0, 3.0]], vec![(100.0, 1.0), (200.0, 0.5)]);
    let svg = full.to_svg().unwrap();
    let document = checked(&svg);
    assert_eq!(texts(&document).iter().filter(|text| **text == "Perceptual distance").count(), 2);
    assert!(texts(&document).contains(&"One tangent step at several norms") && !texts(&document).contains(&"Contrast"));
    let bare = StepGeometry { series: vec![], ..full.clone() }.to_svg().unwrap();
    assert!(!texts(&checked(&bare)).contains(&"Angle"));
    awkward_runs().iter().for_each(|runs| survives(geometry(runs, vec![(NAN, 1.0)]).to_svg()));
    let nothing = StepGeometry { series: vec![], tangent: vec![], ..full }.to_svg();
    assert!(matches!(nothing, Err(FigureError::Empty { .. })));
}

#[test]
fn schedules_stand_beside_the_scheme() {
    let draw = |degrees: Vec<f64>| {
        let measured = vec![(0.0, 39.0), (2.0, 11.0)];
        let schedule = |optimizer: String| Schedule { optimizer, degrees: degrees.clone(), measured: measured.clone() };
        let schedules = names().into_iter().map(schedule).collect();
        StepSchedules { title: String::new(), schedules }.to_svg()
    };
    let svg = draw(vec![40.0, 20.0, 10.0]).unwrap();
    let document = checked(&svg);
    assert!(["degrees", "mean m", "θ", "SphereCMA inv"].iter().all(|label| texts(&document).contains(label)));
    awkward_values().into_iter().for_each(|values| survives(draw(values)));
    assert!(matches!(draw(vec![]), Err(FigureError::Empty { .. })));
}

fn covariance(runs: &[Vec<f64>]) -> Result<String, FigureError> {
    let one_less = |runs: &[Vec<f64>]| runs.iter().map(|run| run.iter().map(|v| 2.0 - v).collect()).collect();
    let series = |control: bool| CovarianceSeries {
        optimizer: "cma".to_owned(),
        control,
        largest: runs.to_vec(),
        smallest: one_less(runs),
        condition: runs.to_vec(),
        distance: runs.to_vec(),
        published: (!control).then_some(PublishedCovariance {
            largest: 1.1,
            smallest: 0.9,
            condition: 1.2,
            distance: 1e-3,
        }),
    };
    Covariance { title: String::new(), series: vec![series(false), series(true)] }.to_svg()
}

#[test]
fn covariance_shows_departures_from_the_identity() {
    let svg = covariance(&[vec![1.0, 1.1, 1.2], vec![1.0, 1.2, 1.3]]).unwrap();
    let document = checked(&svg);
    for label in ["condition number − 1", "‖C − I‖² / ‖C‖²", "noise-driven control", "published, end of the run"]
    {
        assert!(texts(&document).contains(&label), "{label} in {:?}", texts(&document));
    }
    let color = optimizer_color("cma").to_string();
    let hollow =
        |n: &roxmltree::Node<'_, '_>| n.attribute("stroke") == Some(&color) && n.attribute("fill") == Some("#ffffff");
    assert_eq!(document.descendants().filter(hollow).count(), 4, "published values");
    awkward_runs().iter().for_each(|runs| survives(covariance(runs)));
}

fn alignment(eigenvalues: Vec<f64>, evolved: Vec<f64>) -> Alignment {
    Alignment {
        title: String::new(),
        correlations: Some(Correlations { evolved: 0.4, shuffled: -0.125, noise_driven: 0.0 }),
        shuffled: evolved.clone(),
        noise_driven: vec![],
        singular_values: evolved.clone(),
        shuffled_singular_values: vec![evolved.clone(), vec![1.0]],
        eigenvalues,
        evolved,
    }
}

#[test]
fn alignment_needs_a_coefficient_an_eigenvalue() {
    let svg = alignment((1..=50).map(f64::from).collect(), vec![2.0; 50]).to_svg().unwrap();
    let document = checked(&svg);
    let shuffled = "shuffled codes, range of shuffles (r = −0.12)";
    for label in
        ["evolved codes (r = 0.40)", "log₁₀ eigenvalue of the metric", shuffled, "Singular values of the pooled codes"]
    {
        assert!(texts(&document).contains(&label), "{label} in {:?}", texts(&document));
    }
    assert!(!texts(&document).iter().any(|text| text.starts_with("noise-driven codes")));
    let short = alignment(vec![1.0], vec![1.0, 2.0]).to_svg();
    assert!(matches!(short, Err(FigureError::Length { expected: 1, found: 2, .. })), "{short:?}");
    for values in awkward_values() {
        survives(alignment(values.clone(), values.clone()).to_svg());
        survives(alignment(vec![0.0; values.len()], values).to_svg());
    }
}

#[test]
fn metric_spectra_count_the_directions_of_the_trace() {
    let draw = |average: Vec<f64>| {
        let known = |values: Vec<f64>| Eigenvalues { trace: values.iter().sum(), values };
        let (codes, note) = (vec![known(average.clone()), known(vec![])], "6 of N = 9".to_owned());
        MetricSpectrum { title: String::new(), note, codes, average: known(average) }.to_svg()
    };
    let svg = draw(vec![80.0, 15.0, 4.5, 0.5, 0.0, -1e-12]).unwrap();
    let document = checked(&svg);
    let words = texts(&document).join("|");
    assert!(words.contains("90 %: 2") && words.contains("99 %: 3") && words.contains("6 of N = 9"), "{words}");
    awkward_values().into_iter().for_each(|values| survives(draw(values)));
    assert!(matches!(draw(vec![-1.0, 0.0]), Err(FigureError::Empty { .. })));
}

#[test]
fn hessians_differ_by_code_and_subspace() {
    let draw = |eigenvalues: Vec<f64>| {
        let spectrum = |code, subspace| HessianSpectrum { code, subspace, eigenvalues: eigenvalues.clone() };
        let spectra = vec![
            spectrum(ProbedCode::Peak, Subspace::TopMetric),
            spectrum(ProbedCode::Peak, Subspace::Random),
            spectrum(ProbedCode::Random, Subspace::TopMetric),
        ];
        let panels = vec![HessianPanel { unit: LONG.to_owned(), spectra }];
        HessianSpectra { title: String::new(), panels, columns: 0 }.to_svg()
    };
    let svg = draw(vec![-5.0, 0.01, 3.0]).unwrap();
    let document = checked(&svg);
    // Three eigenvalues of either hollow or filled circles at the peak, and the legend's.
    assert_eq!(count(&document, "circle", "fill", "#ffffff"), 3 + 1);
    assert_eq!(count(&document, "circle", "fill", "#d55e00"), 3 + 1);
    awkward_values().into_iter().for_each(|values| survives(draw(values)));
    assert!(matches!(draw(vec![NAN]), Err(FigureError::Empty { .. })));
}

#[test]
fn tangent_images_have_a_row_a_way_of_moving() {
    let images = |count: usize| vec![picture(4, 4); count];
    let moved = |step, forward| MovedImages { step, forward, images: images(2), distances: vec![1.25, NAN] };
    let figure = TangentImages {
        title: "Tangent".to_owned(),
        norms: vec![75.0, 300.0],
        code: images(2),
        moved: vec![moved(Step::Euclidean, true), moved(Step::Angular, false)],
        tile: 80.0,
    };
    let svg = figure.to_svg().unwrap();
    let document = checked(&svg);
    for label in ["norm 75", "norm 300", "code z alone", "z + v, same length", "z − v, same angle", "1.25", "–"] {
        assert!(texts(&document).contains(&label), "{label} in {:?}", texts(&document));
    }
    assert_eq!(document.descendants().filter(|node| node.has_tag_name("image")).count(), 6);
    let short = TangentImages { code: images(1), ..figure.clone() }.to_svg();
    assert!(matches!(short, Err(FigureError::Length { expected: 2, found: 1, .. })));
    let none = TangentImages { norms: vec![], code: vec![], moved: vec![], ..figure }.to_svg();
    assert!(matches!(none, Err(FigureError::Empty { .. })));
}
