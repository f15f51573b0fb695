//! Where the library is, or would be.

use std::env;
use std::path::{Path, PathBuf};

use super::wheel::{VERSION, Wheel};
use super::{LIBRARY_VARIABLE, RuntimeError, fetch};

/// The library's file: the one that `ORT_DYLIB_PATH` names, the cached one, or a fetched one.
///
/// Loading a damaged library would end the process; so the cached one is compared with its checksum, and one of
/// another content is fetched again. As long as size and time of change stay, it is not read again.
///
/// `progress` gets a sentence before anything that takes time.
///
/// # Errors
/// If `ORT_DYLIB_PATH` names no file, or nothing is cached and fetching fails.
pub fn locate(progress: &dyn Fn(&str)) -> Result<PathBuf, RuntimeError> {
    match named()? {
        Some(path) => Ok(path),
        None => locate_in(&cache_folder()?, progress),
    }
}

/// As [`locate`], with `cache` in place of the user's cache folder. The library's file there is
/// `actmax/onnxruntime-<version>/<library>`.
///
/// # Errors
/// As [`locate`].
pub fn locate_in(cache: &Path, progress: &dyn Fn(&str)) -> Result<PathBuf, RuntimeError> {
    if let Some(path) = named()? {
        return Ok(path);
    }
    let wheel = Wheel::native()?;
    let library = cache.join("actmax").join(format!("onnxruntime-{VERSION}")).join(wheel.library());
    if !fetch::is_intact(&library, wheel) {
        fetch::fetch(&library, wheel, fetch::LAUNCHERS, progress)?;
    }
    Ok(library)
}

/// The file that `ORT_DYLIB_PATH` names.
fn named() -> Result<Option<PathBuf>, RuntimeError> {
    match variable(LIBRARY_VARIABLE) {
        Some(path) if !path.is_file() => Err(RuntimeError::BadVariable { path }),
        path => Ok(path),
    }
}

/// The user's cache folder by the custom of the operating system.
pub(crate) fn cache_folder() -> Result<PathBuf, RuntimeError> {
    if cfg!(windows) {
        return variable("LOCALAPPDATA").ok_or(RuntimeError::NoCacheFolder { variable: "LOCALAPPDATA" });
    }
    if cfg!(target_os = "macos") {
        let home = variable("HOME").ok_or(RuntimeError::NoCacheFolder { variable: "HOME" })?;
        return Ok(home.join("Library").join("Caches"));
    }
    // The XDG specification has relative paths ignored.
    let xdg = variable("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    xdg.or_else(|| variable("HOME").map(|home| home.join(".cache")))
        .ok_or(RuntimeError::NoCacheFolder { variable: "HOME or XDG_CACHE_HOME" })
}

/// A variable's value as a path, unless it is empty.
pub(crate) fn variable(name: &str) -> Option<PathBuf> {
    env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}
