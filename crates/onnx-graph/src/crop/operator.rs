//! What a node does to the maps that it reads: how large its own are, and which parts of those it needs.

use super::kernel::Kernel;
use super::resize::Resampling;
use crate::constant;
use crate::model::domain;
use crate::proto::{AttributeProto, GraphProto, NodeProto};

/// Height and width of a map.
pub(super) type Size = [usize; 2];

/// A node, by the pixels that a pixel of its output is computed from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Operator {
    /// From the same pixel of every map that it reads, those of one pixel apart.
    Pixelwise,
    /// From the same pixel of the first input.
    First,
    /// From a window of the first input.
    Window([Kernel; 2]),
    /// By a transposed convolution of the first input.
    Transposed([Kernel; 2]),
    /// From a window of the first input, one pixel large: rows and columns of a constant are added around it.
    Pad([Kernel; 2]),
    /// From the pixel of the first input that it came of, and those around it.
    Enlarged([Resampling; 2]),
    /// From pixels of the first input that are found by their place in all of it.
    Resampled([Resampling; 2]),
    /// From no pixel: how large the maps are.
    Shape,
    /// From all of its inputs, or nobody knows.
    Whole,
}

/// Functions of one pixel, or of one pixel of several maps.
const PIXELWISE: &[&str] = &[
    "Abs",
    "Add",
    "Cast",
    "Ceil",
    "Celu",
    "Clip",
    "Cos",
    "Div",
    "Elu",
    "Erf",
    "Exp",
    "Floor",
    "Gelu",
    "HardSigmoid",
    "HardSwish",
    "Identity",
    "LeakyRelu",
    "Log",
    "Max",
    "Mean",
    "Min",
    "Mish",
    "Mul",
    "Neg",
    "PRelu",
    "Pow",
    "Reciprocal",
    "Relu",
    "Round",
    "Selu",
    "Sigmoid",
    "Sign",
    "Sin",
    "Softplus",
    "Softsign",
    "Sqrt",
    "Sub",
    "Sum",
    "Tanh",
    "ThresholdedRelu",
];

/// Functions of all channels of one pixel of the first input.
const CHANNELWISE: &[&str] = &["BatchNormalization", "LRN"];

/// Functions of whole maps that keep their size.
const OF_WHOLE_MAPS: &[&str] = &["GroupNormalization", "InstanceNormalization", "LpNormalization"];

/// The operator, and the size of its maps where that is known.
///
/// `sizes` gives the size of the maps that a tensor holds; `None` where it is unknown.
pub(super) fn operator(
    graph: &GraphProto,
    node: &NodeProto,
    sizes: &dyn Fn(&str) -> Option<Size>,
) -> (Operator, Option<Size>) {
    if !domain(node.domain()).is_empty() {
        return (Operator::Whole, None);
    }
    if node.op_type() == "Shape" {
        return (Operator::Shape, None);
    }
    local(graph, node, sizes).map_or((Operator::Whole, None), |(operator, size)| (operator, Some(size)))
}

fn local(graph: &GraphProto, node: &NodeProto, sizes: &dyn Fn(&str) -> Option<Size>) -> Option<(Operator, Size)> {
    let first = || sizes(node.input.first()?);
    match node.op_type() {
        name if PIXELWISE.contains(&name) => Some((Operator::Pixelwise, broadcast(node, sizes)?)),
        name if CHANNELWISE.contains(&name) && node.output.len() == 1 => {
            let by_constants = integer_attribute(node, "training_mode", 0) == 0;
            by_constants.then_some((Operator::First, first()?))
        }
        "Gather" | "Split" if is_channel_axis(integer_attribute(node, "axis", 0)) => {
            let keeps_rank = node.op_type() == "Split" || constant::dims(graph, node.input.get(1)?)?.len() == 1;
            keeps_rank.then_some((Operator::First, first()?))
        }
        "Concat" if is_channel_axis(integer_attribute(node, "axis", 0)) => {
            let size = first()?;
            node.input.iter().all(|input| sizes(input) == Some(size)).then_some((Operator::Pixelwise, size))
        }
        "Dropout" if node.output.len() == 1 => Some((Operator::First, first()?)),
        "Conv" => window(graph, node, first()?, false),
        "MaxPool" if node.output.len() == 1 => window(graph, node, first()?, true),
        "AveragePool" => window(graph, node, first()?, true),
        "ConvTranspose" => transposed(graph, node, first()?),
        "Pad" => padded(graph, node, first()?),
        "Resize" => resize(graph, node, first()),
        "GlobalAveragePool" | "GlobalMaxPool" => Some((Operator::Whole, [1, 1])),
        "Reshape" => Some((Operator::Whole, reshaped(graph, node)?)),
        name if OF_WHOLE_MAPS.contains(&name) => Some((Operator::Whole, first()?)),
        _ => None,
    }
}

/// Of maps, `[n, C, H, W]`.
fn is_channel_axis(axis: i64) -> bool {
    axis == 1 || axis == -3
}

/// The size of what comes of all inputs together: those of one pixel are repeated.
fn broadcast(node: &NodeProto, sizes: &dyn Fn(&str) -> Option<Size>) -> Option<Size> {
    let mut result = [1, 1];
    for input in node.input.iter().filter(|input| !input.is_empty()) {
        let size = sizes(input)?;
        if size != [1, 1] && result != [1, 1] && size != result {
            return None;
        }
        result = if size == [1, 1] { result } else { size };
    }
    Some(result)
}

fn window(graph: &GraphProto, node: &NodeProto, size: Size, pool: bool) -> Option<(Operator, Size)> {
    let ceil = integer_attribute(node, "ceil_mode", 0) != 0;
    // What is counted of a window that reaches beyond the padding differs between runtimes.
    if ceil && integer_attribute(node, "count_include_pad", 0) != 0 {
        return None;
    }
    let extent = if pool { kernel_shape(node)? } else { kernel_shape(node).or_else(|| filters(graph, node))? };
    let kernels = kernels(node, extent, |axis, kernel| {
        let [begin, end] = same_pads(size[axis], kernel);
        match text_attribute(node, "auto_pad").unwrap_or("NOTSET") {
            "NOTSET" => Some(kernel.pads),
            "VALID" => Some([0, 0]),
            "SAME_UPPER" => Some([begin, end]),
            "SAME_LOWER" => Some([end, begin]),
            _ => None,
        }
    })?;
    let rows = |axis: usize| kernels[axis].narrowed(size[axis], ceil);
    Some((Operator::Window(kernels), [rows(0)?, rows(1)?]))
}

/// Pads, the smaller one first, with which a window's output has a row for every stride of the input.
fn same_pads(size: usize, kernel: Kernel) -> [usize; 2] {
    let needed = (size.div_ceil(kernel.stride).saturating_sub(1)) * kernel.stride + kernel.reach;
    let total = needed.saturating_sub(size);
    [total / 2, total - total / 2]
}

fn transposed(graph: &GraphProto, node: &NodeProto, size: Size) -> Option<(Operator, Size)> {
    let explicit = matches!(text_attribute(node, "auto_pad"), None | Some("NOTSET" | "VALID"));
    if !explicit || attribute(node, "output_shape").is_some() {
        return None;
    }
    let extent = kernel_shape(node).or_else(|| filters(graph, node))?;
    let kernels = kernels(node, extent, |_, kernel| Some(kernel.pads))?;
    let added = pair(node, "output_padding", 0)?;
    let rows = |axis: usize| kernels[axis].widened(size[axis], added[axis]);
    Some((Operator::Transposed(kernels), [rows(0)?, rows(1)?]))
}

/// The kernels of both axes, their pads by `pads`, which gets them with the pads of the attribute.
fn kernels(
    node: &NodeProto,
    extent: [usize; 2],
    pads: impl Fn(usize, Kernel) -> Option<[usize; 2]>,
) -> Option<[Kernel; 2]> {
    let (strides, dilations) = (pair(node, "strides", 1)?, pair(node, "dilations", 1)?);
    let written: Vec<usize> = match attribute(node, "pads") {
        Some(pads) => pads.ints.iter().map(|&pad| usize::try_from(pad).ok()).collect::<Option<_>>()?,
        None => vec![0; 4],
    };
    let &[top, left, bottom, right] = written.as_slice() else { return None };
    let written = [[top, bottom], [left, right]];
    let kernel = |axis: usize| {
        let reach = extent[axis].checked_sub(1)? * dilations[axis] + 1;
        let kernel = Kernel { reach, stride: strides[axis].max(1), pads: written[axis] };
        Some(Kernel { pads: pads(axis, kernel)?, ..kernel })
    };
    Some([kernel(0)?, kernel(1)?])
}

fn kernel_shape(node: &NodeProto) -> Option<[usize; 2]> {
    attribute(node, "kernel_shape").and_then(|_| pair(node, "kernel_shape", 1))
}

/// Height and width of a convolution's filters.
fn filters(graph: &GraphProto, node: &NodeProto) -> Option<[usize; 2]> {
    let &[_, _, height, width] = constant::dims(graph, node.input.get(1)?)?.as_slice() else { return None };
    positive([height, width])
}

fn padded(graph: &GraphProto, node: &NodeProto, size: Size) -> Option<(Operator, Size)> {
    if text_attribute(node, "mode").is_some_and(|mode| mode != "constant") || node.input.len() > 3 {
        return None;
    }
    let &[0, 0, top, left, 0, 0, bottom, right] = constant::integers(graph, node.input.get(1)?)?.as_slice() else {
        return None;
    };
    let kernel = |begin: i64, end: i64| {
        let pads = [usize::try_from(begin).ok()?, usize::try_from(end).ok()?];
        Some(Kernel { reach: 1, stride: 1, pads })
    };
    let kernels = [kernel(top, bottom)?, kernel(left, right)?];
    let rows = |axis: usize| kernels[axis].narrowed(size[axis], false);
    Some((Operator::Pad(kernels), [rows(0)?, rows(1)?]))
}

fn resize(graph: &GraphProto, node: &NodeProto, size: Option<Size>) -> Option<(Operator, Size)> {
    if attribute(node, "axes").is_some() {
        return None;
    }
    let given = |i: usize| node.input.get(i).filter(|name| !name.is_empty());
    let scales = given(2).and_then(|name| constant::floats(graph, name)).filter(|scales| !scales.is_empty());
    let (rows, scales) = match scales {
        Some(scales) => {
            let &[1.0, 1.0, down, across] = scales.as_slice() else { return None };
            let [height, width] = size?;
            let rows = |size: usize, scale: f32| whole_number((size as f32 * scale).floor());
            ([rows(height, down)?, rows(width, across)?], [Some(down), Some(across)])
        }
        None => (last_two(graph, given(3)?)?, [None, None]),
    };
    let along = |axis: usize| Resampling::of(node, size?[axis], rows[axis], scales[axis]);
    let operator = match [along(0), along(1)] {
        [Some(a), Some(b)] if scales[0].is_some() && a.factor().is_some() && b.factor().is_some() => {
            Operator::Enlarged([a, b])
        }
        [Some(a), Some(b)] => Operator::Resampled([a, b]),
        _ => Operator::Whole,
    };
    Some((operator, rows))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "asked for first")]
fn whole_number(x: f32) -> Option<usize> {
    (1.0..65536.0).contains(&x).then_some(x as usize)
}

fn reshaped(graph: &GraphProto, node: &NodeProto) -> Option<Size> {
    let sizes = constant::integers(graph, node.input.get(1)?)?;
    let &[_, _, height, width] = sizes.as_slice() else { return None };
    positive([height, width])
}

/// The last two of four sizes, where they are constants behind a batch and channels that are computed.
fn last_two(graph: &GraphProto, sizes: &str) -> Option<Size> {
    if let Some(sizes) = constant::integers(graph, sizes) {
        let &[_, _, height, width] = sizes.as_slice() else { return None };
        return positive([height, width]);
    }
    let node = constant::producer(graph, sizes).filter(|node| node.op_type() == "Concat")?;
    let &[height, width] = constant::integers(graph, node.input.last()?)?.as_slice() else { return None };
    positive([height, width])
}

fn positive(sizes: [i64; 2]) -> Option<Size> {
    let positive = |size: i64| usize::try_from(size).ok().filter(|&size| size > 0);
    Some([positive(sizes[0])?, positive(sizes[1])?])
}

fn attribute<'n>(node: &'n NodeProto, name: &str) -> Option<&'n AttributeProto> {
    node.attribute.iter().find(|attribute| attribute.name() == name)
}

/// An integer attribute, or its default.
pub(super) fn integer_attribute(node: &NodeProto, name: &str, default: i64) -> i64 {
    attribute(node, name).map_or(default, AttributeProto::i)
}

/// A text attribute.
pub(super) fn text_attribute<'n>(node: &'n NodeProto, name: &str) -> Option<&'n str> {
    attribute(node, name).and_then(|attribute| std::str::from_utf8(attribute.s()).ok())
}

/// Two numbers of an attribute; none if there are not two.
fn pair(node: &NodeProto, name: &str, default: usize) -> Option<[usize; 2]> {
    let Some(attribute) = attribute(node, name) else { return Some([default; 2]) };
    let &[rows, columns] = attribute.ints.as_slice() else { return None };
    Some([usize::try_from(rows).ok()?, usize::try_from(columns).ok()?])
}
