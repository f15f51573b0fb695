//! Nodes that compute parts of maps.

use std::collections::HashMap;

use super::kernel::Part;
use super::needs::Cropped;
use super::operator::Operator;
use super::span::{Span, Window, whole};
use crate::attribute::integers;
use crate::chain::Chain;
use crate::model::integer_tensor;
use crate::proto::{NodeProto, TensorProto};

/// Prefix of the tensors that are added.
const ADDED: &str = "crop/";

/// A graph that is being written.
pub(super) struct Rewrite<'p> {
    /// The nodes so far.
    pub(super) nodes: Vec<NodeProto>,
    /// The constants that they read besides the graph's own.
    pub(super) constants: Vec<TensorProto>,
    /// The windows of the tensors that are computed in part.
    parts: &'p HashMap<String, Window>,
    /// Parts that were cut out of tensors.
    cuts: HashMap<(String, Window), String>,
    /// Chains of nodes that were added.
    added: usize,
}

impl<'p> Rewrite<'p> {
    pub(super) fn new(parts: &'p HashMap<String, Window>) -> Self {
        Self { nodes: Vec::new(), constants: Vec::new(), parts, cuts: HashMap::new(), added: 0 }
    }

    /// Adds a node, or what computes the part of its output that is needed.
    pub(super) fn node(&mut self, mut node: NodeProto, cropped: Option<Cropped>) {
        let Some(Cropped { operator, size, output, inputs }) = cropped else {
            self.nodes.push(node);
            return;
        };
        if let Operator::Shape | Operator::Resampled(_) = operator {
            node.input[0] = self.restored(&node.input[0], size);
        } else {
            for (name, window) in node.input.iter_mut().zip(&inputs) {
                if let Some(window) = window {
                    *name = self.cut(name, *window);
                }
            }
        }
        let Some(output) = output else {
            self.nodes.push(node);
            return;
        };
        match operator {
            Operator::Window(kernels) => set_pads(&mut node, |axis| kernels[axis].part(output[axis], size[axis])),
            Operator::Transposed(kernels) => {
                let part = |axis: usize| kernels[axis].transposed_part(output[axis], size[axis]);
                set_pads(&mut node, part);
                set(&mut node, "output_padding", &[0, 1].map(|axis| part(axis).map_or(0, |part| part.output_padding)));
            }
            Operator::Pad(kernels) => {
                let pads = |axis: usize| kernels[axis].part(output[axis], size[axis]).map_or([0, 0], |part| part.pads);
                node.input[1] = self.pads([pads(0), pads(1)]);
            }
            Operator::Enlarged(along) => {
                let there = inputs.first().copied().flatten().unwrap_or(whole(size));
                let origin = [0, 1].map(|axis| there[axis].start * along[axis].factor().unwrap_or(1));
                return self.push_cut(node, origin, output);
            }
            Operator::Resampled(_) => return self.push_cut(node, [0, 0], output),
            Operator::Pixelwise | Operator::First | Operator::Shape | Operator::Whole => {}
        }
        self.nodes.push(node);
    }

    /// Adds a node whose maps begin at `origin`, and cuts a window out of them.
    fn push_cut(&mut self, mut node: NodeProto, origin: [usize; 2], window: Window) {
        let result = node.output[0].clone();
        self.added += 1;
        let full = format!("{ADDED}{}/full", self.added);
        node.output[0].clone_from(&full);
        self.nodes.push(node);
        let mut chain = self.slice(&full, origin, window);
        chain.end_in(&result);
        self.take_in(chain);
    }

    /// The tensor that holds a window of another one.
    pub(super) fn cut(&mut self, tensor: &str, window: Window) -> String {
        let there = self.parts.get(tensor);
        if there == Some(&window) {
            return tensor.to_owned();
        }
        let key = (tensor.to_owned(), window);
        if let Some(name) = self.cuts.get(&key) {
            return name.clone();
        }
        let origin = there.map_or([0, 0], |there| there.map(|span| span.start));
        let chain = self.slice(tensor, origin, window);
        let name = self.take_in(chain);
        self.cuts.insert(key, name.clone());
        name
    }

    /// Cuts a window out of maps that begin at `origin`.
    fn slice(&mut self, tensor: &str, origin: [usize; 2], window: Window) -> Chain {
        let bounds = |bound: fn(Span) -> usize| [0, 1].map(|axis| int(bound(window[axis]) - origin[axis]));
        let mut chain = self.chain(tensor);
        let starts = chain.constant(integer_tensor("starts", &bounds(|span| span.start)));
        let ends = chain.constant(integer_tensor("ends", &bounds(|span| span.end)));
        let axes = chain.constant(integer_tensor("axes", &[2, 3]));
        chain.push("Slice", &[&starts, &ends, &axes], vec![]);
        chain
    }

    /// The tensor that holds what is there of another one in its place, and zeros around it.
    fn restored(&mut self, tensor: &str, size: [usize; 2]) -> String {
        let Some(&there) = self.parts.get(tensor) else { return tensor.to_owned() };
        let key = (tensor.to_owned(), whole(size));
        if let Some(name) = self.cuts.get(&key) {
            return name.clone();
        }
        let pads = self.pads([0, 1].map(|axis| [there[axis].start, size[axis] - there[axis].end]));
        let mut chain = self.chain(tensor);
        chain.push("Pad", &[&pads], vec![]);
        let name = self.take_in(chain);
        self.cuts.insert(key, name.clone());
        name
    }

    /// A constant for the operator `Pad`: rows before and after, columns before and after.
    fn pads(&mut self, [[top, bottom], [left, right]]: [[usize; 2]; 2]) -> String {
        let mut chain = self.chain("");
        let pads = [0, 0, top, left, 0, 0, bottom, right].map(int);
        let name = chain.constant(integer_tensor("pads", &pads));
        self.take_in(chain);
        name
    }

    fn chain(&mut self, input: &str) -> Chain {
        self.added += 1;
        Chain::new(&format!("{ADDED}{}/", self.added), input)
    }

    /// Adds what the chain holds; returns its last tensor.
    fn take_in(&mut self, chain: Chain) -> String {
        self.nodes.extend(chain.nodes);
        self.constants.extend(chain.constants);
        chain.last
    }
}

/// Gives a node explicit pads.
fn set_pads(node: &mut NodeProto, part: impl Fn(usize) -> Option<Part>) {
    let [[top, bottom], [left, right]] = [0, 1].map(|axis| part(axis).map_or([0, 0], |part| part.pads));
    node.attribute.retain(|attribute| !matches!(attribute.name(), "auto_pad" | "ceil_mode"));
    set(node, "pads", &[top, left, bottom, right]);
}

fn set(node: &mut NodeProto, name: &str, values: &[usize]) {
    node.attribute.retain(|attribute| attribute.name() != name);
    node.attribute.push(integers(name, &values.iter().map(|&value| int(value)).collect::<Vec<_>>()));
}

fn int(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
