//! Remembering that a file's checksum was verified: hashing hundreds of megabytes takes as long as reading
//! them.
//!
//! A stamp lies beside the file, `<file>.verified`, and holds its SHA-256, size and time of change. It counts
//! as long as the file has that size and time: what changes a file and keeps both goes unnoticed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

fn path(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".verified");
    name.into()
}

/// What a stamp of the file as it is now would hold.
fn content(file: &Path, sha256: &str) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    Some(format!("{} {} {changed}\n", sha256.to_ascii_lowercase(), metadata.len()))
}

/// Whether the file was verified to have this SHA-256, and not changed since.
pub(crate) fn holds(file: &Path, sha256: &str) -> bool {
    let stamp = fs::read_to_string(path(file)).ok();
    stamp.is_some() && stamp == content(file, sha256)
}

/// Notes that the file has this SHA-256. Where that cannot be written, the file is hashed again next time.
pub(crate) fn write(file: &Path, sha256: &str) {
    if let Some(content) = content(file, sha256) {
        let _ = fs::write(path(file), content);
    }
}

/// Forgets that the file was verified.
pub(crate) fn remove(file: &Path) {
    let _ = fs::remove_file(path(file));
}
