//! Python environments for the peers.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The folder of the scripts.
pub(super) fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("peers")
}

/// The interpreter with `requirements-GROUP.txt`, in an environment below `folder` that is made when it is not there
/// or was made from other requirements.
pub(super) fn interpreter(group: &str, folder: Option<&Path>) -> Result<PathBuf> {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/peers");
    let environment = folder.unwrap_or(&default).join(group);
    let requirements = scripts().join(format!("requirements-{group}.txt"));
    let wanted = fs::read_to_string(&requirements).with_context(|| requirements.display().to_string())?;
    let python = environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    // Written last, so that an environment half made is made again.
    let stamp = environment.join("installed-requirements.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    eprintln!("making a Python environment in {}", environment.display());
    let base = if cfg!(windows) { "python" } else { "python3" };
    run(Command::new(base).args(["-m", "venv", "--clear"]).arg(&environment))?;
    run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(&requirements))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot run {}", command.get_program().display()))?;
    if !status.success() {
        bail!("{} {:?} failed: {status}", command.get_program().display(), command.get_args());
    }
    Ok(())
}
