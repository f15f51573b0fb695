//! ONNX Runtime sessions with one float input.

use std::time::Instant;

use ort::session::Session;
use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::value::TensorRef;

use crate::{ModelError, Runtime};

/// Where a network runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExecutionDevice {
    /// The processor.
    #[default]
    Cpu,
    /// An NVIDIA GPU, in full single precision (no TF32).
    ///
    /// Needs the GPU build of ONNX Runtime in `ORT_DYLIB_PATH`, with its provider libraries beside it,
    /// and CUDA and cuDNN in the loader's path; a session fails to load where they are missing, rather
    /// than running on the processor. Written by the documentation of the provider; not tried on a GPU.
    Cuda {
        /// Number of the GPU, from 0.
        device: i32,
    },
}

/// How a session computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionOptions {
    /// Threads within an operator; 1 or more.
    pub threads: usize,
    /// Where it runs.
    pub device: ExecutionDevice,
    /// Codes or images that are run at once, 1 or more; larger batches are split. Bounds the memory.
    pub batch_size: usize,
}

impl Default for SessionOptions {
    /// One thread, on the processor, 40 at once.
    fn default() -> Self {
        Self { threads: 1, device: ExecutionDevice::Cpu, batch_size: 40 }
    }
}

/// One output of a run.
pub(crate) struct Output<'a> {
    /// Shape, batch included.
    pub(crate) shape: &'a [i64],
    /// Values, C-order.
    pub(crate) data: &'a [f32],
}

/// A graph, loaded, with one float input and float outputs.
pub(crate) struct TensorSession {
    session: Session,
    model: String,
    seconds: f64,
}

impl TensorSession {
    /// Loads an encoded model.
    pub(crate) fn new(
        runtime: &Runtime,
        encoded: &[u8],
        model: &str,
        options: SessionOptions,
    ) -> Result<Self, ModelError> {
        let session = load(runtime, encoded, options)
            .map_err(|source| ModelError::Session { model: model.to_owned(), source })?;
        Ok(Self { session, model: model.to_owned(), seconds: 0.0 })
    }

    /// Runs the graph on a C-order array and hands its float outputs, in order, to `read`; an output
    /// that is no float tensor is `None`.
    pub(crate) fn run<T>(
        &mut self,
        shape: &[usize],
        data: &[f32],
        read: impl FnOnce(&[Option<Output<'_>>]) -> Result<T, ModelError>,
    ) -> Result<T, ModelError> {
        let failed = |source| ModelError::Run { model: self.model.clone(), source };
        let input = TensorRef::from_array_view((shape, data)).map_err(failed)?;
        let start = Instant::now();
        let outputs = self.session.run(ort::inputs![input]).map_err(failed)?;
        self.seconds += start.elapsed().as_secs_f64();
        let outputs: Vec<Option<Output<'_>>> = (0..outputs.len())
            .map(|i| outputs[i].try_extract_tensor::<f32>().ok().map(|(shape, data)| Output { shape, data }))
            .collect();
        read(&outputs)
    }

    /// Seconds spent inside ONNX Runtime since the session was made.
    pub(crate) fn seconds(&self) -> f64 {
        self.seconds
    }

    /// Name of the model in messages.
    pub(crate) fn model(&self) -> &str {
        &self.model
    }
}

fn load(runtime: &Runtime, encoded: &[u8], options: SessionOptions) -> ort::Result<Session> {
    // Spinning threads would take the cores of runs beside this one.
    let builder = Session::builder(runtime.environment())?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(options.threads.max(1))?
        .with_intra_op_spinning(false)?
        .with_inter_op_spinning(false)?
        .with_log_level(ort::logging::LogLevel::Error)?;
    on_device(builder, options.device)?.commit_from_memory(encoded)
}

fn on_device(builder: SessionBuilder, device: ExecutionDevice) -> ort::Result<SessionBuilder> {
    match device {
        ExecutionDevice::Cpu => Ok(builder),
        ExecutionDevice::Cuda { device } => {
            // Heuristic search: the exhaustive one repeats for every new batch size.
            let cuda = ort::ep::CUDA::default()
                .with_device_id(device)
                .with_tf32(false)
                .with_conv_algorithm_search(ort::ep::cuda::ConvAlgorithmSearch::Heuristic)
                .build()
                .error_on_failure();
            Ok(builder.with_execution_providers([cuda])?)
        }
    }
}

/// Checks an output's shape and returns its values.
pub(crate) fn expect_shape<'a>(
    model: &str,
    tensor: &str,
    output: Option<&Output<'a>>,
    expected: &[usize],
) -> Result<&'a [f32], ModelError> {
    let fits = |output: &&Output<'_>| {
        output.shape.len() == expected.len()
            && output.shape.iter().zip(expected).all(|(&found, &expected)| usize::try_from(found) == Ok(expected))
    };
    output.filter(fits).map(|output| output.data).ok_or_else(|| ModelError::UnexpectedOutput {
        model: model.to_owned(),
        tensor: tensor.to_owned(),
        expected: expected.to_vec(),
        found: output.map(|output| output.shape.to_vec()).unwrap_or_default(),
    })
}
