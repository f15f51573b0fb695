//! What tests need from outside the workspace: programs, Python packages, hardware, files beside the checkout.
//!
//! A test asks for what it needs. If the thing is missing, the test ends early and one line says so: at once on standard
//! error (past libtest's capture), and again in the list that the last test target of `cargo test --workspace` prints
//! (`xtask/tests/skipped.rs`). A test must never decide by itself that it has nothing to do.
//!
//! ```no_run
//! use test_needs::Need;
//!
//! #[test]
//! fn numpy_reads_the_file() {
//!     let Some(python) = Need::Numpy.or_skip() else { return };
//!     let done = std::process::Command::new(python).args(["-c", "import numpy"]).status().unwrap();
//!     assert!(done.success());
//! }
//!
//! #[test]
//! fn a_gpu_computes_the_same() {
//!     // What only the test can look for goes through `check`.
//!     let Some(device) = Need::Gpu.check(open_device()) else { return };
//!     assert_eq!(device, 0);
//! }
//!
//! fn open_device() -> Result<usize, String> {
//!     Err("there is no CUDA driver".to_owned())
//! }
//! ```
//!
//! # Variables
//! * `ACTMAX_REQUIRE`: names of needs, divided by commas, for example `python,numpy,octave`. A test whose need is in the
//!   list fails where the thing is missing. An unknown name fails every test that asks for anything, and the list.
//! * `PYTHON`: the interpreter to use in place of `python3` or `python`.
//! * `ACTMAX_SHARED`: the folder of recordings and networks that a checkout may have beside it, in place of `../shared`.

mod find;
mod record;

use std::fmt::Display;
use std::path::PathBuf;

pub use find::{cache_folder, checkout, target_folder};
pub use record::{Skip, close};

/// The variable that lists what must be there.
pub const REQUIRE: &str = "ACTMAX_REQUIRE";

/// Something from outside that a test needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Need {
    /// A Python 3 interpreter.
    Python,
    /// A Python 3 interpreter that imports NumPy.
    Numpy,
    /// A Python 3 interpreter with the packages for statistics of `.ci/requirements.txt` at these very versions: they wrote
    /// fixtures.
    Scipy,
    /// A Python 3 interpreter with the packages for HDF5, MAT and NWB of `.ci/requirements.txt` at these very versions.
    Nwb,
    /// A Python 3 interpreter with the bindings of ZeroMQ of `.ci/requirements.txt` at this very version.
    Zmq,
    /// GNU Octave.
    Octave,
    /// Node, the interpreter of JavaScript, from version 20 on.
    Node,
    /// Chromium with its driver, and a Python 3 interpreter with the `selenium` of `.ci/requirements.txt`, whose path this is.
    Browser,
    /// The tracer of system calls, allowed to trace.
    Strace,
    /// A Slurm cluster to submit jobs to: the program `sbatch`.
    Slurm,
    /// A CUDA device with an ONNX Runtime that uses it. Only a test can look for it; see [`Need::check`].
    Gpu,
    /// An ONNX Runtime without CUDA: the one that is fetched, since `ORT_DYLIB_PATH` may name any.
    CpuRuntime,
    /// `models/real` beside the checkout: the folder of networks with real weights.
    RealModels,
    /// `reference/published` beside the checkout: the folder of the published tables.
    Published,
    /// `reference/traces` beside the checkout: the folder of recorded runs of the reference implementations.
    Traces,
    /// The processor that the numbers in docs/tutorial.md come from. Only its test can tell; see [`Need::check`].
    TutorialProcessor,
}

impl Need {
    /// All needs.
    pub const ALL: [Self; 16] = [
        Self::Python,
        Self::Numpy,
        Self::Scipy,
        Self::Nwb,
        Self::Zmq,
        Self::Octave,
        Self::Node,
        Self::Browser,
        Self::Strace,
        Self::Slurm,
        Self::Gpu,
        Self::CpuRuntime,
        Self::RealModels,
        Self::Published,
        Self::Traces,
        Self::TutorialProcessor,
    ];

    /// The name in `ACTMAX_REQUIRE` and in the list.
    pub fn name(self) -> &'static str {
        match self {
            Self::Python => "python",
            Self::Numpy => "numpy",
            Self::Scipy => "scipy",
            Self::Nwb => "nwb",
            Self::Zmq => "zmq",
            Self::Octave => "octave",
            Self::Node => "node",
            Self::Browser => "browser",
            Self::Strace => "strace",
            Self::Slurm => "slurm",
            Self::Gpu => "gpu",
            Self::CpuRuntime => "cpu-runtime",
            Self::RealModels => "real-models",
            Self::Published => "published",
            Self::Traces => "traces",
            Self::TutorialProcessor => "tutorial-processor",
        }
    }

    /// The program or folder, or `None` with a line in the list of skipped tests.
    ///
    /// # Panics
    /// If it is missing and `ACTMAX_REQUIRE` lists it, or that variable has an unknown name.
    #[track_caller]
    pub fn or_skip(self) -> Option<PathBuf> {
        self.check(find::find(self))
    }

    /// What the test found by itself, or `None` with a line in the list of skipped tests.
    ///
    /// # Panics
    /// As [`Need::or_skip`].
    #[track_caller]
    pub fn check<T, E: Display>(self, found: Result<T, E>) -> Option<T> {
        let required = required().unwrap_or_else(|error| panic!("{error}"));
        match found {
            Ok(found) => Some(found),
            Err(reason) if required.contains(&self) => {
                panic!("{REQUIRE} lists {}, which is missing: {reason}", self.name())
            }
            Err(reason) => {
                record::skip(self, &reason.to_string(), std::panic::Location::caller());
                None
            }
        }
    }
}

/// The needs that `ACTMAX_REQUIRE` lists.
///
/// # Errors
/// If one of the names is unknown; the message has the known ones.
pub fn required() -> Result<Vec<Need>, String> {
    parse(&std::env::var(REQUIRE).unwrap_or_default())
}

fn parse(list: &str) -> Result<Vec<Need>, String> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    names
        .map(|name| {
            Need::ALL.into_iter().find(|need| need.name() == name).ok_or_else(|| {
                let known = Need::ALL.map(Need::name).join(", ");
                format!("{REQUIRE} lists '{name}', which no test needs; known are {known}")
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_unknown_ones_refused() {
        assert_eq!(parse(" numpy,gpu ,").unwrap(), [Need::Numpy, Need::Gpu]);
        assert_eq!(parse("").unwrap(), []);
        let error = parse("numpy,nunpy").unwrap_err();
        assert!(error.contains("'nunpy'") && error.contains("octave, node"), "{error}");
        for need in Need::ALL {
            assert_eq!(parse(need.name()).unwrap(), [need]);
        }
    }
}
