//! Graphs in double precision written in single precision: ONNX Runtime has no convolution in double precision.

use super::model::FLOAT;
use super::proto::{AttributeProto, GraphProto, NodeProto, TensorProto, ValueInfoProto};

/// Element type `double` of the ONNX schema.
const DOUBLE: i32 = 11;

/// Makes every weight, constant, cast and declaration of double precision one of single precision; returns whether
/// there were any. Numbers beyond its range become the largest that it has.
pub fn narrow(graph: &mut GraphProto) -> bool {
    let mut found = false;
    let values = graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info);
    values.for_each(|value| found |= declaration(value));
    let sparse = graph.sparse_initializer.iter_mut().filter_map(|sparse| sparse.values.as_mut());
    graph.initializer.iter_mut().chain(sparse).for_each(|weight| found |= tensor(weight));
    graph.node.iter_mut().for_each(|inner| found |= node(inner));
    found
}

fn declaration(value: &mut ValueInfoProto) -> bool {
    match value.r#type.as_mut().and_then(|kind| kind.tensor_type.as_mut()) {
        Some(tensor) if tensor.elem_type == Some(DOUBLE) => {
            tensor.elem_type = Some(FLOAT);
            true
        }
        _ => false,
    }
}

fn tensor(tensor: &mut TensorProto) -> bool {
    if tensor.data_type() != DOUBLE {
        return false;
    }
    let values: Vec<f64> = match tensor.raw_data.take() {
        Some(raw) => raw.as_chunks().0.iter().map(|&bytes| f64::from_le_bytes(bytes)).collect(),
        None => std::mem::take(&mut tensor.double_data),
    };
    let limit = f64::from(f32::MAX);
    #[expect(clippy::cast_possible_truncation, reason = "that is the purpose")]
    let single = |x: f64| if x.is_finite() { x.clamp(-limit, limit) as f32 } else { x as f32 };
    tensor.raw_data = Some(values.into_iter().flat_map(|x| single(x).to_le_bytes()).collect());
    tensor.data_type = Some(FLOAT);
    true
}

/// As [`narrow`], of the constants and graphs inside a node.
pub fn node(node: &mut NodeProto) -> bool {
    let mut found = false;
    for AttributeProto { name, i, t, g, tensors, graphs, .. } in &mut node.attribute {
        // What a cast or a generator of numbers gives.
        if matches!(name.as_deref(), Some("to" | "dtype")) && *i == Some(i64::from(DOUBLE)) {
            *i = Some(i64::from(FLOAT));
            found = true;
        }
        t.iter_mut().chain(tensors).for_each(|constant| found |= tensor(constant));
        g.iter_mut().chain(graphs).for_each(|inner| found |= narrow(inner));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::constant::floats;
    use super::*;

    #[test]
    fn numbers_become_the_nearest_and_whatever_is_no_double_stays() {
        let double = |name: &str, raw: bool, values: &[f64]| TensorProto {
            name: Some(name.to_owned()),
            data_type: Some(DOUBLE),
            raw_data: raw.then(|| values.iter().flat_map(|x| x.to_le_bytes()).collect()),
            double_data: if raw { vec![] } else { values.to_vec() },
            ..TensorProto::default()
        };
        let weights = vec![double("a", true, &[0.1, -1e300]), double("b", false, &[2.5, f64::NEG_INFINITY])];
        let mut graph = GraphProto { initializer: weights, ..GraphProto::default() };
        assert!(narrow(&mut graph));
        assert_eq!(floats(&graph, "a"), Some(vec![0.1, f32::MIN]));
        assert_eq!(floats(&graph, "b"), Some(vec![2.5, f32::NEG_INFINITY]));
        assert!(!narrow(&mut graph));
    }
}
