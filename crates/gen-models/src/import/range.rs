//! Which values mean black and full brightness, as far as a graph shows.

use onnx_graph::constant::{floats, producer};
use onnx_graph::proto::{AttributeProto, GraphProto, NodeProto};

/// Operators that pass numbers on as they are.
const PASSING: &[&str] =
    &["Cast", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze", "DepthToSpace", "Slice"];

/// The widest range that pixel values may have: that of 16-bit numbers. Other bounds only keep numbers finite.
const WIDEST: f32 = 65535.0;

/// The bounds of a tensor, and the operator that sets them, where its last operators are a bounded one and
/// additions, multiplications, subtractions and divisions by one number each.
pub(super) fn bounds(graph: &GraphProto, tensor: &str) -> Option<([f32; 2], String)> {
    traced(graph, tensor).filter(|([low, high], _)| high > low && high - low <= WIDEST)
}

/// As [`bounds`], whatever they are.
fn traced(graph: &GraphProto, tensor: &str) -> Option<([f32; 2], String)> {
    let node = producer(graph, tensor)?;
    let input = || node.input.first().map(String::as_str);
    match node.op_type() {
        "Tanh" => Some(([-1.0, 1.0], "Tanh".to_owned())),
        "Sigmoid" | "HardSigmoid" => Some(([0.0, 1.0], node.op_type().to_owned())),
        "Clip" => {
            let attribute = |name| node.attribute.iter().find(|a| a.name() == name).and_then(|a| a.f);
            let bound = |at: usize, name| {
                let constant = node.input.get(at).and_then(|name| floats(graph, name));
                constant.and_then(|values| values.first().copied()).or_else(|| attribute(name))
            };
            let [low, high] = [bound(1, "min")?, bound(2, "max")?];
            (low < high).then(|| ([low, high], "Clip".to_owned()))
        }
        operator if PASSING.contains(&operator) => traced(graph, input()?),
        "Add" | "Sub" | "Mul" | "Div" => {
            let (rest, [a, b]) = affine(graph, node)?;
            let ([low, high], operator) = traced(graph, rest)?;
            let ends = [a.first()? * low + b.first()?, a.first()? * high + b.first()?];
            let uniform = a.len() == 1 && b.len() == 1;
            uniform.then(|| ([ends[0].min(ends[1]), ends[0].max(ends[1])], operator))
        }
        _ => None,
    }
}

/// What a node reads besides constants, and `[a, b]` if it computes `a x + b`; one number each, or one a
/// channel.
fn affine<'g>(graph: &GraphProto, node: &'g NodeProto) -> Option<(&'g str, [Vec<f32>; 2])> {
    let constant = |at: usize| floats(graph, node.input.get(at)?).filter(|values| matches!(values.len(), 1 | 3));
    if node.op_type() == "BatchNormalization" {
        let [scale, shift, mean, variance] = [constant(1)?, constant(2)?, constant(3)?, constant(4)?];
        let epsilon = node.attribute.iter().find(|a| a.name() == "epsilon").map_or(1e-5, AttributeProto::f);
        let a: Vec<f32> = scale.iter().zip(&variance).map(|(s, v)| s / (v + epsilon).sqrt()).collect();
        let b = shift.iter().zip(&mean).zip(&a).map(|((shift, mean), a)| shift - mean * a).collect();
        return Some((node.input.first()?, [a, b]));
    }
    let (rest, values, constant_first) = match (constant(0), constant(1)) {
        (None, Some(values)) => (node.input.first()?, values, false),
        (Some(values), None) => (node.input.get(1)?, values, true),
        _ => return None,
    };
    let negative = |values: &[f32]| values.iter().map(|x| -x).collect::<Vec<f32>>();
    let (one, zero) = (vec![1.0; values.len()], vec![0.0; values.len()]);
    let line = match (node.op_type(), constant_first) {
        ("Add", _) => [one, values],
        ("Sub", false) => [one, negative(&values)],
        ("Sub", true) => [negative(&one), values],
        ("Mul", _) => [values, zero],
        ("Div", false) => [values.iter().map(|x| 1.0 / x).collect(), zero],
        _ => return None,
    };
    Some((rest, line))
}

/// The largest pixel value, 1 or 255, that a network expects which normalises its input itself: the one
/// whose range becomes about as wide as 2 and holds 0. `None` if the graph does not begin that way.
pub(super) fn own_normalisation(graph: &GraphProto, input: &str) -> Option<f32> {
    let (mut at, mut a, mut b, mut steps) = (input, vec![1.0_f32], vec![0.0_f32], 0);
    loop {
        let mut readers = graph.node.iter().filter(|node| node.input.iter().any(|name| name == at));
        let (Some(node), None) = (readers.next(), readers.next()) else { break };
        if let Some((_, [c, d])) = affine(graph, node) {
            let pick = |values: &[f32], i: usize| values.get(i).or(values.first()).copied().unwrap_or_default();
            let n = a.len().max(c.len());
            (a, b) = (0..n).map(|i| (pick(&a, i) * pick(&c, i), pick(&b, i) * pick(&c, i) + pick(&d, i))).unzip();
            steps += 1;
        } else if !PASSING.contains(&node.op_type()) {
            break;
        }
        at = node.output.first()?;
    }
    let width = |high: f32| a.iter().map(|a| (a * high).abs()).sum::<f32>() / a.len() as f32;
    let holds_zero = |high: f32| a.iter().zip(&b).all(|(a, b)| (a * high / 2.0 + b).abs() <= (a * high).abs());
    let fits = [1.0, 255.0].into_iter().filter(|&high| width(high) > 0.0 && holds_zero(high));
    let away = |high: f32| (width(high) / 2.0).ln().abs();
    if steps == 0 { None } else { fits.min_by(|&x, &y| away(x).total_cmp(&away(y))) }
}

/// The range that values of images seem to have.
pub(super) fn guessed(values: &[f32]) -> [f32; 2] {
    let mut sorted: Vec<f32> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_unstable_by(f32::total_cmp);
    let at = |share: usize| sorted.get((sorted.len().saturating_sub(1)) * share / 100).copied().unwrap_or_default();
    match (at(1), at(99)) {
        (low, high) if low < -10.0 && high > 10.0 => [-128.0, 127.0],
        (_, high) if high > 10.0 => [0.0, 255.0],
        (low, _) if low < -0.1 => [-1.0, 1.0],
        _ => [0.0, 1.0],
    }
}
