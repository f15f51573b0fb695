//! A generator without weights: codes that are pixels.

use std::collections::BTreeMap;

use crate::chain::Chain;
use crate::model::{Model, float_value, integer_tensor};
use crate::proto::GraphProto;

impl Model {
    /// Codes `[n, 3 height width]` as images `[n, 3, height, width]`, number for number in C order. The input is `code`, the
    /// output `image`.
    #[must_use]
    pub fn pixels(name: &str, [height, width]: [usize; 2]) -> Self {
        let int = |value: usize| i64::try_from(value).unwrap_or(i64::MAX);
        let mut chain = Chain::new("", "code");
        chain.with_constant("Reshape", integer_tensor("shape", &[-1, 3, int(height), int(width)]));
        chain.end_in("image");
        let graph = GraphProto {
            name: Some("pixels".to_owned()),
            node: chain.nodes,
            initializer: chain.constants,
            input: vec![float_value("code", &[None, Some(3 * height * width)])],
            output: vec![float_value("image", &[None, Some(3), Some(height), Some(width)])],
            ..GraphProto::default()
        };
        Self {
            name: name.to_owned(),
            ir_version: 8,
            opsets: BTreeMap::from([(String::new(), 13)]),
            functions: Vec::new(),
            graph,
            unknown: Vec::new(),
        }
    }
}
