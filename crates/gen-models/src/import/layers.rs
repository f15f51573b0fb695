//! The layers of a CNN in normal form: single precision, `[n, C]` or `[n, C, H, W]`.

use std::collections::HashMap;

use onnx_graph::Model;
use onnx_graph::attribute::{integer, integers};
use onnx_graph::chain::Chain;
use onnx_graph::edit::rename;
use onnx_graph::model::{FLOAT, integer_tensor, untyped_value};
use onnx_graph::proto::NodeProto;

use super::declared::element;
use super::probe::Seen;
use crate::LayerInfo;

/// Operators whose result has its channels in axis 1.
const CHANNELS_FIRST: &[&str] = &[
    "AveragePool",
    "BatchNormalization",
    "Conv",
    "ConvTranspose",
    "DepthToSpace",
    "GlobalAveragePool",
    "GlobalMaxPool",
    "GroupNormalization",
    "InstanceNormalization",
    "LRN",
    "LpPool",
    "MaxPool",
    "QLinearConv",
    "SpaceToDepth",
];

/// Operators whose result has its channels in the last axis.
const CHANNELS_LAST: &[&str] = &["Gemm", "LayerNormalization", "RMSNormalization"];

/// Axis of the channels (batch included) in every tensor where it can be told from the operators.
///
/// Images enter with their channels in `input_axis`. Operators that are in neither table pass on the axis of
/// the first input that has the same number of axes.
fn channel_axes(
    model: &Model,
    input: &str,
    input_axis: usize,
    shapes: &HashMap<&str, &[usize]>,
) -> HashMap<String, usize> {
    let mut axes = HashMap::from([(input.to_owned(), input_axis)]);
    let rank = |name: &str| shapes.get(name).map(|shape| shape.len() + 1);
    for node in &model.graph.node {
        let Some(output) = node.output.first().filter(|output| rank(output).is_some_and(|rank| rank > 2)) else {
            continue;
        };
        let known = node.input.iter().find_map(|name| Some((name, *axes.get(name)?)));
        let axis = match node.op_type() {
            operator if CHANNELS_FIRST.contains(&operator) => Some(1),
            operator if CHANNELS_LAST.contains(&operator) => rank(output).map(|rank| rank - 1),
            // With weights; two activations multiplied are attention, head by head.
            "MatMul" => node.input.get(1).filter(|name| rank(name).is_none()).and(rank(output)).map(|rank| rank - 1),
            "Transpose" => known.and_then(|(_, axis)| transposed(node, axis)),
            "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" | "Slice" | "Gather" | "Expand" => {
                known.and_then(|(name, axis)| reshaped(shapes.get(name.as_str())?, shapes.get(output.as_str())?, axis))
            }
            _ => known.filter(|(name, _)| rank(name).is_none_or(|r| Some(r) == rank(output))).map(|(_, axis)| axis),
        };
        for output in &node.output {
            axis.map(|axis| axes.insert(output.clone(), axis));
        }
    }
    axes
}

/// Where an axis is after a `Transpose`.
fn transposed(node: &NodeProto, axis: usize) -> Option<usize> {
    let order = &node.attribute.iter().find(|attribute| attribute.name() == "perm")?.ints;
    order.iter().position(|&from| usize::try_from(from) == Ok(axis))
}

/// Where the channels are after a `Reshape`: still first or still last, if their number is the same.
fn reshaped(from: &[usize], to: &[usize], axis: usize) -> Option<usize> {
    match axis {
        1 if to.first() == from.first() => Some(1),
        axis if axis == from.len() && to.last() == from.last() => Some(to.len()),
        _ => None,
    }
}

/// The layers of a network.
pub(super) struct Layers {
    pub(super) infos: Vec<LayerInfo>,
    /// For each of them the tensor that it is.
    pub(super) tensors: Vec<Seen>,
    /// For each of them whether the channels, which were last, were brought to the front.
    pub(super) transposed: Vec<bool>,
    /// Whether the graph was changed for them.
    pub(super) changed: bool,
}

/// Brings every tensor to normal form under its own name, and lists them.
///
/// A map with its channels last is transposed; `[n, tokens, dim]` becomes a map `[n, dim, tokens, 1]`; a
/// number an image becomes `[n, 1]`. `tensors` have shapes without the batch.
pub(super) fn normalise(
    model: &mut Model,
    prefix: &str,
    (input, input_axis): (&str, usize),
    tensors: &[Seen],
) -> Layers {
    let shapes = tensors.iter().map(|tensor| (tensor.name.as_str(), tensor.shape.as_slice())).collect();
    let axes = channel_axes(model, input, input_axis, &shapes);
    let mut raw = HashMap::new();
    let mut layers = Layers { infos: Vec::new(), tensors: Vec::new(), transposed: Vec::new(), changed: false };
    let mut added = Vec::new();
    for (i, tensor) in tensors.iter().enumerate().filter(|(_, tensor)| !tensor.shape.contains(&0)) {
        let hidden = format!("{prefix}layer{i}/as_exported");
        let mut chain = Chain::new(&format!("{prefix}layer{i}/"), &hidden);
        if tensor.element != element::FLOAT {
            chain.push("Cast", &[], vec![integer("to", i64::from(FLOAT))]);
        }
        let shape = in_order(&mut chain, &tensor.shape, axes.get(&tensor.name).copied());
        layers.transposed.push(chain.nodes.iter().any(|node| node.op_type() == "Transpose"));
        if !chain.nodes.is_empty() {
            chain.end_in(&tensor.name);
            raw.insert(tensor.name.clone(), hidden);
            added.push(chain);
        }
        layers.infos.push(LayerInfo::new(tensor.name.clone(), shape));
        layers.tensors.push(tensor.clone());
    }
    if added.is_empty() {
        return layers;
    }
    layers.changed = true;
    let outputs: Vec<String> = model.graph.output.iter().map(|value| value.name().to_owned()).collect();
    rename(&mut model.graph, "", &|name| raw.get(name).cloned().unwrap_or_else(|| name.to_owned()));
    model.graph.output = outputs.iter().map(|name| untyped_value(name)).collect();
    for chain in added {
        model.graph.node.extend(chain.nodes);
        model.graph.initializer.extend(chain.constants);
    }
    layers
}

/// Adds what brings a shape (without the batch) to `[C]` or `[C, H, W]`, and returns it; the shape itself
/// where it is neither a vector, a row of tokens nor a map.
fn in_order(chain: &mut Chain, shape: &[usize], axis: Option<usize>) -> Vec<usize> {
    let size = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
    match *shape {
        [] => {
            chain.with_constant("Reshape", integer_tensor("shape", &[-1, 1]));
            vec![1]
        }
        [tokens, dim] => {
            let first = axis == Some(1);
            let [channels, places] = if first { [tokens, dim] } else { [dim, tokens] };
            if !first {
                chain.push("Transpose", &[], vec![integers("perm", &[0, 2, 1])]);
            }
            chain.with_constant("Reshape", integer_tensor("shape", &[0, size(channels), size(places), 1]));
            vec![channels, places, 1]
        }
        [height, width, channels] if axis == Some(3) => {
            chain.push("Transpose", &[], vec![integers("perm", &[0, 3, 1, 2])]);
            vec![channels, height, width]
        }
        _ => shape.to_vec(),
    }
}
