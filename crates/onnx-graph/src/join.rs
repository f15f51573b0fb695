//! Two graphs become one: what the first returns is what the second reads.

use super::edit::rename;
use super::model::Model;
use super::opset::raise;
use crate::GraphError;

/// Joins two prepared graphs, the only output of `first` being the only input of `second`.
///
/// Tensors of the parts get the prefixes `generator/` and `cnn/`. The result is of the newer of the two
/// opsets.
///
/// # Errors
/// [`GraphError::Opset`] if the older graph would change its meaning, or if the parts define or import
/// operators that contradict each other.
pub fn join(mut first: Model, mut second: Model) -> Result<Model, GraphError> {
    let opset = first.opset().max(second.opset());
    raise(&mut first, opset)?;
    raise(&mut second, opset)?;
    check_domains(&first, &second)?;

    let seam = first.graph.output.first().map(|value| format!("generator/{}", value.name())).unwrap_or_default();
    let entry = second.graph.input.first().map(|value| value.name().to_owned()).unwrap_or_default();
    rename(&mut first.graph, "generator/", &|name| format!("generator/{name}"));
    rename(&mut second.graph, "cnn/", &|name| if name == entry { seam.clone() } else { format!("cnn/{name}") });

    let (a, b) = (first.graph, second.graph);
    let mut graph = a;
    graph.name = Some("fused".to_owned());
    graph.node.extend(b.node);
    graph.initializer.extend(b.initializer);
    graph.sparse_initializer.extend(b.sparse_initializer);
    graph.quantization_annotation.extend(b.quantization_annotation);
    graph.output = b.output;
    graph.unknown.extend(b.unknown);
    first.unknown.extend(second.unknown);
    first.opsets.extend(second.opsets);
    first.functions.extend(second.functions);
    Ok(Model {
        name: format!("{} + {}", first.name, second.name),
        ir_version: first.ir_version.max(second.ir_version),
        opsets: first.opsets,
        functions: first.functions,
        graph,
        unknown: first.unknown,
    })
}

/// Refuses two versions of one domain, and functions on both sides, whose names could clash.
fn check_domains(first: &Model, second: &Model) -> Result<(), GraphError> {
    let clash =
        first.opsets.iter().find(|(domain, version)| second.opsets.get(*domain).is_some_and(|other| other != *version));
    let functions = !first.functions.is_empty() && !second.functions.is_empty();
    let (operator, needed) = match clash {
        Some((domain, &version)) => (format!("domain {domain}"), version),
        None if functions => ("function".to_owned(), second.opset()),
        None => return Ok(()),
    };
    Err(GraphError::Opset { model: second.name.clone(), operator, opset: second.opset(), needed })
}
