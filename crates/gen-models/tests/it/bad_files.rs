//! Files that are damaged, foreign, or not what the manifest says.

use std::borrow::Cow;
use std::error::Error;
use std::path::Path;

use gen_models::{CnnModel, CnnSpec, GeneratorModel, GeneratorSpec, GraphError, LayerInfo, ModelError, ModelSource};

use crate::common::{folder, manifest};

fn generator_spec() -> GeneratorSpec {
    GeneratorSpec { sha256: None, bytes: None, ..manifest().generator("tiny-deepsim").unwrap().clone() }
}

fn cnn_spec() -> CnnSpec {
    CnnSpec { sha256: None, bytes: None, ..manifest().cnn("tiny-alexnet").unwrap().clone() }
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name)).unwrap()
}

fn generator_error(spec: &GeneratorSpec, bytes: Vec<u8>) -> ModelError {
    GeneratorModel::load(spec, &ModelSource::Bytes(Cow::Owned(bytes))).unwrap_err()
}

fn cnn_error(spec: &CnnSpec) -> ModelError {
    CnnModel::load(spec, &ModelSource::File(folder().join(&spec.file))).unwrap_err()
}

#[test]
fn a_missing_file_is_named() {
    let path = Path::new("nowhere/net.onnx");
    let error = GeneratorModel::load(&generator_spec(), &ModelSource::File(path.into())).unwrap_err();
    assert!(matches!(&error, ModelError::Read { path: found, .. } if found == path));
    assert!(error.source().is_some());
}

#[test]
fn truncated_and_foreign_files_are_refused() {
    let whole = file("tiny-deepsim.onnx");
    for length in [1, 100, whole.len() / 2, whole.len() - 1] {
        let error = generator_error(&generator_spec(), whole[..length].to_vec());
        let refused = matches!(error, ModelError::Graph(GraphError::Decode { .. } | GraphError::NotAModel { .. }));
        assert!(refused, "{length} bytes: {error}");
        assert!(error.to_string().contains("tiny-deepsim"), "{error}");
    }
    for foreign in [Vec::new(), b"\x89PNG\r\n\x1a\n".to_vec(), b"version https://git-lfs".to_vec(), vec![0; 64]] {
        let error = generator_error(&generator_spec(), foreign);
        assert!(
            matches!(error, ModelError::Graph(GraphError::Decode { .. } | GraphError::NotAModel { .. })),
            "{error}"
        );
    }
}

#[test]
fn a_file_in_a_folder_is_named_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.onnx");
    std::fs::write(&path, b"not a model").unwrap();
    let error = GeneratorModel::load(&generator_spec(), &ModelSource::File(path)).unwrap_err();
    assert!(error.to_string().contains("broken.onnx"), "{error}");
}

#[test]
fn size_and_hash_are_checked_against_the_manifest() {
    let spec = manifest().generator("tiny-deepsim").unwrap().clone();
    let mut bytes = file("tiny-deepsim.onnx");
    let mut shorter = bytes.clone();
    shorter.pop();
    let error = generator_error(&spec, shorter);
    assert!(matches!(error, ModelError::WrongSize { .. }), "{error}");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let error = generator_error(&spec, bytes);
    assert!(
        matches!(&error, ModelError::WrongHash { expected, .. } if Some(expected) == spec.sha256.as_ref()),
        "{error}"
    );
}

#[test]
fn a_manifest_that_contradicts_the_file_is_refused() {
    let whole = || file("tiny-deepsim.onnx");
    let spec = GeneratorSpec { input: "latent".into(), ..generator_spec() };
    let error = generator_error(&spec, whole());
    assert!(
        matches!(&error, ModelError::Graph(GraphError::MissingTensor { role: "input", known, .. }) if known == &["code"]),
        "{error}"
    );
    let error = generator_error(&GeneratorSpec { output: "picture".into(), ..generator_spec() }, whole());
    assert!(matches!(error, ModelError::Graph(GraphError::MissingTensor { role: "output", .. })), "{error}");
    let error = generator_error(&GeneratorSpec { latent_dim: 100, ..generator_spec() }, whole());
    assert!(error.to_string().contains("[n, 100]"), "{error}");
    let error = cnn_error(&CnnSpec { input_size: [227, 227], ..cnn_spec() });
    assert!(matches!(error, ModelError::WrongShape { .. }), "{error}");
    let error = cnn_error(&CnnSpec { layers: Some(vec![LayerInfo::new("fc8", vec![1000])]), ..cnn_spec() });
    assert!(matches!(error, ModelError::WrongShape { .. }), "{error}");
    let error = cnn_error(&CnnSpec { layers: Some(vec![LayerInfo::new("fc9", vec![31])]), ..cnn_spec() });
    assert!(error.to_string().contains("fc9"), "{error}");
}
