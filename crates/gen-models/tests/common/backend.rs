//! Runs the checks of `gen_models::suite` on one device.

use std::path::Path;

use gen_models::SessionOptions;
use gen_models::suite::{Backend, CHECKS, Outcome};

use super::{cnn, folder, generator, runtime};

/// The embedded pair, and the networks with real weights where the checkout has them beside it.
pub(crate) fn backend(options: SessionOptions) -> Backend<'static> {
    let path = folder().join("reference").join("tiny-pair.json");
    let reference = std::fs::read_to_string(path).ok().map(|text| serde_json::from_str(&text).unwrap());
    let real = Some(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/models/real"));
    Backend { runtime: runtime(), options, generator: generator(), cnn: cnn(), reference, real }
}

/// Runs one check by its name.
pub(crate) fn check(backend: &Backend<'_>, name: &str) {
    let (_, check) = CHECKS.iter().find(|(other, _)| *other == name).expect("a check of this name");
    match check(backend) {
        Ok(Outcome::Skipped(reason)) => eprintln!("{name}: not tested, {reason}"),
        Ok(_) => (),
        Err(failure) => panic!("{name}: {failure}"),
    }
}
