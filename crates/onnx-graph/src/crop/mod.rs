//! Leaves out what the units at some positions of a map do not see.
//!
//! A unit of a convolutional layer sees a window of the image, its receptive field, and so does every map between:
//! a graph that is to compute a window of its outputs needs a window of everything before, as far back as the
//! operators go pixel by pixel or window by window. Each node then gets the window that it needs, with pads where the
//! window goes beyond the map, and computes just what is asked for. A resize that finds its pixels by their place in the
//! whole map gets one, with zeros around what is there. Operators that mix whole maps are left as they are, and what
//! follows them is cut out of their result.
//!
//! Every number is the sum of the same products as in the whole graph.
//!
//! ```text
//! need(wanted tensors) = wanted windows
//! for node in reverse order:
//!     window = hull of what is needed of its outputs
//!     need(inputs) += what the operator reads for that window, or all of them
//! for node in order:
//!     cut its inputs to what it reads, and change its pads
//! ```

mod kernel;
mod needs;
mod operator;
mod resize;
mod rewrite;
mod span;

pub use span::{Span, Window};

use super::model::{Model, untyped_value};
use needs::Maps;
use rewrite::Rewrite;

/// Restricts the outputs of a graph to windows of their maps `[n, C, H, W]`, and all that they are computed from to
/// what these need. Outputs for which there is no window stay whole.
///
/// The graph's only input must have its sizes declared for anything to be left out, and its opset must be 11 or newer.
/// The outputs keep their order, but not their names.
pub fn crop(model: &mut Model, windows: &[Option<Window>]) {
    let graph = &mut model.graph;
    let outputs: Vec<String> = graph.output.iter().map(|value| value.name().to_owned()).collect();
    let wanted = |whole: bool| {
        let outputs = outputs.iter().zip(windows);
        outputs.filter(move |(_, window)| window.is_none() == whole).map(|(name, window)| (name.clone(), *window))
    };
    let parts: Vec<(String, Window)> = wanted(false).filter_map(|(name, window)| Some((name, window?))).collect();
    if parts.is_empty() {
        return;
    }
    let wholes: Vec<String> = wanted(true).map(|(name, _)| name).collect();
    let needs = Maps::of(graph).needs_of(&parts, &wholes);
    let mut rewrite = Rewrite::new(&needs.parts);
    for (node, cropped) in std::mem::take(&mut graph.node).into_iter().zip(needs.nodes) {
        rewrite.node(node, cropped);
    }
    let named = |(name, window): (&String, &Option<Window>)| match window {
        Some(window) => rewrite.cut(name, *window),
        None => name.clone(),
    };
    let names: Vec<String> = outputs.iter().zip(windows).map(named).collect();
    graph.output = names.iter().map(|name| untyped_value(name)).collect();
    graph.node = rewrite.nodes;
    graph.initializer.extend(rewrite.constants);
}
