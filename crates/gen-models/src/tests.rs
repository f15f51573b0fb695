//! Surgery against the files as they are, run by ONNX Runtime.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use onnx_graph::proto::{ModelProto, StringStringEntryProto};
use onnx_graph::{GraphError, Model, float_value};
use optim_core::Objective;
use prost::Message;
use test_needs::Need;

use crate::session::TensorSession;
use crate::{
    CnnModel, FusedModel, FusedObjective, GeneratorModel, LayerInfo, Manifest, ModelSource, Resize, Runtime,
    SessionOptions, WeightedUnits, locate_in,
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

fn manifest() -> Manifest {
    Manifest::from_file(&folder().join("manifest.toml")).unwrap()
}

fn runtime() -> &'static Runtime {
    Runtime::load(&locate_in(&test_needs::cache_folder(), &|message| eprintln!("{message}")).unwrap()).unwrap()
}

fn pair() -> [PathBuf; 2] {
    ["tiny-deepsim.onnx", "tiny-alexnet.onnx"].map(|name| folder().join(name))
}

/// Runs a file on numbers between 0 and 1; all outputs, as bits.
fn run(encoded: &[u8], shape: &[usize]) -> Vec<Vec<u32>> {
    let mut session = TensorSession::new(runtime(), encoded, "test", SessionOptions::default()).unwrap();
    let data: Vec<f32> = (0..shape.iter().product()).map(|i: usize| (i * 7919 % 1000) as f32 / 1000.0).collect();
    let bits = |data: &[f32]| data.iter().map(|x| x.to_bits()).collect();
    let read = session.run(shape, &data, |outputs| Ok(outputs.iter().flatten().map(|o| bits(o.data)).collect()));
    read.unwrap()
}

/// The model with another declaration of its only input.
fn with_input(model: &Model, input: &str, sizes: &[Option<usize>]) -> Model {
    let mut model = model.clone();
    model.graph.input = vec![float_value(input, sizes)];
    model
}

/// A file whose raw weights are moved to `location`, and the content of that.
fn externalised(file: &[u8], location: &str) -> (Vec<u8>, Vec<u8>) {
    let entry = |key: &str, value: String| StringStringEntryProto {
        key: Some(key.to_owned()),
        value: Some(value),
        ..StringStringEntryProto::default()
    };
    let mut weights = Vec::new();
    let mut model = ModelProto::decode(file).expect("a model");
    for tensor in model.graph.iter_mut().flat_map(|graph| &mut graph.initializer) {
        let Some(raw) = tensor.raw_data.take() else { continue };
        let place = [("offset", weights.len()), ("length", raw.len())];
        tensor.external_data = vec![entry("location", location.to_owned())];
        tensor.external_data.extend(place.map(|(key, value)| entry(key, value.to_string())));
        tensor.data_location = Some(1);
        weights.extend(raw);
    }
    (model.encode_to_vec(), weights)
}

/// Shape of the first input for a batch of two.
fn input_shape(model: &Model) -> Vec<usize> {
    let name = model.graph.input[0].name().to_owned();
    let shape = model.input_shape(&name).unwrap().unwrap();
    shape.iter().enumerate().map(|(i, size)| if i == 0 { 2 } else { size.unwrap() as usize }).collect()
}

fn assert_no_field_is_dropped(file: &Path) {
    let bytes = std::fs::read(file).unwrap();
    let again = ModelProto::decode(&bytes[..]).unwrap().encode_to_vec();
    assert_eq!(again.len(), bytes.len(), "{}", file.display());
}

fn assert_runs_identically_when_written_again(file: &Path) {
    let bytes = std::fs::read(file).unwrap();
    let model = Model::decode(&bytes, "test", None).unwrap();
    let shape = input_shape(&model);
    let outputs = run(&bytes, &shape);
    assert!(!outputs.is_empty() && outputs.iter().all(|output| !output.is_empty()));
    assert!(outputs == run(&model.encode(), &shape), "{}", file.display());
}

#[test]
fn writing_a_model_again_drops_no_field() {
    pair().iter().for_each(|file| assert_no_field_is_dropped(file));
}

#[test]
fn a_model_written_again_runs_identically() {
    pair().iter().for_each(|file| assert_runs_identically_when_written_again(file));
}

#[test]
fn real_models_are_written_again_as_they_are() {
    let Some(folder) = Need::RealModels.or_skip() else { return };
    for file in ["dcgan_faces32.onnx", "squeezenet1_1_imagenet.onnx"].map(|name| folder.join(name)) {
        assert_no_field_is_dropped(&file);
        assert_runs_identically_when_written_again(&file);
    }
}

#[test]
fn layers_are_the_same_without_declared_shapes() {
    let mut spec = manifest().cnn("tiny-alexnet").unwrap().clone();
    let listed = spec.layers.take().unwrap();
    let bytes = std::fs::read(folder().join(&spec.file)).unwrap();
    let mut stripped = Model::decode(&bytes, "test", None).unwrap();
    stripped.graph.value_info.clear();
    stripped.graph.output.iter_mut().for_each(|output| output.r#type = None);
    let declared = CnnModel::load(&spec, &ModelSource::Bytes(Cow::Owned(bytes))).unwrap();
    (spec.sha256, spec.bytes) = (None, None);
    let learnt = CnnModel::load(&spec, &ModelSource::Bytes(Cow::Owned(stripped.encode()))).unwrap();
    let layers = declared.layers(runtime()).unwrap();
    assert_eq!(layers, learnt.layers(runtime()).unwrap());
    for layer in &listed {
        assert!(layers.contains(layer), "{layer:?}");
    }
    // Weights that are cast from half precision are no layers.
    let mut constants =
        stripped.graph.initializer.iter().map(|t| format!("{}_cast", t.name())).chain(
            stripped.graph.node.iter().filter(|node| node.op_type() == "Cast").flat_map(|node| node.output.clone()),
        );
    assert!(constants.all(|name| layers.iter().all(|layer: &LayerInfo| layer.name != *name)));
}

#[test]
fn a_batch_size_fixed_in_the_file_is_freed() {
    let spec = manifest().generator("tiny-deepsim").unwrap().clone();
    let bytes = std::fs::read(folder().join(&spec.file)).unwrap();
    let model = Model::decode(&bytes, "test", None).unwrap();
    let fixed = with_input(&model, &spec.input, &[Some(1), Some(4096)]);
    let spec = crate::GeneratorSpec { sha256: None, bytes: None, ..spec };
    let generator = GeneratorModel::load(&spec, &ModelSource::Bytes(Cow::Owned(fixed.encode()))).unwrap();
    let mut session = generator.session(runtime(), SessionOptions::default()).unwrap();
    let images = optim_core::Generator::generate(&mut session, &vec![0.5; 3 * 4096]).unwrap();
    assert_eq!(images.shape(), [3, 3, 64, 64]);
}

#[test]
fn weights_in_another_file_are_taken_in() {
    let spec = manifest().generator("tiny-deepsim").unwrap().clone();
    let bytes = std::fs::read(folder().join(&spec.file)).unwrap();
    let shape = [2, 4096];
    let temporary = tempfile::tempdir().unwrap();
    let (external, weights) = externalised(&bytes, "weights.bin");
    std::fs::write(temporary.path().join("weights.bin"), &weights).unwrap();
    let model = Model::decode(&external, "test", Some(temporary.path())).unwrap();
    assert_eq!(run(&bytes, &shape), run(&model.encode(), &shape));

    let fails = |model: &[u8], folder: Option<&Path>, message: &str| {
        let error = Model::decode(model, "test", folder).unwrap_err();
        assert!(matches!(error, GraphError::ExternalData { .. }), "{error}");
        assert!(error.to_string().contains(message), "{error}");
    };
    fails(&external, None, "given as bytes");
    fails(&externalised(&bytes, "../weights.bin").0, Some(temporary.path()), "not a path below");
    std::fs::write(temporary.path().join("weights.bin"), &weights[..weights.len() - 1]).unwrap();
    fails(&external, Some(temporary.path()), "1 bytes too early");
}

/// Value at (y, x) of a picture that is not linear in either.
fn picture(channel: usize, y: usize, x: usize) -> f64 {
    ((0.9 * y as f64 + channel as f64).sin() * (0.7 * x as f64).cos() + 1.0) / 2.0
}

/// Bilinear interpolation at row `y` and column `x`, edges continued.
fn interpolate(channel: usize, y: f64, x: f64, [height, width]: [usize; 2]) -> f64 {
    let (y, x) = (y.clamp(0.0, (height - 1) as f64), x.clamp(0.0, (width - 1) as f64));
    let (top, left) = (y.floor() as usize, x.floor() as usize);
    let (bottom, right) = ((top + 1).min(height - 1), (left + 1).min(width - 1));
    let (v, u) = (y - top as f64, x - left as f64);
    let row = |y| picture(channel, y, left) * (1.0 - u) + picture(channel, y, right) * u;
    row(top) * (1.0 - v) + row(bottom) * v
}

#[test]
fn images_are_resized_and_normalised_as_specified() {
    let mut spec = manifest().cnn("tiny-alexnet").unwrap().clone();
    let bytes = std::fs::read(folder().join(&spec.file)).unwrap();
    let model = Model::decode(&bytes, "test", None).unwrap();
    spec.value_range = [-3.0, 252.0];
    (spec.mean, spec.std) = ([100.0, 120.0, 140.0], [50.0, 60.0, 70.0]);
    for (resize, size) in [
        (Resize::HalfPixel, [32, 32]),
        (Resize::HalfPixel, [5, 7]),
        (Resize::HalfPixel, [100, 90]),
        (Resize::AlignCorners, [32, 32]),
        (Resize::AlignCorners, [5, 7]),
        (Resize::AlignCorners, [64, 64]),
    ] {
        spec.resize = resize;
        let graph = crate::preprocess::scoring_graph(&model, &spec, std::slice::from_ref(&spec.input), None).unwrap();
        let mut session = TensorSession::new(runtime(), &graph.encode(), "test", SessionOptions::default()).unwrap();
        let [height, width] = size;
        let at = |i: usize| (i / (height * width) % 3, i / width % height, i % width);
        let pixels = (0..3 * height * width).map(at).map(|(c, y, x)| picture(c, y, x) as f32).collect::<Vec<_>>();
        let found =
            session.run(&[1, 3, height, width], &pixels, |outputs| Ok(outputs[0].as_ref().unwrap().data.to_vec()));
        let source = |i: usize, from: usize| match resize {
            Resize::HalfPixel => (i as f64 + 0.5) * from as f64 / 64.0 - 0.5,
            Resize::AlignCorners => i as f64 * (from - 1) as f64 / 63.0,
        };
        for (i, found) in found.unwrap().into_iter().enumerate() {
            let (c, y, x) = (i / 4096, i / 64 % 64, i % 64);
            let value = interpolate(c, source(y, height), source(x, width), size);
            let expected = (value * 255.0 - 3.0 - f64::from(spec.mean[c])) / f64::from(spec.std[c]);
            assert!(
                (f64::from(found) - expected).abs() < 2e-5,
                "{resize:?} {size:?} ({c}, {y}, {x}): {found}, {expected}"
            );
        }
    }
}

#[test]
fn two_sessions_give_the_scores_of_one() {
    let manifest = manifest();
    let load = |file: &str| Model::decode(&std::fs::read(folder().join(file)).unwrap(), "test", None).unwrap();
    // Two versions of a domain cannot be in one graph.
    let bytes = |file: &str, version: i64| {
        let mut model = load(file);
        model.opsets.insert("ai.onnx.ml".to_owned(), version);
        ModelSource::Bytes(Cow::Owned(model.encode()))
    };
    let generator =
        crate::GeneratorSpec { sha256: None, bytes: None, ..manifest.generator("tiny-deepsim").unwrap().clone() };
    let cnn = crate::CnnSpec { sha256: None, bytes: None, ..manifest.cnn("tiny-alexnet").unwrap().clone() };
    let codes: Vec<f64> = (0..5 * 4096).map(|i| 3.0 * (f64::from(i) * 0.37).sin()).collect();
    let codes = optim_core::Population::from_rows(4096, &codes);
    let scores = [3, 2].map(|version| {
        let generator = GeneratorModel::load(&generator, &bytes(&generator.file, 3)).unwrap();
        let cnn = CnnModel::load(&cnn, &bytes(&cnn.file, version)).unwrap();
        let weighted = WeightedUnits::parse(&["conv3:2:4:4", "fc8:5=0.5"], cnn.layers(runtime()).unwrap()).unwrap();
        let model = FusedModel::new(&generator, &cnn, &weighted.layers(), runtime()).unwrap();
        assert_eq!(model.is_joined(), version == 3);
        let options = SessionOptions { batch_size: 2, ..SessionOptions::default() };
        let session = Arc::new(model.session(runtime(), options).unwrap());
        let mut scores = Vec::new();
        FusedObjective::new(session, &weighted).unwrap().evaluate(&codes, &mut scores).unwrap();
        scores
    });
    assert_eq!(scores[0].len(), 5);
    assert_eq!(
        scores[0].iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
        scores[1].iter().map(|x| x.to_bits()).collect::<Vec<_>>()
    );
}
