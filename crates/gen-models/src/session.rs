//! ONNX Runtime sessions with one float input.

use std::time::Instant;

use onnx_graph::EXTERNAL_ROOT;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionInputValue, SessionOutputs};
use ort::value::{DynValue, Tensor, TensorRef};
use tempfile::TempDir;

use crate::device::{ExecutionDevice, Placement, explain};
use crate::{ModelError, Runtime};

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
    device: ExecutionDevice,
    /// Where the first run on a GPU is recorded, until it has been looked at.
    profile: Option<TempDir>,
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
        let begun = Instant::now();
        let profile = match options.device {
            ExecutionDevice::Cpu => None,
            _ => Some(tempfile::tempdir().map_err(|source| ModelError::Profile { model: model.to_owned(), source })?),
        };
        let session = load(runtime, encoded, options, profile.as_ref()).map_err(|source| match options.device {
            ExecutionDevice::Cpu => ModelError::Session { model: model.to_owned(), source },
            ExecutionDevice::Cuda(_) => explain(&source, runtime.path()),
        })?;
        tracing::info!(model, device = %options.device, seconds = begun.elapsed().as_secs_f64(), "loaded");
        Ok(Self { session, model: model.to_owned(), device: options.device, profile, seconds: 0.0 })
    }

    /// Runs the graph on a C-order array and hands its float outputs, in order, to `read`; an output
    /// that is no float tensor is `None`.
    pub(crate) fn run<T>(
        &mut self,
        shape: &[usize],
        data: &[f32],
        read: impl FnOnce(&[Option<Output<'_>>]) -> Result<T, ModelError>,
    ) -> Result<T, ModelError> {
        let input = TensorRef::from_array_view((shape, data)).map_err(|source| self.failed(source))?;
        self.run_on(input.into(), read)
    }

    /// As [`run`](Self::run), on a tensor that may be on the device already.
    pub(crate) fn run_on<T>(
        &mut self,
        input: SessionInputValue<'_>,
        read: impl FnOnce(&[Option<Output<'_>>]) -> Result<T, ModelError>,
    ) -> Result<T, ModelError> {
        let model = self.model.clone();
        let start = Instant::now();
        let outputs = self.session.run(ort::inputs![input]).map_err(|source| ModelError::Run { model, source })?;
        self.seconds += start.elapsed().as_secs_f64();
        let result = read(&float_outputs(&outputs));
        drop(outputs);
        self.check_device()?;
        result
    }

    /// Runs the graph and leaves its first output where it was computed.
    pub(crate) fn keep(&mut self, shape: &[usize], data: &[f32]) -> Result<DynValue, ModelError> {
        let start = Instant::now();
        let output = self.bound(shape, data).map_err(|source| self.failed(source))?;
        self.seconds += start.elapsed().as_secs_f64();
        self.check_device()?;
        Ok(output)
    }

    fn bound(&mut self, shape: &[usize], data: &[f32]) -> ort::Result<DynValue> {
        // An owned tensor: of a borrowed one the binding makes a copy through a session of its own.
        let input = Tensor::from_array((shape, data.to_vec()))?;
        let mut binding = self.session.create_binding()?;
        let output = self.session.outputs()[0].name().to_owned();
        binding.bind_input(self.session.inputs()[0].name(), &input)?;
        binding.bind_output_to_device(&output, &self.device.memory()?)?;
        let mut outputs = self.session.run_binding(&binding)?;
        outputs.remove(&output).ok_or_else(|| ort::Error::new("the bound output did not come back"))
    }

    /// After the first run on a GPU: whether it was one.
    fn check_device(&mut self) -> Result<(), ModelError> {
        let Some(folder) = self.profile.take() else { return Ok(()) };
        let file = self.session.end_profiling().map_err(|source| self.failed(source))?;
        let profile = std::fs::read_to_string(folder.path().join(file))
            .map_err(|source| ModelError::Profile { model: self.model.clone(), source })?;
        let placement = Placement::from_profile(&profile).unwrap_or_default();
        tracing::info!(model = self.model, %placement, "nodes ran on");
        placement
            .elsewhere("CUDAExecutionProvider")
            .map_err(|operators| ModelError::NotOnDevice { model: self.model.clone(), operators })
    }

    fn failed(&self, source: ort::Error) -> ModelError {
        ModelError::Run { model: self.model.clone(), source }
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

fn float_outputs<'a>(outputs: &'a SessionOutputs<'_>) -> Vec<Option<Output<'a>>> {
    let float = |i: usize| {
        let (shape, data) = outputs[i].try_extract_tensor::<f32>().ok()?;
        Some(Output { shape, data })
    };
    (0..outputs.len()).map(float).collect()
}

fn load(runtime: &Runtime, encoded: &[u8], options: SessionOptions, profile: Option<&TempDir>) -> ort::Result<Session> {
    // Spinning threads would take the cores of runs beside this one.
    let mut builder = Session::builder(runtime.environment())?
        .with_optimization_level(GraphOptimizationLevel::All)?
        .with_intra_threads(options.threads.max(1))?
        .with_intra_op_spinning(false)?
        .with_inter_op_spinning(false)?
        .with_config_entry("session.model_external_initializers_file_folder_path", EXTERNAL_ROOT)?
        .with_log_level(ort::logging::LogLevel::Error)?;
    if let Some(folder) = profile {
        builder = builder.with_profiling(folder.path().join("profile"))?;
    }
    options.device.prepare(builder, runtime)?.commit_from_memory(encoded)
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
