//! Files that appear under their name complete or not at all, and rows as CSV.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use experiments::write_whole;

/// Writes a file whole, or leaves what was there.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    write_whole(path, |file| file.write_all(bytes)).with_context(|| format!("cannot write {}", path.display()))
}

/// Rows as CSV.
pub(crate) fn csv(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    writer.into_inner().context("a table could not be written")
}
