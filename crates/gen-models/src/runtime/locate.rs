//! Where the library is, or would be.

use std::env;
use std::path::PathBuf;

use super::wheel::{VERSION, Wheel};
use super::{LIBRARY_VARIABLE, RuntimeError, fetch};

/// The library's file: the one that `ORT_DYLIB_PATH` names, the cached one, or a fetched one.
///
/// Loading a damaged library would end the process; so the cached one is compared with its checksum, and one of
/// another content is fetched again. As long as size and time of change stay, it is not read again.
///
/// `progress` is told in a sentence what is about to take time.
///
/// # Errors
/// If `ORT_DYLIB_PATH` names no file, or nothing is cached and fetching fails.
pub fn locate(progress: &dyn Fn(&str)) -> Result<PathBuf, RuntimeError> {
    if let Some(path) = variable(LIBRARY_VARIABLE) {
        return if path.is_file() { Ok(path) } else { Err(RuntimeError::BadVariable { path }) };
    }
    let (library, wheel) = (cached_library_path()?, Wheel::native()?);
    if !fetch::is_intact(&library, wheel) {
        fetch::fetch(&library, wheel, fetch::LAUNCHERS, progress)?;
    }
    Ok(library)
}

/// Where the fetched library is kept, whether it is there already or not:
/// `<cache folder>/actmax/onnxruntime-<version>/<library>`.
///
/// # Errors
/// If the machine has no ready-made library, or the user no cache folder.
pub fn cached_library_path() -> Result<PathBuf, RuntimeError> {
    let folder = cache_folder()?.join("actmax").join(format!("onnxruntime-{VERSION}"));
    Ok(folder.join(Wheel::native()?.library()))
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
