//! Readouts of a layer.

use paradigm::{LayerReadout, Measure, NamedNumbers, Numbers};

fn arrays(named: &[(&str, &[usize], &[f64])]) -> NamedNumbers {
    let array = |shape: &[usize], values: &[f64]| Numbers { shape: shape.to_vec(), values: values.to_vec() };
    named.iter().map(|(name, shape, values)| ((*name).to_owned(), array(shape, values))).collect()
}

const LAYER: [usize; 3] = [2, 1, 3];
const ACTIVATIONS: [f32; 6] = [1.0, 2.0, 3.0, 10.0, 20.0, 60.0];

#[test]
fn weights_go_along_all_axes_or_some() {
    let score =
        |named: &[(&str, &[usize], &[f64])]| LayerReadout::linear(&LAYER, &arrays(named)).unwrap().score(&ACTIVATIONS);
    let all = [0.0, 1.0, 0.0, 0.0, 0.0, -1.0];
    for shape in [&LAYER[..], &[6]] {
        assert_eq!(score(&[("weights", shape, &all), ("bias", &[], &[0.5])]), 2.0 - 60.0 + 0.5);
    }
    assert_eq!(score(&[("", &LAYER, &all)]), -58.0);
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
    close(score(&[("channel_weights", &[2], &[1.0, 0.1])]), 2.0 + 3.0);
    close(score(&[("weights", &[2], &[1.0, 0.1])]), 5.0);
    close(score(&[("position_weights", &[1, 3], &[1.0, 0.0, 1.0])]), 5.5 + 31.5);
    close(score(&[("weights", &[1, 3], &[1.0, 0.0, 1.0])]), 37.0);
    let both = [("channel_weights", &[2][..], &[2.0, 0.0][..]), ("position_weights", &[3], &[0.0, 1.0, 1.0])];
    close(score(&both), 10.0);
    let flat = LayerReadout::linear(&[3], &arrays(&[("weights", &[3], &[1.0, 1.0, 2.0])])).unwrap();
    assert_eq!(flat.score(&[1.0, 2.0, 3.0]), 9.0);
}

#[test]
fn a_pattern_is_met_by_units_or_by_channels() {
    let of = |named: &[(&str, &[usize], &[f64])], measure| {
        LayerReadout::pattern(&LAYER, &arrays(named), measure).unwrap().score(&ACTIVATIONS)
    };
    let pattern = [1.0, 2.0, 3.0, 10.0, 20.0, 60.0];
    let near = |x: f64, y: f64| assert!((x - y).abs() < 1e-12, "{x} {y}");
    near(of(&[("pattern", &LAYER, &pattern)], Measure::Cosine), 1.0);
    near(of(&[("pattern", &LAYER, &pattern)], Measure::NegativeSquaredDistance), 0.0);
    let mask = [("pattern", &[6][..], &pattern[..]), ("mask", &[6], &[1.0, 1.0, 0.0, 0.0, 0.0, 0.0])];
    near(of(&mask, Measure::Dot), 5.0);
    // Channel means are 2 and 30; z = 1 and 2.
    let z = [("pattern", &[2][..], &[1.0, -1.0][..]), ("mean", &[2], &[1.0, 10.0]), ("std", &[2], &[1.0, 10.0])];
    near(of(&z, Measure::Dot), -1.0);
}

#[test]
fn what_does_not_fit_is_named() {
    let linear =
        |named: &[(&str, &[usize], &[f64])]| LayerReadout::linear(&LAYER, &arrays(named)).unwrap_err().to_string();
    assert!(linear(&[("bias", &[], &[1.0])]).contains("none of the arrays weights, channel_weights"));
    let shape = linear(&[("weights", &[4], &[1.0; 4])]);
    assert!(shape.contains("[2, 1, 3], [2] for its channels or [1, 3] for its positions"), "{shape}");
    assert!(linear(&[("weights", &[2], &[1.0, f64::NAN])]).contains("value 1 of its array 'weights'"));
    assert!(linear(&[("weights", &[2], &[0.0; 2])]).contains("all its weights are 0"));
    assert!(linear(&[("weights", &[2], &[1.0; 2]), ("channel_weights", &[2], &[1.0; 2])]).contains("leave one"));
    assert!(linear(&[("position_weights", &[2], &[1.0; 2])]).contains("of 3 values"));
    let pattern = LayerReadout::pattern(&LAYER, &arrays(&[("pattern", &[1, 3], &[1.0; 3])]), Measure::Dot);
    assert!(pattern.unwrap_err().to_string().contains("a value a channel"));
    let std = [("pattern", &[2][..], &[1.0, 2.0][..]), ("std", &[2], &[1.0, 0.0])];
    assert!(LayerReadout::pattern(&LAYER, &arrays(&std), Measure::Dot).is_err());
}
