//! The embedded pair against values that PyTorch computed with the same weights
//! (`models/reference/tiny-pair.json`, made by `models/train`; the formula of the codes is in it).

mod common;

use common::{cnn, folder, generator, manifest, runtime};
use gen_models::{ModelSpec, SessionOptions};
use optim_core::Generator;
use serde_json::Value;

/// Two runtimes add up in another order: a few roundings of the largest numbers that are summed.
const TOLERANCE: f64 = 2e-4;

fn reference() -> Option<Value> {
    let path = folder().join("reference").join("tiny-pair.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("{} is not here: the pair has no reference values yet", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn indices(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|x| x.as_u64().unwrap() as usize).collect()
}

fn assert_close(found: f64, expected: f64, scale: f64, what: &str) {
    assert!((found - expected).abs() <= TOLERANCE * scale, "{what}: {found}, PyTorch has {expected}");
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|&x| f64::from(x)).sum::<f64>() / values.len() as f64
}

/// `code_k[i] = 140/64 * sqrt(2) * cos(0.1*(k+1)*(i+1))`, in f64, rounded to f32.
fn code(k: u64) -> Vec<f32> {
    let value = |i: u32| 140.0 / 64.0 * f64::sqrt(2.0) * (0.1 * (k + 1) as f64 * f64::from(i + 1)).cos();
    (0..4096).map(|i| value(i) as f32).collect()
}

#[test]
fn the_values_are_of_these_files() {
    let Some(reference) = reference() else { return };
    for model in &manifest().models {
        let (file, sha256) = match model {
            ModelSpec::Generator(spec) => (&spec.file, &spec.sha256),
            ModelSpec::Cnn(spec) => (&spec.file, &spec.sha256),
            other => panic!("{} is of a kind that has no reference", other.name()),
        };
        assert_eq!(reference["sha256"][file].as_str(), sha256.as_deref(), "{file}");
    }
}

#[test]
fn images_and_layers_are_those_of_pytorch() {
    let Some(reference) = reference() else { return };
    let mut generator = generator().session(runtime(), SessionOptions::default()).unwrap();
    let cases = reference["cases"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let images = generator.generate(&code(case["k"].as_u64().unwrap())).unwrap();
        assert_close(mean(images.as_slice()), number(&case["image"]["mean"]), 1.0, "image mean");
        for pixel in case["image"]["pixels"].as_array().unwrap() {
            let (y, x) = (pixel["y"].as_u64().unwrap() as usize, pixel["x"].as_u64().unwrap() as usize);
            for (channel, expected) in pixel["rgb"].as_array().unwrap().iter().enumerate() {
                let found = images.image(0)[(channel * 64 + y) * 64 + x];
                assert_close(f64::from(found), number(expected), 1.0, &format!("pixel {channel} {y} {x}"));
            }
        }
        let layers = case["layers"].as_object().unwrap();
        assert!(!layers.is_empty());
        for (name, expected) in layers {
            let mut session = cnn().session(runtime(), &[name], SessionOptions::default()).unwrap();
            let activation = session.activations(&images).unwrap().remove(0);
            assert_eq!(activation.layer.shape, indices(&expected["shape"]), "{name}");
            let largest = activation.data.iter().copied().fold(f32::MIN, f32::max);
            let scale = activation.data.iter().fold(0.0_f32, |m, x| m.max(x.abs())).into();
            assert_close(f64::from(largest), number(&expected["max"]), scale, &format!("{name} max"));
            assert_close(mean(&activation.data), number(&expected["mean"]), scale, &format!("{name} mean"));
            let (positions, values) = (&expected["positions"], expected["values"].as_array().unwrap());
            for (position, value) in positions.as_array().unwrap().iter().zip(values) {
                let position = indices(position);
                let offset = position.iter().zip(&activation.layer.shape).fold(0, |at, (i, size)| at * size + i);
                let found = f64::from(activation.data[offset]);
                assert_close(found, number(value), scale, &format!("{name} {position:?}"));
            }
        }
    }
}
