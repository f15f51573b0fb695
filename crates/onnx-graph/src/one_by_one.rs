//! A network that takes a fixed number of images becomes one for any number, which takes them one by one.

use super::attribute::{graph, integer};
use super::chain::Chain;
use super::edit::rename;
use super::model::{Model, float_value, integer_scalar, integer_tensor, untyped_value};
use super::proto::{GraphProto, NodeProto};

/// Prefix of the tensors inside.
const INSIDE: &str = "each/";

/// Puts the graph into an operator `Scan` that runs it once for every row of its only input.
///
/// `input` has rows of shape `row`; the graph takes `batch` of them at once, so that every row is repeated
/// that often and the first of the answers is kept. Inputs and outputs keep their names, with a free batch
/// size.
pub fn one_by_one(model: &mut Model, input: &str, row: &[usize], batch: usize) {
    let mut inside = std::mem::take(&mut model.graph);
    let outputs: Vec<String> = inside.output.iter().map(|value| value.name().to_owned()).collect();
    rename(&mut inside, INSIDE, &|name| format!("{INSIDE}{name}"));

    let dims = |first: usize| -> Vec<i64> {
        std::iter::once(&first).chain(row).map(|&size| i64::try_from(size).unwrap_or(i64::MAX)).collect()
    };
    let item = format!("{INSIDE}actmax/row");
    let mut entry = Chain::new(&format!("{INSIDE}actmax/"), &item);
    entry.with_constant("Reshape", integer_tensor("one", &dims(1)));
    if batch > 1 {
        entry.with_constant("Expand", integer_tensor("batch", &dims(batch)));
    }
    entry.end_in(&format!("{INSIDE}{input}"));
    let mut exit = Chain::new(&format!("{INSIDE}actmax/answer"), &item);
    let first = exit.constant(integer_scalar("first", 0));
    let answers =
        outputs.iter().map(|name| exit.node("Gather", vec![format!("{INSIDE}{name}"), first.clone()], vec![]));
    inside.output = answers.collect::<Vec<_>>().iter().map(|name| untyped_value(name)).collect();
    let sizes: Vec<Option<usize>> = row.iter().copied().map(Some).collect();
    inside.input = vec![float_value(&item, &sizes)];
    inside.node.splice(0..0, entry.nodes);
    inside.node.extend(exit.nodes);
    inside.initializer.extend(entry.constants);
    inside.initializer.extend(exit.constants);

    let scan = NodeProto {
        input: vec![input.to_owned()],
        output: outputs.clone(),
        op_type: Some("Scan".to_owned()),
        attribute: vec![graph("body", inside), integer("num_scan_inputs", 1)],
        ..NodeProto::default()
    };
    let sizes: Vec<Option<usize>> = std::iter::once(None).chain(sizes).collect();
    model.graph = GraphProto {
        name: Some("one by one".to_owned()),
        node: vec![scan],
        input: vec![float_value(input, &sizes)],
        output: outputs.iter().map(|name| untyped_value(name)).collect(),
        ..GraphProto::default()
    };
}
