//! Looking for what a test needs.

use std::collections::HashMap;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::Need;

/// Where the thing is, or why it is not there. A process looks once for each thing.
pub(crate) fn find(need: Need) -> Result<PathBuf, String> {
    static FOUND: LazyLock<Mutex<HashMap<Need, Result<PathBuf, String>>>> = LazyLock::new(Mutex::default);
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    found.entry(need).or_insert_with(|| look(need)).clone()
}

fn look(need: Need) -> Result<PathBuf, String> {
    match need {
        Need::Python => python("pass"),
        Need::Numpy => python("import numpy"),
        Need::Scipy => pinned(&["numpy", "pandas", "scikit-learn", "scipy", "statsmodels"]),
        Need::Nwb => pinned(&["h5py", "numpy", "nwbinspector", "pynwb", "scipy"]),
        Need::Zmq => pinned(&["pyzmq"]),
        Need::Octave => program(&["octave-cli", "octave"], &["--version"]),
        Need::Node => {
            program(&["node", "nodejs"], &["-e", "process.exit(Number(parseInt(process.versions.node) < 20))"])
        }
        Need::Browser => program(&["chromium"], &["--version"])
            .and_then(|_| program(&["chromedriver"], &["--version"]))
            .and_then(|_| pinned(&["selenium"])),
        Need::Strace => program(&["strace"], &["-f", "-o", "/dev/null", "true"]),
        Need::Slurm => program(&["sbatch"], &["--version"]),
        Need::Gpu | Need::TutorialProcessor => panic!("a test looks for this by itself: `Need::check`"),
        Need::CpuRuntime => match env::var_os("ORT_DYLIB_PATH") {
            None => Ok(cache_folder()),
            Some(_) => Err("ORT_DYLIB_PATH names a library, which may use a GPU".to_owned()),
        },
        Need::RealModels => beside("models/real"),
        Need::Published => beside("reference/published"),
        Need::Traces => beside("reference/traces"),
    }
}

/// An interpreter that has these packages with the versions of `.ci/requirements.txt`: where a package has one for older
/// Pythons too, with the last one.
fn pinned(packages: &[&str]) -> Result<PathBuf, String> {
    let script = format!(
        "import sys, importlib.metadata\n\
         pins = dict(line.split(';')[0].strip().split('==') for line in open(sys.argv[1]) if '==' in line)\n\
         sys.exit(any(importlib.metadata.version(name) != pins[name] for name in {packages:?}))"
    );
    python(&script).map_err(|error| format!("packages are not as in .ci/requirements.txt: {error}"))
}

/// The first of the interpreters that runs a script, which gets the path of `.ci/requirements.txt`.
fn python(script: &str) -> Result<PathBuf, String> {
    let own = env::var("PYTHON").ok().filter(|name| !name.is_empty());
    let names = own.as_deref().map_or(vec!["python3", "python"], |name| vec![name]);
    let requirements = checkout().join(".ci/requirements.txt").display().to_string();
    let found = program(&names, &["-c", script, &requirements]);
    found.map_err(|_| format!("no {} succeeds at `{}`", names.join(" and no "), script.trim().replace('\n', "; ")))
}

/// The first of the programs that runs with these arguments and succeeds.
fn program(names: &[&str], arguments: &[&str]) -> Result<PathBuf, String> {
    let runs = |name: &&&str| {
        let mut command = Command::new(name);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let found = names.iter().find(runs).map(PathBuf::from);
    found.ok_or_else(|| format!("`{} {}` does not run", names.join("` or `"), arguments.join(" ")))
}

/// A folder of what a checkout may have beside it.
fn beside(folder: &str) -> Result<PathBuf, String> {
    let shared = env::var_os("ACTMAX_SHARED").map_or_else(|| checkout().join("../shared"), PathBuf::from);
    let path = shared.join(folder);
    if path.is_dir() { Ok(path) } else { Err(format!("{} is no folder", path.display())) }
}

/// The root of the checkout.
pub fn checkout() -> &'static Path {
    const CRATE: &str = env!("CARGO_MANIFEST_DIR");
    Path::new(CRATE).ancestors().nth(2).expect("the crate lies two folders deep")
}

/// The folder that Cargo builds this profile in, from where the running test lies (`FOLDER/deps/NAME-HASH`); the
/// system's folder of temporary files for a program that Cargo has not put there.
pub fn target_folder() -> PathBuf {
    let running = env::current_exe().unwrap_or_default();
    let deps = running.ancestors().find(|folder| folder.ends_with("deps"));
    deps.and_then(Path::parent).map_or_else(env::temp_dir, Path::to_owned)
}

/// A cache folder of the tests' own, to be `XDG_CACHE_HOME` of every process that a test starts: no test reads or
/// writes the user's. All tests of a target folder share it, so ONNX Runtime is fetched once.
pub fn cache_folder() -> PathBuf {
    target_folder().join("test-cache")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checkout_and_the_target_are_where_cargo_says() {
        assert!(checkout().join("Cargo.lock").is_file());
        assert!(env::current_exe().unwrap().starts_with(target_folder().join("deps")));
    }

    #[test]
    fn programs_are_found_by_running_them() {
        assert_eq!(program(&["no-such-program", "rustc"], &["--version"]).unwrap(), Path::new("rustc"));
        let error = program(&["no-such-program"], &["--version"]).unwrap_err();
        assert_eq!(error, "`no-such-program --version` does not run");
        assert!(program(&["rustc"], &["--no-such-option"]).is_err());
    }
}
