//! Running the program.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use actmax::EvolveSummary;
use experiments::StoredEvolution;
use tempfile::TempDir;

/// Smallest run of the default optimizer that is worth the name.
pub(crate) const SMALL: [&str; 6] = ["--unit", "conv5:12", "--option", "population_size=6", "--generations", "4"];

/// What a finished run consists of.
pub(crate) const FILES: [&str; 7] =
    ["best.png", "evolution.npz", "final_mean.png", "journal.jsonl", "progress.png", "summary.json", "trace.svg"];

/// An empty folder to run the program in.
pub(crate) struct Sandbox(TempDir);

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_actmax"));
        self.enclose(command.args(arguments));
        command
    }

    /// Lets a command run in the folder, with a home and a folder of models in there, and the tests' own cache.
    pub(crate) fn enclose(&self, command: &mut Command) {
        command.current_dir(self.0.path()).env("HOME", self.path("home")).env("ACTMAX_MODELS", self.path("models"));
        command.env("XDG_CACHE_HOME", test_needs::cache_folder());
    }

    /// Runs the program to its end.
    pub(crate) fn actmax(&self, arguments: &[&str]) -> Done {
        Done(self.command(arguments).output().unwrap())
    }

    /// `actmax evolve` with these arguments, into the folder `out`; must succeed.
    pub(crate) fn evolve(&self, out: &str, arguments: &[&str]) -> Done {
        let done = self.actmax(&[&["evolve", "--out", out], arguments].concat());
        assert_eq!(done.code(), 0, "{}", done.stderr());
        done
    }

    pub(crate) fn evolution(&self, out: &str) -> StoredEvolution {
        StoredEvolution::read(&self.path(out).join("evolution.npz")).unwrap()
    }

    pub(crate) fn summary(&self, out: &str) -> EvolveSummary {
        serde_json::from_slice(&fs::read(self.path(out).join("summary.json")).unwrap()).unwrap()
    }

    /// Names and contents of what lies in a folder, but for hidden files.
    pub(crate) fn contents(&self, folder: &str) -> BTreeMap<String, Vec<u8>> {
        let entries = fs::read_dir(self.path(folder)).unwrap().map(Result::unwrap);
        let named = entries.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
        let visible = named.filter(|(name, _)| !name.starts_with('.'));
        visible.map(|(name, path)| (name, fs::read(path).unwrap())).collect()
    }
}

/// What came of a run of the program.
pub(crate) struct Done(pub(crate) Output);

impl Done {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap()
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }
}

/// Asserts that two runs have the same arrays, bit for bit.
pub(crate) fn assert_same_arrays(a: &StoredEvolution, b: &StoredEvolution) {
    let mut b = b.clone();
    b.runtime = a.runtime;
    assert!(*a == b, "the arrays differ");
}

/// Writes a `.npy` file (format 1.0) of little-endian `f32` in C order.
pub(crate) fn write_npy(path: &Path, shape: [usize; 2], values: &[f32]) {
    assert_eq!(values.len(), shape[0] * shape[1]);
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", shape[0], shape[1]);
    let header = format!("{header:117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(header.len()).unwrap().to_le_bytes());
    bytes.extend(header.bytes());
    bytes.extend(values.iter().flat_map(|x| x.to_le_bytes()));
    fs::write(path, bytes).unwrap();
}
