//! The folder of a run. No file in it is half-written.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};

use serde::Serialize;

use crate::record::Evolution;
use crate::whole_file::{TEMPORARY_PREFIX, place_whole_through, temporary_file, write_whole_through};
use crate::{FolderError, write_evolution};

/// The append-only journal, see [`crate::journal`].
pub const JOURNAL_FILE: &str = "journal.jsonl";
/// Codes and scores, see [`crate::write_evolution`].
pub const EVOLUTION_FILE: &str = "evolution.npz";

/// The codes that a run was given to start from, `[n, N]`, if there were any.
pub const INITIAL_CODES_FILE: &str = "initial_codes.npy";
/// See [`crate::RunSummary`].
pub const SUMMARY_FILE: &str = "summary.json";

/// A folder with any of these holds a run.
const RUN_FILES: [&str; 3] = [JOURNAL_FILE, EVOLUTION_FILE, SUMMARY_FILE];
/// Names of the other files that were written for the run, one a line.
const MANIFEST: &str = ".run-files";

/// A folder that belongs to one run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes the folder, or takes an empty one, for a new run.
    ///
    /// With `overwrite` the files of a run in it are removed first. Other files stay.
    ///
    /// # Errors
    /// If it holds a run and `overwrite` is false, if it is not empty and holds no run, or if it cannot be written.
    pub fn create(path: &Path, overwrite: bool) -> Result<Self, FolderError> {
        let folder = Self { path: path.to_owned() };
        if path.exists() && !path.is_dir() {
            return Err(FolderError::NotAFolder { path: path.to_owned() });
        }
        fs::create_dir_all(path).map_err(|source| failed("create the folder", path, source))?;
        let held = RUN_FILES.iter().find(|file| path.join(file).exists());
        match held {
            Some(_) if overwrite => folder.remove_run()?,
            Some(file) => return Err(FolderError::HoldsRun { path: path.to_owned(), file: (*file).to_owned() }),
            None => {
                folder.remove_temporaries()?;
                folder.refuse_foreign_files()?;
            }
        }
        folder.check_writable()?;
        Ok(folder)
    }

    /// Opens the folder of a run that is to be resumed.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub fn resume(path: &Path) -> Result<Self, FolderError> {
        let folder = Self { path: path.to_owned() };
        folder.remove_temporaries()?;
        folder.check_writable()?;
        Ok(folder)
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where the journal is, or will be.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.path.join(JOURNAL_FILE)
    }

    /// Writes or replaces a file of the run, completely or not at all.
    ///
    /// `name` may lie in subfolders (`images/best.png`); they are made.
    ///
    /// # Errors
    /// If the name leaves the folder, or the file cannot be written. The file is then as it was before.
    pub fn write_atomic(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        self.write_atomic_with(name, |file| file.write_all(bytes))
    }

    /// Like [`write_atomic`](Self::write_atomic), for content that is streamed.
    ///
    /// # Errors
    /// As there, and if `write` fails.
    pub fn write_atomic_with(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), FolderError> {
        check_name(name)?;
        let path = self.path.join(name);
        let parent = path.parent().unwrap_or(&self.path);
        fs::create_dir_all(parent).map_err(|source| failed("create the folder", parent, source))?;
        self.list_in_manifest([name])?;
        write_whole_through(&self.path, &path, write).map_err(|source| failed("write", &path, source))
    }

    /// Writes or replaces many files that can be made again: each appears complete or not at all, but none waits for the
    /// disk.
    ///
    /// # Errors
    /// As [`write_atomic`](Self::write_atomic).
    pub fn place_all(&self, files: &[(String, Vec<u8>)]) -> Result<(), FolderError> {
        files.iter().try_for_each(|(name, _)| check_name(name))?;
        self.list_in_manifest(files.iter().map(|(name, _)| name.as_str()))?;
        for (name, bytes) in files {
            let path = self.path.join(name);
            let parent = path.parent().unwrap_or(&self.path);
            fs::create_dir_all(parent).map_err(|source| failed("create the folder", parent, source))?;
            place_whole_through(&self.path, &path, bytes).map_err(|source| failed("write", &path, source))?;
        }
        Ok(())
    }

    /// Writes a value as indented JSON.
    ///
    /// # Errors
    /// As [`write_atomic`](Self::write_atomic), and if the value is none that JSON can hold.
    pub fn write_json(&self, name: &str, value: &impl Serialize) -> Result<(), FolderError> {
        let mut json = serde_json::to_vec_pretty(value)
            .map_err(|source| FolderError::Json { path: self.path.join(name), source })?;
        json.push(b'\n');
        self.write_atomic(name, &json)
    }

    /// Writes [`EVOLUTION_FILE`]; `runtime` is in seconds.
    ///
    /// # Errors
    /// As [`write_atomic`](Self::write_atomic).
    pub fn write_evolution(&self, evolution: &Evolution, runtime: f64) -> Result<(), FolderError> {
        self.write_atomic_with(EVOLUTION_FILE, |file| write_evolution(file, evolution, Some(runtime)).map(drop))
    }

    /// Notes files that are about to be written, so that overwriting the run removes them.
    fn list_in_manifest<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<(), FolderError> {
        let listed: HashSet<String> = self.manifest()?.into_iter().collect();
        let fresh = |name: &&str| !RUN_FILES.contains(name) && !listed.contains(*name);
        let lines: String = names.into_iter().filter(fresh).map(|name| format!("{name}\n")).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let path = self.path.join(MANIFEST);
        let append = || File::options().create(true).append(true).open(&path)?.write_all(lines.as_bytes());
        append().map_err(|source| failed("write", &path, source))
    }

    fn manifest(&self) -> Result<Vec<String>, FolderError> {
        let path = self.path.join(MANIFEST);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            Err(source) => Err(failed("read", &path, source)),
        }
    }

    /// Removes a run without a scored generation, and the folder if it is empty then.
    ///
    /// # Errors
    /// If the journal cannot be read or a file cannot be removed.
    pub fn discard_unscored(&self) -> Result<(), FolderError> {
        let journal = self.journal();
        let text = fs::read(&journal).map_err(|source| failed("read the journal", &journal, source))?;
        if text.iter().filter(|&&byte| byte == b'\n').count() <= 1 {
            self.remove_run()?;
            // This fails if there are other files in it.
            let _ = fs::remove_dir(&self.path);
        }
        Ok(())
    }

    /// Removes the files of the run that the folder holds, and subfolders that became empty.
    fn remove_run(&self) -> Result<(), FolderError> {
        self.refuse_running()?;
        self.remove_temporaries()?;
        let mut folders = Vec::new();
        for name in self.manifest()?.iter().filter(|name| check_name(name).is_ok()) {
            remove_if_there(&self.path.join(name))?;
            folders.extend(
                Path::new(name).ancestors().skip(1).filter(|folder| *folder != Path::new("")).map(Path::to_owned),
            );
        }
        // Deepest first. A folder with other files stays.
        folders.sort_by_key(|folder| std::cmp::Reverse(folder.components().count()));
        for folder in folders {
            let _ = fs::remove_dir(self.path.join(folder));
        }
        // The journal goes last: until then the folder holds a run that can be overwritten.
        for file in [MANIFEST, SUMMARY_FILE, EVOLUTION_FILE, JOURNAL_FILE] {
            remove_if_there(&self.path.join(file))?;
        }
        Ok(())
    }

    /// Refuses a run that another process is writing: its journal is locked.
    fn refuse_running(&self) -> Result<(), FolderError> {
        match File::open(self.journal()).map(|journal| journal.try_lock()) {
            Ok(Err(TryLockError::WouldBlock)) => Err(FolderError::InUse { path: self.path.clone() }),
            _ => Ok(()),
        }
    }

    /// Removes what a killed process left half-written.
    fn remove_temporaries(&self) -> Result<(), FolderError> {
        for name in self.file_names()?.iter().filter(|name| name.starts_with(TEMPORARY_PREFIX)) {
            remove_if_there(&self.path.join(name))?;
        }
        Ok(())
    }

    fn refuse_foreign_files(&self) -> Result<(), FolderError> {
        match self.file_names()?.into_iter().next() {
            Some(file) => Err(FolderError::NotEmpty { path: self.path.clone(), file }),
            None => Ok(()),
        }
    }

    /// Names in the folder, sorted.
    fn file_names(&self) -> Result<Vec<String>, FolderError> {
        let list = || -> io::Result<Vec<String>> {
            fs::read_dir(&self.path)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
        };
        let mut names = list().map_err(|source| failed("read the folder", &self.path, source))?;
        names.sort();
        Ok(names)
    }

    /// Finds out before the run, not after it.
    fn check_writable(&self) -> Result<(), FolderError> {
        temporary_file(&self.path).map(drop).map_err(|source| failed("write into the folder", &self.path, source))
    }
}

/// A relative path of ordinary names, that is not the folder's own bookkeeping.
fn check_name(name: &str) -> Result<(), FolderError> {
    let mut components = Path::new(name).components().peekable();
    let ordinary = components.peek().is_some() && components.all(|part| matches!(part, Component::Normal(_)));
    if ordinary && name != MANIFEST && !name.contains('\n') {
        Ok(())
    } else {
        Err(FolderError::FileName { name: name.to_owned() })
    }
}

fn remove_if_there(path: &Path) -> Result<(), FolderError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(failed("remove", path, source)),
        _ => Ok(()),
    }
}

pub(crate) fn failed(action: &'static str, path: &Path, source: io::Error) -> FolderError {
    FolderError::Io { action, path: path.to_owned(), source }
}
