//! Running a graph to see what it gives.

use onnx_graph::Model;
use onnx_graph::attribute::integer;
use onnx_graph::chain::Chain;
use onnx_graph::edit::cut;
use onnx_graph::model::{FLOAT, float_value, untyped_value};
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionInputValue};
use ort::value::{TensorElementType, TensorRef, ValueType};

use super::declared::element;
use super::inputs::Feed;
use crate::{ModelError, Runtime};

/// An output of a run.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) name: String,
    /// Element type of the ONNX schema; 0 for what is no tensor of numbers.
    pub(super) element: i32,
    /// Shape, batch included.
    pub(super) shape: Vec<usize>,
    /// Values, if it is a tensor in single precision.
    pub(super) data: Vec<f32>,
}

impl Seen {
    /// Values of row `i` of its first axis.
    pub(super) fn row(&self, i: usize) -> &[f32] {
        let len = self.shape.iter().skip(1).product::<usize>();
        self.data.get(i * len..(i + 1) * len).unwrap_or_default()
    }
}

/// A graph with one float input, loaded, with chosen tensors as outputs.
pub(super) struct Probe {
    session: Session,
    model: String,
    tensors: Vec<String>,
}

impl Probe {
    /// Loads `model` with `tensors` as outputs.
    pub(super) fn new(runtime: &Runtime, model: &Model, tensors: &[String]) -> Result<Self, ModelError> {
        let mut model = model.clone();
        cut(&mut model.graph, tensors);
        Self::load(runtime, &model, tensors)
    }

    /// As [`new`](Self::new), with the tensors cast to single precision.
    pub(super) fn in_floats(runtime: &Runtime, model: &Model, tensors: &[Seen]) -> Result<Self, ModelError> {
        let names: Vec<String> = tensors.iter().map(|tensor| tensor.name.clone()).collect();
        let mut model = model.clone();
        cut(&mut model.graph, &names);
        give_floats(&mut model, tensors);
        Self::load(runtime, &model, &names)
    }

    /// A file as it was given, but for casts from single precision at its inputs and to single precision at
    /// `tensors`. Its inputs are those of `feeds`, in that order.
    pub(super) fn beside(
        runtime: &Runtime,
        model: &Model,
        feeds: &[Feed],
        tensors: &[Seen],
    ) -> Result<Self, ModelError> {
        let names: Vec<String> = tensors.iter().map(|tensor| tensor.name.clone()).collect();
        let mut model = model.clone();
        take_floats(&mut model, feeds);
        model.graph.output = names.iter().map(|name| untyped_value(name)).collect();
        give_floats(&mut model, tensors);
        Self::load(runtime, &model, &names)
    }

    fn load(runtime: &Runtime, model: &Model, tensors: &[String]) -> Result<Self, ModelError> {
        let encoded = model.encode();
        let session = || {
            Session::builder(runtime.environment())?
                .with_optimization_level(GraphOptimizationLevel::Level1)?
                .with_intra_threads(std::thread::available_parallelism().map_or(1, usize::from))?
                .with_log_level(ort::logging::LogLevel::Fatal)?
                .commit_from_memory(&encoded)
        };
        let session = session().map_err(|source| ModelError::Session { model: model.name.clone(), source })?;
        Ok(Self { session, model: model.name.clone(), tensors: tensors.to_vec() })
    }

    /// Runs it on a C-order array.
    pub(super) fn run(&mut self, shape: &[usize], data: &[f32]) -> Result<Vec<Seen>, ModelError> {
        let failed = |source| ModelError::Run { model: self.model.clone(), source };
        let input = TensorRef::from_array_view((shape, data)).map_err(failed)?;
        self.run_on(&[input.into()])
    }

    /// Runs it on arrays for all of its inputs.
    pub(super) fn run_fed<'a>(&mut self, feeds: &'a [Feed]) -> Result<Vec<Seen>, ModelError> {
        let array = |feed: &'a Feed| TensorRef::from_array_view((feed.shape.as_slice(), feed.data.as_slice()));
        let inputs: ort::Result<Vec<SessionInputValue<'a>>> =
            feeds.iter().map(|feed| Ok(array(feed)?.into())).collect();
        let inputs = inputs.map_err(|source| ModelError::Run { model: self.model.clone(), source })?;
        self.run_on(&inputs)
    }

    fn run_on(&mut self, inputs: &[SessionInputValue<'_>]) -> Result<Vec<Seen>, ModelError> {
        let failed = |source| ModelError::Run { model: self.model.clone(), source };
        let outputs = self.session.run(inputs).map_err(failed)?;
        let seen = self.tensors.iter().enumerate().map(|(i, name)| {
            let value = &outputs[i];
            let (element, shape) = match value.dtype() {
                ValueType::Tensor { ty, shape, .. } => (element_of(*ty), shape.to_vec()),
                _ => (0, vec![]),
            };
            let data = value.try_extract_tensor::<f32>().map(|(_, data)| data.to_vec()).unwrap_or_default();
            let shape = shape.iter().map(|&size| usize::try_from(size).unwrap_or(0)).collect();
            Seen { name: name.clone(), element, shape, data }
        });
        Ok(seen.collect())
    }
}

/// Casts the outputs of a model, `tensors`, to single precision.
fn give_floats(model: &mut Model, tensors: &[Seen]) {
    for (i, tensor) in tensors.iter().enumerate().filter(|(_, tensor)| tensor.element != FLOAT) {
        let mut cast = Chain::new(&format!("probe{i}/"), &tensor.name);
        cast.push("Cast", &[], vec![integer("to", i64::from(FLOAT))]);
        model.graph.output[i] = untyped_value(&cast.last);
        model.graph.node.extend(cast.nodes);
    }
}

/// Makes the inputs of a model take single precision.
fn take_floats(model: &mut Model, feeds: &[Feed]) {
    let mut declared = std::mem::take(&mut model.graph.input);
    for (i, feed) in feeds.iter().enumerate() {
        if matches!(feed.element, FLOAT | 0) {
            model
                .graph
                .input
                .extend(declared.iter().position(|value| value.name() == feed.input).map(|at| declared.remove(at)));
            continue;
        }
        let source = format!("probe/input{i}");
        let mut cast = Chain::new(&format!("{source}/"), &source);
        cast.push("Cast", &[], vec![integer("to", i64::from(feed.element))]);
        cast.end_in(&feed.input);
        let sizes: Vec<Option<usize>> = feed.shape.iter().copied().map(Some).collect();
        model.graph.input.push(float_value(&source, &sizes));
        model.graph.node.splice(0..0, cast.nodes);
    }
}

fn element_of(kind: TensorElementType) -> i32 {
    match kind {
        TensorElementType::Float32 => element::FLOAT,
        TensorElementType::Float16 => element::FLOAT16,
        TensorElementType::Float64 => element::DOUBLE,
        TensorElementType::Bfloat16 => element::BFLOAT16,
        TensorElementType::Int64 => element::INT64,
        TensorElementType::Int32 => element::INT32,
        TensorElementType::Int8 => element::INT8,
        TensorElementType::Uint8 => element::UINT8,
        TensorElementType::Uint16 => element::UINT16,
        TensorElementType::Int16 => element::INT16,
        TensorElementType::Bool => element::BOOL,
        _ => 0,
    }
}

/// `n` numbers that look random and are always the same, about half of them between `low` and `high`
/// apart from `middle`: a sum of three sawtooths of incommensurable periods.
pub(super) fn numbers(n: usize, seed: usize, middle: f32, spread: f32) -> Vec<f32> {
    let saw = |i: usize, period: f64| (i as f64 / period + seed as f64 * 0.377).fract() - 0.5;
    let value = |i: usize| saw(i, 1.618_033_9) + saw(i, 7.389_056) + saw(i, 23.140_692);
    #[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
    (0..n).map(|i| middle + spread * 2.0 * value(i) as f32).collect()
}
