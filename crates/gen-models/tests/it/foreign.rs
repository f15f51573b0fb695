//! ONNX files of all kinds, imported and compared with what ONNX Runtime computes in the files as they are.
//!
//! `fixtures/foreign/make.py` writes the files and the reference.

use std::borrow::Cow;
use std::error::Error;
use std::path::{Path, PathBuf};

use gen_models::suite::{Backend, CHECKS, Outcome};
use gen_models::{
    CnnModel, CnnSpec, FusedModel, GeneratorModel, GeneratorSpec, GraphError, ImageLayout, Images, Import, ImportError,
    Imported, ModelError, ModelKind, ModelSource, ModelSpec, SessionOptions,
};
use optim_core::Generator;
use serde_json::Value;
use test_needs::Need;

use crate::common::runtime;

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/foreign")
}

fn cases(kind: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder().join("reference.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    cases.into_iter().filter(|case| case["kind"] == kind).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn sizes(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(|x| usize::try_from(x.as_u64().unwrap()).unwrap()).collect()
}

fn singles(value: &Value) -> Vec<f32> {
    numbers(value).into_iter().map(|x| x as f32).collect()
}

/// The options of a case.
fn import(options: &Value) -> Import {
    let mut import = Import::default();
    for (name, value) in options.as_object().unwrap() {
        match name.as_str() {
            "kind" if value == "cnn" => import.kind = Some(ModelKind::Cnn),
            "kind" => import.kind = Some(ModelKind::Generator),
            "range" => import.range = Some(singles(value).try_into().unwrap()),
            "mean" => import.mean = Some(singles(value)),
            "output" => import.output = Some(value.as_str().unwrap().to_owned()),
            "code_size" => import.code_size = sizes(value),
            "size" => import.size = Some(sizes(value).try_into().unwrap()),
            "inputs" => {
                let rules = value.as_array().unwrap().iter();
                import.inputs = rules.map(|rule| rule.as_str().unwrap().parse().unwrap()).collect();
            }
            other => panic!("option {other}"),
        }
    }
    import
}

/// Values that an input is held at; the only file with such has five.
fn read(path: &Path, len: usize) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>> {
    if path != Path::new("class.npy") || len != 5 {
        return Err(format!("{} with {len} numbers", path.display()).into());
    }
    let bytes = std::fs::read(folder().join(path))?;
    let values = bytes[bytes.len() - 4 * len..].as_chunks().0;
    Ok(values.iter().map(|&x| f32::from_le_bytes(x)).collect())
}

pub(crate) fn run(import: &Import, file: &Path) -> Result<Imported, ImportError> {
    import.run(file, runtime(), &read)
}

fn imported(case: &Value) -> Imported {
    let file = case["file"].as_str().unwrap();
    let imported = run(&import(&case["options"]), &folder().join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
    for note in case["notes"].as_array().unwrap() {
        let said = imported.notes.iter().any(|found| found.text.contains(note.as_str().unwrap()));
        assert!(said, "{file}: {note} is not among {:?}", imported.notes);
    }
    let given = std::fs::read(folder().join(file)).unwrap();
    assert_eq!(imported.verbatim, imported.encoded == given, "{file}");
    imported
}

fn source(imported: &Imported) -> ModelSource {
    ModelSource::Bytes(Cow::Owned(imported.encoded.clone()))
}

fn generator_of(imported: &Imported) -> (&GeneratorSpec, GeneratorModel) {
    let ModelSpec::Generator(spec) = &imported.spec else { panic!("{:?} is no generator", imported.spec) };
    (spec, GeneratorModel::load(spec, &source(imported)).unwrap())
}

fn cnn_of(imported: &Imported) -> (&CnnSpec, CnnModel) {
    let ModelSpec::Cnn(spec) = &imported.spec else { panic!("{:?} is no CNN", imported.spec) };
    (spec, CnnModel::load(spec, &source(imported)).unwrap())
}

/// Images 0 and 1 of `make.py`.
fn pictures([height, width]: [usize; 2], rounded: bool) -> Images {
    let value = |i: usize| {
        let (x, y) = (i % width, i / width % height);
        let (channel, k) = (i / (width * height) % 3, i / (width * height) / 3);
        let value = 0.5 + 0.5 * (0.9 * y as f64 + 0.7 * x as f64 + 1.3 * channel as f64 + 2.1 * k as f64).sin();
        (if rounded { (value * 255.0).round_ties_even() / 255.0 } else { value }) as f32
    };
    Images::new((0..2 * 3 * height * width).map(value).collect(), [2, 3, height, width]).unwrap()
}

/// Codes 0 and 1 of `make.py`.
fn codes(dim: usize) -> Vec<f32> {
    let code = |k: usize| (0..dim).map(move |i| (1.5 * (0.7 * (k + 1) as f64 * (i + 1) as f64).cos()) as f32);
    (0..2).flat_map(code).collect()
}

fn assert_sample(found: &[f32], expected: &Value, tolerance: f64, what: &str) {
    let values = numbers(&expected["values"]);
    let scale = values.iter().fold(1.0_f64, |m, x| m.max(x.abs()));
    for (place, value) in sizes(&expected["places"]).into_iter().zip(values) {
        let difference = (f64::from(found[place]) - value).abs();
        assert!(difference <= tolerance * scale, "{what} at {place}: {} instead of {value}", found[place]);
    }
}

fn tolerance(case: &Value) -> f64 {
    case["tolerance"].as_f64().unwrap_or(2e-5)
}

#[test]
fn layers_of_foreign_cnns_have_the_values_of_the_uncut_files() {
    for case in cases("cnn") {
        let file = case["file"].as_str().unwrap();
        let imported = imported(&case);
        let (spec, model) = cnn_of(&imported);
        assert_eq!(spec.input_size.to_vec(), sizes(&case["size"]), "{file}");
        assert_eq!(spec.fixed_batch.map(|b| b as u64), case["fixed_batch"].as_u64(), "{file}");
        let images = pictures(spec.input_size, case["rounded"] == true);
        let layers = case["layers"].as_object().unwrap();
        assert!(!layers.is_empty());
        for (name, expected) in layers {
            let mut session = model.session(runtime(), &[name], SessionOptions::default()).unwrap();
            let found = session.activations(&images).unwrap().remove(0);
            assert_eq!(found.layer.shape, sizes(&expected[0]["shape"]), "{file}: {name}");
            assert_eq!(found.layer.targetable, matches!(found.layer.shape.len(), 1 | 3), "{file}: {name}");
            for k in 0..2 {
                assert_sample(found.image(k), &expected[k], tolerance(&case), &format!("{file}: {name}, image {k}"));
            }
        }
        // Nothing that was added is offered, and every tensor that can be a target is.
        for layer in spec.layers.iter().flatten().filter(|layer| layer.targetable && file != "tokens.onnx") {
            assert!(layers.contains_key(&layer.name), "{file}: {}", layer.name);
        }
    }
}

#[test]
fn images_of_foreign_generators_have_the_values_of_the_files() {
    for case in cases("generator") {
        let file = case["file"].as_str().unwrap();
        let imported = imported(&case);
        let (spec, model) = generator_of(&imported);
        assert_eq!(spec.latent_dim as u64, case["dim"].as_u64().unwrap(), "{file}");
        assert_eq!(spec.fixed_batch.map(|b| b as u64), case["fixed_batch"].as_u64(), "{file}");
        let mut session = model.session(runtime(), SessionOptions::default()).unwrap();
        let images = session.generate(&codes(spec.latent_dim)).unwrap();
        for k in 0..2 {
            assert_eq!(images.shape()[1..].to_vec(), sizes(&case["images"][k]["shape"]), "{file}");
            let what = format!("{file} {}, image {k}", case["options"]);
            assert_sample(images.image(k), &case["images"][k], tolerance(&case), &what);
        }
    }
}

#[test]
fn every_generator_drives_every_cnn() {
    let generators: Vec<Imported> = cases("generator").iter().map(imported).collect();
    let cnns: Vec<Imported> = cases("cnn").iter().map(imported).collect();
    for generator in &generators {
        let (_, generator) = generator_of(generator);
        let images = generator
            .session(runtime(), SessionOptions::default())
            .unwrap()
            .generate(&codes(generator.spec().latent_dim));
        let images = images.unwrap();
        for cnn in &cnns {
            let (spec, cnn) = cnn_of(cnn);
            let layer = spec.layers.iter().flatten().rfind(|layer| layer.targetable).unwrap().name.clone();
            let fused = FusedModel::new(&generator, &cnn, &[&layer], runtime()).unwrap();
            let weighted =
                gen_models::WeightedUnits::parse(&[format!("{layer}:0")], cnn.layers(runtime()).unwrap()).unwrap();
            let session = std::sync::Arc::new(fused.session(runtime(), SessionOptions::default()).unwrap());
            let mut objective = gen_models::FusedObjective::new(session, &weighted).unwrap();
            let rows: Vec<f64> = codes(generator.spec().latent_dim).into_iter().map(f64::from).collect();
            let mut scores = Vec::new();
            let population = optim_core::Population::from_rows(generator.spec().latent_dim, &rows);
            optim_core::Objective::evaluate(&mut objective, &population, &mut scores).unwrap();
            let mut scorer =
                gen_models::UnitScorer::new(&cnn, &weighted, runtime(), SessionOptions::default()).unwrap();
            let mut apart = Vec::new();
            optim_core::Scorer::score(&mut scorer, &images, &mut apart).unwrap();
            for (a, b) in scores.iter().zip(&apart) {
                assert!((a - b).abs() <= 1e-4 * b.abs().max(1e-2), "{} {layer}: {a}, {b}", spec.name);
            }
            assert_eq!(scores.len(), 2);
        }
    }
}

#[test]
fn networks_cropped_to_a_unit_answer_as_whole_ones() {
    let generators: Vec<Imported> = cases("generator").iter().map(imported).collect();
    let cnns: Vec<Imported> = cases("cnn").iter().map(imported).collect();
    let (_, check) = CHECKS.iter().find(|(name, _)| *name == "cropped_equals_whole").unwrap();
    // Half precision is rounded to a thousandth after every operator: where, is for the runtime to choose.
    let whole = |generator: &&Imported| !generator.spec.name().contains("half");
    let each_generator = generators.iter().filter(whole).map(|generator| (generator, &cnns[0]));
    let each_cnn = cnns.iter().map(|cnn| (&generators[0], cnn));
    for (generator, cnn) in each_generator.chain(each_cnn) {
        let ((painter, generator), (seer, cnn)) = (generator_of(generator), cnn_of(cnn));
        let options = SessionOptions::default();
        let backend = Backend { runtime: runtime(), options, generator, cnn, reference: None, real: None };
        let outcome = check(&backend).unwrap_or_else(|failure| panic!("{}, {}: {failure}", painter.name, seer.name));
        if let Outcome::Skipped(reason) = outcome {
            eprintln!("{}: {reason}", seer.name);
        }
    }
}

#[test]
fn a_file_that_needs_nothing_is_kept_byte_for_byte() {
    for (file, verbatim) in [("opset9.onnx", true), ("g-tanh.onnx", true), ("nhwc.onnx", false), ("g-gray.onnx", false)]
    {
        let path = folder().join(file);
        let import = Import { kind: file.starts_with("g-gray").then_some(ModelKind::Generator), ..Import::default() };
        let imported = run(&import, &path).unwrap();
        assert_eq!(imported.verbatim, verbatim, "{file}");
        assert_eq!(imported.encoded == std::fs::read(&path).unwrap(), verbatim, "{file}");
    }
}

#[test]
fn what_was_imported_can_be_imported_again() {
    let folder = tempfile::tempdir().unwrap();
    let case = &cases("cnn").into_iter().find(|case| case["file"] == "nhwc.onnx").unwrap();
    let first = imported(case);
    let path = folder.path().join("again.onnx");
    std::fs::write(&path, &first.encoded).unwrap();
    let import = Import { range: Some([0.0, 255.0]), ..Import::default() };
    let second = run(&import, &path).unwrap();
    let layers = |imported: &Imported| cnn_of(imported).0.layers.clone().unwrap();
    assert!(layers(&first).iter().all(|layer| layers(&second).iter().any(|other| other.shape == layer.shape)));
}

fn refused(import: &Import, file: &str) -> ImportError {
    match run(import, &folder().join(file)) {
        Ok(imported) => panic!("{file} became {:?}", imported.spec),
        Err(error) => error,
    }
}

#[test]
fn files_that_cannot_be_used_are_refused_with_a_reason() {
    let plain = Import::default();
    let (cnn, generator) = (
        Import { kind: Some(ModelKind::Cnn), ..Import::default() },
        Import { kind: Some(ModelKind::Generator), ..Import::default() },
    );
    let error = refused(&plain, "bad-custom.onnx");
    assert!(
        matches!(&error, ImportError::CustomOperator { operator, domain, .. } if operator == "GridPool" && domain == "org.example")
    );
    assert!(matches!(refused(&plain, "bad-opset.onnx"), ImportError::Opset { opset: 99, oldest: 7, newest: 26, .. }));
    let error = refused(&plain, "bad-operator.onnx");
    let ImportError::Model(ModelError::Session { source, .. }) = &error else { panic!("{error}") };
    assert!(source.to_string().contains("NoSuchOperator"), "{source}");
    assert!(matches!(refused(&plain, "bad-images.onnx"), ImportError::KindUnclear { .. }));
    assert!(matches!(refused(&plain, "bad-vectors.onnx"), ImportError::NotAnImageOutput { .. }));
    assert!(matches!(refused(&cnn, "bad-vectors.onnx"), ImportError::NotAnImageInput { .. }));
    assert!(matches!(
        refused(&generator, "opset9.onnx"),
        ImportError::FreeLength { .. } | ImportError::NotAnImageOutput { .. }
    ));
    assert!(matches!(refused(&plain, "bad-text.onnx"), ImportError::FreeLength { .. }));
    for (file, message) in [
        ("bad-cycle.onnx", "'a' is computed from itself"),
        ("bad-same.onnx", "the same image for three random codes"),
        ("bad-huge.onnx", "1 x 3 x 1000000 x 1000000 numbers"),
        ("bad-huge-code.onnx", "more than the 67108864 that can be tried"),
        ("bad-bool.onnx", "takes bool"),
    ] {
        let error = refused(&plain, file);
        assert!(error.to_string().contains(message), "{file}: {error}");
    }
    let error = refused(&plain, "bad-random.onnx");
    assert!(error.to_string().contains("RandomNormalLike"), "{error}");
    let missing = run(&plain, Path::new("nowhere/net.onnx")).unwrap_err();
    assert!(matches!(missing, ImportError::Model(ModelError::Read { .. })), "{missing}");
}

#[test]
fn files_that_are_cut_off_or_of_another_format_are_refused() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("broken.onnx");
    let whole = std::fs::read(folder().join("nhwc.onnx")).unwrap();
    for length in (1..20).map(|i| whole.len() * i / 20) {
        std::fs::write(&path, &whole[..length]).unwrap();
        let error = run(&Import::default(), &path).unwrap_err();
        let typed = matches!(
            error,
            ImportError::Model(ModelError::Graph(GraphError::Decode { .. } | GraphError::NotAModel { .. }))
        );
        assert!(typed && error.to_string().contains("broken.onnx"), "{length}: {error}");
    }
    for (bytes, message) in
        [(&b"not a model"[..], "text"), (b"", "empty"), (b"\x80\x02\x8a", "models fetch NAME --from FILE")]
    {
        std::fs::write(&path, bytes).unwrap();
        let error = run(&Import::default(), &path).unwrap_err();
        assert!(matches!(error, ImportError::Format { .. }) && error.to_string().contains(message), "{error}");
    }
    for (path, reason) in [(place.path(), "directory"), (Path::new("/dev/null"), "no regular file")] {
        let ImportError::Model(ModelError::Read { source, .. }) = run(&Import::default(), path).unwrap_err() else {
            panic!("{} was read", path.display())
        };
        assert!(source.to_string().contains(reason), "{source}");
    }
}

#[test]
fn an_output_that_leaves_its_channels_open_makes_no_generator() {
    let imported = run(&Import::default(), &folder().join("free-output.onnx")).unwrap();
    assert!(matches!(imported.spec, ModelSpec::Cnn(_)));
}

/// Bytes of graphs changed at random places: whatever comes of it is an import or an error.
#[test]
fn damaged_files_are_no_cause_to_panic() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("damaged.onnx");
    let whole = std::fs::read(folder().join("g-nhwc-label.onnx")).unwrap();
    // A linear congruential generator (Knuth, MMIX).
    let mut state = 7_u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % below
    };
    let mut refused = 0;
    for _ in 0..200 {
        let mut bytes = whole.clone();
        for _ in 0..=random(4) {
            bytes[random(whole.len())] ^= 1 << random(8);
        }
        std::fs::write(&path, &bytes).unwrap();
        refused += usize::from(run(&Import::default(), &path).is_err());
    }
    assert!(refused > 20, "{refused} of 200 refused");
}

#[test]
fn a_layer_whose_name_has_two_lines_can_be_typed() {
    let imported = run(&Import::default(), &folder().join("disorder.onnx")).unwrap();
    let (spec, _) = cnn_of(&imported);
    let layers = spec.layers.as_ref().unwrap();
    assert_eq!(gen_models::parse_unit("two\\nlines:1:2:3", layers).unwrap().0.layer, "two\nlines");
}

#[test]
fn weights_in_other_files_must_be_there_and_below_the_folder() {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("net.onnx");
    let model = std::fs::read(folder().join("g-half-external.onnx")).unwrap();
    std::fs::write(&path, &model).unwrap();
    let error = run(&Import::default(), &path).unwrap_err();
    let ImportError::Model(ModelError::Graph(GraphError::ExternalData { location, .. })) = &error else {
        panic!("{error}")
    };
    assert_eq!(location, "g-half-external.weights");
    // A name of the same length that leaves the folder.
    let (name, outside) = (b"g-half-external.weights", b"../alf-external.weights");
    let at = model.windows(name.len()).position(|bytes| bytes == name).unwrap();
    let mut leaving = model.clone();
    leaving[at..at + name.len()].copy_from_slice(outside);
    std::fs::write(&path, &leaving).unwrap();
    let error = run(&Import::default(), &path).unwrap_err();
    assert!(error.to_string().contains("not a path below the model's folder"), "{error}");
}

#[test]
fn options_that_do_not_fit_are_refused() {
    let rules = |texts: &[&str]| Import {
        inputs: texts.iter().map(|text| text.parse().unwrap()).collect(),
        ..Import::default()
    };
    for (import, file, message) in [
        (rules(&["w:evolve"]), "g-conditioned.onnx", "no input 'w'; it has gen/z, gen/class"),
        (rules(&["gen/class:one-hot=5"]), "g-conditioned.onnx", "5 components, counted from 0"),
        (rules(&["gen/class[3..6]:evolve"]), "g-conditioned.onnx", "components 0..5"),
        (rules(&["gen/z[0..3]:hold=1", "gen/z[2..4]:hold=1"]), "g-conditioned.onnx", "another rule"),
        (rules(&["gen/z:hold=1", "gen/z:evolve"]), "g-conditioned.onnx", "a rule already"),
        (rules(&["gen/z:hold=1", "gen/class:hold=1"]), "g-conditioned.onnx", "nothing of"),
        (rules(&["gen/class:hold=none.npy"]), "g-conditioned.onnx", "none.npy"),
        (rules(&["label:evolve"]), "g-nhwc-label.onnx", "cannot be evolved"),
        (rules(&["training:evolve"]), "branches.onnx", "cannot be evolved"),
        (Import { size: Some([20, 20]), ..Import::default() }, "opset9.onnx", "17x19"),
        (Import { mean: Some(vec![0.0; 2]), ..Import::default() }, "opset9.onnx", "--mean does not fit"),
        (Import { std: Some(vec![0.0]), ..Import::default() }, "opset9.onnx", "must be above 0"),
        (Import { output: Some("nothing".into()), ..Import::default() }, "g-tanh.onnx", "no tensor 'nothing'"),
        (Import { name: Some("../evil".into()), ..Import::default() }, "g-tanh.onnx", "cannot be a model's name"),
        (Import { layout: Some(ImageLayout::Nchw), ..Import::default() }, "nhwc.onnx", "--kind"),
    ] {
        let error = refused(&import, file);
        assert!(error.to_string().contains(message), "{file}: {error}");
    }
}

#[test]
fn an_inner_tensor_can_be_the_image() {
    let import = Import { output: Some("gen/map".into()), range: Some([-2.0, 2.0]), ..Import::default() };
    let imported = run(&import, &folder().join("g-conditioned.onnx")).unwrap();
    assert_eq!((generator_of(&imported).0.image_size, generator_of(&imported).0.value_range), ([4, 4], [-2.0, 2.0]));
}

#[test]
fn the_real_networks_are_imported_as_they_are() {
    let Some(real) = Need::RealModels.or_skip() else { return };
    let dcgan = run(&Import::default(), &real.join("dcgan_faces32.onnx")).unwrap();
    let (spec, model) = generator_of(&dcgan);
    assert!(dcgan.verbatim && spec.value_range == [-1.0, 1.0] && spec.latent_dim == 100);
    let code: Vec<f32> = (0..100_u8).map(|i| f64::from(i).cos() as f32).collect();
    let images = model.session(runtime(), SessionOptions::default()).unwrap().generate(&code).unwrap();
    for (channel, value) in [0.85915, 0.46050, 0.049128].into_iter().enumerate() {
        let found = f64::from(images.as_slice()[(channel * 32 + 16) * 32 + 16]) * 2.0 - 1.0;
        assert!((found - value).abs() < 1e-5, "channel {channel}: {found}");
    }
    let import = Import { mean: Some(vec![123.68, 116.779, 103.939]), ..Import::default() };
    let squeezenet = run(&import, &real.join("squeezenet1_1_imagenet.onnx")).unwrap();
    let (spec, _) = cnn_of(&squeezenet);
    assert!(squeezenet.verbatim && spec.value_range == [0.0, 255.0] && spec.std == [1.0; 3]);
    let layers = spec.layers.as_ref().unwrap();
    let layer = |name: &str| layers.iter().find(|layer| layer.name == name).unwrap().shape.clone();
    assert_eq!((layers.len(), layer("fire8/concat"), layer("logits")), (66, vec![512, 13, 13], vec![1000]));
}
