//! Turns a network's file into a graph with images in [0, 1] at its image end.

use onnx_graph::attribute::{integer, string};
use onnx_graph::chain::Chain;
use onnx_graph::edit::cut;
use onnx_graph::model::{Model, float_tensor, float_value, integer_tensor, untyped_value};
use onnx_graph::one_by_one;
use onnx_graph::opset::raise;

use crate::ModelError;
use crate::manifest::{CnnSpec, GeneratorSpec, Resize};

/// Oldest opset in which the nodes added here can be written.
const OPSET: i64 = 11;

/// Prefix of tensors added here.
pub(crate) const ADDED: &str = "actmax/";

/// Codes `[n, N, 1...]` in, images `[n, 3, H, W]` in [0, 1] out.
///
/// Adds `clip((x - low) / (high - low), 0, 1)` to the generator. Subtraction and division because the
/// runtime merges additions and multiplications into a convolution, which changes the rounding.
pub(crate) fn generator_graph(model: &Model, spec: &GeneratorSpec) -> Result<Model, ModelError> {
    let rank = check_shape(model, &spec.input, model.input_shape(&spec.input)?, &[spec.latent_dim], 2)?;
    let [height, width] = spec.image_size;
    check_shape(model, &spec.output, model.output_shape(&spec.output)?, &[3, height, width], 4)?;
    let mut model = model.clone();
    raise(&mut model, OPSET)?;
    cut(&mut model.graph, std::slice::from_ref(&spec.output));
    let mut sizes = vec![None, Some(spec.latent_dim)];
    sizes.resize(rank, Some(1));
    model.graph.input = vec![float_value(&spec.input, &sizes)];
    if let Some(batch) = spec.fixed_batch {
        let row: Vec<usize> = sizes.iter().copied().flatten().collect();
        one_by_one(&mut model, &spec.input, &row, batch);
    }

    let [low, high] = spec.value_range;
    let mut chain = Chain::new(ADDED, &spec.output);
    if [low, high] != [0.0, 1.0] {
        chain.with_constant("Sub", float_tensor("low", &[], &[low]));
        chain.with_constant("Div", float_tensor("range", &[], &[high - low]));
    }
    let zero = chain.constant(float_tensor("zero", &[], &[0.0]));
    let one = chain.constant(float_tensor("one", &[], &[1.0]));
    chain.push("Clip", &[&zero, &one], vec![]);
    model.graph.output = vec![untyped_value(&chain.last)];
    model.graph.node.extend(chain.nodes);
    model.graph.initializer.extend(chain.constants);
    Ok(model)
}

/// Images `[n, 3, h, w]` in [0, 1] in, activations of `layers` out.
///
/// Adds a bilinear resize (unless the images are known to be of the network's size) and the
/// normalisation `(x - mean) / std`, rescaled to [0, 1], in front of the network.
pub(crate) fn scoring_graph(
    model: &Model,
    spec: &CnnSpec,
    layers: &[String],
    image_size: Option<[usize; 2]>,
) -> Result<Model, ModelError> {
    let [height, width] = spec.input_size;
    check_shape(model, &spec.input, model.input_shape(&spec.input)?, &[3, height, width], 4)?;
    let mut model = model.clone();
    raise(&mut model, OPSET)?;
    cut(&mut model.graph, layers);
    if let Some(batch) = spec.fixed_batch.filter(|_| !layers.is_empty()) {
        one_by_one(&mut model, &spec.input, &[3, height, width], batch);
    }
    let image = format!("{ADDED}image");
    let sizes = image_size.map_or([None, None], |size| size.map(Some));
    model.graph.input = vec![float_value(&image, &[None, Some(3), sizes[0], sizes[1]])];

    let mut chain = Chain::new(ADDED, &image);
    if image_size != Some(spec.input_size) {
        add_resize(&mut chain, spec.input_size, spec.resize);
    }
    let (mean, std) = normalisation(spec);
    chain.with_constant("Sub", float_tensor("mean", &[1, 3, 1, 1], &mean));
    chain.with_constant("Div", float_tensor("std", &[1, 3, 1, 1], &std));
    chain.end_in(&spec.input);
    model.graph.node.splice(0..0, chain.nodes);
    model.graph.initializer.extend(chain.constants);
    Ok(model)
}

/// The network as it is, with `tensors` as outputs and a free batch size: for learning their shapes.
pub(crate) fn probe_graph(model: &Model, spec: &CnnSpec, tensors: &[String]) -> Model {
    let mut model = model.clone();
    cut(&mut model.graph, tensors);
    let [height, width] = spec.input_size;
    model.graph.input = vec![float_value(&spec.input, &[None, Some(3), Some(height), Some(width)])];
    model
}

/// Mean and deviation of the channels for pixels in [0, 1], instead of in `value_range`.
#[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
fn normalisation(spec: &CnnSpec) -> ([f32; 3], [f32; 3]) {
    let [low, high] = spec.value_range.map(f64::from);
    let mean = spec.mean.map(|mean| ((f64::from(mean) - low) / (high - low)) as f32);
    let std = spec.std.map(|std| (f64::from(std) / (high - low)) as f32);
    (mean, std)
}

/// Compares a declared shape with `[n, expected..., 1...]` where it says anything; returns the rank
/// (`default_rank` if undeclared).
fn check_shape(
    model: &Model,
    tensor: &str,
    declared: Option<Vec<Option<i64>>>,
    expected: &[usize],
    default_rank: usize,
) -> Result<usize, ModelError> {
    let Some(declared) = declared else { return Ok(default_rank) };
    let wanted = |axis: usize| expected.get(axis - 1).map_or(Ok(1), |&size| i64::try_from(size));
    let fits = declared.len() > expected.len()
        && (1..declared.len()).all(|axis| declared[axis].is_none_or(|size| wanted(axis) == Ok(size)));
    if fits {
        return Ok(declared.len());
    }
    let text = |sizes: Vec<String>| format!("[{}]", sizes.join(", "));
    Err(ModelError::WrongShape {
        model: model.name.clone(),
        tensor: tensor.to_owned(),
        expected: text(std::iter::once("n".to_owned()).chain(expected.iter().map(usize::to_string)).collect()),
        found: text(declared.iter().map(|size| size.map_or("n".to_owned(), |size| size.to_string())).collect()),
    })
}

/// Bilinear resize of `[n, 3, h, w]` to `[n, 3, height, width]`, whatever n, h and w are.
fn add_resize(chain: &mut Chain, [height, width]: [usize; 2], resize: Resize) {
    let size = [height, width].map(|size| i64::try_from(size).unwrap_or(i64::MAX));
    let (start, end) = (chain.constant(integer_tensor("start", &[0])), chain.constant(integer_tensor("end", &[2])));
    let size = chain.constant(integer_tensor("size", &size));
    let unused = chain.constant(float_tensor("unused", &[0], &[]));
    let shape = chain.node("Shape", vec![chain.last.clone()], vec![]);
    let batch = chain.node("Slice", vec![shape, start, end], vec![]);
    let sizes = chain.node("Concat", vec![batch, size], vec![integer("axis", 0)]);
    let grid = match resize {
        Resize::HalfPixel => "half_pixel",
        Resize::AlignCorners => "align_corners",
    };
    let attributes = vec![string("mode", "linear"), string("coordinate_transformation_mode", grid)];
    chain.push("Resize", &[&unused, &unused, &sizes], attributes);
}
