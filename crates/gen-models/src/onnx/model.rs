//! A model as the surgery sees it.

use std::collections::BTreeMap;
use std::path::Path;

use prost::Message;

use super::external;
use super::proto::{
    Dimension, DimensionValue, FunctionProto, GraphProto, ModelProto, OperatorSetIdProto, TensorProto,
    TensorShapeProto, TensorTypeProto, TypeProto, TypeValue, ValueInfoProto,
};
use crate::ModelError;

/// Element type `float` of the ONNX schema.
pub(crate) const FLOAT: i32 = 1;

/// The parts of a `ModelProto` that inference needs.
#[derive(Clone, Debug)]
pub(crate) struct Model {
    /// Name in messages.
    pub(crate) name: String,
    /// Version of the file format.
    pub(crate) ir_version: i64,
    /// Opset by domain; the default domain is the empty string.
    pub(crate) opsets: BTreeMap<String, i64>,
    /// Operators that the model itself defines.
    pub(crate) functions: Vec<FunctionProto>,
    /// The graph.
    pub(crate) graph: GraphProto,
}

impl Model {
    /// Decodes an ONNX file; weights in other files are taken in from `folder`.
    pub(crate) fn decode(bytes: &[u8], name: &str, folder: Option<&Path>) -> Result<Self, ModelError> {
        let proto =
            ModelProto::decode(bytes).map_err(|source| ModelError::Decode { model: name.to_owned(), source })?;
        let lacking = |lacking| ModelError::NotAModel { model: name.to_owned(), lacking };
        let mut graph = proto.graph.ok_or_else(|| lacking("graph"))?;
        let opsets: BTreeMap<String, i64> =
            proto.opset_import.iter().map(|set| (domain(set.domain()).to_owned(), set.version())).collect();
        if !opsets.contains_key("") {
            return Err(lacking("operator set"));
        }
        if graph.node.is_empty() || graph.output.is_empty() {
            return Err(lacking("node or output"));
        }
        external::take_in(&mut graph, name, folder)?;
        // Initializers among the inputs (allowed, and required before IR 4) would be overridable, which
        // keeps the runtime from folding them.
        let constants: Vec<String> = graph.initializer.iter().map(|tensor| tensor.name().to_owned()).collect();
        graph.input.retain(|input| !constants.iter().any(|name| name == input.name()));
        let ir_version = proto.ir_version.unwrap_or_default().max(4);
        Ok(Self { name: name.to_owned(), ir_version, opsets, functions: proto.functions, graph })
    }

    /// The ONNX file.
    pub(crate) fn encode(&self) -> Vec<u8> {
        self.clone().into_encoded()
    }

    /// The ONNX file, without copying the weights first.
    pub(crate) fn into_encoded(self) -> Vec<u8> {
        let opset_import = self
            .opsets
            .iter()
            .map(|(domain, &version)| OperatorSetIdProto { domain: Some(domain.clone()), version: Some(version) })
            .collect();
        ModelProto {
            ir_version: Some(self.ir_version),
            producer_name: Some(env!("CARGO_PKG_NAME").to_owned()),
            graph: Some(self.graph),
            opset_import,
            functions: self.functions,
            ..ModelProto::default()
        }
        .encode_to_vec()
    }

    /// Opset of the default domain.
    pub(crate) fn opset(&self) -> i64 {
        self.opsets.get("").copied().unwrap_or_default()
    }

    /// Number of axes of the first input; 0 if it is not declared.
    pub(crate) fn input_rank(&self) -> usize {
        self.graph.input.first().and_then(shape_of).map_or(0, |shape| shape.len())
    }

    /// Sizes of an input, `None` where unknown or named.
    pub(crate) fn input_shape(&self, input: &str) -> Result<Option<Vec<Option<i64>>>, ModelError> {
        self.shape_among(&self.graph.input, "input", input)
    }

    /// Sizes of an output, `None` where unknown or named.
    pub(crate) fn output_shape(&self, output: &str) -> Result<Option<Vec<Option<i64>>>, ModelError> {
        self.shape_among(&self.graph.output, "output", output)
    }

    fn shape_among(
        &self,
        values: &[ValueInfoProto],
        role: &'static str,
        tensor: &str,
    ) -> Result<Option<Vec<Option<i64>>>, ModelError> {
        let value = values.iter().find(|value| value.name() == tensor).ok_or_else(|| ModelError::MissingTensor {
            model: self.name.clone(),
            role,
            tensor: tensor.to_owned(),
            known: values.iter().map(|value| value.name().to_owned()).collect(),
        })?;
        Ok(shape_of(value))
    }
}

/// The default domain has two spellings.
pub(crate) fn domain(name: &str) -> &str {
    if name == "ai.onnx" { "" } else { name }
}

/// Sizes of a float tensor, `None` where unknown or named; `None` altogether if the rank is unknown or
/// the elements are no floats.
pub(crate) fn shape_of(value: &ValueInfoProto) -> Option<Vec<Option<i64>>> {
    let Some(TypeValue::Tensor(tensor)) = value.r#type.as_ref()?.value.as_ref() else { return None };
    let size = |dim: &Dimension| match dim.value {
        Some(DimensionValue::Size(size)) => Some(size),
        _ => None,
    };
    let shape = tensor.shape.as_ref().filter(|_| tensor.elem_type == Some(FLOAT))?;
    Some(shape.dim.iter().map(size).collect())
}

/// A float tensor's declaration; `None` is a size that is free.
pub(crate) fn float_value(name: &str, sizes: &[Option<usize>]) -> ValueInfoProto {
    let dim = sizes.iter().map(|size| Dimension {
        value: size.map(|size| DimensionValue::Size(i64::try_from(size).unwrap_or(i64::MAX))),
        denotation: None,
    });
    let shape = Some(TensorShapeProto { dim: dim.collect() });
    let value = Some(TypeValue::Tensor(TensorTypeProto { elem_type: Some(FLOAT), shape }));
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto { value, denotation: None }),
        ..ValueInfoProto::default()
    }
}

/// An output without a type: the runtime infers it.
pub(crate) fn untyped_value(name: &str) -> ValueInfoProto {
    ValueInfoProto { name: Some(name.to_owned()), ..ValueInfoProto::default() }
}

/// A constant float tensor.
pub(crate) fn float_tensor(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.to_vec(),
        data_type: Some(FLOAT),
        float_data: values.to_vec(),
        ..TensorProto::default()
    }
}

/// A constant vector of 64-bit integers.
pub(crate) fn integer_tensor(name: &str, values: &[i64]) -> TensorProto {
    const INT64: i32 = 7;
    TensorProto {
        name: Some(name.to_owned()),
        dims: vec![i64::try_from(values.len()).unwrap_or(i64::MAX)],
        data_type: Some(INT64),
        int64_data: values.to_vec(),
        ..TensorProto::default()
    }
}
