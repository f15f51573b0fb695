//! ONNX Runtime's CUDA provider: finding its libraries, its settings, its errors.

use std::path::{Path, PathBuf};
use std::sync::Once;

use ort::ep::CUDA;
use ort::ep::cuda::{CUDA_DYLIBS, CUDNN_DYLIBS, ConvAlgorithmSearch};
use ort::session::builder::SessionBuilder;

use super::{ConvolutionSearch, CudaOptions};
use crate::{LIBRARY_VARIABLE, ModelError, RUNTIME_VERSION, Runtime};

static PRELOAD: Once = Once::new();

/// Has the builder's session run on a GPU, or fail.
pub(super) fn prepare(builder: SessionBuilder, options: CudaOptions, runtime: &Runtime) -> ort::Result<SessionBuilder> {
    PRELOAD.call_once(|| preload(runtime.path()));
    let search = match options.search {
        ConvolutionSearch::Heuristic => ConvAlgorithmSearch::Heuristic,
        ConvolutionSearch::Exhaustive => ConvAlgorithmSearch::Exhaustive,
    };
    let provider = CUDA::default()
        .with_device_id(options.device)
        .with_tf32(!options.full_precision)
        .with_conv_algorithm_search(search)
        .with_conv_max_workspace(true)
        .with_prefer_nhwc(options.channels_last);
    Ok(builder.with_execution_providers([provider.build().error_on_failure()])?)
}

/// Folders that CUDA's libraries lie in beside a `libonnxruntime.so`: its own, and those of NVIDIA's wheels, which
/// pip installs beside the package `onnxruntime` that the library is in.
fn folders(library: &Path) -> Vec<PathBuf> {
    let own = library.parent().unwrap_or(Path::new("."));
    let packages = own.join("../..");
    let nvidia = ["nvidia/cu13/lib", "nvidia/cudnn/lib"].map(|folder| packages.join(folder));
    std::iter::once(own.to_owned()).chain(nvidia).collect()
}

/// Loads the libraries that lie there, so that the provider finds them without a word in the loader's path. What does
/// not is looked for by the loader.
fn preload(library: &Path) {
    let folders = folders(library);
    for name in CUDA_DYLIBS.iter().chain(CUDNN_DYLIBS) {
        let Some(path) = folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()) else { continue };
        match ort::util::preload_dylib(&path) {
            Ok(()) => tracing::info!(path = %path.display(), "loaded"),
            Err(error) => tracing::warn!(path = %path.display(), %error, "cannot be loaded"),
        }
    }
}

/// The error of a session that cannot be made on a GPU: what is missing, and how it is had.
pub(crate) fn explain(error: &ort::Error, library: &Path) -> ModelError {
    let reason = error.message().trim().trim_end_matches('.').to_owned();
    let remedy = remedy(&reason);
    ModelError::Cuda { library: library.to_owned(), reason, remedy }
}

fn remedy(reason: &str) -> String {
    let missing = missing_library(reason);
    if missing.is_some_and(|name| name.starts_with("libcuda.so") || name == "nvcuda.dll") {
        return "that is the driver of the GPU: install NVIDIA's driver for CUDA 13".to_owned();
    }
    // Numbers of cudaError_t: 35 is a driver that is too old, 100 no device, 101 a number that no device has.
    let failed = |number: u32| reason.contains(&format!("CUDA failure {number}:"));
    if failed(35) {
        return "install a newer driver, for CUDA 13".to_owned();
    }
    if failed(100) || failed(101) {
        return "`nvidia-smi -L` lists the GPUs of this machine".to_owned();
    }
    let lacking = missing.map_or_else(String::new, |name| format!("{name} is missing: "));
    format!(
        "{lacking}install the GPU's build with `python3 -m pip install --target DIR \
         \"onnxruntime-gpu[cuda,cudnn]=={RUNTIME_VERSION}\"` (Linux, CUDA 13, cuDNN 9) and set {LIBRARY_VARIABLE} to \
         DIR/onnxruntime/capi/libonnxruntime.so.{RUNTIME_VERSION}"
    )
}

/// The library that a loader's message misses.
fn missing_library(reason: &str) -> Option<&str> {
    let (before, _) = reason.split_once(": cannot open shared object file")?;
    before.rsplit([' ', '/', '\'']).find(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_library_is_named_with_the_command_that_installs_it() {
        for (reason, name) in [
            (
                "Failed to load library /opt/x/libonnxruntime_providers_cuda.so with error: libcublasLt.so.13: cannot \
                 open shared object file: No such file or directory",
                "libcublasLt.so.13",
            ),
            (
                "Failed to load library libonnxruntime_providers_shared.so with error: \
                 /opt/x/libonnxruntime_providers_shared.so: cannot open shared object file",
                "libonnxruntime_providers_shared.so",
            ),
        ] {
            let remedy = remedy(reason);
            assert!(remedy.starts_with(&format!("{name} is missing: ")), "{remedy}");
            assert!(remedy.contains("onnxruntime-gpu[cuda,cudnn]==") && remedy.contains(LIBRARY_VARIABLE), "{remedy}");
        }
    }

    #[test]
    fn drivers_and_devices_are_told_apart_from_libraries() {
        let driver = remedy("with error: libcuda.so.1: cannot open shared object file: No such file");
        assert!(driver.contains("NVIDIA's driver") && !driver.contains("pip"), "{driver}");
        assert!(remedy("CUDA failure 100: no CUDA-capable device is detected ; GPU=0").contains("nvidia-smi"));
        assert!(remedy("CUDA failure 35: CUDA driver version is insufficient").contains("newer driver"));
        assert!(remedy("CUDA execution provider is not enabled in this build.").starts_with("install the GPU's build"));
    }

    #[test]
    fn libraries_are_looked_for_beside_the_runtime_and_in_the_wheels() {
        let found = folders(Path::new("/x/onnxruntime/capi/libonnxruntime.so"));
        assert_eq!(found[0], Path::new("/x/onnxruntime/capi"));
        assert_eq!(found[1], Path::new("/x/onnxruntime/capi/../../nvidia/cu13/lib"));
    }
}
