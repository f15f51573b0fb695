//! What starts this program anew.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::CommandError;

/// The program, where it is not the executable file of this process.
static NAMED: OnceLock<PathBuf> = OnceLock::new();

/// Says which program this is. The first call counts.
pub(crate) fn name(program: PathBuf) {
    let _ = NAMED.set(program);
}

/// Path of the program.
pub(crate) fn path() -> Result<PathBuf, CommandError> {
    let running = || std::env::current_exe().map_err(|source| CommandError::Read { path: "actmax".into(), source });
    NAMED.get().map_or_else(running, |named| Ok(named.clone()))
}
