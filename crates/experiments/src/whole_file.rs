//! Files that appear under their name complete or not at all.

use std::fs::{File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// How the names of files begin that are being written.
pub(crate) const TEMPORARY_PREFIX: &str = ".actmax-writing-";

/// Writes a file whole, or leaves what was there: `write` fills a temporary file in the same folder, which is forced to
/// the disk and renamed.
///
/// # Errors
/// If the folder does not exist or cannot be written, or `write` fails. The temporary file is removed then.
pub fn write_whole(path: &Path, write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>) -> io::Result<()> {
    write_whole_through(folder_of(path), path, write)
}

/// Locks an open file for this process; false if another process has it. Some network file systems have no locks: they are
/// used without.
#[must_use]
pub fn lock_if_free(file: &File, path: &Path) -> bool {
    match file.try_lock() {
        Ok(()) => true,
        Err(TryLockError::WouldBlock) => false,
        Err(TryLockError::Error(error)) => {
            tracing::debug!("{} is not locked: {error}", path.display());
            true
        }
    }
}

/// The folder that a file lies in.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a file that appears under its name complete or not at all, but does not wait for the disk: after a loss of
/// power it may be missing or empty. For files that can be made again.
///
/// # Errors
/// As for [`write_whole`].
pub fn place_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    place_whole_through(folder_of(path), path, bytes)
}

/// As [`place_whole`], with the temporary file in `folder`, which must be on the same file system.
pub(crate) fn place_whole_through(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = temporary_file(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// As [`write_whole`], with the temporary file in `folder`, which must be on the same file system.
pub(crate) fn write_whole_through(
    folder: &Path,
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let (file, temporary) = temporary_file(folder)?.into_parts();
    let mut buffer = BufWriter::with_capacity(1 << 16, file);
    if let Err(error) = write(&mut buffer) {
        // What the buffer still holds is not worth a second attempt.
        drop(buffer.into_parts());
        return Err(error);
    }
    buffer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(temporary.persist(path)?)
}

/// A file with the permissions that the user gives new files, which temporary files in general do not have.
pub(crate) fn temporary_file(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(TEMPORARY_PREFIX);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Error, Write};

    use super::write_whole;

    #[test]
    fn what_fails_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        write_whole(&path, |file| file.write_all(b"old")).unwrap();
        let failed = write_whole(&path, |file| file.write_all(b"new").and(Err(Error::other("full"))));
        assert_eq!(failed.unwrap_err().to_string(), "full");
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
