//! A model as the surgery sees it.

use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use prost::Message;

use super::external;
use super::proto::{
    Dimension, FunctionProto, GraphProto, ModelProto, NodeProto, OperatorSetIdProto, TensorProto, TensorShapeProto,
    TensorTypeProto, TypeProto, ValueInfoProto,
};
use super::skim::skim;
use crate::GraphError;

/// Element type `float` of the ONNX schema.
pub const FLOAT: i32 = 1;

/// Written into every file. It is part of the checksums by which runs know their networks, so it never changes.
const PRODUCER: &str = "gen-models";

/// Element type `int64`.
pub const INT64: i32 = 7;

/// The parts of a `ModelProto` that inference needs.
#[derive(Clone, Debug)]
pub struct Model {
    /// Name in messages.
    pub name: String,
    /// Version of the file format.
    pub ir_version: i64,
    /// Opset by domain; the default domain is the empty string.
    pub opsets: BTreeMap<String, i64>,
    /// Operators that the model itself defines.
    pub functions: Vec<FunctionProto>,
    /// The graph.
    pub graph: GraphProto,
    /// Fields of the file that the schema does not have, see [`message`](crate::proto).
    pub unknown: Vec<u8>,
}

impl Model {
    /// Decodes an ONNX file; weights in other files are taken in from `folder`.
    pub fn decode(bytes: &[u8], name: &str, folder: Option<&Path>) -> Result<Self, GraphError> {
        Ok(Self::gathered(bytes, name, folder)?.0)
    }

    /// As [`decode`](Self::decode); also whether there were weights in other files.
    pub fn gathered(bytes: &[u8], name: &str, folder: Option<&Path>) -> Result<(Self, bool), GraphError> {
        let mut proto =
            ModelProto::decode(bytes).map_err(|source| GraphError::Decode { model: name.to_owned(), source })?;
        let external = match &mut proto.graph {
            Some(graph) => external::take_in(graph, name, folder)?,
            None => false,
        };
        Ok((Self::from_proto(proto, name)?, external))
    }

    /// Opens an ONNX file; its large weights stay in it, and in the files that it keeps them in, and the graph refers
    /// to them there. The files must not change as long as the model is used.
    pub fn open(path: &Path, name: &str) -> Result<Self, GraphError> {
        let unreadable = |source| GraphError::Read { path: path.to_owned(), source };
        match skim(path) {
            Ok((mut proto, places)) if cfg!(unix) => {
                proto.graph.iter_mut().try_for_each(|graph| external::refer(graph, name, path, &places))?;
                Self::from_proto(proto, name)
            }
            Err(error) if error.kind() != io::ErrorKind::InvalidData => Err(unreadable(error)),
            // Other systems have no folder above all files. The decoder reports what is no message.
            _ => Self::decode(&fs::read(path).map_err(unreadable)?, name, path.parent()),
        }
    }

    /// A network of one rectifier, on vectors.
    pub fn rectifier() -> Self {
        let node = NodeProto {
            input: vec!["x".to_owned()],
            output: vec!["y".to_owned()],
            op_type: Some("Relu".to_owned()),
            ..NodeProto::default()
        };
        let graph = GraphProto {
            name: Some("rectifier".to_owned()),
            node: vec![node],
            input: vec![float_value("x", &[None])],
            output: vec![float_value("y", &[None])],
            ..GraphProto::default()
        };
        let opsets = BTreeMap::from([(String::new(), 14)]);
        Self {
            name: "a network of one node".to_owned(),
            ir_version: 8,
            opsets,
            functions: Vec::new(),
            graph,
            unknown: Vec::new(),
        }
    }

    fn from_proto(proto: ModelProto, name: &str) -> Result<Self, GraphError> {
        let lacking = |lacking| GraphError::NotAModel { model: name.to_owned(), lacking };
        let mut graph = proto.graph.ok_or_else(|| lacking("graph"))?;
        let opsets: BTreeMap<String, i64> =
            proto.opset_import.iter().map(|set| (domain(set.domain()).to_owned(), set.version())).collect();
        if !opsets.contains_key("") {
            return Err(lacking("operator set"));
        }
        if graph.node.is_empty() || graph.output.is_empty() {
            return Err(lacking("node or output"));
        }
        // Initializers among the inputs (allowed, and required before IR 4) would be overridable, which
        // keeps the runtime from folding them.
        let constants: Vec<String> = graph.initializer.iter().map(|tensor| tensor.name().to_owned()).collect();
        graph.input.retain(|input| !constants.iter().any(|name| name == input.name()));
        let ir_version = proto.ir_version.unwrap_or_default().max(4);
        Ok(Self {
            name: name.to_owned(),
            ir_version,
            opsets,
            functions: proto.functions,
            graph,
            unknown: proto.unknown,
        })
    }

    /// The ONNX file, without the weights that the graph refers to.
    pub fn encode(&self) -> Vec<u8> {
        self.clone().into_encoded()
    }

    /// The ONNX file, without copying the weights first.
    pub fn into_encoded(self) -> Vec<u8> {
        let opset_import = self
            .opsets
            .iter()
            .map(|(domain, &version)| OperatorSetIdProto {
                domain: Some(domain.clone()),
                version: Some(version),
                ..OperatorSetIdProto::default()
            })
            .collect();
        ModelProto {
            ir_version: Some(self.ir_version),
            producer_name: Some(PRODUCER.to_owned()),
            graph: Some(self.graph),
            opset_import,
            functions: self.functions,
            unknown: self.unknown,
            ..ModelProto::default()
        }
        .encode_to_vec()
    }

    /// Opset of the default domain.
    pub fn opset(&self) -> i64 {
        self.opsets.get("").copied().unwrap_or_default()
    }

    /// Number of axes of the first input; 0 if it is not declared.
    pub fn input_rank(&self) -> usize {
        self.graph.input.first().and_then(shape_of).map_or(0, |shape| shape.len())
    }

    /// Sizes of an input, `None` where unknown or named.
    pub fn input_shape(&self, input: &str) -> Result<Option<Vec<Option<i64>>>, GraphError> {
        self.shape_among(&self.graph.input, "input", input)
    }

    /// Sizes of an output, `None` where unknown or named.
    pub fn output_shape(&self, output: &str) -> Result<Option<Vec<Option<i64>>>, GraphError> {
        self.shape_among(&self.graph.output, "output", output)
    }

    fn shape_among(
        &self,
        values: &[ValueInfoProto],
        role: &'static str,
        tensor: &str,
    ) -> Result<Option<Vec<Option<i64>>>, GraphError> {
        let value = values.iter().find(|value| value.name() == tensor).ok_or_else(|| GraphError::MissingTensor {
            model: self.name.clone(),
            role,
            tensor: tensor.to_owned(),
            known: values.iter().map(|value| value.name().to_owned()).collect(),
        })?;
        Ok(shape_of(value))
    }
}

/// The default domain has two spellings.
pub fn domain(name: &str) -> &str {
    if name == "ai.onnx" { "" } else { name }
}

/// Sizes of a float tensor, `None` where unknown or named (or -1 or 0, as some exporters write that); `None`
/// altogether if the rank is unknown or the elements are no floats.
pub fn shape_of(value: &ValueInfoProto) -> Option<Vec<Option<i64>>> {
    let tensor = value.r#type.as_ref()?.tensor_type.as_ref()?;
    let size = |dim: &Dimension| dim.dim_value.filter(|&size| size > 0);
    let shape = tensor.shape.as_ref().filter(|_| tensor.elem_type == Some(FLOAT))?;
    Some(shape.dim.iter().map(size).collect())
}

/// A float tensor's declaration; `None` is a size that is free.
pub fn float_value(name: &str, sizes: &[Option<usize>]) -> ValueInfoProto {
    let dim = sizes.iter().map(|size| Dimension {
        dim_value: size.map(|size| i64::try_from(size).unwrap_or(i64::MAX)),
        ..Dimension::default()
    });
    let shape = Some(TensorShapeProto { dim: dim.collect(), ..TensorShapeProto::default() });
    let tensor_type = Some(TensorTypeProto { elem_type: Some(FLOAT), shape, ..TensorTypeProto::default() });
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto { tensor_type, ..TypeProto::default() }),
        ..ValueInfoProto::default()
    }
}

/// An output without a type: the runtime infers it.
pub fn untyped_value(name: &str) -> ValueInfoProto {
    ValueInfoProto { name: Some(name.to_owned()), ..ValueInfoProto::default() }
}

/// A constant float tensor.
pub fn float_tensor(name: &str, dims: &[i64], values: &[f32]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: dims.to_vec(),
        data_type: Some(FLOAT),
        float_data: values.to_vec(),
        ..TensorProto::default()
    }
}

/// A constant 64-bit integer.
pub fn integer_scalar(name: &str, value: i64) -> TensorProto {
    TensorProto { dims: vec![], ..integer_tensor(name, &[value]) }
}

/// A constant vector of 64-bit integers.
pub fn integer_tensor(name: &str, values: &[i64]) -> TensorProto {
    TensorProto {
        name: Some(name.to_owned()),
        dims: vec![i64::try_from(values.len()).unwrap_or(i64::MAX)],
        data_type: Some(INT64),
        int64_data: values.to_vec(),
        ..TensorProto::default()
    }
}
