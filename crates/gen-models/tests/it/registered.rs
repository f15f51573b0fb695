//! What the suite checks of the models in a folder.

use std::path::Path;

use gen_models::suite::{Failure, Outcome, REGISTERED_CHECKS, registered_pairs};
use gen_models::{Import, ModelFolder, SessionOptions};

use crate::common::{cnn, generator, runtime};

/// Names of the pairs of a folder, with what failed.
fn checked(folder: &ModelFolder) -> Vec<(String, Vec<String>)> {
    let pairs = registered_pairs(folder, &generator(), &cnn()).unwrap();
    let run = |pair: gen_models::suite::RegisteredPair| {
        let name = pair.name.clone();
        let failures = match pair.backend(runtime(), SessionOptions::default()) {
            Ok(backend) => {
                let failure = |(check, run): &(&str, gen_models::suite::Check)| match run(&backend) {
                    Ok(outcome) => {
                        assert_eq!(outcome, Outcome::Passed, "{name}");
                        None
                    }
                    Err(failure) => Some(format!("{check}: {failure}")),
                };
                REGISTERED_CHECKS.iter().filter_map(failure).collect()
            }
            Err(failure) => {
                assert!(matches!(failure, Failure::Model(_)), "{failure}");
                vec![failure.to_string()]
            }
        };
        (name, failures)
    };
    pairs.into_iter().map(run).collect()
}

#[test]
fn every_model_of_a_folder_is_paired_and_what_is_wrong_with_one_is_said() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/foreign");
    let place = tempfile::tempdir().unwrap();
    let folder = ModelFolder::new(place.path());
    assert!(checked(&folder).is_empty());
    for file in ["g-tanh.onnx", "g-unbounded.onnx", "tokens.onnx", "double.onnx"] {
        let import = Import::default();
        let read = |_: &Path, _: usize| Err("nothing is held".into());
        let imported = import.run(&fixtures.join(file), runtime(), &read).unwrap();
        folder.add(&imported.spec, &imported.encoded).unwrap();
    }
    let good = checked(&folder);
    let names: Vec<&str> = good.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "tiny-deepsim + tokens",
        "g-tanh + tokens",
        "tiny-deepsim + double",
        "g-tanh + double",
        "g-tanh + tiny-alexnet",
        "g-unbounded + tiny-alexnet",
    ];
    assert_eq!(names, expected);
    assert!(good.iter().all(|(_, failures)| failures.is_empty()), "{good:?}");
    std::fs::remove_file(place.path().join("double.onnx")).unwrap();
    let broken: Vec<(String, Vec<String>)> =
        checked(&folder).into_iter().filter(|(_, failures)| !failures.is_empty()).collect();
    assert_eq!(broken.len(), 2);
    assert!(broken.iter().all(|(name, failures)| name.ends_with("double") && failures[0].contains("double.onnx")));
}
