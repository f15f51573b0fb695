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

pub(crate) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto { f: Some(value), ..attribute(name, FLOAT) }
}

pub(crate) fn integer(name: &str, value: i64) -> AttributeProto {
    AttributeProto { i: Some(value), ..attribute(name, INT) }
}

pub(crate) fn integers(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto { ints: values.to_vec(), ..attribute(name, INTS) }
}

pub(crate) fn string(name: &str, value: &str) -> AttributeProto {
    AttributeProto { s: Some(value.as_bytes().to_vec()), ..attribute(name, STRING) }
}

pub(crate) fn graph(name: &str, value: GraphProto) -> AttributeProto {
    AttributeProto { g: Some(value), ..attribute(name, GRAPH) }
}
