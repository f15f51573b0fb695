//! Arbitrary bytes as a file of scores in the format mat5.
#![no_main]

#[path = "rig_files/mod.rs"]
mod rig_files_checks;

use libfuzzer_sys::fuzz_target;
use rig_files::{Codes, Prefer, formats};
use rig_files_checks::{check, limits};

fuzz_target!(|data: &[u8]| {
    // A table, all variables, and codes.
    if data.len() > 126 && !data.starts_with(b"\x89HDF") {
        check(formats::mat::parse(data, &limits(), Prefer::Rasters));
        check(formats::mat::parse(data, &limits(), Prefer::Scores));
    }
    let _ = formats::mat5::parse(data, &limits());
    let _ = Codes::parse(data, &limits());
});
