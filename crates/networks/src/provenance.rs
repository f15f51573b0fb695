//! What a run records of the program and machine that computed it.

use experiments::Provenance;
use gen_models::{ExecutionDevice, Runtime, SessionOptions};

/// Versions of what computes the scores of a run, and the device where it is not the processor.
#[must_use]
pub fn provenance(runtime: &Runtime, options: SessionOptions) -> Provenance {
    let here = Provenance::here()
        .with_version("actmax", env!("CARGO_PKG_VERSION"))
        .with_version("onnxruntime", runtime.build_info());
    match options.device {
        ExecutionDevice::Cpu => here,
        device => here.with_version("device", &device.to_string()),
    }
}
