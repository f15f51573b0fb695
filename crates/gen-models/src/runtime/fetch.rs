//! Fetching the library with pip, which brings the user's own mirrors, proxies and certificates.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::{NamedTempFile, TempDir};

use super::RuntimeError;
use super::wheel::{PYTHON, VERSION, Wheel};
use crate::source::{file_sha256, sha256_hex};
use crate::stamp;

/// A command and its leading arguments.
type Launcher<'a> = (&'a str, &'a [&'a str]);

/// Commands that may start Python 3.
pub(super) const LAUNCHERS: &[Launcher<'_>] = if cfg!(windows) {
    &[("python3", &[]), ("python", &[]), ("py", &["-3"])]
} else {
    &[("python3", &[]), ("python", &[])]
};

/// Whether the library is there and is the wheel's.
pub(super) fn is_intact(library: &Path, wheel: &Wheel) -> bool {
    if stamp::holds(library, wheel.library_sha256) {
        return true;
    }
    let intact = file_sha256(library).is_ok_and(|found| found == wheel.library_sha256);
    if intact {
        stamp::write(library, wheel.library_sha256);
    }
    intact
}

/// Downloads the wheel and puts its library at `library`, all or nothing.
///
/// Processes that do this at once wait for each other; the later ones find the file. A damaged one is replaced.
pub(super) fn fetch(
    library: &Path,
    wheel: &Wheel,
    launchers: &[Launcher<'_>],
    progress: &dyn Fn(&str),
) -> Result<(), RuntimeError> {
    let folder = library.parent().unwrap_or(Path::new("."));
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| RuntimeError::Cache { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let lock_path = folder.join("lock");
    let lock = File::create(&lock_path).map_err(failed(&lock_path))?;
    lock.lock().map_err(failed(&lock_path))?;
    if is_intact(library, wheel) {
        return Ok(());
    }
    let damaged = match library.is_file() {
        true => format!("{} is damaged; ", library.display()),
        false => String::new(),
    };
    let message = format!("{damaged}fetching ONNX Runtime {VERSION} with pip (about 24 MB, once)");
    tracing::info!(folder = %folder.display(), "{message}");
    progress(&message);
    let download = TempDir::new_in(folder).map_err(failed(folder))?;
    pip_download(wheel, launchers, download.path())?;
    let file = downloaded(download.path()).map_err(failed(download.path()))?;
    let bytes = fs::read(&file).map_err(failed(&file))?;
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let found = sha256_hex(&bytes);
    if found != wheel.sha256 {
        return Err(RuntimeError::WrongWheel { wheel: name, expected: wheel.sha256, found });
    }
    let unpacked = unpack(&bytes, wheel, folder).map_err(|source| RuntimeError::Unpack {
        wheel: name,
        member: wheel.member,
        source,
    })?;
    unpacked.persist(library).map_err(|error| failed(library)(error.error))?;
    stamp::write(library, wheel.library_sha256);
    Ok(())
}

/// Runs `pip download` with the first Python that has pip.
fn pip_download(wheel: &Wheel, launchers: &[Launcher<'_>], folder: &Path) -> Result<(), RuntimeError> {
    let mut tried = Vec::new();
    for (program, arguments) in launchers {
        match run_pip(program, arguments, wheel, folder) {
            Ok(output) if output.status.success() => return Ok(()),
            Ok(output) => {
                let error = String::from_utf8_lossy(&output.stderr);
                if !lacks_pip(&error) {
                    return Err(RuntimeError::Pip { message: last_lines(&error) });
                }
                tried.push(format!("{program}: {}", last_lines(&error)));
            }
            Err(error) => tried.push(format!("{program}: {error}")),
        }
    }
    Err(RuntimeError::NoPip { tried })
}

fn run_pip(program: &str, arguments: &[&str], wheel: &Wheel, folder: &Path) -> io::Result<Output> {
    Command::new(program)
        .args(arguments)
        .args(["-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet", "--no-deps"])
        .args(["--only-binary=:all:", "--implementation", "cp", "--python-version", PYTHON])
        .args(["--platform", wheel.platform, &format!("onnxruntime=={VERSION}"), "--dest"])
        .arg(folder)
        .output()
}

/// Whether this Python has no pip, or is none: Windows has a `python` that only points to its store.
fn lacks_pip(error: &str) -> bool {
    error.contains("No module named pip") || error.contains("Microsoft Store")
}

/// The last lines of a message, for it to fit into another one.
fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(3)..].join(" / ")
}

/// The wheel in the folder.
fn downloaded(folder: &Path) -> io::Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "whl") {
            return Ok(path);
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, "pip reported success but left no wheel"))
}

/// Writes the library into a temporary file in `folder`.
fn unpack(wheel: &[u8], target: &Wheel, folder: &Path) -> zip::result::ZipResult<NamedTempFile> {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(wheel))?;
    let mut library = archive.by_name(target.member)?;
    let mut file = NamedTempFile::new_in(folder)?;
    io::copy(&mut library, &mut file)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(all(test, unix))]
mod tests {
    use std::io::Write;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const MEMBER: &str = "onnxruntime/capi/libfake.so";
    const LIBRARY: &[u8] = b"not really a library";

    /// A wheel, and a command that stands in for Python: it notes that it was called, takes a while and
    /// copies the wheel to where pip was told to.
    struct Index {
        folder: TempDir,
        wheel: Wheel,
    }

    impl Index {
        fn new() -> Self {
            let folder = TempDir::new().unwrap();
            let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
            archive.start_file(MEMBER, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(LIBRARY).unwrap();
            let bytes = archive.finish().unwrap().into_inner();
            fs::write(folder.path().join("fake.whl"), &bytes).unwrap();
            let sha256 = |bytes: &[u8]| -> &'static str { Box::leak(sha256_hex(bytes).into_boxed_str()) };
            let wheel = Wheel::for_tests(sha256(&bytes), MEMBER, sha256(LIBRARY));
            let index = Self { folder, wheel };
            let here = index.folder.path().display();
            index.script(&format!(
                "echo $* >> '{here}/calls'\nsleep 0.2\nfor last; do :; done\ncp '{here}/fake.whl' \"$last\"\n"
            ));
            index
        }

        fn script(&self, body: &str) {
            let python = self.folder.path().join("python");
            fs::write(&python, format!("#!/bin/sh\n{body}")).unwrap();
            fs::set_permissions(&python, fs::Permissions::from_mode(0o755)).unwrap();
        }

        fn library(&self) -> PathBuf {
            self.folder.path().join("cache").join("libfake.so")
        }

        fn fetch(&self, wheel: &Wheel) -> Result<(), RuntimeError> {
            let python = self.folder.path().join("python");
            fetch(&self.library(), wheel, &[(python.to_str().unwrap(), &[])], &|_| ())
        }

        /// How often pip was called.
        fn calls(&self) -> usize {
            fs::read_to_string(self.folder.path().join("calls")).unwrap().lines().count()
        }

        /// Whether the library was taken for intact; if not, whether it is after it was fetched again.
        fn is_intact_at_once(&self) -> bool {
            let calls = self.calls();
            let intact = is_intact(&self.library(), &self.wheel);
            self.fetch(&self.wheel).unwrap();
            assert_eq!(self.calls() > calls, !intact);
            assert_eq!(fs::read(self.library()).unwrap(), LIBRARY);
            assert!(is_intact(&self.library(), &self.wheel));
            intact
        }
    }

    #[test]
    fn callers_at_once_download_once_and_leave_nothing_behind() {
        let index = Index::new();
        std::thread::scope(|scope| {
            let callers: Vec<_> = (0..4).map(|_| scope.spawn(|| index.fetch(&index.wheel))).collect();
            for caller in callers {
                caller.join().unwrap().unwrap();
            }
        });
        assert_eq!(fs::read(index.library()).unwrap(), LIBRARY);
        let calls = fs::read_to_string(index.folder.path().join("calls")).unwrap();
        assert_eq!(calls.lines().count(), 1, "{calls}");
        assert!(calls.contains(&format!("onnxruntime=={VERSION}")), "{calls}");
        let mut left: Vec<_> =
            fs::read_dir(index.folder.path().join("cache")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["libfake.so", "libfake.so.verified", "lock"]);
    }

    #[test]
    fn a_damaged_library_is_fetched_again() {
        let index = Index::new();
        index.fetch(&index.wheel).unwrap();
        let stamp = index.folder.path().join("cache/libfake.so.verified");
        assert!(stamp.is_file() && index.is_intact_at_once());

        fs::write(index.library(), &LIBRARY[..7]).unwrap();
        assert!(!index.is_intact_at_once(), "cut off");

        let mut flipped = LIBRARY.to_vec();
        flipped[5] ^= 1;
        fs::write(index.library(), &flipped).unwrap();
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(2);
        File::options().write(true).open(index.library()).unwrap().set_modified(later).unwrap();
        assert!(!index.is_intact_at_once(), "a byte is another");

        fs::remove_file(&stamp).unwrap();
        assert!(index.is_intact_at_once() && stamp.is_file(), "a library without a stamp is read, and stamped");
        fs::write(index.library(), &flipped).unwrap();
        fs::remove_file(&stamp).unwrap();
        assert!(!index.is_intact_at_once(), "damaged and without a stamp");

        fs::remove_file(index.library()).unwrap();
        assert!(!index.is_intact_at_once(), "gone");
    }

    #[test]
    fn that_a_library_is_damaged_is_said() {
        let index = Index::new();
        fs::create_dir(index.folder.path().join("cache")).unwrap();
        fs::write(index.library(), b"damaged").unwrap();
        let (python, said) = (index.folder.path().join("python"), std::cell::RefCell::new(String::new()));
        let launchers = &[(python.to_str().unwrap(), &[][..])];
        fetch(&index.library(), &index.wheel, launchers, &|text| said.borrow_mut().push_str(text)).unwrap();
        let said = said.into_inner();
        assert!(said.contains("libfake.so is damaged; fetching"), "{said}");
    }

    #[test]
    fn another_wheel_than_the_pinned_one_is_not_used() {
        let index = Index::new();
        let error = index.fetch(&Wheel::for_tests("0000", MEMBER, "0000")).unwrap_err();
        assert!(matches!(error, RuntimeError::WrongWheel { .. }), "{error}");
        assert!(!index.library().exists());
    }

    #[test]
    fn a_failing_pip_is_quoted() {
        let index = Index::new();
        index.script("echo 'ERROR: No matching distribution found' >&2\nexit 1\n");
        let error = index.fetch(&index.wheel).unwrap_err();
        assert!(matches!(error, RuntimeError::Pip { .. }), "{error}");
        assert!(error.to_string().contains("No matching distribution found"), "{error}");
    }

    #[test]
    fn a_python_without_pip_counts_as_none() {
        let index = Index::new();
        index.script("echo '/usr/bin/python: No module named pip' >&2\nexit 1\n");
        let error = index.fetch(&index.wheel).unwrap_err();
        assert!(matches!(error, RuntimeError::NoPip { .. }), "{error}");
        assert!(error.to_string().contains("install Python 3 with pip"), "{error}");
    }
}
