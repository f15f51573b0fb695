//! Damaged files are errors, and never panics.

use rig_files::formats::{h5, mat, npz};
use rig_files::{Codes, FormatError, Limits, Prefer, ScoreTable};

use crate::fixture;

fn parse(name: &str, bytes: &[u8]) -> Result<ScoreTable, FormatError> {
    let limits = Limits::default();
    match name.rsplit('.').next().unwrap() {
        "h5" => h5::parse(bytes, &limits),
        "mat" => mat::parse(bytes, &limits, Prefer::Rasters),
        "npz" => npz::parse(bytes, &limits),
        _ => unreachable!("{name}"),
    }
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let files = [
        "earliest.h5",
        "latest.h5",
        "integers.h5",
        "v5.mat",
        "v7.mat",
        "big_endian.mat",
        "v73.mat",
        "octave_v6.mat",
        "octave_v7.mat",
        "all.npz",
        "names.npz",
        "bins.npz",
    ];
    for file in files {
        let bytes = std::fs::read(fixture(file)).unwrap();
        parse(file, &bytes).unwrap_or_else(|error| panic!("{file}: {error}"));
        for length in 0..bytes.len() {
            let cut = parse(file, &bytes[..length]);
            assert!(cut.is_err(), "{file}: {length} of {} bytes read as a whole file", bytes.len());
        }
    }
    let bytes = std::fs::read(fixture("codes.mat")).unwrap();
    for length in 0..bytes.len() {
        assert!(Codes::parse(&bytes[..length], &Limits::default()).is_err(), "{length}");
    }
}
