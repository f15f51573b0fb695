//! Nodes that are added to a graph.

use super::proto::{AttributeProto, NodeProto, TensorProto};

/// Nodes in a row, each reading what the one before it wrote.
pub struct Chain {
    /// Of all names of nodes and tensors that are added.
    prefix: String,
    /// The nodes, in order.
    pub nodes: Vec<NodeProto>,
    /// What they read besides each other.
    pub constants: Vec<TensorProto>,
    /// The tensor that was written last.
    pub last: String,
}

impl Chain {
    /// A chain that begins at the tensor `input`.
    pub fn new(prefix: &str, input: &str) -> Self {
        Self { prefix: prefix.to_owned(), nodes: Vec::new(), constants: Vec::new(), last: input.to_owned() }
    }

    /// Adds a constant under a name of the chain's own.
    pub fn constant(&mut self, mut tensor: TensorProto) -> String {
        let name = format!("{}{}", self.prefix, tensor.name());
        tensor.name = Some(name.clone());
        self.constants.push(tensor);
        name
    }

    /// Adds a node that reads the last result and a constant.
    pub fn with_constant(&mut self, operator: &str, tensor: TensorProto) {
        let name = self.constant(tensor);
        self.push(operator, &[&name], vec![]);
    }

    /// Adds a node that reads the last result and `others`; its result becomes the last.
    pub fn push(&mut self, operator: &str, others: &[&str], attribute: Vec<AttributeProto>) {
        let input = std::iter::once(self.last.as_str()).chain(others.iter().copied()).map(str::to_owned).collect();
        self.last = self.node(operator, input, attribute);
    }

    /// Adds a node and returns the name of its result; the last result stays what it was.
    pub fn node(&mut self, operator: &str, input: Vec<String>, attribute: Vec<AttributeProto>) -> String {
        let output = format!("{}{}_{}", self.prefix, operator.to_ascii_lowercase(), self.nodes.len());
        self.nodes.push(NodeProto {
            input,
            output: vec![output.clone()],
            op_type: Some(operator.to_owned()),
            attribute,
            ..NodeProto::default()
        });
        output
    }

    /// Gives the last result another name.
    pub fn end_in(&mut self, name: &str) {
        if let Some(output) = self.nodes.last_mut().and_then(|node| node.output.last_mut()) {
            name.clone_into(output);
            name.clone_into(&mut self.last);
        }
    }
}
