//! Initial codes from files.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use experiments::{ArrayFileError, read_codes};
use npyz::{AutoSerialize, Order, WriteOptions, WriterBuilder};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;

fn npy<T: AutoSerialize>(shape: &[u64], order: Order, values: Vec<T>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let options = WriteOptions::new().default_dtype().shape(shape).order(order);
    let mut writer = options.writer(&mut bytes).begin_nd().unwrap();
    writer.extend(values).unwrap();
    writer.finish().unwrap();
    bytes
}

fn npz(arrays: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        zip.start_file(format!("{name}.npy"), SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn file(folder: &TempDir, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    path
}

fn two_codes() -> Vec<u8> {
    npy(&[2, 3], Order::C, vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
}

#[test]
fn vectors_and_matrices_of_either_precision_are_codes() {
    let folder = TempDir::new().unwrap();
    let expected = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
    let cases = [
        ("c.npy", two_codes()),
        ("fortran.npy", npy(&[2, 3], Order::Fortran, vec![1.0, 4.0, 2.0, 5.0, 3.0, 6.0])),
        ("single.npy", npy(&[2, 3], Order::C, vec![1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0])),
        ("only.npz", npz(&[("whatever", two_codes())])),
        ("codes.npz", npz(&[("codes_all", npy(&[1, 1], Order::C, vec![0.0])), ("codes", two_codes())])),
        ("all.npz", npz(&[("scores_all", npy(&[1], Order::C, vec![0.0])), ("codes_all", two_codes())])),
    ];
    for (name, bytes) in cases {
        let codes = read_codes(&file(&folder, name, &bytes), 3).unwrap();
        assert_eq!((codes.len(), codes.as_slice()), (2, &expected[..]), "{name}");
    }
    let one = read_codes(&file(&folder, "one.npy", &npy(&[6], Order::C, expected.to_vec())), 6).unwrap();
    assert_eq!((one.dim(), one.len()), (6, 1));
}

#[test]
fn what_are_no_codes_is_said() {
    let folder = TempDir::new().unwrap();
    let read = |name: &str, bytes: &[u8]| read_codes(&file(&folder, name, bytes), 3).unwrap_err();

    let missing = read_codes(Path::new("nowhere/codes.npy"), 3).unwrap_err();
    assert!(matches!(&missing, ArrayFileError::NotFound { .. }) && missing.to_string().contains("nowhere/codes.npy"));
    assert!(matches!(read("codes.txt", b"1 2 3"), ArrayFileError::Extension { .. }));
    assert!(matches!(read("empty.npy", b""), ArrayFileError::Unreadable { .. }));
    assert!(matches!(read("other.npz", b"PK, but no archive"), ArrayFileError::Unreadable { .. }));

    let whole = two_codes();
    for cut in 0..whole.len() {
        let error = read("cut.npy", &whole[..cut]);
        assert!(matches!(error, ArrayFileError::Unreadable { .. }), "cut at {cut}: {error:?}");
    }

    let long = read("long.npy", &npy(&[2, 4], Order::C, vec![0.0; 8]));
    assert!(matches!(&long, ArrayFileError::WrongDimension { expected: 3, found: 4, .. }));
    assert!(long.to_string().contains("4 components, 3 are needed"), "{long}");
    for shape in [&[0, 3][..], &[2, 0], &[1, 2, 3], &[]] {
        let len = shape.iter().product::<u64>() as usize;
        let error = read("shape.npy", &npy(shape, Order::C, vec![0.0; len]));
        assert!(matches!(&error, ArrayFileError::Shape { shape: found, .. } if found == shape), "{error:?}");
    }

    let nan = read("nan.npy", &npy(&[2, 3], Order::C, vec![1.0, 2.0, 3.0, 4.0, f64::NAN, 6.0]));
    assert!(matches!(nan, ArrayFileError::NonFinite { row: 1, component: 1, .. }));
    let integers = read("integers.npy", &npy(&[3], Order::C, vec![1_i64, 2, 3]));
    assert!(matches!(&integers, ArrayFileError::Type { .. }) && integers.to_string().contains("int64"));
    let bytes = read("bytes.npy", &npy(&[3], Order::C, vec![1_u8, 2, 3]));
    assert!(matches!(&bytes, ArrayFileError::Type { .. }), "{bytes:?}");

    let names = read("names.npz", &npz(&[("b", two_codes()), ("a", two_codes())]));
    let ArrayFileError::NoSuchArray { names: found, .. } = &names else { panic!("{names:?}") };
    assert_eq!(found, &["a", "b"]);
    assert!(names.to_string().ends_with("its arrays are a, b"), "{names}");
}
