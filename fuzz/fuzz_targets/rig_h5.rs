//! Arbitrary bytes as a file of scores in the format h5.
#![no_main]

#[path = "rig_files/mod.rs"]
mod rig_files_checks;

use libfuzzer_sys::fuzz_target;
use rig_files::{Prefer, formats};
use rig_files_checks::{check, limits};

fuzz_target!(|data: &[u8]| {
    // XDream's file, and MATLAB's of v7.3.
    check(formats::h5::parse(data, &limits()));
    check(formats::mat::parse(data, &limits(), Prefer::Rasters));
});
