//! The writes on which a session depends, in one place, so that tests can let each of them fail.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use experiments::write_whole;

/// Writes to an open file.
pub(crate) fn write(file: &mut File, path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Err(full) = check(path) {
        // A full disk takes what fits.
        file.write_all(&bytes[..bytes.len() / 2])?;
        return Err(full);
    }
    file.write_all(bytes)
}

/// Forces what was written to the disk.
pub(crate) fn sync(file: &File, path: &Path) -> io::Result<()> {
    check(path)?;
    file.sync_data()
}

/// Writes a new file under a name that nobody looks at.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write(&mut File::create(path)?, path, bytes)
}

/// Renames a file.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    check(to)?;
    fs::rename(from, to)
}

/// Writes a file that appears under its name whole or not at all, and is on the disk then.
pub(crate) fn place(path: &Path, bytes: &[u8]) -> io::Result<()> {
    check(path)?;
    write_whole(path, |file| file.write_all(bytes))
}

#[cfg(not(test))]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
fn check(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
use tests::check;

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::Mutex;

    use super::*;
    use crate::common::{attend, begin, events, resume};
    use crate::door::FolderDoor;
    use crate::journal::{self, JOURNAL_FILE};
    use crate::{Phase, SessionError};

    /// Folders whose writes fail, and the number of the write that fails next; 0: none any more.
    static FAILING: Mutex<Vec<(PathBuf, usize)>> = Mutex::new(Vec::new());

    pub(super) fn check(path: &Path) -> io::Result<()> {
        let mut failing = FAILING.lock().unwrap();
        match failing.iter_mut().find(|(folder, _)| path.starts_with(folder)) {
            Some((_, next @ 1..)) => {
                *next -= 1;
                if *next == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
            }
            _ => Ok(()),
        }
    }

    fn has_failed(folder: &Path) -> bool {
        FAILING.lock().unwrap().iter().any(|(other, next)| other == folder && *next == 0)
    }

    const TEXT: &str = "
        [session]
        after_scores = 'move'
        [[thread]]
        name = 'a'
        generator = 'pixels'
        optimizer = 'genetic'
        options = { population_size = 4 }
        generations = 3
        [[thread]]
        name = 'b'
        generator = 'few-pixels'
        optimizer = 'cholesky-cmaes'
        options = { population_size = 3 }
        generations = 2
    ";

    /// A process: from its start to the session's end, or until it cannot write.
    fn process(folder: &Path) -> Result<(), SessionError> {
        let begun = journal::read(&folder.join(JOURNAL_FILE)).is_ok_and(|records| !records.is_empty());
        let mut session = if begun { resume(folder)? } else { begin(folder, TEXT, Vec::new())? };
        let mut door = FolderDoor::open(&session)?;
        while session.phase() != Phase::Finished {
            door.look(&mut session)?;
            attend(folder, 1);
        }
        Ok(())
    }

    /// The events of a session whose `failing`th write fails, and whether it has so many.
    fn run(failing: usize) -> (Vec<String>, bool) {
        let folder = tempfile::tempdir().unwrap();
        FAILING.lock().unwrap().push((folder.path().to_owned(), failing));
        while let Err(error) = process(folder.path()) {
            let said = error.to_string();
            let name = folder.path().file_name().unwrap().to_string_lossy().into_owned();
            assert!(said.contains("is full") && said.contains(&name) && !said.contains('\n'), "{failing}: {said}");
        }
        (events(folder.path()), has_failed(folder.path()))
    }

    #[test]
    fn whichever_write_fails_the_session_goes_on_as_if_none_had() {
        let (undisturbed, _) = run(0);
        for failing in 1.. {
            let (events, failed) = run(failing);
            assert_eq!(events, undisturbed, "write {failing}");
            if !failed {
                // Journal, codes, and for each image its file and its name.
                assert!(failing > 50, "{failing} writes");
                return;
            }
        }
    }
}
