//! Which tensors of a CNN are layers.

use std::collections::{HashMap, HashSet};

use super::edit::uses;
use super::model::{Model, domain, shape_of};

/// What a file says of the shape of a tensor that depends on the image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayerShape {
    /// Without the batch.
    Known(Vec<usize>),
    /// Not declared, or declared with free sizes.
    Unknown,
}

/// The tensors computed from `input`, in the order of the graph, each once.
///
/// The list has neither weights that are computed from constants (cast from half precision, for example), nor tensors
/// that depend on the image's size only.
pub fn candidates(model: &Model, input: &str) -> Vec<(String, LayerShape)> {
    let graph = &model.graph;
    let declared: HashMap<&str, Option<Vec<Option<i64>>>> =
        graph.value_info.iter().chain(&graph.output).map(|value| (value.name(), shape_of(value))).collect();
    let mut computed = HashSet::from([input.to_owned()]);
    let mut layers = Vec::new();
    for node in &graph.node {
        let mut read = HashSet::new();
        uses(node, &mut read);
        let sizes_only = domain(node.domain()).is_empty() && matches!(node.op_type(), "Shape" | "Size");
        if sizes_only || read.is_disjoint(&computed) {
            continue;
        }
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            let shape = declared.get(name.as_str()).and_then(Option::as_ref).map(Vec::as_slice);
            layers.push((name.clone(), shape.map_or(LayerShape::Unknown, without_batch)));
            computed.insert(name.clone());
        }
    }
    layers
}

/// Drops the first size; unknown if another one is free.
fn without_batch(shape: &[Option<i64>]) -> LayerShape {
    let sizes: Option<Vec<usize>> =
        shape.iter().skip(1).map(|size| size.and_then(|size| usize::try_from(size).ok())).collect();
    match sizes {
        Some(sizes) if !sizes.is_empty() => LayerShape::Known(sizes),
        _ => LayerShape::Unknown,
    }
}
