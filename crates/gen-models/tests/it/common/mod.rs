//! What the integration tests share: the library and the embedded pair.
#![allow(dead_code, reason = "every test file uses a part of it")]

pub(crate) mod backend;

use std::path::{Path, PathBuf};

use gen_models::{CnnModel, GeneratorModel, Manifest, ModelSource, Runtime, locate_in};

/// The library that the tests use: the one that `ORT_DYLIB_PATH` names, or one in a cache folder of the tests' own.
pub(crate) fn library() -> PathBuf {
    locate_in(&test_needs::cache_folder(), &|message| eprintln!("{message}")).unwrap().canonicalize().unwrap()
}

pub(crate) fn runtime() -> &'static Runtime {
    Runtime::load(&library()).unwrap()
}

/// The workspace's `models` folder.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

pub(crate) fn manifest() -> Manifest {
    Manifest::from_file(&folder().join("manifest.toml")).unwrap()
}

pub(crate) fn generator() -> GeneratorModel {
    let manifest = manifest();
    let spec = manifest.generator("tiny-deepsim").unwrap();
    GeneratorModel::load(spec, &ModelSource::File(folder().join(&spec.file))).unwrap()
}

pub(crate) fn cnn() -> CnnModel {
    let manifest = manifest();
    let spec = manifest.cnn("tiny-alexnet").unwrap();
    CnnModel::load(spec, &ModelSource::File(folder().join(&spec.file))).unwrap()
}

pub(crate) fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

pub(crate) fn as_f32(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&x| x as f32).collect()
}
