//! Attributes of nodes.

use super::proto::{AttributeProto, GraphProto};

/// `AttributeProto.AttributeType` of the ONNX schema.
const FLOAT: i32 = 1;
const INT: i32 = 2;
const STRING: i32 = 3;
const GRAPH: i32 = 5;
const INTS: i32 = 7;

fn attribute(name: &str, kind: i32) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), r#type: Some(kind), ..AttributeProto::default() }
}

/// A number in single precision.
pub fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { f: Some(value), ..attribute(name, FLOAT) }
}

/// A whole number.
pub fn integer(name: &str, value: i64) -> AttributeProto {
    AttributeProto { i: Some(value), ..attribute(name, INT) }
}

/// Whole numbers.
pub fn integers(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { ints: values.to_vec(), ..attribute(name, INTS) }
}

/// A text.
pub fn string(name: &str, value: &str) -> AttributeProto {
    AttributeProto { s: Some(value.as_bytes().to_vec()), ..attribute(name, STRING) }
}

/// A graph inside a node.
pub fn graph(name: &str, value: GraphProto) -> AttributeProto {
    AttributeProto { g: Some(value), ..attribute(name, GRAPH) }
}
