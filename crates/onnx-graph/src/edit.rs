//! Cutting a graph and renaming its tensors.

use std::collections::HashSet;

use super::model::untyped_value;
use super::proto::{GraphProto, NodeProto};

/// Makes `wanted` the outputs and drops every node and weight that they do not need.
///
/// Type hints of inner tensors are dropped too: they may hold a fixed batch size.
pub fn cut(graph: &mut GraphProto, wanted: &[String]) {
    let mut needed: HashSet<String> = wanted.iter().cloned().collect();
    let mut kept = Vec::new();
    for node in std::mem::take(&mut graph.node).into_iter().rev() {
        if node.output.iter().any(|name| needed.contains(name)) {
            uses(&node, &mut needed);
            kept.push(node);
        }
    }
    kept.reverse();
    graph.node = kept;
    graph.initializer.retain(|tensor| needed.contains(tensor.name()));
    graph.sparse_initializer.retain(|sparse| sparse.values.as_ref().is_some_and(|t| needed.contains(t.name())));
    graph.value_info.clear();
    graph.quantization_annotation.retain(|annotation| needed.contains(annotation.tensor_name()));
    graph.output = wanted.iter().map(|name| untyped_value(name)).collect();
}

/// Adds the names of all tensors that the node reads, those read inside its subgraphs included.
pub fn uses(node: &NodeProto, names: &mut HashSet<String>) {
    names.extend(node.input.iter().filter(|name| !name.is_empty()).cloned());
    for graph in node.attribute.iter().flat_map(|a| a.g.iter().chain(&a.graphs)) {
        names.extend(graph.output.iter().map(|value| value.name().to_owned()));
        for inner in &graph.node {
            uses(inner, names);
        }
    }
}

/// Applies `rename` to every tensor of the graph and `prefix` to the names of its nodes.
pub fn rename(graph: &mut GraphProto, prefix: &str, rename: &impl Fn(&str) -> String) {
    let apply = |name: &mut String| {
        if !name.is_empty() {
            *name = rename(name);
        }
    };
    let values = graph.input.iter_mut().chain(&mut graph.output).chain(&mut graph.value_info);
    values.filter_map(|value| value.name.as_mut()).for_each(apply);
    let sparse = graph.sparse_initializer.iter_mut().filter_map(|sparse| sparse.values.as_mut());
    graph.initializer.iter_mut().chain(sparse).filter_map(|tensor| tensor.name.as_mut()).for_each(apply);
    for annotation in &mut graph.quantization_annotation {
        annotation.tensor_name.iter_mut().for_each(apply);
        annotation.quant_parameter_tensor_names.iter_mut().filter_map(|entry| entry.value.as_mut()).for_each(apply);
    }
    for node in &mut graph.node {
        node.input.iter_mut().chain(&mut node.output).for_each(apply);
        if let Some(name) = &mut node.name {
            name.insert_str(0, prefix);
        }
        for attribute in &mut node.attribute {
            attribute.g.iter_mut().chain(&mut attribute.graphs).for_each(|inner| self::rename(inner, prefix, rename));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::proto::{AttributeProto, TensorProto};
    use super::*;

    fn node(input: &[&str], output: &str) -> NodeProto {
        let input = input.iter().map(|&name| name.to_owned()).collect();
        NodeProto { input, output: vec![output.to_owned()], name: Some(output.to_owned()), ..NodeProto::default() }
    }

    /// x -> a -> b, where a branches into a subgraph that reads the weight w of the outer graph; d is
    /// not needed by b.
    fn graph() -> GraphProto {
        let inner = GraphProto {
            node: vec![node(&["w", "x"], "i")],
            output: vec![untyped_value("i")],
            ..GraphProto::default()
        };
        let mut branch = node(&["x"], "a");
        branch.attribute = vec![AttributeProto { g: Some(inner), ..AttributeProto::default() }];
        let weight = |name: &str| TensorProto { name: Some(name.to_owned()), ..TensorProto::default() };
        GraphProto {
            node: vec![branch, node(&["a", "v"], "d"), node(&["a", ""], "b")],
            initializer: vec![weight("w"), weight("v")],
            input: vec![untyped_value("x")],
            output: vec![untyped_value("d")],
            value_info: vec![untyped_value("a")],
            ..GraphProto::default()
        }
    }

    #[test]
    fn cutting_keeps_what_is_needed_and_nothing_else() {
        let mut graph = graph();
        cut(&mut graph, &["b".to_owned()]);
        assert_eq!(graph.node.iter().map(NodeProto::name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(graph.initializer.iter().map(TensorProto::name).collect::<Vec<_>>(), ["w"]);
        assert_eq!(graph.output, [untyped_value("b")]);
        assert!(graph.value_info.is_empty());
    }

    #[test]
    fn renaming_reaches_into_subgraphs() {
        let mut graph = graph();
        rename(&mut graph, "p/", &|name| format!("p/{name}"));
        let inner = graph.node[0].attribute[0].g.as_ref().unwrap();
        assert_eq!(inner.node[0].input, ["p/w", "p/x"]);
        assert_eq!(inner.output, [untyped_value("p/i")]);
        assert_eq!(graph.initializer[0].name(), "p/w");
        assert_eq!(graph.node[2].input, ["p/a", ""], "an input that is left out stays so");
        assert_eq!(graph.node[2].name(), "p/b");
        assert_eq!((graph.input, graph.output), (vec![untyped_value("p/x")], vec![untyped_value("p/d")]));
    }
}
