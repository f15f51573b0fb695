//! Values of constants.

use std::borrow::Cow;

use super::model::{FLOAT, INT64, float_tensor, integer_scalar, integer_tensor};
use super::proto::{GraphProto, NodeProto, TensorProto};

/// The node that computes `tensor`.
pub fn producer<'g>(graph: &'g GraphProto, tensor: &str) -> Option<&'g NodeProto> {
    graph.node.iter().find(|node| node.output.iter().any(|output| output == tensor))
}

/// The constant of that name: a weight, or what a node `Constant` holds.
fn tensor<'g>(graph: &'g GraphProto, name: &str) -> Option<Cow<'g, TensorProto>> {
    if let Some(weight) = graph.initializer.iter().find(|tensor| tensor.name() == name) {
        return Some(Cow::Borrowed(weight));
    }
    let node = producer(graph, name).filter(|node| node.op_type() == "Constant")?;
    let attribute = node.attribute.first()?;
    match attribute.name() {
        "value" => attribute.t.as_ref().map(Cow::Borrowed),
        "value_float" => Some(Cow::Owned(float_tensor("", &[], &[attribute.f()]))),
        "value_floats" => Some(Cow::Owned(float_tensor("", &[], &attribute.floats))),
        "value_int" => Some(Cow::Owned(integer_scalar("", attribute.i()))),
        "value_ints" => Some(Cow::Owned(integer_tensor("", &attribute.ints))),
        _ => None,
    }
}

/// Shape of a constant.
pub fn dims(graph: &GraphProto, name: &str) -> Option<Vec<i64>> {
    tensor(graph, name).map(|tensor| tensor.dims.clone())
}

/// Values of a constant in single precision; `None` if there is none of that name and type.
pub fn floats(graph: &GraphProto, name: &str) -> Option<Vec<f32>> {
    if let Some(node) = producer(graph, name).filter(|node| matches!(node.op_type(), "Identity" | "Cast")) {
        return floats(graph, node.input.first()?);
    }
    let tensor = tensor(graph, name).filter(|tensor| tensor.data_type() == FLOAT)?;
    match &tensor.raw_data {
        Some(raw) => Some(raw.as_chunks().0.iter().map(|&bytes| f32::from_le_bytes(bytes)).collect()),
        None => Some(tensor.float_data.clone()),
    }
}

/// Values of a constant of 64-bit integers.
pub fn integers(graph: &GraphProto, name: &str) -> Option<Vec<i64>> {
    let tensor = tensor(graph, name).filter(|tensor| tensor.data_type() == INT64)?;
    match &tensor.raw_data {
        Some(raw) => Some(raw.as_chunks().0.iter().map(|&bytes| i64::from_le_bytes(bytes)).collect()),
        None => Some(tensor.int64_data.clone()),
    }
}
