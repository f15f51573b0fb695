//! Reading files that PyTorch wrote, and refusing damaged and hostile ones.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Checkpoint, CheckpointError};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/reader").join(format!("{name}.pt"))
}

fn values(checkpoint: &mut Checkpoint, tensor: &str) -> (Vec<usize>, Vec<f32>) {
    let bytes = checkpoint.read(tensor).unwrap();
    let values = bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
    (checkpoint.shape(tensor).unwrap().to_vec(), values)
}

fn refused(name: &str) -> CheckpointError {
    Checkpoint::open(&file(name)).map(|_| ()).unwrap_err()
}

#[test]
fn both_formats_are_read_with_views_of_every_kind() {
    for name in ["zip", "legacy", "zip-protocol4"] {
        let mut checkpoint = Checkpoint::open(&file(name)).unwrap();
        let numbers = |range: std::ops::Range<u8>| range.map(f32::from).collect::<Vec<_>>();
        assert_eq!(values(&mut checkpoint, "plain"), (vec![2, 3, 4], numbers(0..24)), "{name}");
        assert_eq!(values(&mut checkpoint, "part"), (vec![3, 4], numbers(12..24)), "{name}");
        let (shape, swapped) = values(&mut checkpoint, "swapped");
        assert_eq!((shape, &swapped[..5]), (vec![4, 3, 2], &[0.0, 12.0, 4.0, 16.0, 8.0][..]), "{name}");
        let (shape, second) = values(&mut checkpoint, "every_second");
        assert_eq!((shape, &second[..5]), (vec![2, 3, 2], &[0.0, 2.0, 4.0, 6.0, 8.0][..]), "{name}");
        assert_eq!(values(&mut checkpoint, "double"), (vec![2], vec![1.5, -2.5]), "{name}");
        assert_eq!(values(&mut checkpoint, "parameter"), (vec![2, 2], vec![1.0, 2.0, 3.0, 4.0]), "{name}");
        assert_eq!(values(&mut checkpoint, "scalar"), (vec![], vec![7.0]), "{name}");
        assert_eq!(values(&mut checkpoint, "empty"), (vec![0, 3], vec![]), "{name}");
    }
}

#[test]
fn what_is_no_single_or_double_precision_is_named() {
    for (tensor, kind) in [("half", "HalfStorage"), ("count", "LongStorage"), ("absent", "not there")] {
        let error = Checkpoint::open(&file("zip")).unwrap().read(tensor).unwrap_err().to_string();
        assert!(error.contains(kind) && error.contains(tensor), "{error}");
    }
}

#[test]
fn a_state_dict_is_found_within_a_training_checkpoint() {
    assert_eq!(Checkpoint::open(&file("module")).unwrap().names().collect::<Vec<_>>(), ["0.weight", "0.bias"]);
    for name in ["training", "training-dill", "training-dill-legacy"] {
        let mut checkpoint = Checkpoint::open(&file(name)).unwrap();
        assert_eq!(values(&mut checkpoint, "weight"), (vec![2], vec![1.0, 2.0]), "{name}");
    }
}

#[test]
fn a_call_is_refused_by_name_wherever_it_stands() {
    for name in ["command", "command-legacy"] {
        let error = refused(name);
        let CheckpointError::ForbiddenGlobal { global, .. } = &error else { panic!("{error}") };
        assert!(["posix.system", "nt.system"].contains(&global.as_str()), "{global}");
    }
}

#[test]
fn files_without_a_state_dict_say_what_they_hold() {
    for (name, found) in [("whole-module", "a whole object"), ("no-tensors", "only epoch, lr"), ("list", "a list")] {
        let error = refused(name);
        assert!(matches!(&error, CheckpointError::NoStateDict { .. }) && error.to_string().contains(found), "{error}");
    }
}

#[test]
fn other_files_are_told_apart_from_damaged_ones() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pt");
    let open = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        Checkpoint::open(&path).map(|_| ()).unwrap_err()
    };
    let page = open(b"<!DOCTYPE html><html>sign in</html>");
    assert!(matches!(page, CheckpointError::NotACheckpoint { .. }), "{page}");
    assert!(matches!(open(b""), CheckpointError::Damaged { .. }));
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("readme.txt", zip::write::SimpleFileOptions::default()).unwrap();
    let archive = open(&archive.finish().unwrap().into_inner());
    assert!(archive.to_string().contains("without a data.pkl"), "{archive}");
    let missing = Checkpoint::open(&folder.path().join("absent.pt")).map(|_| ()).unwrap_err();
    assert!(matches!(missing, CheckpointError::Read { .. }), "{missing}");
}

/// Reads all there is to read.
fn exhaust(path: &Path) -> Result<(), CheckpointError> {
    let mut checkpoint = Checkpoint::open(path)?;
    let names: Vec<String> = checkpoint.names().map(str::to_owned).collect();
    names.iter().try_for_each(|name| checkpoint.read(name).map(drop))
}

#[test]
fn no_truncated_or_altered_file_gets_further_than_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.pt");
    for name in ["module", "training", "module-legacy"] {
        exhaust(&file(name)).unwrap();
        let whole = fs::read(file(name)).unwrap();
        for len in (0..whole.len()).step_by(29) {
            fs::write(&path, &whole[..len]).unwrap();
            assert!(exhaust(&path).is_err(), "{name} cut to {len} bytes");
        }
        for place in (0..whole.len()).step_by(11) {
            for bit in [0x01, 0x80] {
                let mut altered = whole.clone();
                altered[place] ^= bit;
                fs::write(&path, &altered).unwrap();
                // Fine or refused, but neither a panic nor memory without end.
                drop(exhaust(&path));
            }
        }
    }
}
