//! Other programs read what is written here.

use std::process::Command;

use rig_files::{Codes, Limits, mat5, read_codes};
use test_needs::Need;

fn file() -> mat5::Writer {
    let mut file = mat5::Writer::new();
    file.double("d", &[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, f64::NAN]).single("s", &[3], &[0.5, -1.0, f32::INFINITY]);
    file.rows("r", 3, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]).double("e", &[0, 4], &[]).text("t", "Wörter 世").text("b", "");
    file.cells("c", &["ab", "", "ü"]).double("cube", &[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
    file.single_rows("sr", 2, &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    file.cells_of_columns("cc", 2, 1, &[vec![1.0, f64::NAN], Vec::new()]);
    file
}

#[test]
fn scipy_reads_the_mat_file() {
    let Some(python) = Need::Nwb.or_skip() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.mat");
    std::fs::write(&path, file().finish()).unwrap();
    let script = r#"
import sys, numpy as np, scipy.io
f = scipy.io.loadmat(sys.argv[1], chars_as_strings=True)
np.testing.assert_array_equal(f["d"], [[1, 3, 5], [2, 4, np.nan]])
assert f["d"].dtype == np.float64 and f["s"].dtype == np.float32
np.testing.assert_array_equal(f["s"], [[0.5], [-1], [np.inf]])
np.testing.assert_array_equal(f["r"], [[1, 2, 3], [4, 5, 6]])
assert f["e"].shape == (0, 4), f["e"]
assert f["t"].tolist() == ["Wörter 世"] and f["b"].size == 0
assert f["c"].shape == (1, 3) and f["c"][0, 0].tolist() == ["ab"] and f["c"][0, 1].size == 0 and f["c"][0, 2].tolist() == ["ü"]
assert f["cube"].tolist() == [[[1, 3], [2, 4]]]
assert f["sr"].dtype == np.float32 and f["sr"].tolist() == [[1, 2], [3, 4], [5, 6]]
assert f["cc"].shape == (2, 1) and f["cc"][1, 0].shape == (0, 1)
np.testing.assert_array_equal(f["cc"][0, 0], [[1], [np.nan]])
"#;
    let done = Command::new(python).args(["-c", script]).arg(&path).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn octave_reads_the_mat_file() {
    let Some(octave) = Need::Octave.or_skip() else { return };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file.mat");
    std::fs::write(&path, file().finish()).unwrap();
    let script = format!(
        "f = load('{}');
        assert(isequaln(f.d, [1 3 5; 2 4 NaN]) && isa(f.d, 'double') && isa(f.s, 'single'));
        assert(isequal(f.s, single([0.5; -1; Inf])) && isequal(f.r, [1 2 3; 4 5 6]) && isequal(size(f.e), [0 4]));
        assert(strcmp(f.t, 'Wörter 世') && isempty(f.b) && ischar(f.b));
        assert(iscell(f.c) && isequal(size(f.c), [1 3]) && strcmp(f.c{{1}}, 'ab') && isempty(f.c{{2}}) && strcmp(f.c{{3}}, 'ü'));
        assert(isequal(size(f.cube), [1 2 2]) && isequal(f.cube(:)', 1:4));
        assert(isequal(size(f.cc), [2 1]) && isequaln(f.cc{{1}}, [1; NaN]) && isequal(size(f.cc{{2}}), [0 1]));
        disp('whole')",
        path.display()
    );
    // Octave may fail at its own end, after all is done.
    let done = Command::new(octave).args(["--norc", "--eval", &script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&done.stdout).trim(), "whole", "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn codes_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("block001_thread000_code.mat");
    let ids = (0..7).map(|id| format!("block002_thread000_gen_gen001_{id:06}.bmp")).collect();
    let codes = Codes { ids, rows: (0..7 * 5).map(|value| f64::from(value).sqrt()).collect(), dim: 5 };
    std::fs::write(&path, codes.to_mat()).unwrap();
    assert_eq!(read_codes(&path, &Limits::default()).unwrap(), codes);
}
