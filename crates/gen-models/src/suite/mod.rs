//! What a device must compute, as checks: the tests run them on the processor and on a GPU, and `cargo xtask
//! gpu-check` on a machine of its own.
//!
//! On the processor results are compared bit for bit. A GPU adds up in another order, and multiplies shorter numbers
//! where TF32 is on: there [`Tolerance`] says what may differ.

mod crop;
mod pair;
mod real;
mod reference;
mod registered;

use std::path::PathBuf;

pub use registered::{REGISTERED_CHECKS, RegisteredPair, registered_pairs};
use serde_json::Value;
use thiserror::Error;

use crate::device::ExecutionDevice;
use crate::generator::cosine_codes;
use crate::manifest::ManifestError;
use crate::session::SessionOptions;
use crate::unit::UnitError;
use crate::{CnnModel, GeneratorModel, ModelError, Runtime};

/// Everything that is checked, by name.
pub const CHECKS: &[(&str, Check)] = &[
    ("fused_equals_separate", pair::fused_equals_separate),
    ("cut_equals_uncut", pair::cut_equals_uncut),
    ("cropped_equals_whole", crop::cropped_equals_whole),
    ("batches_equal_singles", pair::batches_equal_singles),
    ("populations_together_equal_each_alone", pair::populations_together_equal_each_alone),
    ("every_layer_answers", pair::every_layer_answers),
    ("images_are_in_range_and_differ", pair::images_are_in_range_and_differ),
    ("device_equals_processor", pair::device_equals_processor),
    ("values_are_those_of_pytorch", reference::values_are_those_of_pytorch),
    ("real_generator_renders_the_reference_image", real::generator_renders_the_reference_image),
    ("real_cnn_answers_the_reference_image", real::cnn_answers_the_reference_image),
    ("real_pair_fused_equals_separate", real::fused_equals_separate),
];

/// One check.
pub type Check = fn(&Backend<'_>) -> Result<Outcome, Failure>;

/// How a check ended that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// All holds.
    Passed,
    /// Something it needs is not there.
    Skipped(String),
}

/// What is checked, and where it runs.
pub struct Backend<'a> {
    /// The library.
    pub runtime: &'a Runtime,
    /// Device, threads and batch size.
    pub options: SessionOptions,
    /// A pair of networks.
    pub generator: GeneratorModel,
    /// The other one.
    pub cnn: CnnModel,
    /// Values of that pair by PyTorch, as `models/train/check.py` writes them.
    pub reference: Option<Value>,
    /// Folder with two networks with real weights, `dcgan_faces32.onnx` and `squeezenet1_1_imagenet.onnx`.
    pub real: Option<PathBuf>,
}

/// How far results may be apart, in units of the largest number that is compared.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// The same sums in another batch, graph or session.
    pub same: f64,
    /// The same sums over parts of maps: where a part is but a pixel or a few, the library may add up in another order.
    pub cropped: f64,
    /// The same sums elsewhere: on another device, by another program.
    pub other: f64,
}

impl Tolerance {
    /// On the processor nothing, or the last digits. TF32 keeps 10 bits of a factor behind the point, errors of 2^-11 each, which add up
    /// over the layers of a network; single precision keeps 23.
    #[must_use]
    pub fn of(device: ExecutionDevice) -> Self {
        match device {
            ExecutionDevice::Cpu => Self { same: 0.0, cropped: 1e-5, other: 2e-4 },
            ExecutionDevice::Cuda(cuda) if cuda.full_precision => Self { same: 1e-4, cropped: 1e-4, other: 5e-4 },
            ExecutionDevice::Cuda(_) => Self { same: 1e-2, cropped: 1e-2, other: 2e-2 },
        }
    }
}

/// Why a check failed.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Failure {
    /// A network cannot be loaded or run.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A unit of a check does not exist.
    #[error(transparent)]
    Unit(#[from] UnitError),
    /// The manifest of a check cannot be read.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A value is not what it must be.
    #[error("{what}: {found}, expected {expected} to within {tolerance:e}")]
    Differs {
        /// Which value.
        what: String,
        /// What was computed.
        found: f64,
        /// What should have been.
        expected: f64,
        /// How far they may be apart.
        tolerance: f64,
    },
    /// A result is of another form, or empty of content.
    #[error("{what}")]
    Broken {
        /// What is wrong with it.
        what: String,
    },
    /// The stored values are not of the form that they are read in.
    #[error("the stored values have no {0}")]
    Reference(&'static str),
}

impl Backend<'_> {
    fn tolerance(&self) -> Tolerance {
        Tolerance::of(self.options.device)
    }

    /// `n` codes for the generator, C-order.
    fn codes(&self, n: usize) -> Vec<f64> {
        let spec = self.generator.spec();
        // Without more knowledge: components of a normal distribution.
        let norm = spec.code_norm().value();
        cosine_codes(n, spec.latent_dim, norm)
    }
}

fn as_f64(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&x| f64::from(x)).collect()
}

fn mean(values: &[f32]) -> f64 {
    values.iter().map(|&x| f64::from(x)).sum::<f64>() / values.len() as f64
}

fn broken(what: impl Into<String>) -> Failure {
    Failure::Broken { what: what.into() }
}

/// Compares one value, in units of `scale`.
fn close(what: &str, found: f64, expected: f64, scale: f64, tolerance: f64) -> Result<(), Failure> {
    if (found - expected).abs() <= tolerance * scale && found.is_finite() {
        Ok(())
    } else {
        Err(Failure::Differs { what: what.to_owned(), found, expected, tolerance: tolerance * scale })
    }
}

/// Compares all values, in units of the largest one expected.
fn all_close(what: &str, found: &[f64], expected: &[f64], tolerance: f64) -> Result<(), Failure> {
    if found.len() != expected.len() {
        return Err(broken(format!("{what}: {} values instead of {}", found.len(), expected.len())));
    }
    let scale = expected.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    found.iter().zip(expected).try_for_each(|(&found, &expected)| close(what, found, expected, scale, tolerance))
}

#[cfg(test)]
mod tests {
    use super::{all_close, close, cosine_codes};

    #[test]
    fn without_tolerance_only_the_same_number_passes() {
        assert!(all_close("x", &[1.0, -2.0], &[1.0, -2.0], 0.0).is_ok());
        assert!(all_close("x", &[1.0, -2.0], &[1.0, -2.0 - 1e-15], 0.0).is_err());
        assert!(all_close("x", &[1.0], &[1.0, -2.0], 1.0).is_err());
        assert!(close("x", f64::NAN, 1.0, 1.0, 1.0).is_err());
        assert!(close("x", 1.01, 1.0, 2.0, 0.01).is_ok());
    }

    #[test]
    fn codes_have_the_norm_asked_for() {
        let codes = cosine_codes(3, 4096, 125.0);
        for code in codes.chunks(4096) {
            let norm = code.iter().map(|x| x * x).sum::<f64>().sqrt();
            assert!((norm - 125.0).abs() < 1.0, "{norm}");
        }
    }
}
