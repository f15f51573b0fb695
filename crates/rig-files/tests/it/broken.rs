//! Damaged files are errors, and never panics.

use rig_files::formats::{csv, h5, json, mat, mat5, npz};
use rig_files::{Codes, FormatError, ImageRef, Limits, Prefer, ScoreTable};

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

/// Text without sides: the fuzzer found that the first side was taken for granted.
#[test]
fn an_array_without_sides_is_an_error() {
    let mut file = mat5::Writer::new().finish().to_vec();
    let word = |words: [u32; 2]| words.into_iter().flat_map(u32::to_le_bytes).collect::<Vec<u8>>();
    let flags = [word([6, 8]), word([4, 0])].concat();
    let matrix = [flags, word([5, 0]), word([1, 0]), word([4, 2]), vec![b'a', 0, 0, 0, 0, 0, 0, 0]].concat();
    file.extend([word([14, matrix.len() as u32]), matrix].concat());
    let error = mat5::parse(&file, &Limits::default()).unwrap_err();
    assert!(error.to_string().contains("0 sides"), "{error}");
}

/// Files that the fuzzer made, each of which goes another way through the reader.
#[test]
fn files_of_the_fuzzer_are_read_or_refused() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/rig_mat5");
    let limits = Limits { bytes: 1 << 20, rows: 1000, values: 100_000 };
    let (mut read, mut refused) = (0, 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        match mat5::parse(&bytes, &limits) {
            Ok(_) => read += 1,
            Err(_) => refused += 1,
        }
        for prefer in [Prefer::Scores, Prefer::Rasters] {
            if let Ok(table) = mat::parse(&bytes, &limits, prefer) {
                assert!(table.checked(&limits).is_ok());
            }
        }
        let _ = Codes::parse(&bytes, &limits);
    }
    assert!(read > 0 && refused > 100, "{read} read, {refused} refused");
}

#[test]
fn a_file_beyond_the_limits_is_refused_with_the_numbers() {
    let small = |rows, values| Limits { rows, values, ..Limits::default() };
    let names = std::fs::read(fixture("v7.mat")).unwrap();
    let error = mat::parse(&names, &small(4, 1000), Prefer::Scores).unwrap_err();
    assert_eq!(error, FormatError::TooLarge { what: "rows", found: 5, limit: 4 });
    let scores = std::fs::read(fixture("earliest.h5")).unwrap();
    assert_eq!(
        h5::parse(&scores, &small(4, 1000)).unwrap_err(),
        FormatError::TooLarge { what: "rows", found: 5, limit: 4 }
    );
    let error = h5::parse(&scores, &small(100, 14)).unwrap_err();
    assert_eq!(error, FormatError::TooLarge { what: "values", found: 15, limit: 14 });
    let bytes = std::fs::read(fixture("names.npz")).unwrap();
    let error = npz::parse(&bytes, &Limits { bytes: 200, ..Limits::default() }).unwrap_err();
    assert!(matches!(error, FormatError::TooLarge { what: "bytes", limit: 200, .. }), "{error}");
    let rows = b"name,a\nx,1\ny,2\n";
    assert!(csv::parse(rows, &small(2, 2)).is_ok());
    assert!(csv::parse(rows, &small(1, 2)).is_err() && csv::parse(rows, &small(2, 1)).is_err());
}

#[test]
fn csv_and_json_read_as_they_are_written_and_refuse_the_rest() {
    let limits = Limits::default();
    let csv_file = csv::parse(&std::fs::read(fixture("scores.csv")).unwrap(), &limits).unwrap();
    assert_eq!(csv_file.channels.as_deref().unwrap(), ["5A", "5,B"]);
    assert_eq!((csv_file.rows[0].trial, csv_file.rows[0].time, csv_file.rows[1].trial), (Some(100), Some(0.0), None));
    assert_eq!(csv_file.rows[0].image, ImageRef::Name("x.png".to_owned()));
    assert_eq!(csv_file.rows[0].values, [0.25, 1.25]);
    assert!(csv_file.rows[1].values.iter().all(|value| value.is_nan()));
    for text in
        ["", "a,b\nx,1\n", "name\nx\n", "name,a\nx,1,2\n", "name,a\nx,one\n", "name,trial,a\nx,1.5,1\n", "name,a\n,1\n"]
    {
        assert!(csv::parse(text.as_bytes(), &limits).is_err(), "{text}");
    }
    let whole = std::fs::read(fixture("scores.json")).unwrap();
    let json_file = json::parse(&whole, &limits).unwrap();
    assert_eq!(json_file.rows[0].image, ImageRef::Name("x.png".to_owned()));
    assert!(json_file.rows[0].values[0] == 0.25 && json_file.rows[0].values[1].is_nan());
    assert_eq!((json_file.rows[0].trial, json_file.rows[0].time), (Some(100), Some(0.5)));
    for length in 0..whole.len() {
        assert!(json::parse(&whole[..length], &limits).is_err(), "{length}");
    }
    // What `jsonencode` makes of a struct, of one name and of a matrix of 1 x 3.
    let one = br#"{"rows":{"name":"x.png","values":[1,null,3]},"channels":"5A","bins_ms":[0,50,100,200]}"#;
    let one = json::parse(one, &limits).unwrap();
    assert_eq!((one.rows.len(), one.rows[0].values.len(), one.channels.unwrap().len()), (1, 3, 1));
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    assert!(json::parse(&[br#"{"rows":"#.to_vec(), deep, b"}".to_vec()].concat(), &limits).is_err());
    assert!(json::parse(br#"{"rows":[{"name":"a","values":[1]},{"name":"b","values":[1,2]}]}"#, &limits).is_err());
    assert!(json::parse(br#"{"channels":["a"],"rows":[{"name":"a","values":[1,2]}]}"#, &limits).is_err());
}
