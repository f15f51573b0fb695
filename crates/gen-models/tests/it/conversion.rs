//! Small checkpoints that PyTorch wrote, converted and compared with PyTorch's own answers.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gen_models::suite::{Backend, CHECKS};
use gen_models::{
    Architecture, CnnModel, Conversion, ConvertError, Converted, GeneratorModel, Images, ModelFolder, ModelSource,
    ModelSpec, SessionOptions,
};
use optim_core::Generator;
use serde::Deserialize;

use crate::common::runtime;

/// Largest difference from PyTorch, relative to the largest value of a tensor.
const TOLERANCE: f64 = 1e-5;

fn checkpoint(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/checkpoints").join(format!("{name}.pt"))
}

#[derive(Deserialize)]
struct Reference {
    step: usize,
    networks: BTreeMap<String, Network>,
}

#[derive(Deserialize)]
struct Network {
    width: usize,
    tensors: BTreeMap<String, Tensor>,
}

#[derive(Deserialize)]
struct Tensor {
    shape: Vec<usize>,
    mean: f64,
    largest: f64,
    values: Vec<f64>,
}

fn reference() -> Reference {
    let path = checkpoint("reference").with_extension("json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

impl Tensor {
    /// Compares with the tensor for both codes or images.
    fn compare(&self, name: &str, step: usize, found: &[f32]) {
        let (len, of_one) = (found.len(), self.shape.iter().product::<usize>());
        assert_eq!(len, 2 * of_one, "{name}");
        let mean = found.iter().map(|&x| f64::from(x)).sum::<f64>() / len as f64;
        assert!((mean - self.mean).abs() <= TOLERANCE * self.largest, "{name}: mean {mean}, {}", self.mean);
        let sampled: Vec<f32> = found.iter().copied().step_by(step).collect();
        assert_eq!(sampled.len(), self.values.len(), "{name}");
        for (i, (&found, &expected)) in sampled.iter().zip(&self.values).enumerate() {
            let difference = (f64::from(found) - expected).abs();
            assert!(difference <= TOLERANCE * self.largest, "{name}[{i}]: {found}, PyTorch has {expected}");
        }
    }
}

fn conversion(name: &str, width: usize) -> Conversion {
    let architecture = match name {
        "deepsim-fc6" => Architecture::DeepsimFc6,
        "deepsim-fc8" => Architecture::DeepsimFc8,
        "deepsim-pool5" => Architecture::DeepsimPool5,
        "deepsim-conv4" => Architecture::DeepsimConv4,
        "deepsim-norm2" => Architecture::DeepsimNorm2,
        "deepsim-norm1" => Architecture::DeepsimNorm1,
        "alexnet" => Architecture::Alexnet,
        _ => Architecture::Resnet50,
    };
    let (origin, licence) = ("tests".to_owned(), "none".to_owned());
    Conversion { name: name.to_owned(), architecture, width, input_size: 227, origin, licence }
}

fn converted(name: &str, width: usize) -> Converted {
    conversion(name, width).run(&checkpoint(name)).unwrap()
}

/// Codes by the formula of the script that wrote the reference.
fn codes(dim: usize) -> Vec<f32> {
    let code = |n: usize, i: usize| 3.0 * (0.37 * i as f64 + (i * i) as f64 / 1000.0 + n as f64).sin();
    (0..2).flat_map(|n| (0..dim).map(move |i| code(n, i) as f32)).collect()
}

/// Images by the formula of the script that wrote the reference.
fn images(size: usize) -> Images {
    let pixel = |i: usize| {
        let (x, y, c, n) = (i % size, i / size % size, i / size / size % 3, i / size / size / 3);
        (0.5 + 0.45 * (0.05 * x as f64 + 0.03 * y as f64 * (1 + n) as f64 + 2.0 * c as f64).sin()) as f32
    };
    Images::new((0..6 * size * size).map(pixel).collect(), [2, 3, size, size]).unwrap()
}

#[test]
fn generators_draw_what_pytorch_draws() {
    let reference = reference();
    let mut compared = 0;
    for (name, network) in &reference.networks {
        let Converted { encoded, spec: ModelSpec::Generator(spec) } = converted(name, network.width) else { continue };
        let model = GeneratorModel::load(&spec, &ModelSource::Bytes(encoded.into())).unwrap();
        let mut session = model.session(runtime(), SessionOptions::default()).unwrap();
        let drawn = session.generate(&codes(spec.latent_dim)).unwrap();
        let tensor = &network.tensors["image"];
        assert_eq!(tensor.shape[1..], spec.image_size, "{name}");
        tensor.compare(name, reference.step, drawn.as_slice());
        compared += 1;
    }
    assert_eq!(compared, 6);
}

#[test]
fn every_layer_of_a_cnn_answers_as_in_pytorch_under_its_published_name() {
    let reference = reference();
    let mut compared = 0;
    for (name, network) in &reference.networks {
        let Converted { encoded, spec: ModelSpec::Cnn(spec) } = converted(name, network.width) else { continue };
        let model = CnnModel::load(&spec, &ModelSource::Bytes(encoded.into())).unwrap();
        let names: Vec<&str> = network.tensors.keys().map(String::as_str).collect();
        let mut session = model.session(runtime(), &names, SessionOptions::default()).unwrap();
        for (activation, (name, tensor)) in session.activations(&images(100)).unwrap().iter().zip(&network.tensors) {
            assert_eq!(activation.layer.shape, tensor.shape, "{name}");
            tensor.compare(name, reference.step, &activation.data);
            compared += 1;
        }
    }
    assert!(compared > 60, "{compared}");
}

#[test]
fn layers_are_addressed_by_published_names_before_and_after_the_relu() {
    let Converted { spec: ModelSpec::Cnn(alexnet), .. } = converted("alexnet", 64) else { panic!("no CNN") };
    let Converted { spec: ModelSpec::Cnn(resnet), .. } = converted("resnet50", 64) else { panic!("no CNN") };
    let address = |spec: &gen_models::CnnSpec, unit: &str| {
        gen_models::parse_unit(unit, spec.layers.as_ref().unwrap()).unwrap().0.to_string()
    };
    assert_eq!(address(&alexnet, ".features.ReLU11:2"), "conv5:2:6:6");
    assert_eq!(address(&alexnet, ".features.Conv2d10:2"), "conv5_pre:2:6:6");
    assert_eq!(address(&alexnet, "conv5_relu:2:0:1"), "conv5:2:0:1");
    assert_eq!(address(&alexnet, ".classifier.Linear6:3"), "fc8:3");
    assert_eq!(address(&alexnet, ".classifier.ReLU2:3"), "fc6:3");
    assert_eq!(address(&resnet, ".layer3.Bottleneck5:1"), "layer3.5:1:7:7");
    assert_eq!(address(&resnet, "layer3.5.add:1"), "layer3.5.add:1:7:7");
    assert_eq!(address(&resnet, ".Linearfc:7"), "fc:7");
}

#[test]
fn the_wrapping_of_a_training_checkpoint_changes_nothing() {
    let (plain, robust) = (converted("resnet50", 64), converted("resnet50-robust", 64));
    let (ModelSpec::Cnn(plain), ModelSpec::Cnn(robust)) = (&plain.spec, &robust.spec) else { panic!("no CNN") };
    assert_eq!(plain.layers, robust.layers);
    assert_eq!(plain.bytes, robust.bytes);
    assert_ne!(plain.sha256, robust.sha256, "these are other weights");
}

#[test]
fn conversion_is_deterministic() {
    let (a, b) = (converted("deepsim-norm2", 16), converted("deepsim-norm2", 16));
    assert!(a.encoded == b.encoded && a.spec == b.spec);
}

fn refused(conversion: &Conversion, name: &str) -> ConvertError {
    conversion.run(&checkpoint(name)).map(|_| ()).unwrap_err()
}

#[test]
fn another_architecture_is_told_from_its_tensors() {
    let error = refused(&conversion("alexnet", 64), "resnet50");
    assert!(matches!(&error, ConvertError::MissingTensor { tensor, .. } if tensor == "features.0.weight"), "{error}");
    let error = refused(&conversion("deepsim-fc6", 16), "deepsim-fc6");
    assert_eq!(
        error.to_string(),
        format!(
            "tensor 'defc7.weight' of {} has shape [128, 128], deepsim-fc6 has [256, 256]",
            checkpoint("deepsim-fc6").display()
        )
    );
    // norm1 and norm2 have the same names.
    let error = refused(&conversion("deepsim-norm1", 16), "deepsim-norm2");
    assert!(matches!(&error, ConvertError::WrongShape { tensor, .. } if tensor == "Rconv6.weight"), "{error}");
}

#[test]
fn a_size_that_the_linear_layers_do_not_take_is_refused() {
    let error = refused(&Conversion { input_size: 300, ..conversion("alexnet", 64) }, "alexnet");
    assert!(error.to_string().contains("300 x 300") && error.to_string().contains("8 x 8"), "{error}");
    let wide = Conversion { input_size: 224, ..conversion("alexnet", 64) }.run(&checkpoint("alexnet")).unwrap();
    let ModelSpec::Cnn(spec) = wide.spec else { panic!("no CNN") };
    assert_eq!(spec.layers.unwrap()[1].shape, [1, 55, 55]);
}

#[test]
fn made_up_weights_make_a_pair_that_answers() {
    let place = tempfile::tempdir().unwrap();
    let folder = ModelFolder::new(place.path());
    for name in ["deepsim-fc6", "alexnet", "resnet50"] {
        // ResNet50 takes images of any size: of the generator's, they are not resized.
        let input_size = if name == "resnet50" { 256 } else { 227 };
        let conversion = Conversion { input_size, ..conversion(name, 32) };
        let Converted { encoded, spec } = conversion.with_made_up_weights().unwrap();
        assert_eq!(encoded, conversion.with_made_up_weights().unwrap().encoded, "{name}");
        folder.add(&spec, &encoded).unwrap();
    }
    let manifest = folder.manifest().unwrap();
    let spec = manifest.generator("deepsim-fc6").unwrap();
    let generator = GeneratorModel::load(spec, &folder.source(&spec.file)).unwrap();
    for name in ["alexnet", "resnet50"] {
        let spec = manifest.cnn(name).unwrap();
        let cnn = CnnModel::load(spec, &folder.source(&spec.file)).unwrap();
        let (options, generator) = (SessionOptions::default(), generator.clone());
        let backend = Backend { runtime: runtime(), options, generator, cnn, reference: None, real: None };
        for (check, run) in CHECKS {
            run(&backend).unwrap_or_else(|failure| panic!("{name}, {check}: {failure}"));
        }
    }
}
