//! The model suite on a GPU, within the suite's tolerances; and what is said where there is none.

use gen_models::suite::CHECKS;
use gen_models::{CudaOptions, DeviceChoice, ExecutionDevice, LIBRARY_VARIABLE, ModelError, SessionOptions};
use test_needs::Need;

use crate::common::backend::{backend, check};
use crate::common::{generator, runtime};

fn options(full_precision: bool) -> SessionOptions {
    let device = ExecutionDevice::Cuda(CudaOptions { full_precision, ..CudaOptions::default() });
    SessionOptions { device, ..SessionOptions::default() }
}

#[test]
fn the_suite_holds_on_a_gpu() {
    let device = DeviceChoice::Cuda(0).resolve(CudaOptions::default(), runtime(), &|_| ());
    if Need::Gpu.check(device).is_none() {
        return;
    }
    for full_precision in [true, false] {
        CHECKS.iter().for_each(|(name, _)| check(backend(options(full_precision)), name));
    }
}

#[test]
fn a_missing_gpu_is_an_error_with_the_way_out_and_no_silent_fallback() {
    if Need::CpuRuntime.or_skip().is_none() {
        return;
    }
    let choice = DeviceChoice::Cuda(0).resolve(CudaOptions::default(), runtime(), &|_| ()).unwrap_err();
    let session = generator().session(runtime(), options(false)).err().unwrap();
    for error in [choice, session] {
        assert!(matches!(error, ModelError::Cuda { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("pip install --target DIR \"onnxruntime-gpu[cuda,cudnn]=="), "{text}");
        assert!(text.contains(LIBRARY_VARIABLE), "{text}");
    }
}

#[test]
fn auto_takes_the_processor_where_there_is_no_gpu_and_says_so() {
    let said = std::cell::RefCell::new(String::new());
    let device =
        DeviceChoice::Auto.resolve(CudaOptions::default(), runtime(), &|text| said.borrow_mut().push_str(text));
    let expected = match device.unwrap() {
        ExecutionDevice::Cpu => "networks run on the processor",
        _ => "networks run on CUDA device 0",
    };
    assert!(said.borrow().starts_with(expected), "{}", said.borrow());
}
