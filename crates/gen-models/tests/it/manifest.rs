//! `manifest.toml`: defaults, what is refused, and the workspace's own.

use gen_models::{Manifest, ManifestError, ModelSpec, Resize};

const CNN: &str = r#"
[[model]]
name = "net"
kind = "cnn"
file = "net.onnx"
input = "image"
input_size = [227, 227]
"#;

const GENERATOR: &str = r#"
[[model]]
name = "paint"
kind = "generator"
file = "paint.onnx"
input = "code"
output = "image"
latent_dim = 4096
image_size = [256, 128]
"#;

fn refused(text: &str) -> String {
    let error = Manifest::parse(text).unwrap_err();
    format!("{error} {}", std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default())
}

#[test]
fn what_is_left_out_has_a_default() {
    let manifest = Manifest::parse(&format!("{CNN}{GENERATOR}")).unwrap();
    let cnn = manifest.cnn("net").unwrap();
    assert_eq!((cnn.mean, cnn.std, cnn.value_range), ([0.0; 3], [1.0; 3], [0.0, 1.0]));
    assert_eq!((cnn.resize, &cnn.layers, &cnn.sha256), (Resize::HalfPixel, &None, &None));
    let generator = manifest.generator("paint").unwrap();
    assert_eq!((generator.value_range, generator.natural_norm), ([0.0, 1.0], None));
    assert_eq!(generator.image_size, [256, 128]);
}

#[test]
fn resizing_by_corners_can_be_asked_for() {
    let manifest = Manifest::parse(&format!("{CNN}resize = \"align-corners\"")).unwrap();
    assert_eq!(manifest.cnn("net").unwrap().resize, Resize::AlignCorners);
}

#[test]
fn what_cannot_be_used_is_refused() {
    assert!(refused(&format!("{CNN}colour = 1")).contains("unknown field `colour`"));
    assert!(refused(&format!("{CNN}resize = \"nearest\"")).contains("nearest"));
    assert!(refused(&CNN.replace("\"cnn\"", "\"rnn\"")).contains("rnn"));
    assert!(refused(&CNN.replace("file = \"net.onnx\"", "")).contains("file"));
    assert!(refused(&format!("{CNN}{CNN}")).contains("two models named 'net'"));
    for (extra, field) in [
        ("std = [1.0, 0.0, 1.0]", "std"),
        ("mean = [nan, 0.0, 1.0]", "mean"),
        ("value_range = [1.0, 1.0]", "value_range"),
    ] {
        let text = refused(&format!("{CNN}{extra}"));
        assert!(text.contains(&format!("model 'net' in the manifest: {field}")), "{text}");
    }
    assert!(refused(&format!("{GENERATOR}natural_norm = -1.0")).contains("natural_norm"));
    assert!(refused(&GENERATOR.replace("[256, 128]", "[256, 0]")).contains("image_size"));
}

#[test]
fn models_are_found_by_name_and_kind() {
    let manifest = Manifest::parse(&format!("{CNN}{GENERATOR}")).unwrap();
    let error = manifest.generator("net").unwrap_err();
    assert_eq!(error.to_string(), "'net' is a CNN, no generator; the generators are paint");
    assert_eq!(manifest.cnn("paint").unwrap_err().to_string(), "'paint' is a generator, no CNN; the CNNs are net");
    let error = manifest.cnn("none").unwrap_err();
    assert_eq!(error.to_string(), "the manifest has no CNN 'none'; the CNNs are net");
    assert!(matches!(error, ManifestError::Unknown { other: None, .. }));
    assert_eq!(manifest.models.iter().map(ModelSpec::name).collect::<Vec<_>>(), ["net", "paint"]);
}

#[test]
fn the_layers_of_the_embedded_pair_are_listed() {
    let manifest = crate::common::manifest();
    let layers = manifest.cnn("tiny-alexnet").unwrap().layers.as_ref().unwrap();
    assert!(layers.iter().all(|layer| layer.targetable));
    assert_eq!(layers.iter().find(|layer| layer.name == "fc6").unwrap().shape, [4096]);
}
