//! Where networks run.

mod cuda;
mod placement;

use std::fmt;
use std::str::FromStr;

use onnx_graph::Model;
use ort::memory::{AllocationDevice, AllocatorType, MemoryInfo, MemoryType};
use ort::session::builder::SessionBuilder;
use thiserror::Error;

pub(crate) use cuda::explain;
pub(crate) use placement::Placement;

use crate::session::{SessionOptions, TensorSession};
use crate::{ModelError, Runtime};

/// Where a network runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecutionDevice {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU. A session fails where anything for it is missing, and where a computing node of the network
    /// was run elsewhere: nothing falls back to the processor.
    Cuda(CudaOptions),
}

/// How an NVIDIA GPU computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CudaOptions {
    /// Number of the GPU, from 0.
    pub device: i32,
    /// Products in full single precision, rather than in TF32, whose factors have 10 bits behind the point.
    pub full_precision: bool,
    /// How cuDNN chooses among its convolutions.
    pub search: ConvolutionSearch,
    /// Convolutions on `[n, H, W, C]`, which tensor cores may prefer, rather than on `[n, C, H, W]`.
    pub channels_last: bool,
}

/// How cuDNN chooses among its convolutions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConvolutionSearch {
    /// By rules, at once.
    #[default]
    Heuristic,
    /// By trying all of them, again for every batch size.
    Exhaustive,
}

impl fmt::Display for ExecutionDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "the processor"),
            Self::Cuda(cuda) => {
                let precision = if cuda.full_precision { "full single precision" } else { "TF32" };
                write!(f, "CUDA device {} ({precision})", cuda.device)
            }
        }
    }
}

impl ExecutionDevice {
    /// Has the builder's session run here.
    pub(crate) fn prepare(self, builder: SessionBuilder, runtime: &Runtime) -> ort::Result<SessionBuilder> {
        match self {
            Self::Cpu => Ok(builder),
            Self::Cuda(options) => cuda::prepare(builder, options, runtime),
        }
    }

    /// Memory that a session here leaves its results in.
    pub(crate) fn memory(self) -> ort::Result<MemoryInfo<'static>> {
        match self {
            Self::Cpu => MemoryInfo::new(AllocationDevice::CPU, 0, AllocatorType::Device, MemoryType::CPUOutput),
            Self::Cuda(CudaOptions { device, .. }) => {
                MemoryInfo::new(AllocationDevice::CUDA, device, AllocatorType::Device, MemoryType::Default)
            }
        }
    }
}

/// What a user asks for: `cpu`, `cuda`, `cuda:N` or `auto`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceChoice {
    /// The processor.
    #[default]
    Cpu,
    /// The NVIDIA GPU of this number, or nothing.
    Cuda(i32),
    /// The first NVIDIA GPU if there is one that works, else the processor.
    Auto,
}

impl fmt::Display for DeviceChoice {
    /// As it is read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "cpu"),
            Self::Cuda(number) => write!(f, "cuda:{number}"),
            Self::Auto => write!(f, "auto"),
        }
    }
}

/// A text that names no device.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("'{text}' is no device: write cpu, cuda, cuda:N or auto")]
pub struct DeviceError {
    /// The text.
    pub text: String,
}

impl FromStr for DeviceChoice {
    type Err = DeviceError;

    fn from_str(text: &str) -> Result<Self, DeviceError> {
        match text {
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            "auto" => Ok(Self::Auto),
            _ => text
                .strip_prefix("cuda:")
                .and_then(|number| number.parse::<u16>().ok())
                .map(|number| Self::Cuda(number.into()))
                .ok_or_else(|| DeviceError { text: text.to_owned() }),
        }
    }
}

impl DeviceChoice {
    /// The device that is meant. A network of one node tries whether a GPU works.
    ///
    /// `options` are those of a GPU, but for its number; `progress` gets a sentence that says what `auto` has chosen.
    ///
    /// # Errors
    /// If a GPU was asked for and cannot be used: with the library that is missing, and how it is installed.
    pub fn resolve(
        self,
        options: CudaOptions,
        runtime: &Runtime,
        progress: &dyn Fn(&str),
    ) -> Result<ExecutionDevice, ModelError> {
        let cuda = |device| ExecutionDevice::Cuda(CudaOptions { device, ..options });
        match self {
            Self::Cpu => Ok(ExecutionDevice::Cpu),
            Self::Cuda(device) => try_out(cuda(device), runtime).map(|()| cuda(device)),
            Self::Auto => match try_out(cuda(0), runtime) {
                Ok(()) => {
                    progress(&format!("networks run on {}", cuda(0)));
                    Ok(cuda(0))
                }
                Err(error) => {
                    tracing::info!(%error, "no GPU");
                    progress("networks run on the processor: there is no GPU that works (why: --verbose)");
                    Ok(ExecutionDevice::Cpu)
                }
            },
        }
    }
}

/// Runs a small network.
fn try_out(device: ExecutionDevice, runtime: &Runtime) -> Result<(), ModelError> {
    let options = SessionOptions { device, ..SessionOptions::default() };
    let model = Model::rectifier();
    let mut session = TensorSession::new(runtime, &model.encode(), &model.name, options)?;
    session.run(&[4], &[-1.0, 0.0, 1.0, 2.0], |_| Ok(()))
}

#[cfg(test)]
mod tests {
    use super::{DeviceChoice, DeviceError};

    #[test]
    fn devices_are_written_as_one_word() {
        for (text, choice) in [
            ("cpu", DeviceChoice::Cpu),
            ("cuda", DeviceChoice::Cuda(0)),
            ("cuda:3", DeviceChoice::Cuda(3)),
            ("auto", DeviceChoice::Auto),
        ] {
            assert_eq!(text.parse(), Ok(choice));
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CUDA"] {
            let error = text.parse::<DeviceChoice>().unwrap_err();
            assert_eq!(error, DeviceError { text: text.to_owned() });
            assert!(error.to_string().contains("cuda:N"), "{error}");
        }
    }
}
