//! The model suite on the processor, bit for bit.

use gen_models::SessionOptions;
use gen_models::suite::CHECKS;

use crate::common::backend::{backend, check};
use crate::common::{folder, manifest};

macro_rules! checks {
    ($($name:ident),* $(,)?) => {
        $(#[test]
        fn $name() {
            check(backend(SessionOptions { batch_size: 8, ..SessionOptions::default() }), stringify!($name));
        })*

        #[test]
        fn every_check_of_the_suite_is_run() {
            assert_eq!(CHECKS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), [$(stringify!($name)),*]);
        }
    };
}

checks!(
    fused_equals_separate,
    cut_equals_uncut,
    cropped_equals_whole,
    batches_equal_singles,
    populations_together_equal_each_alone,
    every_layer_answers,
    images_are_in_range_and_differ,
    device_equals_processor,
    values_are_those_of_pytorch,
    real_generator_renders_the_reference_image,
    real_cnn_answers_the_reference_image,
    real_pair_fused_equals_separate,
);

#[test]
fn threads_inside_an_operator_change_nothing() {
    check(backend(SessionOptions { threads: 2, ..SessionOptions::default() }), "device_equals_processor");
}

#[test]
fn the_stored_values_are_of_the_embedded_files() {
    let reference = backend(SessionOptions::default()).reference.expect("models/reference/tiny-pair.json");
    for model in &manifest().models {
        assert_eq!(reference["sha256"][model.file()].as_str(), model.sha256(), "{}", model.name());
    }
    assert!(folder().join("reference").is_dir());
}
