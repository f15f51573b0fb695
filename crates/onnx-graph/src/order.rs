//! The order of a graph's nodes.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::edit::uses;
use super::proto::GraphProto;

/// Brings the nodes into an order in which each reads only what nodes before it write, as ONNX demands and ONNX
/// Runtime does not; returns whether they had to be moved. Nodes that may stay keep their order (Kahn, 1962).
///
/// # Errors
/// A tensor that is computed from itself.
pub fn sort(graph: &mut GraphProto) -> Result<bool, String> {
    let mut writers = HashMap::new();
    for (i, node) in graph.node.iter().enumerate() {
        for name in node.output.iter().filter(|name| !name.is_empty()) {
            writers.entry(name.as_str()).or_insert(i);
        }
    }
    let (mut waiting, mut readers) = (Vec::new(), vec![Vec::new(); graph.node.len()]);
    for (i, node) in graph.node.iter().enumerate() {
        let mut names = HashSet::new();
        uses(node, &mut names);
        let before: BTreeSet<usize> = names.iter().filter_map(|name| writers.get(name.as_str()).copied()).collect();
        waiting.push(before.len());
        before.into_iter().for_each(|writer| readers[writer].push(i));
    }
    let mut ready: BTreeSet<usize> = (0..waiting.len()).filter(|&i| waiting[i] == 0).collect();
    let mut order = Vec::new();
    while let Some(i) = ready.pop_first() {
        order.push(i);
        for &reader in &readers[i] {
            waiting[reader] -= 1;
            if waiting[reader] == 0 {
                ready.insert(reader);
            }
        }
    }
    if let Some(node) = waiting.iter().position(|&left| left > 0).map(|i| &graph.node[i]) {
        return Err(node.output.first().cloned().unwrap_or_default());
    }
    let sorted = order.is_sorted();
    if !sorted {
        let mut nodes: Vec<_> = std::mem::take(&mut graph.node).into_iter().map(Some).collect();
        graph.node = order.into_iter().filter_map(|i| nodes[i].take()).collect();
    }
    Ok(!sorted)
}

#[cfg(test)]
mod tests {
    use super::super::proto::NodeProto;
    use super::*;

    fn graph(nodes: &[(&[&str], &str)]) -> GraphProto {
        let node = |(input, output): &(&[&str], &str)| NodeProto {
            input: input.iter().map(|&name| name.to_owned()).collect(),
            output: vec![(*output).to_owned()],
            ..NodeProto::default()
        };
        GraphProto { node: nodes.iter().map(node).collect(), ..GraphProto::default() }
    }

    fn outputs(graph: &GraphProto) -> Vec<&str> {
        graph.node.iter().flat_map(|node| &node.output).map(String::as_str).collect()
    }

    #[test]
    fn nodes_come_after_what_they_read_and_stay_where_they_may() {
        let mut sorted = graph(&[(&["x"], "b"), (&["x"], "a"), (&["a", "b", "w"], "c")]);
        assert_eq!(sort(&mut sorted), Ok(false));
        assert_eq!(outputs(&sorted), ["b", "a", "c"]);
        let mut reversed = graph(&[(&["c", "a"], "d"), (&["b"], "c"), (&["a", ""], "b"), (&["x"], "a"), (&["x"], "e")]);
        assert_eq!(sort(&mut reversed), Ok(true));
        assert_eq!(outputs(&reversed), ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn what_is_computed_from_itself_is_named() {
        assert_eq!(sort(&mut graph(&[(&["x"], "a"), (&["a", "c"], "b"), (&["b"], "c")])), Err("b".to_owned()));
        assert_eq!(sort(&mut graph(&[(&["x"], "x")])), Err("x".to_owned()));
    }
}
