//! Figures that compare optimizers by their scores.

use analysis::figure::Estimate;
use analysis::figure::activation_by_optimizer::{ActivationByOptimizer, ActivationGroup};
use analysis::figure::ga_against_cma::{GaAgainstCma, UnitPair};
use analysis::figure::paired_by_unit::{PairedByUnit, UnitScores};
use analysis::figure::pairwise_ratios::PairwiseRatios;
use analysis::figure::runtime_by_optimizer::{RuntimeByOptimizer, RuntimeGroup, Timed};
use analysis::figure::score_curves::{Curve, CurveRow, ScoreCurves};
use analysis::figure::variants_by_layer_and_noise::{VariantCell, VariantsByLayerAndNoise};
use analysis::style::optimizer_names;

use super::noise::Noise;
use super::{GENERATIONS, OPTIMIZERS};

const LEVELS: [f64; 3] = [0.0, 0.2, 0.5];
const LAYERS: [&str; 8] = ["conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"];

/// A normalised score around what an optimizer reaches at a noise level.
fn normalised(top: f64, level: f64, noise: &mut Noise) -> f64 {
    (top / 24.0 * (1.0 - 0.8 * level) + 0.12 * noise.normal()).clamp(0.02, 1.0)
}

fn groups(names: &[(&str, f64)], networks: &[&str], runs: usize) -> Vec<ActivationGroup> {
    let mut noise = Noise(21);
    let mut groups = Vec::new();
    for network in networks {
        for level in LEVELS {
            for (name, top) in names {
                groups.push(ActivationGroup {
                    network: (*network).to_owned(),
                    noise: level,
                    optimizer: (*name).to_owned(),
                    activations: (0..runs).map(|_| normalised(*top, level, &mut noise)).collect(),
                    published: (*network == "AlexNet").then(|| top / 24.0 * (1.0 - 0.7 * level)),
                });
            }
        }
    }
    groups
}

pub(crate) fn activation() -> ActivationByOptimizer {
    let names = OPTIMIZERS.map(|(name, top, _)| (name, top));
    let groups = groups(&names, &["AlexNet", "ResNet-50 (robust)"], 60);
    ActivationByOptimizer { title: "Normalised activation by optimizer".to_owned(), groups }
}

pub(crate) fn activation_of_all_methods() -> ActivationByOptimizer {
    let names: Vec<(&str, f64)> =
        optimizer_names().enumerate().map(|(index, name)| (name, 22.0 - 0.8 * index as f64)).collect();
    let title = "Normalised activation of every method".to_owned();
    ActivationByOptimizer { title, groups: groups(&names, &["AlexNet"], 400) }
}

pub(crate) fn runtime() -> RuntimeByOptimizer {
    let mut noise = Noise(22);
    let mut groups = Vec::new();
    for (condition, factor) in [("N = 512", 0.1), ("N = 4096", 1.0)] {
        for (name, seconds) in [
            ("sphere-cma", 0.0011),
            ("cholesky-cmaes", 0.002),
            ("diagonal-cma", 0.0015),
            ("cma", 0.06),
            ("genetic", 0.0008),
            ("random-search", 0.0004),
        ] {
            let time = |noise: &mut Noise| seconds * factor * (0.12 * noise.normal()).exp();
            groups.push(RuntimeGroup {
                condition: condition.to_owned(),
                optimizer: name.to_owned(),
                seconds: (0..75).map(|_| time(&mut noise)).collect(),
                published: (factor == 1.0).then_some(seconds * 400.0),
            });
        }
    }
    RuntimeByOptimizer { title: "Time of a generation".to_owned(), timed: Timed::Generation, groups }
}

pub(crate) fn curves() -> ScoreCurves {
    let mut noise = Noise(23);
    let row = |level: f64, noise: &mut Noise| CurveRow {
        heading: if level == 0.0 { "No noise".to_owned() } else { format!("Noise {level}") },
        curves: OPTIMIZERS
            .iter()
            .map(|(name, top, pace)| {
                let codes = if *name == "sphere-cma" { 41.0 } else { 40.0 };
                let run = |noise: &mut Noise| {
                    let end = normalised(*top, level, noise);
                    (0..GENERATIONS).map(|t| end * (1.0 - (-(t as f64) / pace).exp()) + 0.01 * noise.normal()).collect()
                };
                Curve {
                    optimizer: (*name).to_owned(),
                    scores: (0..12).map(|_| run(noise)).collect(),
                    evaluations: (0..GENERATIONS).map(|t| codes * (t + 1) as f64).collect(),
                }
            })
            .collect(),
    };
    let rows = [0.0, 0.5].map(|level| row(level, &mut noise)).to_vec();
    let (title, y_label) = ("Scores over the run".to_owned(), "normalised clean score".to_owned());
    ScoreCurves { title, y_label, rows }
}

pub(crate) fn ga_against_cma() -> GaAgainstCma {
    let mut noise = Noise(24);
    let mut pairs = Vec::new();
    for level in LEVELS {
        for layer in LAYERS {
            for _ in 0..6 {
                let (genetic, cma) = (normalised(9.0, level, &mut noise), normalised(18.0, 1.2 * level, &mut noise));
                pairs.push(UnitPair { layer: layer.to_owned(), noise: level, genetic, cma });
            }
        }
    }
    let layer = |(index, layer): (usize, &&str)| UnitPair {
        layer: (*layer).to_owned(),
        noise: 0.0,
        genetic: 0.3 + 0.01 * index as f64,
        cma: 0.7 + 0.02 * index as f64,
    };
    GaAgainstCma {
        title: "Genetic algorithm against CMA-ES, unit by unit".to_owned(),
        score: "normalised score".to_owned(),
        genetic: "genetic".to_owned(),
        cma: "cholesky-cmaes".to_owned(),
        pairs,
        published: LAYERS.iter().enumerate().map(layer).collect(),
    }
}

pub(crate) fn variants() -> VariantsByLayerAndNoise {
    let mut noise = Noise(25);
    let mut cells = Vec::new();
    for level in LEVELS {
        for (depth, layer) in LAYERS.iter().enumerate() {
            for (name, top, _) in &OPTIMIZERS[..4] {
                let scores: Vec<f64> =
                    (0..20).map(|_| normalised(top - depth as f64 * 0.6, level, &mut noise)).collect();
                cells.push(VariantCell {
                    layer: (*layer).to_owned(),
                    noise: level,
                    optimizer: (*name).to_owned(),
                    score: Estimate::with_standard_error(&scores),
                    published: Some(top / 24.0 * (1.0 - 0.75 * level) - 0.01 * depth as f64),
                });
            }
        }
    }
    VariantsByLayerAndNoise { title: "Variants of CMA-ES by layer and noise".to_owned(), cells }
}

pub(crate) fn sphere() -> PairedByUnit {
    let mut noise = Noise(26);
    let methods = [
        ("sphere-cma", 21.0),
        ("sphere-cma-inv", 19.0),
        ("sphere-cma-lin", 18.5),
        ("cholesky-cmaes", 18.0),
        ("cma", 16.0),
        ("diagonal-cma", 17.0),
    ];
    let mut groups = Vec::new();
    for level in LEVELS {
        let units: Vec<f64> = (0..30).map(|_| 0.1 * noise.normal()).collect();
        for (name, top) in methods {
            let by_unit: Vec<f64> = units
                .iter()
                .map(|unit| (top / 24.0 * (1.0 - 0.8 * level) + unit + 0.04 * noise.normal()).clamp(0.0, 1.0))
                .collect();
            let error = Estimate::with_standard_error(&by_unit);
            let reach = 1.96 * (error.high - error.mean);
            groups.push(UnitScores {
                optimizer: name.to_owned(),
                noise: level,
                mean: Estimate { mean: error.mean, low: error.mean - reach, high: error.mean + reach },
                by_unit,
                published: Some(top / 24.0 * (1.0 - 0.7 * level) - 0.03),
            });
        }
    }
    let interval = "95 % interval over units".to_owned();
    PairedByUnit { title: "SphereCMA against other CMA-ES".to_owned(), interval, groups }
}

pub(crate) fn pairwise() -> PairwiseRatios {
    let top = |index: usize| OPTIMIZERS[index].1;
    let n = OPTIMIZERS.len();
    let ratio = |row: usize| (0..n).map(|column| top(row) / top(column)).collect();
    let p = |row: usize| (0..n).map(|column| 0.2f64.powf((top(row) - top(column)).abs())).collect();
    PairwiseRatios {
        title: "Ratios of mean scores".to_owned(),
        optimizers: OPTIMIZERS.iter().map(|(name, ..)| (*name).to_owned()).collect(),
        ratios: (0..n).map(ratio).collect(),
        p_values: (0..n).map(p).collect(),
        test: "paired t over units".to_owned(),
    }
}
