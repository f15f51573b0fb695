//! Images on a canvas, within a generator's graph.

use onnx_graph::chain::Chain;
use onnx_graph::model::{Model, float_tensor, integer_tensor, untyped_value};
use paradigm::{Geometry, Weights};

use crate::preprocess::ADDED;

/// Puts the images `[n, 3, height, width]` that a graph makes on a canvas: `[n, 3, canvas, canvas]`.
///
/// An image gets its size by a product with a matrix of weights an axis, which any opset can write and which is the same
/// for every rule. What lies outside the canvas has no rows in the matrices. An image that keeps its size has no product.
pub(crate) fn canvas_graph(model: &Model, [height, width]: [usize; 2], geometry: &Geometry) -> Model {
    let mut model = model.clone();
    let image = model.graph.output.first().map(|value| value.name().to_owned()).unwrap_or_default();
    let ((columns, [left, right]), (rows, [top, bottom])) = (geometry.along(0, width), geometry.along(1, height));
    let mut chain = Chain::new(&format!("{ADDED}canvas/"), &image);
    if !columns.keep_all() {
        let shape = [columns.old, columns.rows.len()].map(int);
        chain.with_constant("MatMul", float_tensor("columns", &shape, &transposed(&columns)));
    }
    if !rows.keep_all() {
        let shape = [rows.rows.len(), rows.old].map(int);
        let matrix = chain.constant(float_tensor("rows", &shape, &rows.matrix()));
        chain.last = chain.node("MatMul", vec![matrix, chain.last.clone()], vec![]);
    }
    if !chain.nodes.is_empty() {
        // Says how large the maps are, for those who crop the graph.
        let shape = [0, 3, rows.rows.len(), columns.rows.len()].map(int);
        chain.with_constant("Reshape", integer_tensor("shape", &shape));
    }
    if [left, right, top, bottom] != [0; 4] {
        let pads = [0, 0, top, left, 0, 0, bottom, right].map(int);
        let pads = chain.constant(integer_tensor("pads", &pads));
        let gray = chain.constant(float_tensor("gray", &[], &[f32::from(geometry.surround) / 255.0]));
        chain.push("Pad", &[&pads, &gray], vec![]);
    }
    model.graph.output = vec![untyped_value(&chain.last)];
    model.graph.node.extend(chain.nodes);
    model.graph.initializer.extend(chain.constants);
    model
}

/// The matrix `[old, new]`.
fn transposed(weights: &Weights) -> Vec<f32> {
    let (matrix, new) = (weights.matrix(), weights.rows.len());
    (0..weights.old).flat_map(|j| (0..new).map(move |i| i * weights.old + j)).map(|at| matrix[at]).collect()
}

fn int(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
