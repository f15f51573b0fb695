//! Checksums of files.

use std::fs::File;
use std::io;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// SHA-256 of a file, lower-case hexadecimal.
pub(super) fn sha256_of(path: &Path) -> Result<String> {
    let failed = || format!("cannot read {}", path.display());
    let mut hasher = Sha256::new();
    io::copy(&mut File::open(path).with_context(failed)?, &mut hasher).with_context(failed)?;
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
