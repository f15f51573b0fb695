//! What `actmax models add` is told beside the file.

use gen_models::{GeneratorSpec, Import, ImportError, Imported, ModelFolder, ModelKind, ModelSpec, Resize};

use crate::foreign::{folder, run};

fn import(file: &str, options: &Import) -> Result<Imported, String> {
    run(options, &folder().join(file)).map_err(|error| error.to_string())
}

fn generator(imported: &Imported) -> &GeneratorSpec {
    let ModelSpec::Generator(spec) = &imported.spec else { panic!("{:?} is no generator", imported.spec) };
    spec
}

#[test]
fn several_free_sizes_are_all_asked_for() {
    let with = |code_size: &[usize]| Import { code_size: code_size.to_vec(), ..Import::default() };
    let error = import("g-free-two.onnx", &with(&[])).unwrap_err();
    assert!(error.contains("--code-size NxN does, a number for each of its free sizes"), "{error}");
    for wrong in [&[24][..], &[2, 3, 4]] {
        let error = import("g-free-two.onnx", &with(wrong)).unwrap_err();
        assert!(error.contains("--code-size NxN does") && error.contains("does not fit"), "{error}");
    }
    let imported = import("g-free-two.onnx", &with(&[2, 3])).unwrap();
    let spec = generator(&imported);
    assert_eq!((spec.latent_dim, spec.image_size), (24, [8, 12]));
    let said = imported.notes.iter().any(|note| note.text.contains("--output coarse+fine is their sum"));
    assert!(said, "{:?}", imported.notes);
}

#[test]
fn a_sum_of_outputs_that_are_not_there_is_refused() {
    let output = Some("coarse+rough".to_owned());
    let options = Import { output, code_size: vec![2, 3], ..Import::default() };
    let error = import("g-free-two.onnx", &options).unwrap_err();
    assert!(error.contains("no tensor 'coarse+rough'; it has coarse, fine"), "{error}");
}

#[test]
fn the_norm_of_codes_is_recorded() {
    let given = Import { natural_norm: Some(2.5), ..Import::default() };
    let imported = import("g-tanh.onnx", &given).unwrap();
    assert_eq!(generator(&imported).natural_norm, Some(2.5));
    assert!(imported.notes.iter().all(|note| note.option != Some("natural-norm")));
    let imported = import("g-tanh.onnx", &Import::default()).unwrap();
    let spec = generator(&imported);
    assert_eq!(spec.natural_norm, Some((spec.latent_dim as f64).sqrt()));
    assert!(imported.notes.iter().any(|note| note.option == Some("natural-norm")));
}

#[test]
fn classes_are_registered_beside_their_network() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("names.txt");
    std::fs::write(&file, "ape\nbee\ncat\ndog\n").unwrap();
    let options = Import { classes: Some(file.clone()), ..Import::default() };
    let imported = import("nhwc.onnx", &options).unwrap();
    let ModelSpec::Cnn(spec) = &imported.spec else { panic!("{:?}", imported.spec) };
    assert_eq!(spec.classes.as_deref(), Some("nhwc.classes.txt"));
    let models = ModelFolder::new(place.path().join("models"));
    models.add_with_classes(&imported.spec, &imported.encoded, imported.classes.as_deref()).unwrap();
    let kept = models.path().join("nhwc.classes.txt");
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "ape\nbee\ncat\ndog\n");
    assert_eq!(models.manifest().unwrap().cnn("nhwc").unwrap().classes, spec.classes);
    models.remove("nhwc").unwrap();
    assert!(!kept.exists());

    std::fs::write(&file, "ape\n").unwrap();
    let error = run(&options, &folder().join("nhwc.onnx")).unwrap_err();
    assert!(matches!(&error, ImportError::Option { option: "classes", .. }), "{error}");
    assert!(error.to_string().contains("has 1 lines"), "{error}");
    let error = import("g-tanh.onnx", &options).unwrap_err();
    assert!(error.contains("it is a generator"), "{error}");
}

#[test]
fn options_without_use_or_against_the_file_are_refused() {
    let none = Import::default;
    let gray = || Import { kind: Some(ModelKind::Generator), ..none() };
    for (file, options, message) in [
        ("g-tanh.onnx", Import { code_size: vec![8], ..none() }, "--code-size|its code has 16 numbers"),
        ("g-tanh.onnx", Import { code_size: vec![usize::MAX, 2], ..none() }, "--code-size|its code has 16 numbers"),
        ("g-tanh.onnx", Import { size: Some([99, 99]), ..none() }, "--size|its images are"),
        ("g-tanh.onnx", Import { mean: Some(vec![1.0]), ..none() }, "--mean|it is a generator"),
        ("g-tanh.onnx", Import { std: Some(vec![2.0]), ..none() }, "--std|it is a generator"),
        ("g-tanh.onnx", Import { resize: Resize::AlignCorners, ..none() }, "--align-corners|it is a generator"),
        ("g-gray.onnx", Import { bgr: true, ..gray() }, "--bgr|its images are gray"),
        ("opset9.onnx", Import { natural_norm: Some(5.0), ..none() }, "--natural-norm|it is a CNN"),
        ("opset9.onnx", Import { code_size: vec![5], ..none() }, "--code-size|it is a CNN"),
        ("opset9.onnx", Import { output: Some("prob".to_owned()), ..none() }, "--output|it is a CNN"),
    ] {
        let error = import(file, &options).unwrap_err();
        let (option, reason) = message.split_once('|').unwrap();
        let fits = error.starts_with(&format!("{option} does not fit")) && error.contains(reason);
        assert!(fits, "{file}: {message} in {error}");
    }
    // What repeats the file is fine.
    let spec = generator(&import("g-tanh.onnx", &none()).unwrap()).clone();
    let same = Import { code_size: vec![spec.latent_dim], size: Some(spec.image_size), ..none() };
    assert_eq!(generator(&import("g-tanh.onnx", &same).unwrap()), &spec);
}
