//! Runs the checks of `gen_models::suite` on one device.

use gen_models::SessionOptions;
use gen_models::suite::{Backend, CHECKS, Outcome};
use test_needs::Need;

use super::{cnn, folder, generator, runtime};

/// The embedded pair.
pub(crate) fn backend(options: SessionOptions) -> Backend<'static> {
    let path = folder().join("reference").join("tiny-pair.json");
    let reference = std::fs::read_to_string(path).ok().map(|text| serde_json::from_str(&text).unwrap());
    Backend { runtime: runtime(), options, generator: generator(), cnn: cnn(), reference, real: None }
}

/// Runs one check by its name. Checks of networks with real weights need those.
pub(crate) fn check(mut backend: Backend<'_>, name: &str) {
    if name.starts_with("real_") {
        let Some(folder) = Need::RealModels.or_skip() else { return };
        backend.real = Some(folder);
    }
    let (_, check) = CHECKS.iter().find(|(other, _)| *other == name).expect("a check of this name");
    match check(&backend) {
        Ok(outcome) => assert_eq!(outcome, Outcome::Passed, "{name}"),
        Err(failure) => panic!("{name}: {failure}"),
    }
}
