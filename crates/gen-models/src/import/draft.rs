//! A model on its way into the folder.

use std::collections::BTreeSet;

use onnx_graph::Model;
use onnx_graph::edit::rename;
use onnx_graph::model::domain;
use onnx_graph::narrow::{narrow, node as narrow_node};
use onnx_graph::opset::{OLDEST, raise};
use onnx_graph::order::sort;
use onnx_graph::proto::{GraphProto, NodeProto, TensorProto, ValueInfoProto};
use onnx_graph::upgrade::MODERN;

use super::error::ImportError;
use crate::ModelError;
use crate::preprocess::ADDED;

/// The newest opset that the pinned ONNX Runtime reads.
const NEWEST: i64 = 26;

/// Domains of operators that ONNX Runtime comes with.
const DOMAINS: &[&str] = &["", "ai.onnx.ml", "ai.onnx.preview.training", "com.microsoft"];

/// A model that is being brought to normal form.
pub(super) struct Draft {
    pub(super) model: Model,
    /// Prefix of everything that is added, which no tensor of the file has.
    pub(super) prefix: String,
    /// Whether the file cannot be kept as it is.
    pub(super) changed: bool,
    /// Whether it was in double precision.
    pub(super) narrowed: bool,
}

impl Draft {
    /// Checks that all operators can be run, and brings the graph to an opset that nodes can be added to.
    pub(super) fn new(mut model: Model) -> Result<Self, ImportError> {
        let opset = model.opset();
        if !(OLDEST..=NEWEST).contains(&opset) {
            return Err(ImportError::Opset { model: model.name.clone(), opset, oldest: OLDEST, newest: NEWEST });
        }
        let own: BTreeSet<(&str, &str)> = model.functions.iter().map(|f| (f.domain(), f.name())).collect();
        let nodes = model.graph.node.iter().chain(model.functions.iter().flat_map(|function| &function.node));
        if let Some(node) = nodes.filter_map(|node| foreign(node, &own)).next() {
            return Err(ImportError::CustomOperator {
                model: model.name.clone(),
                operator: node.op_type().to_owned(),
                domain: node.domain().to_owned(),
            });
        }
        let moved =
            sort(&mut model.graph).map_err(|tensor| ImportError::Cycle { model: model.name.clone(), tensor })?;
        let mut prefix = "import/".to_owned();
        while has_prefix(&model.graph, &prefix) {
            prefix.insert(0, '_');
        }
        // Declarations inside may hold a fixed batch size.
        model.graph.value_info.clear();
        raise(&mut model, MODERN).map_err(ModelError::from)?;
        let mut narrowed = narrow(&mut model.graph);
        for inner in model.functions.iter_mut().flat_map(|function| &mut function.node) {
            narrowed |= narrow_node(inner);
        }
        Ok(Self { model, prefix, changed: moved || narrowed, narrowed })
    }
}

/// The node, or one inside it, that is of a domain that neither ONNX Runtime nor the model defines.
fn foreign<'m>(node: &'m NodeProto, own: &BTreeSet<(&str, &str)>) -> Option<&'m NodeProto> {
    let known = DOMAINS.contains(&domain(node.domain())) || own.contains(&(node.domain(), node.op_type()));
    if !known {
        return Some(node);
    }
    let inner = node.attribute.iter().flat_map(|a| a.g.iter().chain(&a.graphs)).flat_map(|graph| &graph.node);
    inner.filter_map(|node| foreign(node, own)).next()
}

/// Renames the tensors that are called as those that are added whenever a network is run; returns whether there were
/// any.
pub(super) fn free_own_names(graph: &mut GraphProto) -> bool {
    let found = has_prefix(graph, ADDED);
    if found {
        rename(graph, "", &|name| if name.starts_with(ADDED) { format!("_{name}") } else { name.to_owned() });
    }
    found
}

fn has_prefix(graph: &GraphProto, prefix: &str) -> bool {
    let inputs = graph.input.iter().map(ValueInfoProto::name);
    let weights = graph.initializer.iter().map(TensorProto::name);
    let tensors = graph.node.iter().flat_map(|node| &node.output).map(String::as_str);
    inputs.chain(weights).chain(tensors).any(|name| name.starts_with(prefix))
}
