//! Two networks with real weights, where the checkout has them beside it.
//!
//! The reference values were computed by the networks' own frameworks and are stated to five digits.

mod common;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{as_f32, bits, codes, runtime};
use gen_models::{
    CnnModel, FusedModel, FusedObjective, GeneratorModel, Images, LayerInfo, Manifest, ModelSource, SessionOptions,
    UnitMixture, UnitScorer,
};
use optim_core::{Generator, Objective, Population, Scorer};

const MANIFEST: &str = r#"
[[model]]
name = "dcgan"
kind = "generator"
file = "dcgan_faces32.onnx"
sha256 = "859ebcb67661c9fdaffc4a5075d5bd5d637100747ae2a1fb9ff3cff1955ce69f"
bytes = 3489640
input = "z"
output = "image"
latent_dim = 100
image_size = [32, 32]
value_range = [-1.0, 1.0]

[[model]]
name = "squeezenet"
kind = "cnn"
file = "squeezenet1_1_imagenet.onnx"
sha256 = "7dec840e547695c062af2ba3ab6e48188011c959c107223fe0f727899c5c499e"
bytes = 4954248
input = "data"
input_size = [227, 227]
value_range = [0.0, 255.0]
mean = [123.68, 116.779, 103.939]
"#;

/// The two networks, or `None` with a word why.
fn networks() -> Option<(GeneratorModel, CnnModel)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models/real");
    if !folder.is_dir() {
        eprintln!("{} is not here: the real networks are not tested", folder.display());
        return None;
    }
    let manifest = Manifest::parse(MANIFEST).unwrap();
    let (generator, cnn) = (manifest.generator("dcgan").unwrap(), manifest.cnn("squeezenet").unwrap());
    Some((
        GeneratorModel::load(generator, &ModelSource::File(folder.join(&generator.file))).unwrap(),
        CnnModel::load(cnn, &ModelSource::File(folder.join(&cnn.file))).unwrap(),
    ))
}

/// Equal to within the last of five digits.
fn assert_five_digits(found: f64, stated: f64, what: &str) {
    assert!((found - stated).abs() <= 6e-5 * stated.abs(), "{what}: {found}, stated is {stated}");
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|&x| f64::from(x)).sum::<f64>() / values.len() as f64
}

#[test]
fn the_generator_renders_the_reference_image() {
    let Some((generator, _)) = networks() else { return };
    let code: Vec<f32> = (0..100).map(|i| f64::from(i).cos() as f32).collect();
    let mut session = generator.session(runtime(), SessionOptions::default()).unwrap();
    let images = session.generate(&code).unwrap();
    assert_eq!(images.shape(), [1, 3, 32, 32]);
    // The reference is in the file's range of values, [-1, 1].
    let raw: Vec<f32> = images.as_slice().iter().map(|x| 2.0 * x - 1.0).collect();
    assert_five_digits(mean(&raw), -0.147_351, "mean");
    for (row, column, stated) in [(16, 16, [0.85915, 0.46050, 0.049128]), (0, 31, [0.18236, 0.065782, -0.15999])] {
        for (channel, stated) in stated.into_iter().enumerate() {
            assert_five_digits(f64::from(raw[(channel * 32 + row) * 32 + column]), stated, "pixel");
        }
    }
}

/// The reference image of the CNN, brought to [0, 1].
fn waves() -> Images {
    let data = (0..3 * 227 * 227).map(|i| {
        let (c, y, x) = (i / (227 * 227), i / 227 % 227, i % 227);
        let value = 60.0 * (0.05 * x as f64 + 0.03 * y as f64 + c as f64).sin();
        ((value + [123.68, 116.779, 103.939][c]) / 255.0) as f32
    });
    Images::new(data.collect(), [1, 3, 227, 227]).unwrap()
}

#[test]
fn the_cnn_answers_the_reference_image() {
    let Some((_, cnn)) = networks() else { return };
    let layers = ["pool1", "fire5/concat", "fire8/concat", "logits", "prob"];
    let mut session = cnn.session(runtime(), &layers, SessionOptions::default()).unwrap();
    let [pool1, fire5, fire8, logits, prob] = session.activations(&waves()).unwrap().try_into().unwrap();
    assert_five_digits(mean(&pool1.data), 11.997, "pool1");
    assert_five_digits(mean(&fire5.data), 10.197, "fire5");
    assert_five_digits(mean(&fire8.data), 4.4101, "fire8");
    assert_five_digits(f64::from(fire8.data[(50 * 13 + 6) * 13 + 6]), 3.6251, "fire8/concat:50:6:6");
    for (class, stated) in [1.1816, 9.0485, 4.5565, 4.2289].into_iter().enumerate() {
        assert_five_digits(f64::from(logits.data[class]), stated, "logit");
    }
    assert_five_digits(f64::from(logits.data.iter().copied().fold(f32::MIN, f32::max)), 14.076, "largest logit");
    let mut classes: Vec<usize> = (0..1000).collect();
    classes.sort_by(|&a, &b| prob.data[b].total_cmp(&prob.data[a]));
    assert_eq!(classes[..5], [818, 644, 626, 562, 885]);
    assert_five_digits(f64::from(prob.data[818]), 0.22017, "prob");
}

#[test]
fn layers_are_read_from_the_file() {
    let Some((_, cnn)) = networks() else { return };
    let layers = cnn.layers(runtime()).unwrap();
    for (name, shape) in [
        ("relu_conv1", vec![64, 113, 113]),
        ("pool3", vec![128, 27, 27]),
        ("fire9/concat", vec![512, 13, 13]),
        ("fire2/relu_squeeze1x1", vec![16, 56, 56]),
        ("pool10", vec![1000, 1, 1]),
        ("logits", vec![1000]),
    ] {
        assert!(layers.contains(&LayerInfo::new(name, shape)), "{name}");
    }
    assert_eq!(layers.len(), 66, "one a node");
}

/// Opset 13 and opset 11: joined where the cut CNN means the same in both; the softmax before `prob`
/// does not, and is run in a session of its own.
#[test]
fn fused_scores_are_those_of_generator_and_scorer() {
    let Some((generator, cnn)) = networks() else { return };
    let codes = codes(3, 100, 5.8);
    let mut session = generator.session(runtime(), SessionOptions::default()).unwrap();
    let images = session.generate(&as_f32(&codes)).unwrap();
    for (unit, joined) in
        [("fire3/concat:5", true), ("relu_conv10:818:3:4", true), ("logits:7", true), ("prob:2", false)]
    {
        let mixture = UnitMixture::parse(&[unit], cnn.layers(runtime()).unwrap()).unwrap();
        let model = FusedModel::new(&generator, &cnn, &mixture.layers(), runtime()).unwrap();
        assert_eq!(model.is_joined(), joined, "{unit}");
        let fused = Arc::new(model.session(runtime(), SessionOptions { batch_size: 2, ..Default::default() }).unwrap());
        let mut objective = FusedObjective::new(fused, &mixture).unwrap();
        let (mut together, mut apart) = (Vec::new(), Vec::new());
        objective.evaluate(&Population::from_rows(100, &codes), &mut together).unwrap();
        assert!(objective.session_seconds() > 0.0);
        UnitScorer::new(&cnn, &mixture, runtime(), SessionOptions::default())
            .unwrap()
            .score(&images, &mut apart)
            .unwrap();
        assert_eq!(together.len(), 3);
        assert_eq!(bits(&together), bits(&apart), "{unit}");
    }
}
