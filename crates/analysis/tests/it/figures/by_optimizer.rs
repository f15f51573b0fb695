//! Figures that compare optimizers by their scores.

use analysis::figure::activation_by_optimizer::{ActivationByOptimizer, ActivationGroup};
use analysis::figure::ga_against_cma::{GaAgainstCma, UnitPair};
use analysis::figure::paired_by_unit::{PairedByUnit, UnitScores};
use analysis::figure::pairwise_ratios::PairwiseRatios;
use analysis::figure::runtime_by_optimizer::{RuntimeByOptimizer, RuntimeGroup, Timed};
use analysis::figure::score_curves::{Curve, CurveRow, ScoreCurves};
use analysis::figure::variants_by_layer_and_noise::{VariantCell, VariantsByLayerAndNoise};
use analysis::figure::{Estimate, FigureError};

use super::{LONG, NAN, awkward_runs, awkward_values, checked, count, names, survives, texts};

fn activation(network: &str, noise: f64, optimizer: &str, activations: Vec<f64>) -> ActivationGroup {
    let published = (network == "AlexNet").then_some(0.5);
    ActivationGroup { network: network.to_owned(), noise, optimizer: optimizer.to_owned(), activations, published }
}

#[test]
fn activations_are_faceted_by_network_and_noise() {
    let values = vec![0.1, 0.2, 0.3, 0.4, 0.9, NAN];
    let groups = vec![
        activation("AlexNet", 0.5, "cma", values.clone()),
        activation("AlexNet", 0.0, "genetic", values.clone()),
        activation(LONG, 0.0, "cma", vec![0.3, 0.4]),
    ];
    let svg = ActivationByOptimizer { title: "Activation".to_owned(), groups }.to_svg().unwrap();
    let document = checked(&svg);
    let texts = texts(&document);
    for (label, times) in [("no noise", 2), ("noise 0.5", 2), ("CMA", 2), ("n = 5", 2), ("published mean", 1)] {
        assert_eq!(texts.iter().filter(|text| **text == label).count(), times, "{label} in {texts:?}");
    }
    // A box needs five values: two of them, not three.
    let boxes = document.descendants().filter(|n| n.has_tag_name("rect") && n.attribute("stroke-width") == Some("1.2"));
    assert_eq!(boxes.count(), 2);
    let nothing = ActivationByOptimizer { title: String::new(), groups: vec![activation("a", 0.0, "cma", vec![NAN])] };
    let error = nothing.to_svg().unwrap_err();
    assert!(matches!(error, FigureError::Empty { figure: "activation_by_optimizer", .. }), "{error}");
}

#[test]
fn distributions_survive_awkward_values() {
    for values in awkward_values() {
        let names = ["cma", "genetic", LONG];
        let groups: Vec<ActivationGroup> =
            names.iter().map(|name| activation("AlexNet", 0.0, name, values.clone())).collect();
        let runtime = |group: &ActivationGroup| RuntimeGroup {
            condition: LONG.to_owned(),
            optimizer: group.optimizer.clone(),
            seconds: group.activations.clone(),
            published: Some(NAN),
        };
        let times = groups.iter().map(runtime).collect();
        for timed in [Timed::Generation, Timed::Run] {
            survives(RuntimeByOptimizer { title: LONG.to_owned(), timed, groups: Vec::clone(&times) }.to_svg());
        }
        survives(ActivationByOptimizer { title: LONG.to_owned(), groups }.to_svg());
    }
    let none = RuntimeByOptimizer { title: String::new(), timed: Timed::Run, groups: vec![] }.to_svg();
    assert!(matches!(none, Err(FigureError::Empty { .. })));
}

#[test]
fn curves_are_drawn_by_generation_and_by_evaluation() {
    let curve = |evaluations: Vec<f64>| ScoreCurves {
        title: String::new(),
        y_label: "score".to_owned(),
        rows: vec![CurveRow {
            heading: "noise 0.2".to_owned(),
            curves: vec![Curve {
                optimizer: "cma".to_owned(),
                scores: vec![vec![1.0, 2.0, 3.0], vec![2.0, 4.0]],
                evaluations,
            }],
        }],
    };
    let svg = curve(vec![1.0, 41.0, 81.0]).to_svg().unwrap();
    let document = checked(&svg);
    assert!(["generation", "evaluations", "score", "noise 0.2"].iter().all(|label| texts(&document).contains(label)));
    assert_eq!(count(&document, "path", "fill-opacity", "0.07"), 3, "two bands and that of the legend");
    let short = curve(vec![1.0]).to_svg();
    assert!(matches!(short, Err(FigureError::Length { expected: 3, found: 1, .. })), "{short:?}");
    for runs in awkward_runs() {
        let generations = runs.iter().map(Vec::len).max().unwrap_or(0);
        let curves = ScoreCurves {
            rows: vec![CurveRow {
                heading: LONG.to_owned(),
                curves: vec![Curve {
                    optimizer: LONG.to_owned(),
                    scores: runs,
                    evaluations: (0..generations).map(|t| t as f64).collect(),
                }],
            }],
            ..curve(vec![])
        };
        survives(curves.to_svg());
    }
}

fn pairs(pairs: Vec<UnitPair>) -> Result<String, FigureError> {
    let [title, score, genetic, cma] = ["", "normalised score", "genetic", "cma"].map(str::to_owned);
    let published = vec![UnitPair { layer: "fc8".to_owned(), noise: 0.0, genetic: 0.3, cma: 0.7 }];
    GaAgainstCma { title, score, genetic, cma, pairs, published }.to_svg()
}

#[test]
fn pairs_above_the_line_are_counted() {
    let pair = |noise, genetic, cma| UnitPair { layer: "fc8".to_owned(), noise, genetic, cma };
    let svg = pairs(vec![pair(0.0, 0.2, 0.8), pair(0.0, 0.5, 0.4), pair(0.0, NAN, 1.0), pair(0.5, 0.1, 0.9)]).unwrap();
    let document = checked(&svg);
    assert_eq!(count(&document, "path", "fill", "#ffffff"), 2, "one published mean, and its sign in the legend");
    for label in ["above the line: 1 of 2", "above the line: 1 of 1", "no noise", "noise 0.5", "fc8"] {
        assert!(texts(&document).contains(&label), "{label} in {:?}", texts(&document));
    }
    assert!(matches!(pairs(vec![pair(0.0, NAN, 1.0)]), Err(FigureError::Empty { .. })));
    survives(pairs(
        (0..30).map(|i| UnitPair { layer: format!("layer {i}"), noise: 0.0, genetic: 0.0, cma: 0.0 }).collect(),
    ));
}

#[test]
fn variants_have_a_panel_a_noise_level_and_slant_long_layers() {
    let cell = |layer: &str, noise, values: &[f64]| VariantCell {
        layer: layer.to_owned(),
        noise,
        optimizer: "cma".to_owned(),
        score: Estimate::with_standard_error(values),
        published: Some(0.4),
    };
    let draw = |cells| VariantsByLayerAndNoise { title: String::new(), cells }.to_svg();
    let svg = draw(vec![cell("conv1", 0.0, &[0.4, 0.6]), cell("fc8", 0.5, &[0.4]), cell("fc8", 0.0, &[])]).unwrap();
    let document = checked(&svg);
    assert!(["conv1", "fc8", "no noise", "noise 0.5", "CMA"].iter().all(|label| texts(&document).contains(label)));
    let long: Vec<VariantCell> = (0..20).map(|i| cell(&format!("a layer of number {i}"), 0.0, &[0.1, 0.3])).collect();
    let svg = draw(long).unwrap();
    assert!(checked(&svg).descendants().any(|n| n.attribute("transform").is_some_and(|t| t.starts_with("rotate(-40"))));
    assert!(matches!(draw(vec![cell("fc8", 0.0, &[NAN])]), Err(FigureError::Empty { .. })));
}

#[test]
fn sphere_and_cma_are_joined_unit_by_unit() {
    let group = |optimizer: &str, by_unit: Vec<f64>| UnitScores {
        optimizer: optimizer.to_owned(),
        noise: 0.0,
        mean: Estimate::with_standard_error(&by_unit),
        by_unit,
        published: Some(0.7),
    };
    let draw = |groups| PairedByUnit { title: String::new(), interval: "95 %".to_owned(), groups }.to_svg();
    let svg = draw(vec![group("sphere-cma", vec![0.7, 0.9]), group("cma", vec![0.6, NAN])]).unwrap();
    let document = checked(&svg);
    assert!(["SphereCMA exp", "CMA", "mean, 95 %", "a unit"].iter().all(|label| texts(&document).contains(label)));
    for values in awkward_values() {
        survives(draw(names().iter().map(|name| group(name, values.clone())).collect()));
    }
}

#[test]
fn ratios_have_stars_and_must_be_square() {
    let table = |ratios: Vec<Vec<f64>>, p_values: Vec<Vec<f64>>| PairwiseRatios {
        title: String::new(),
        optimizers: ["cma", "genetic"].map(str::to_owned).to_vec(),
        ratios,
        p_values,
        test: "paired t".to_owned(),
    };
    let p = vec![vec![NAN, 0.002], vec![0.2, NAN]];
    let svg = table(vec![vec![1.0, 2.0], vec![0.5, 1.0]], p.clone()).to_svg().unwrap();
    let document = checked(&svg);
    let texts = texts(&document);
    assert_eq!(["2.00", "0.50", "**", "1.00"].map(|label| texts.iter().filter(|t| **t == label).count()), [2, 2, 1, 1]);
    let odd = table(vec![vec![1.0, NAN], vec![-1.0, 1.0]], p.clone()).to_svg().unwrap();
    checked(&odd);
    let ragged = table(vec![vec![1.0, 2.0], vec![0.5]], p.clone()).to_svg();
    assert!(matches!(ragged, Err(FigureError::Length { expected: 2, found: 1, .. })));
    assert!(matches!(table(vec![vec![NAN; 2]; 2], p).to_svg(), Err(FigureError::Empty { .. })));
}
