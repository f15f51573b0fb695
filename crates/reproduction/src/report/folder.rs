//! The folder of the results.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::files;

/// A folder that can be written.
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    /// Makes the folder where there is none, and tries it out.
    pub(super) fn open(path: &Path) -> Result<Self> {
        fs::create_dir_all(path).with_context(|| format!("cannot make the output folder {}", path.display()))?;
        let probe = path.join(".actmax-writing-probe");
        fs::write(&probe, b"")
            .and_then(|()| fs::remove_file(&probe))
            .with_context(|| format!("cannot write to the output folder {}", path.display()))?;
        Ok(Self { path: path.to_owned() })
    }

    /// Writes a file whole, or leaves what was there.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> Result<()> {
        files::write(&self.path.join(name), bytes)
    }
}
