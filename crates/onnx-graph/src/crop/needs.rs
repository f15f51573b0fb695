//! Which part of every map the wanted parts of the outputs need.

use std::collections::{HashMap, HashSet};

use super::operator::{Operator, Size, operator};
use super::span::{Window, hull, whole};
use crate::constant;
use crate::edit::uses;
use crate::proto::{GraphProto, NodeProto};

/// What of a tensor is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    Whole,
    Part(Window),
}

impl Need {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Part(a), Self::Part(b)) => Self::Part(hull(a, b)),
            _ => Self::Whole,
        }
    }
}

/// A node of which only a part of the maps is computed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cropped {
    /// What it does.
    pub(super) operator: Operator,
    /// Height and width of the maps that it reads first, whole.
    pub(super) size: Size,
    /// What it is to compute of its maps; none if it has none.
    pub(super) output: Option<Window>,
    /// What it needs of each of its inputs; none: all.
    pub(super) inputs: Vec<Option<Window>>,
}

/// What every node is to compute.
#[derive(Debug)]
pub(super) struct Needs {
    /// By node; none: all of its output.
    pub(super) nodes: Vec<Option<Cropped>>,
    /// The windows of the tensors that will be computed in part.
    pub(super) parts: HashMap<String, Window>,
}

/// Sizes of the maps in all tensors where they can be told, by name.
pub(super) struct Maps<'g> {
    graph: &'g GraphProto,
    sizes: HashMap<&'g str, Size>,
    operators: Vec<Operator>,
}

impl<'g> Maps<'g> {
    /// Follows the graph from the inputs whose sizes are declared.
    pub(super) fn of(graph: &'g GraphProto) -> Self {
        let declared = |value| match crate::model::shape_of(value)?.as_slice() {
            &[_, _, Some(height), Some(width)] => Some([usize::try_from(height).ok()?, usize::try_from(width).ok()?]),
            _ => None,
        };
        let sizes = graph.input.iter().filter_map(|value| Some((value.name(), declared(value)?))).collect();
        let mut maps = Self { graph, sizes, operators: Vec::with_capacity(graph.node.len()) };
        for node in &graph.node {
            let (operator, size) = operator(graph, node, &|name| maps.size(name));
            maps.operators.push(operator);
            if let Some(size) = size {
                maps.sizes.extend(node.output.iter().filter(|name| !name.is_empty()).map(|name| (name.as_str(), size)));
            }
        }
        maps
    }

    /// Height and width of the maps in a tensor; of a constant, 1 where it has fewer axes.
    pub(super) fn size(&self, tensor: &str) -> Option<Size> {
        self.sizes.get(tensor).copied().or_else(|| {
            let dims = constant::dims(self.graph, tensor)?;
            let axis =
                |from_last: usize| dims.len().checked_sub(from_last).map_or(Some(1), |i| dims[i].try_into().ok());
            Some([axis(2)?, axis(1)?])
        })
    }

    /// What windows of some tensors and all of others need.
    pub(super) fn needs_of(&self, windows: &[(String, Window)], wholes: &[String]) -> Needs {
        let mut needs: HashMap<String, Need> = HashMap::new();
        windows.iter().for_each(|(tensor, window)| add(&mut needs, tensor, self.need(tensor, *window)));
        wholes.iter().for_each(|tensor| add(&mut needs, tensor, Need::Whole));
        let mut nodes = Vec::with_capacity(self.graph.node.len());
        for (node, operator) in self.graph.node.iter().zip(&self.operators).rev() {
            if *operator == Operator::Shape {
                nodes.push(self.shape(node));
                continue;
            }
            let needed = node.output.iter().filter_map(|name| needs.get(name).copied()).reduce(Need::and);
            let cropped = match needed {
                Some(Need::Part(window)) => self.cropped(node, operator, window),
                _ => None,
            };
            self.pass_on(node, cropped.as_ref(), &mut needs);
            nodes.push(cropped);
        }
        nodes.reverse();
        let written = self.graph.node.iter().zip(&nodes);
        let parts = written.filter_map(|(node, cropped)| Some((node, cropped.as_ref()?.output?)));
        let parts = parts.flat_map(|(node, window)| node.output.iter().map(move |name| (name.clone(), window)));
        Needs { parts: parts.collect(), nodes }
    }

    /// A node that reads the size of maps, but no value in them.
    fn shape(&self, node: &NodeProto) -> Option<Cropped> {
        let size = self.size(node.input.first()?)?;
        Some(Cropped { operator: Operator::Shape, size, output: None, inputs: Vec::new() })
    }

    /// A window that is all of the map is no part.
    fn need(&self, tensor: &str, window: Window) -> Need {
        if self.size(tensor).is_none_or(|size| whole(size) == window) { Need::Whole } else { Need::Part(window) }
    }

    /// Adds what a node needs to compute a part, or all, of its output.
    fn pass_on(&self, node: &NodeProto, cropped: Option<&Cropped>, needs: &mut HashMap<String, Need>) {
        match cropped {
            Some(cropped) => {
                for (name, window) in node.input.iter().zip(&cropped.inputs) {
                    let need = window.map_or(Need::Whole, |window| self.need(name, window));
                    add(needs, name, need);
                }
            }
            None => {
                let mut all = HashSet::new();
                uses(node, &mut all);
                all.iter().for_each(|name| add(needs, name, Need::Whole));
            }
        }
    }

    /// What a node needs for a part of its output; none if it needs everything.
    fn cropped(&self, node: &NodeProto, operator: &Operator, output: Window) -> Option<Cropped> {
        let size = self.size(node.input.first()?)?;
        let first = match operator {
            Operator::Whole | Operator::Shape => return None,
            Operator::Pixelwise | Operator::First => output,
            Operator::Window(kernels) | Operator::Pad(kernels) => {
                let part = |axis: usize| kernels[axis].part(output[axis], size[axis]);
                [part(0)?.input, part(1)?.input]
            }
            Operator::Transposed(kernels) => {
                let part = |axis: usize| kernels[axis].transposed_part(output[axis], size[axis]);
                [part(0)?.input, part(1)?.input]
            }
            Operator::Enlarged(along) | Operator::Resampled(along) => {
                [0, 1].map(|axis| along[axis].input(output[axis]))
            }
        };
        let of_all = *operator == Operator::Pixelwise;
        let inputs = node.input.iter().enumerate().map(|(i, name)| match self.size(name) {
            Some(size) if i == 0 || (of_all && size != [1, 1]) => Some(first).filter(|window| *window != whole(size)),
            _ => None,
        });
        Some(Cropped { operator: operator.clone(), size, output: Some(output), inputs: inputs.collect() })
    }
}

fn add(needs: &mut HashMap<String, Need>, tensor: &str, need: Need) {
    needs.entry(tensor.to_owned()).and_modify(|known| *known = known.and(need)).or_insert(need);
}
