//! Which operators keep their meaning when a graph is declared to be of a newer opset.

use super::model::{Model, domain};
use super::proto::{GraphProto, NodeProto};
use super::upgrade::{MODERN, upgrade};
use crate::GraphError;

/// Oldest opset that can be written in a newer one.
pub const OLDEST: i64 = 7;

/// Newest opset whose operators are listed below.
const NEWEST: i64 = 23;

/// Operators whose inputs, attributes or meaning changed above opset 11, with the opsets that need an older node to be
/// rewritten; what changed before is for [`upgrade`]. Versions that only admit more types, or add an attribute whose default
/// is the old behaviour, are no break. Source: the changelog of the ONNX operators.
const BREAKS: &[(&str, &[i64])] = &[
    ("Dropout", &[12]),
    ("Gelu", &[20]),
    ("GridSample", &[20]),
    ("GroupNormalization", &[21]),
    ("Hardmax", &[13]),
    ("LogSoftmax", &[13]),
    ("ReduceL1", &[18]),
    ("ReduceL2", &[18]),
    ("ReduceLogSum", &[18]),
    ("ReduceLogSumExp", &[18]),
    ("ReduceMax", &[18]),
    ("ReduceMean", &[18]),
    ("ReduceMin", &[18]),
    ("ReduceProd", &[18]),
    ("ReduceSum", &[13]),
    ("ReduceSumSquare", &[18]),
    ("RoiAlign", &[16]),
    ("Softmax", &[13]),
    ("Split", &[13, 18]),
    ("Squeeze", &[13]),
    ("Unsqueeze", &[13]),
];

/// Operators without such a change, from opset 11 to [`NEWEST`].
#[rustfmt::skip]
const UNCHANGED: &[&str] = &[
    "Abs", "Acos", "Acosh", "Add", "And", "ArgMax", "ArgMin", "Asin", "Asinh", "Atan", "Atanh", "AveragePool",
    "BatchNormalization", "BitShift", "Cast", "Ceil", "Celu", "Clip", "Compress", "Concat", "ConcatFromSequence",
    "Constant", "ConstantOfShape", "Conv", "ConvInteger", "ConvTranspose", "Cos", "Cosh", "CumSum", "DepthToSpace",
    "DequantizeLinear", "Det", "Div", "DynamicQuantizeLinear", "Einsum", "Elu", "Equal", "Erf", "Exp", "Expand",
    "EyeLike", "Flatten", "Floor", "GRU", "Gather", "GatherElements", "GatherND", "Gemm", "GlobalAveragePool",
    "GlobalLpPool", "GlobalMaxPool", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish", "Identity", "If",
    "InstanceNormalization", "IsInf", "IsNaN", "LRN", "LSTM", "LayerNormalization", "LeakyRelu", "Less",
    "LessOrEqual", "Log", "Loop", "LpNormalization", "LpPool", "MatMul", "MatMulInteger", "Max", "MaxPool",
    "MaxRoiPool", "MaxUnpool", "Mean", "MeanVarianceNormalization", "Min", "Mish", "Mod", "Mul", "Multinomial",
    "Neg", "NonMaxSuppression", "NonZero", "Not", "OneHot", "Or", "PRelu", "Pad", "Pow", "QLinearConv",
    "QLinearMatMul", "QuantizeLinear", "RNN", "RandomNormal", "RandomNormalLike", "RandomUniform",
    "RandomUniformLike", "Range", "Reciprocal", "Relu", "Reshape", "Resize", "ReverseSequence", "Round", "Scan",
    "Scatter", "ScatterElements", "ScatterND", "Selu", "SequenceAt", "SequenceConstruct", "SequenceEmpty",
    "SequenceErase", "SequenceInsert", "SequenceLength", "Shape", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh",
    "Size", "Slice", "Softplus", "Softsign", "SpaceToDepth", "SplitToSequence", "Sqrt", "Sub", "Sum", "Tan", "Tanh",
    "ThresholdedRelu", "Tile", "TopK", "Transpose", "Trilu", "Upsample", "Where", "Xor",
];

/// Declares the model to be of opset `target` or leaves it as it is if it is newer.
///
/// Refuses if that would change the meaning of a node.
pub fn raise(model: &mut Model, target: i64) -> Result<(), GraphError> {
    if model.opset() >= target {
        return Ok(());
    }
    modernise(model)?;
    let opset = model.opset();
    let fixed = if model.functions.is_empty() { first_fixed(&model.graph, opset, target) } else { Some("function") };
    if let Some(operator) = fixed {
        let operator = operator.to_owned();
        return Err(GraphError::Opset { model: model.name.clone(), operator, opset, needed: target });
    }
    model.opsets.insert(String::new(), target);
    Ok(())
}

/// Writes a model of an older opset than 11 in opset 11.
fn modernise(model: &mut Model) -> Result<(), GraphError> {
    let opset = model.opset();
    if opset >= MODERN {
        return Ok(());
    }
    let fails = |operator: &str| GraphError::Opset {
        model: model.name.clone(),
        operator: operator.to_owned(),
        opset,
        needed: MODERN,
    };
    if let Some(operator) = (opset < OLDEST).then(|| first_operator(&model.graph)).flatten() {
        return Err(fails(operator));
    }
    if let Some(operator) = first_fixed(&model.graph, MODERN, MODERN) {
        return Err(fails(operator));
    }
    upgrade(&mut model.graph, opset).map_err(|operator| fails(&operator))?;
    model.opsets.insert(String::new(), MODERN);
    Ok(())
}

fn first_operator(graph: &GraphProto) -> Option<&str> {
    graph.node.first().map(NodeProto::op_type)
}

/// The first operator that does not mean the same in both opsets, or is not known to.
fn first_fixed(graph: &GraphProto, opset: i64, target: i64) -> Option<&str> {
    graph.node.iter().find_map(|node| {
        if domain(node.domain()).is_empty() && !keeps(node, opset, target) {
            return Some(node.op_type());
        }
        let inner = node.attribute.iter().flat_map(|a| a.g.iter().chain(&a.graphs));
        inner.filter_map(|graph| first_fixed(graph, opset, target)).next()
    })
}

fn keeps(node: &NodeProto, opset: i64, target: i64) -> bool {
    // Opset 14 removed the outputs that BatchNormalization has in training.
    let one_output = node.op_type() != "BatchNormalization" || node.output.len() == 1;
    (MODERN..=NEWEST).contains(&opset)
        && target <= NEWEST
        && one_output
        && (UNCHANGED.contains(&node.op_type())
            || BREAKS
                .iter()
                .any(|(name, breaks)| *name == node.op_type() && !breaks.iter().any(|&at| opset < at && at <= target)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn model(operator: &str, opset: i64, outputs: usize) -> Model {
        let output = (0..outputs).map(|i| format!("y{i}")).collect();
        let node = NodeProto { op_type: Some(operator.to_owned()), output, ..NodeProto::default() };
        let graph = GraphProto { node: vec![node], ..GraphProto::default() };
        let opsets = BTreeMap::from([(String::new(), opset)]);
        Model { name: "net".to_owned(), ir_version: 8, opsets, functions: vec![], graph, unknown: vec![] }
    }

    #[test]
    fn an_operator_is_raised_only_if_it_keeps_its_meaning() {
        for (operator, from, to, outputs, raised) in [
            ("Conv", 9, 17, 1, true),
            ("Softmax", 11, 12, 1, true),
            ("Softmax", 11, 13, 1, false),
            ("Softmax", 13, 17, 1, true),
            ("Split", 13, 17, 1, true),
            ("Split", 13, 18, 1, false),
            ("BatchNormalization", 13, 15, 1, true),
            ("BatchNormalization", 13, 15, 5, false),
            ("NotListedHere", 13, 15, 1, false),
            ("NotListedHere", 15, 13, 1, true),
            ("Conv", 7, 11, 1, true),
            ("Conv", 6, 11, 1, false),
            ("Conv", 13, 99, 1, false),
        ] {
            let mut model = model(operator, from, outputs);
            let result = raise(&mut model, to);
            assert_eq!(result.is_ok(), raised, "{operator} {from} to {to}");
            assert_eq!(model.opset(), if raised { from.max(to) } else { from });
        }
    }

    #[test]
    fn the_operator_in_the_way_is_named() {
        let error = raise(&mut model("Pad", 9, 1), 11).unwrap_err().to_string();
        assert!(error.contains("net") && error.contains("Pad") && error.contains("opset 11"), "{error}");
    }

    #[test]
    fn operators_are_listed_once_and_in_order() {
        assert!(BREAKS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert!(UNCHANGED.windows(2).all(|pair| pair[0] < pair[1]));
        assert!(BREAKS.iter().all(|(name, _)| !UNCHANGED.contains(name)));
    }
}
