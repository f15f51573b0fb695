//! Graphs of opsets 7 to 10 written in opset 11, the first in which everything that is added to them exists.
//!
//! Source: the changelog of the ONNX operators.

use super::attribute::string;
use super::model::{domain, float_tensor, integer_tensor};
use super::proto::{AttributeProto, GraphProto, NodeProto, TensorProto};

/// The opset that graphs are brought to.
pub const MODERN: i64 = 11;

/// Rewrites every operator whose form changed between `opset` and 11.
///
/// # Errors
/// The operator that cannot be rewritten.
pub fn upgrade(graph: &mut GraphProto, opset: i64) -> Result<(), String> {
    let mut constants = Constants { prefix: free_prefix(graph), tensors: Vec::new() };
    for node in &mut graph.node {
        if domain(node.domain()).is_empty() {
            rewrite(node, opset, &mut constants).map_err(|()| node.op_type().to_owned())?;
        }
        for inner in node.attribute.iter_mut().flat_map(|a| a.g.iter_mut().chain(&mut a.graphs)) {
            upgrade(inner, opset)?;
        }
    }
    graph.initializer.extend(constants.tensors);
    Ok(())
}

/// A prefix that the names of the graph's weights do not have.
fn free_prefix(graph: &GraphProto) -> String {
    let taken = |prefix: &str| graph.initializer.iter().any(|tensor| tensor.name().starts_with(prefix));
    let first = graph.node.first().and_then(|node| node.output.first()).map_or("", String::as_str);
    let mut prefix = format!("{first}/opset11/");
    while taken(&prefix) {
        prefix.push('/');
    }
    prefix
}

/// What attributes become.
struct Constants {
    prefix: String,
    tensors: Vec<TensorProto>,
}

impl Constants {
    fn add(&mut self, mut tensor: TensorProto) -> String {
        let name = format!("{}{}", self.prefix, self.tensors.len());
        tensor.name = Some(name.clone());
        self.tensors.push(tensor);
        name
    }

    fn integers(&mut self, values: &[i64]) -> String {
        self.add(integer_tensor("", values))
    }

    fn number(&mut self, value: f32) -> String {
        self.add(float_tensor("", &[], &[value]))
    }
}

fn take(node: &mut NodeProto, name: &str) -> Option<AttributeProto> {
    let at = node.attribute.iter().position(|attribute| attribute.name() == name)?;
    Some(node.attribute.remove(at))
}

fn rewrite(node: &mut NodeProto, opset: i64, constants: &mut Constants) -> Result<(), ()> {
    match node.op_type() {
        "BatchNormalization" if opset < 9 => match take(node, "spatial") {
            Some(attribute) if attribute.i() == 0 => return Err(()),
            _ => {}
        },
        "Clip" => {
            let mut bound = |name| take(node, name).map_or_else(String::new, |a| constants.number(a.f()));
            let bounds = [bound("min"), bound("max")];
            node.input.extend(bounds);
        }
        "Pad" => {
            let pads = take(node, "pads").ok_or(())?;
            let value = take(node, "value").map_or(0.0, |value| value.f());
            node.input.push(constants.integers(&pads.ints));
            node.input.push(constants.number(value));
        }
        "Slice" if opset < 10 => {
            let (starts, ends) = (take(node, "starts").ok_or(())?, take(node, "ends").ok_or(())?);
            let axes = take(node, "axes").map(|axes| axes.ints);
            let axes = axes.unwrap_or_else(|| (0..).take(starts.ints.len()).collect());
            node.input.extend([&starts.ints, &ends.ints, &axes].map(|values| constants.integers(values)));
        }
        "TopK" if opset < 10 => {
            let k = take(node, "k").ok_or(())?;
            node.input.push(constants.integers(&[k.i()]));
        }
        "Upsample" | "Resize" => resize(node, constants)?,
        "Scatter" => node.op_type = Some("ScatterElements".to_owned()),
        "Scan" if opset < 9 => return Err(()),
        _ => {}
    }
    Ok(())
}

/// `Upsample` and the first `Resize` have pixel grids with a common corner, and round down.
fn resize(node: &mut NodeProto, constants: &mut Constants) -> Result<(), ()> {
    let scales = match take(node, "scales") {
        Some(scales) => {
            let length = i64::try_from(scales.floats.len()).map_err(|_| ())?;
            constants.add(float_tensor("", &[length], &scales.floats))
        }
        None => node.input.get(1).cloned().ok_or(())?,
    };
    if let Some(mode) = node.attribute.iter_mut().find(|a| a.name() == "mode" && a.s() == b"bilinear") {
        mode.s = Some(b"linear".to_vec());
    }
    let unused = constants.add(float_tensor("", &[0], &[]));
    node.input.truncate(1);
    node.input.extend([unused, scales]);
    node.op_type = Some("Resize".to_owned());
    node.attribute.push(string("coordinate_transformation_mode", "asymmetric"));
    node.attribute.push(string("nearest_mode", "floor"));
    Ok(())
}
