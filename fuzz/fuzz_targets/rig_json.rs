//! Arbitrary bytes as a file of scores in the format json.
#![no_main]

#[path = "rig_files/mod.rs"]
mod rig_files_checks;

use libfuzzer_sys::fuzz_target;
use rig_files::formats;
use rig_files_checks::{check, limits};

fuzz_target!(|data: &[u8]| {
    check(formats::json::parse(data, &limits()));
});
