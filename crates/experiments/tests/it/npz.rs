//! `evolution.npz`, read by this crate and by NumPy.

use std::fs;
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

use experiments::{
    ArrayFileError, Evolution, Evolver, Keep, Noise, NpzWriter, RunCodes, RunFolder, RunPlan, StoredEvolution,
    codes_to_npy, read_codes, read_initial_codes, write_evolution,
};
use optim_core::Population;
use tempfile::TempDir;
use test_needs::Need;

use crate::support::{BestOfLambda, Function, hill};

const DIM: usize = 5;

fn evolution(keep: Keep) -> Evolution {
    let plan = RunPlan { keep, noise: Noise::Multiplicative { level: 0.2 }, ..RunPlan::new(3, 3) };
    Evolver::new(BestOfLambda::new(DIM, &[1, 40, 41]), plan).unwrap().run(&mut Function::new(DIM, hill)).unwrap()
}

fn bytes(evolution: &Evolution, runtime: f64) -> Vec<u8> {
    write_evolution(Cursor::new(Vec::new()), evolution, Some(runtime)).unwrap().into_inner()
}

#[test]
fn what_is_written_is_read_back() {
    let folder = TempDir::new().unwrap();
    let evolution = evolution(Keep::All);
    let run = RunFolder::create(&folder.path().join("run"), false).unwrap();
    run.write_evolution(&evolution, 12.5).unwrap();
    let path = run.path().join("evolution.npz");
    let stored = StoredEvolution::read(&path).unwrap();
    assert_eq!((stored.dim, stored.runtime), (DIM, Some(12.5)));
    assert_eq!(stored.codes_all.as_ref(), Some(&evolution.codes_all));
    assert_eq!(stored.scores_all, evolution.scores_all);
    assert_eq!(stored.cleanscores_all, evolution.cleanscores_all);
    assert_eq!(stored.generations, evolution.generations.iter().map(|&g| i64::from(g)).collect::<Vec<_>>());
    assert_eq!(stored.generation_means, evolution.generation_means);
    assert_eq!(stored.mean_norms, evolution.mean_norms);
    let next: Vec<f32> = evolution.next_codes.as_slice().iter().map(|&x| x as f32).collect();
    assert_eq!(stored.next_codes, next);
    let mut file = stored.clone();
    file.runtime = None;
    assert_eq!(StoredEvolution::from(evolution.clone()), file);

    let codes = read_codes(&path, DIM).unwrap();
    assert_eq!(codes.as_slice(), evolution.codes_all.iter().map(|&x| f64::from(x)).collect::<Vec<_>>());
}

/// As NumPy's format has them: the same bytes whether values come one by one or lie side by side.
#[test]
fn slices_are_written_as_single_values_are() {
    let values = [1.5f32, -2.0, f32::NAN, 0.0, 7.25, 1e-40];
    let (mut one_by_one, mut side_by_side) = (NpzWriter::new(Cursor::new(vec![])), NpzWriter::new(Cursor::new(vec![])));
    one_by_one.array("x", &[2, 3], values.iter().copied()).unwrap();
    side_by_side.slice("x", &[2, 3], &values).unwrap();
    assert_eq!(one_by_one.finish().unwrap(), side_by_side.finish().unwrap());
    let refused = NpzWriter::new(Cursor::new(Vec::new())).slice("x", &[7], &values).unwrap_err();
    assert_eq!(refused.to_string(), "6 values for an array of shape [7]");
}

#[test]
fn the_last_codes_go_by_another_name() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evolution.npz");
    fs::write(&path, bytes(&evolution(Keep::LastOnly), 0.0)).unwrap();
    let mut stored = StoredEvolution::read(&path).unwrap();
    stored.runtime = None;
    assert_eq!(StoredEvolution::from(evolution(Keep::LastOnly)), stored);
    assert_eq!((stored.codes_all, stored.scores_all.len()), (None, 82));
}

/// The codes that a run's archive gives, by the word that names them.
fn part(path: &Path, word: Option<&str>) -> (Vec<f32>, Option<RunCodes>) {
    let (codes, taken) = read_initial_codes(path, DIM, word.map(|word| word.parse().unwrap())).unwrap();
    let mut single = Vec::new();
    codes.write_f32(&mut single);
    (single, taken)
}

#[test]
fn another_run_starts_from_named_codes_of_a_run() {
    let folder = TempDir::new().unwrap();
    let evolution = evolution(Keep::All);
    let path = folder.path().join("evolution.npz");
    fs::write(&path, bytes(&evolution, 0.0)).unwrap();
    let single = |codes: &[f64]| codes.iter().map(|&x| x as f32).collect::<Vec<_>>();
    let last = &evolution.codes_all[41 * DIM..];
    assert_eq!(part(&path, None), (last.to_vec(), Some(RunCodes::Last)));
    assert_eq!(part(&path, Some("last")).0, last);
    assert_eq!(part(&path, Some("all")).0, evolution.codes_all);
    assert_eq!(part(&path, Some("best")).0, single(&evolution.best_clean.as_ref().unwrap().code));
    assert_eq!(part(&path, Some("recommended")).0, single(&evolution.recommended));
    assert_eq!(part(&path, Some("next")).0, single(evolution.next_codes.as_slice()));
    assert!("lst".parse::<RunCodes>().is_err());

    let slim = folder.path().join("slim.npz");
    fs::write(&slim, bytes(&self::evolution(Keep::LastOnly), 0.0)).unwrap();
    assert_eq!(part(&slim, None).0, last);
    let error = read_initial_codes(&slim, DIM, Some(RunCodes::All)).unwrap_err();
    assert!(matches!(error, ArrayFileError::NoSuchArray { .. }), "{error}");
}

#[test]
fn codes_that_are_no_run_are_taken_whole() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("codes.npy");
    let codes = Population::from_rows(2, &[0.1, 0.2, 0.3, 1e-300, -4.0, 5.0]);
    fs::write(&path, codes_to_npy(&codes).unwrap()).unwrap();
    let (read, taken) = read_initial_codes(&path, 2, None).unwrap();
    assert_eq!((read.as_slice(), taken), (codes.as_slice(), None));
    let error = read_initial_codes(&path, 2, Some(RunCodes::Best)).unwrap_err();
    assert!(matches!(error, ArrayFileError::NotARun { .. }), "{error}");
}

#[test]
fn without_codes_what_is_left_does_not_grow_with_the_run() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evolution.npz");
    let (none, all) = (evolution(Keep::None), evolution(Keep::All));
    fs::write(&path, bytes(&none, 0.0)).unwrap();
    let stored = StoredEvolution::read(&path).unwrap();
    assert_eq!((stored.dim, stored.codes_all, stored.last_codes.len(), stored.generation_means.len()), (5, None, 0, 0));
    assert_eq!((&stored.scores_all, &stored.mean_norms), (&all.scores_all, &all.mean_norms));
    assert_eq!(stored.next_codes.len(), none.next_codes.as_slice().len());
    let best: Vec<f32> = all.best_clean.unwrap().code.iter().map(|&x| x as f32).collect();
    assert_eq!(stored.best_code, Some(best));
}

/// A disk with room for so many bytes.
struct SmallDisk(Cursor<Vec<u8>>, u64);

impl std::io::Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.position() + bytes.len() as u64 > self.1 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl std::io::Seek for SmallDisk {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.0.seek(to)
    }
}

#[test]
fn a_full_disk_is_one_error() {
    let evolution = evolution(Keep::All);
    let whole = bytes(&evolution, 1.0).len() as u64;
    for room in (0..whole).step_by(101) {
        let disk = SmallDisk(Cursor::default(), room);
        let error = write_evolution(disk, &evolution, Some(1.0)).map(drop).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    }
}

#[test]
fn equal_runs_make_equal_bytes() {
    let (once, again) = (bytes(&evolution(Keep::All), 1.0), bytes(&evolution(Keep::All), 1.0));
    assert!(once == again);
    assert!(once != bytes(&evolution(Keep::All), 2.0));
}

#[test]
fn a_file_cut_anywhere_is_an_error() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evolution.npz");
    let whole = bytes(&evolution(Keep::All), 1.0);
    for cut in (0..whole.len()).step_by(211) {
        fs::write(&path, &whole[..cut]).unwrap();
        let error = StoredEvolution::read(&path).unwrap_err();
        assert!(matches!(error, ArrayFileError::Unreadable { .. }), "{error:?}");
    }
    let missing = StoredEvolution::read(&folder.path().join("none.npz")).unwrap_err();
    assert!(matches!(missing, ArrayFileError::NotFound { .. }));
}

const CHECK: &str = r#"
import sys, numpy as np
with np.load(sys.argv[1]) as f:
    assert sorted(f.files) == sorted(["codes_all", "scores_all", "cleanscores_all", "generations", "runtime",
                                      "generation_means", "mean_norms", "next_codes", "best_code", "recommended",
                                      "diagnostics_told"]), f.files
    codes = f["codes_all"]
    assert codes.dtype == np.float32 and codes.shape == (82, 5) and codes.flags.c_contiguous, codes.dtype
    assert f["scores_all"].dtype == np.float64 and f["scores_all"].shape == (82,)
    assert f["generations"].dtype == np.int64
    assert np.array_equal(f["generations"], np.repeat([0, 1, 2], [1, 40, 41]))
    assert f["runtime"].shape == () and float(f["runtime"]) == 12.5
    clean = -((codes.astype(np.float64) - 1) ** 2).sum(axis=1)
    assert np.allclose(f["cleanscores_all"], clean, rtol=1e-6)
    means = np.stack([codes[f["generations"] == g].astype(np.float64).mean(axis=0) for g in range(3)])
    assert np.allclose(f["generation_means"], means, rtol=1e-5, atol=1e-6)
    norms = np.linalg.norm(codes[f["generations"] == 2], axis=1).mean()
    assert np.isclose(f["mean_norms"][2], norms, rtol=1e-6)
    assert f["next_codes"].shape == (1, 5) and f["next_codes"].dtype == np.float32
    assert f["best_code"].dtype == np.float32 and np.array_equal(f["best_code"], codes[f["cleanscores_all"].argmax()])
    last = f["generations"] == 2
    assert np.array_equal(f["recommended"], codes[last][f["scores_all"][last].argmax()])
    assert np.array_equal(f["diagnostics_told"], [1.0, 2.0, 3.0])
print("numpy", np.__version__)
"#;

#[test]
fn numpy_reads_it() {
    let Some(python) = Need::Numpy.or_skip() else { return };
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("evolution.npz");
    fs::write(&path, bytes(&evolution(Keep::All), 12.5)).unwrap();
    run_python(&python, CHECK, &path);
}

const MAKE: &str = r#"
import sys, numpy as np
codes = np.arange(6.0).reshape(2, 3)
np.savez_compressed(sys.argv[1], codes=codes.astype(np.float32), other=np.zeros(4))
np.save(sys.argv[1].replace(".npz", "_f.npy"), np.asfortranarray(codes))
np.save(sys.argv[1].replace(".npz", "_big.npy"), codes.astype(">f8"))
"#;

#[test]
fn codes_from_numpy_are_read() {
    let Some(python) = Need::Numpy.or_skip() else { return };
    let folder = TempDir::new().unwrap();
    run_python(&python, MAKE, &folder.path().join("codes.npz"));
    for file in ["codes.npz", "codes_f.npy", "codes_big.npy"] {
        let codes = read_codes(&folder.path().join(file), 3).unwrap();
        assert_eq!(codes.as_slice(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], "{file}");
    }
}

fn run_python(python: &Path, script: &str, path: &Path) {
    let output = Command::new(python).args(["-c", script]).arg(path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
