//! Building a graph layer by layer, with the shape of every tensor.

use onnx_graph::attribute::{float, integer, integers};
use onnx_graph::proto::{AttributeProto, GraphProto, NodeProto, TensorProto};
use onnx_graph::{FLOAT, Model, float_tensor, float_value, integer_tensor};

use super::ConvertError;
use super::weights::Weights;
use crate::LayerInfo;

/// Opset that the graphs are written in, and the version of the file format that goes with it.
const OPSET: i64 = 17;
const IR_VERSION: i64 = 8;

/// A tensor of the graph; its shape is without the batch.
#[derive(Clone, Debug)]
pub(super) struct Value {
    pub(super) name: String,
    pub(super) shape: Vec<usize>,
}

/// Kernel, stride and padding of a convolution or pooling, the same in both directions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) padding: usize,
}

impl Window {
    fn attributes(self) -> Vec<AttributeProto> {
        let [kernel, stride, padding] = [self.kernel, self.stride, self.padding].map(int);
        vec![integers("kernel_shape", &[kernel; 2]), integers("strides", &[stride; 2]), integers("pads", &[padding; 4])]
    }

    /// Size of the result of a convolution or pooling of `size` pixels; 0 where there is none.
    fn narrowed(self, size: usize) -> usize {
        (size + 2 * self.padding).checked_sub(self.kernel).map_or(0, |room| room / self.stride + 1)
    }

    /// Size of the result of a transposed convolution.
    fn widened(self, size: usize) -> usize {
        ((size.saturating_sub(1)) * self.stride + self.kernel).saturating_sub(2 * self.padding)
    }
}

/// The filters of a convolution.
#[derive(Clone, Copy)]
pub(super) struct Filters<'a> {
    /// Where in the checkpoint they are.
    pub(super) module: &'a str,
    /// Channels of the result.
    pub(super) channels: usize,
    pub(super) window: Window,
    pub(super) bias: bool,
    /// Order of the channels of the result, if it is not that of the checkpoint.
    pub(super) order: Option<&'a [usize]>,
}

fn int(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A graph in the making.
pub(super) struct Builder {
    weights: Weights,
    graph: GraphProto,
    layers: Vec<LayerInfo>,
}

impl Builder {
    /// A graph with one input, and that input.
    pub(super) fn new(weights: Weights, input: &str, shape: &[usize]) -> (Self, Value) {
        let graph = GraphProto {
            name: Some("network".to_owned()),
            input: vec![declaration(input, shape)],
            ..GraphProto::default()
        };
        (Self { weights, graph, layers: Vec::new() }, Value { name: input.to_owned(), shape: shape.to_vec() })
    }

    /// Ends the graph with `output`; returns the file and the layers offered.
    pub(super) fn finish(mut self, output: &Value) -> Result<(Vec<u8>, Vec<LayerInfo>), ConvertError> {
        self.weights.finish()?;
        self.graph.value_info.retain(|value| value.name() != output.name);
        self.graph.output = vec![declaration(&output.name, &output.shape)];
        let model = Model {
            name: output.name.clone(),
            ir_version: IR_VERSION,
            opsets: [(String::new(), OPSET)].into(),
            functions: Vec::new(),
            graph: self.graph,
            unknown: Vec::new(),
        };
        Ok((model.into_encoded(), self.layers))
    }

    /// Offers a tensor as a layer, under its own name and others.
    pub(super) fn offer(&mut self, value: &Value, aliases: &[String]) {
        let layer = LayerInfo::new(value.name.clone(), value.shape.clone());
        self.layers.push(LayerInfo { aliases: aliases.to_vec(), ..layer });
    }

    /// `x W' + b`.
    pub(super) fn linear(
        &mut self,
        x: &Value,
        module: &str,
        features: usize,
        output: &str,
    ) -> Result<Value, ConvertError> {
        let width = x.shape.iter().product();
        let weight = self.weight(&format!("{module}.weight"), &[features, width], None)?;
        let bias = self.weight(&format!("{module}.bias"), &[features], None)?;
        Ok(self.node("Gemm", &[&x.name, &weight, &bias], output, &[features], vec![integer("transB", 1)]))
    }

    pub(super) fn convolution(&mut self, x: &Value, filters: Filters<'_>, output: &str) -> Result<Value, ConvertError> {
        let Filters { channels, window, .. } = filters;
        let inputs = self.filters(x, filters, [channels, x.shape[0]], 0)?;
        let shape = [channels, window.narrowed(x.shape[1]), window.narrowed(x.shape[2])];
        Ok(self.node("Conv", &inputs, output, &shape, window.attributes()))
    }

    /// A transposed convolution.
    pub(super) fn transposed(&mut self, x: &Value, filters: Filters<'_>, output: &str) -> Result<Value, ConvertError> {
        let Filters { channels, window, .. } = filters;
        let inputs = self.filters(x, filters, [x.shape[0], channels], 1)?;
        let shape = [channels, window.widened(x.shape[1]), window.widened(x.shape[2])];
        Ok(self.node("ConvTranspose", &inputs, output, &shape, window.attributes()))
    }

    /// Inputs of a convolution whose weights are `[first, second, kernel, kernel]`, the channels of the
    /// result along `axis`.
    fn filters(
        &mut self,
        x: &Value,
        Filters { module, channels, window, bias, order }: Filters<'_>,
        [first, second]: [usize; 2],
        axis: usize,
    ) -> Result<Vec<String>, ConvertError> {
        let shape = [first, second, window.kernel, window.kernel];
        let mut inputs = vec![x.name.clone()];
        inputs.push(self.weight(&format!("{module}.weight"), &shape, order.map(|order| (axis, order)))?);
        if bias {
            inputs.push(self.weight(&format!("{module}.bias"), &[channels], order.map(|order| (0, order)))?);
        }
        Ok(inputs)
    }

    /// Batch normalisation with the statistics that were learnt.
    pub(super) fn batch_norm(&mut self, x: &Value, module: &str, output: &str) -> Result<Value, ConvertError> {
        /// PyTorch's default.
        const EPSILON: f32 = 1e-5;
        let mut inputs = vec![x.name.clone()];
        for part in ["weight", "bias", "running_mean", "running_var"] {
            inputs.push(self.weight(&format!("{module}.{part}"), &x.shape[..1], None)?);
        }
        let shape = x.shape.clone();
        Ok(self.node("BatchNormalization", &inputs, output, &shape, vec![float("epsilon", EPSILON)]))
    }

    pub(super) fn max_pool(&mut self, x: &Value, window: Window, output: &str) -> Value {
        let shape = [x.shape[0], window.narrowed(x.shape[1]), window.narrowed(x.shape[2])];
        self.node("MaxPool", &[&x.name], output, &shape, window.attributes())
    }

    /// Mean over the map, `[C, 1, 1]`.
    pub(super) fn mean_pool(&mut self, x: &Value, output: &str) -> Value {
        self.node("GlobalAveragePool", &[&x.name], output, &[x.shape[0], 1, 1], vec![])
    }

    /// A function of each element.
    pub(super) fn each(&mut self, operator: &str, x: &Value, attributes: Vec<AttributeProto>, output: &str) -> Value {
        self.node(operator, &[&x.name], output, &x.shape.clone(), attributes)
    }

    /// Sum of two tensors of one shape.
    pub(super) fn sum(&mut self, a: &Value, b: &Value, output: &str) -> Value {
        self.node("Add", &[&a.name, &b.name], output, &a.shape.clone(), vec![])
    }

    /// `Add` or `Mul` with a constant of each channel, or of all.
    pub(super) fn with_constant(&mut self, operator: &str, x: &Value, values: &[f32], output: &str) -> Value {
        let constant = format!("{output}/constant");
        let dims: &[i64] = if values.len() == 1 { &[] } else { &[1, int(values.len()), 1, 1] };
        self.graph.initializer.push(float_tensor(&constant, dims, values));
        self.node(operator, &[&x.name, &constant], output, &x.shape.clone(), vec![])
    }

    pub(super) fn reshape(&mut self, x: &Value, shape: &[usize], output: &str) -> Value {
        let constant = format!("{output}/shape");
        let sizes: Vec<i64> = std::iter::once(-1).chain(shape.iter().map(|&size| int(size))).collect();
        self.graph.initializer.push(integer_tensor(&constant, &sizes));
        self.node("Reshape", &[&x.name, &constant], output, shape, vec![])
    }

    fn node(
        &mut self,
        operator: &str,
        inputs: &[impl AsRef<str>],
        output: &str,
        shape: &[usize],
        attribute: Vec<AttributeProto>,
    ) -> Value {
        self.graph.node.push(NodeProto {
            input: inputs.iter().map(|input| input.as_ref().to_owned()).collect(),
            output: vec![output.to_owned()],
            name: Some(output.to_owned()),
            op_type: Some(operator.to_owned()),
            attribute,
            ..NodeProto::default()
        });
        self.graph.value_info.push(declaration(output, shape));
        Value { name: output.to_owned(), shape: shape.to_vec() }
    }

    /// Takes a tensor of the checkpoint in, its parts along an axis in another order if there is one.
    fn weight(
        &mut self,
        tensor: &str,
        shape: &[usize],
        order: Option<(usize, &[usize])>,
    ) -> Result<String, ConvertError> {
        let mut raw = self.weights.take(tensor, shape)?;
        if let Some((axis, order)) = order {
            let part = shape[axis + 1..].iter().product::<usize>() * size_of::<f32>();
            let group = |group: &[u8]| order.iter().flat_map(|&i| group[i * part..(i + 1) * part].to_vec()).collect();
            raw = raw.chunks_exact(shape[axis] * part).flat_map(|chunk| -> Vec<u8> { group(chunk) }).collect();
        }
        self.graph.initializer.push(TensorProto {
            name: Some(tensor.to_owned()),
            dims: shape.iter().map(|&size| int(size)).collect(),
            data_type: Some(FLOAT),
            raw_data: Some(raw),
            ..TensorProto::default()
        });
        Ok(tensor.to_owned())
    }
}

/// Declares a tensor of this shape, with any batch before it.
fn declaration(name: &str, shape: &[usize]) -> onnx_graph::proto::ValueInfoProto {
    let sizes: Vec<Option<usize>> = std::iter::once(None).chain(shape.iter().map(|&size| Some(size))).collect();
    float_value(name, &sizes)
}
