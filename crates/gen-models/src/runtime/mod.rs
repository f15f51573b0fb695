//! ONNX Runtime's shared library: finding or fetching it, and loading it once a process.

mod fetch;
mod locate;
mod telemetry;
mod wheel;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use thiserror::Error;

pub(crate) use locate::{cache_folder, variable};
pub use locate::{locate, locate_in};
pub use telemetry::disable_telemetry;
pub use wheel::VERSION;

/// The variable that names a user's own library; it wins over everything else.
pub const LIBRARY_VARIABLE: &str = "ORT_DYLIB_PATH";

/// ONNX Runtime, loaded. There is one a process.
#[derive(Debug)]
pub struct Runtime {
    environment: ort::environment::Environment,
    path: PathBuf,
}

static LOADED: OnceLock<Runtime> = OnceLock::new();
static LOADING: Mutex<()> = Mutex::new(());

impl Runtime {
    /// Finds the library, fetches it if there is none yet, and loads it.
    ///
    /// Looked at in this order: the file named by `ORT_DYLIB_PATH`, the user's cache folder, and pip,
    /// whose download (24 MB, some seconds) goes to the cache folder. A damaged file in the cache is fetched
    /// again. `progress` gets a sentence before anything that takes time.
    ///
    /// Nothing leaves the machine but that download: see [`disable_telemetry`].
    ///
    /// # Errors
    /// If no library can be had, or the one found cannot be loaded; the message says what to do.
    pub fn get(progress: &dyn Fn(&str)) -> Result<&'static Self, RuntimeError> {
        match LOADED.get() {
            Some(runtime) => Ok(runtime),
            None => Self::load(&locate(progress)?),
        }
    }

    /// Loads the library at `path`; reuses it if it is loaded already.
    ///
    /// # Errors
    /// If there is no such file, if it is no ONNX Runtime or one older than 1.31, or if another library
    /// is loaded already.
    pub fn load(path: &Path) -> Result<&'static Self, RuntimeError> {
        let path =
            path.canonicalize().map_err(|source| RuntimeError::NoSuchLibrary { path: path.to_owned(), source })?;
        let _loading = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
        match LOADED.get() {
            Some(runtime) if runtime.path == path => Ok(runtime),
            Some(runtime) => Err(RuntimeError::AlreadyLoaded { loaded: runtime.path.clone(), wanted: path }),
            None => {
                let runtime = Self::open(path)?;
                Ok(LOADED.get_or_init(|| runtime))
            }
        }
    }

    fn open(path: PathBuf) -> Result<Self, RuntimeError> {
        disable_telemetry();
        let builder = ort::init_from(&path)
            .map_err(|error| RuntimeError::Unusable { path: path.clone(), reason: error.to_string() })?;
        let environment = builder
            .with_name("gen-models")
            .with_telemetry(false)
            .build()
            .map_err(|source| RuntimeError::Environment { path: path.clone(), source })?;
        tracing::info!(path = %path.display(), "loaded ONNX Runtime");
        Ok(Self { environment, path })
    }

    /// The library's file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the library says of its own build: branch, commit, compiler flags.
    #[must_use]
    pub fn build_info(&self) -> &'static str {
        ort::info()
    }

    pub(crate) fn environment(&self) -> &ort::environment::Environment {
        &self.environment
    }
}

/// Why there is no ONNX Runtime.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RuntimeError {
    /// `ORT_DYLIB_PATH` names no file.
    #[error("{LIBRARY_VARIABLE} names {}, which is no file: correct it, or unset it to have ONNX Runtime fetched", path.display())]
    BadVariable {
        /// Its value.
        path: PathBuf,
    },
    /// The library's file is not there.
    #[error("there is no ONNX Runtime library at {}", path.display())]
    NoSuchLibrary {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The file is no ONNX Runtime, or too old.
    #[error(
        "{} cannot be used as ONNX Runtime: {reason}; set {LIBRARY_VARIABLE} to a library of version {VERSION} or newer, \
         or unset it to have one fetched", path.display()
    )]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The library was loaded but does not start.
    #[error("ONNX Runtime at {} does not start", path.display())]
    Environment {
        /// The file.
        path: PathBuf,
        /// Its reason.
        source: ort::Error,
    },
    /// A process can load one library only.
    #[error("ONNX Runtime is loaded from {} already, it cannot be loaded from {} too", loaded.display(), wanted.display())]
    AlreadyLoaded {
        /// The library in use.
        loaded: PathBuf,
        /// The other one.
        wanted: PathBuf,
    },
    /// There is no ready-made library for this machine.
    #[error(
        "there is no ONNX Runtime {VERSION} on the package index for {os} on {arch}: build or install one and set {LIBRARY_VARIABLE} to \
         its shared library"
    )]
    NoWheel {
        /// Operating system.
        os: &'static str,
        /// Processor.
        arch: &'static str,
    },
    /// No folder to keep the library in.
    #[error(
        "there is no cache folder, as {variable} is not set: set it, or set {LIBRARY_VARIABLE} to a library of ONNX Runtime {VERSION}"
    )]
    NoCacheFolder {
        /// The variables looked at.
        variable: &'static str,
    },
    /// The cache folder cannot be written.
    #[error("cannot write {}", path.display())]
    Cache {
        /// The file or folder.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// No Python with pip.
    #[error(
        "ONNX Runtime {VERSION} is fetched by pip, but no Python 3 with pip was found (tried {}): install Python 3 with pip, or \
         set {LIBRARY_VARIABLE} to the shared library of ONNX Runtime {VERSION} or newer", tried.join(", ")
    )]
    NoPip {
        /// The commands tried, each with what became of it.
        tried: Vec<String>,
    },
    /// pip ran and failed.
    #[error(
        "pip could not download onnxruntime {VERSION}: {message}; check the network, or set {LIBRARY_VARIABLE} to the shared \
         library of ONNX Runtime {VERSION} or newer"
    )]
    Pip {
        /// The last lines that pip wrote.
        message: String,
    },
    /// pip brought another file than the one that was pinned.
    #[error("pip downloaded {wheel} with SHA-256 {found}, expected was {expected}: it is not used")]
    WrongWheel {
        /// The file.
        wheel: String,
        /// SHA-256 pinned, hexadecimal.
        expected: &'static str,
        /// SHA-256 found, hexadecimal.
        found: String,
    },
    /// The library is not in the wheel.
    #[error("cannot take {member} out of {wheel}")]
    Unpack {
        /// The file.
        wheel: String,
        /// The library's path in it.
        member: &'static str,
        /// The reason.
        source: zip::result::ZipError,
    },
}
