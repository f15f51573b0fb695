//! Files that appear under their name complete or not at all.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// How the names of files begin that are being written.
pub(crate) const TEMPORARY: &str = ".actmax-writing-";

/// Writes a file whole, or leaves what was there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let Some(name) = path.file_name() else { bail!("{} does not name a file", path.display()) };
    let temporary = path.with_file_name(format!("{TEMPORARY}{}", name.to_string_lossy()));
    let written = fs::write(&temporary, bytes).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    written.with_context(|| format!("cannot write {}", path.display()))
}
