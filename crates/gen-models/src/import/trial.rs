//! What a file became, run as an evolution runs it, beside the file as it was given.

use std::borrow::Cow;

use onnx_graph::Model;
use onnx_graph::proto::NodeProto;
use optim_core::Generator;

use super::batch::rounding;
use super::error::ImportError;
use super::inputs::Feed;
use super::probe::{Probe, Seen, numbers};
use super::{Note, Notes};
use crate::{
    CnnModel, CnnSpec, GeneratorModel, GeneratorSpec, Images, ModelError, ModelSource, ModelSpec, Runtime,
    SessionOptions,
};

/// The inputs of a file for one image `[3, H, W]` in 0..1, or one code.
type Feeds = Box<dyn Fn(&[f32]) -> Vec<Feed>>;

/// The normal form of what one image or code gives in the tensor of that number.
type Normal = Box<dyn Fn(usize, &[f32]) -> Vec<f32>>;

/// How to run the file as it was given, and which of its tensors to compare.
pub(super) struct Beside {
    /// Its inputs.
    pub(super) feeds: Feeds,
    /// Tensors of it.
    pub(super) tensors: Vec<Seen>,
    /// What they are compared in.
    pub(super) normal: Normal,
}

/// Operators that round to whole numbers, where rounding elsewhere in the network tips the balance.
const QUANTIZING: &[&str] =
    &["ConvInteger", "DynamicQuantizeLinear", "MatMulInteger", "QLinearConv", "QLinearMatMul", "QuantizeLinear"];

/// How far a layer of a quantized network may be off, in units of its largest value.
const QUANTUM: f32 = 0.1;

/// Runs the finished model, refuses what computes something else than the file, and returns the model.
pub(super) fn try_out(
    spec: &ModelSpec,
    encoded: Vec<u8>,
    (given, beside): (&Model, &Beside),
    runtime: &Runtime,
    notes: &mut Notes,
) -> Result<Vec<u8>, ImportError> {
    let source = ModelSource::Bytes(Cow::Owned(encoded));
    let (items, answers) = match spec {
        ModelSpec::Generator(spec) => shown(spec, &source, runtime)?,
        ModelSpec::Cnn(spec) => answered(spec, &source, runtime, notes)?,
    };
    match as_given(given, beside, &items, runtime) {
        Ok(expected) => compare(given, beside, &answers, &expected, notes)?,
        Err(error) => {
            let why = std::error::Error::source(&error).map_or_else(|| error.to_string(), ToString::to_string);
            notes.push(Note::plain(format!("not compared with the file as given, which cannot be run: {why}")));
        }
    }
    match source {
        ModelSource::Bytes(encoded) => Ok(encoded.into_owned()),
        ModelSource::File(_) | ModelSource::Registered(_) => Ok(Vec::new()),
    }
}

/// What is fed, and for each of it the values of every tensor that is compared.
type Run = (Vec<Vec<f32>>, Vec<Vec<Vec<f32>>>);

fn options() -> SessionOptions {
    SessionOptions { batch_size: 2, ..SessionOptions::default() }
}

/// Codes, and the images of a generator.
fn shown(spec: &GeneratorSpec, source: &ModelSource, runtime: &Runtime) -> Result<Run, ImportError> {
    let codes: Vec<Vec<f32>> = (0..3).map(|i| numbers(spec.latent_dim, i, 0.0, 1.0)).collect();
    let images = GeneratorModel::load(spec, source)?.session(runtime, options())?.generate(&codes.concat())?;
    if images.as_slice().iter().any(|x| !x.is_finite()) {
        return Err(ImportError::NotFinite { model: spec.name.clone() });
    }
    let answers: Vec<Vec<Vec<f32>>> = (0..3).map(|i| vec![images.image(i).to_vec()]).collect();
    if answers[0] == answers[1] && answers[0] == answers[2] {
        return Err(ImportError::SameImage { model: spec.name.clone() });
    }
    Ok((codes, answers))
}

/// Images, and the layers of a CNN.
fn answered(spec: &CnnSpec, source: &ModelSource, runtime: &Runtime, notes: &mut Notes) -> Result<Run, ImportError> {
    let names: Vec<&str> = spec.layers.iter().flatten().map(|layer| layer.name.as_str()).collect();
    let [height, width] = spec.input_size;
    let image = |i| numbers(3 * height * width, i, 0.5, 0.3).into_iter().map(|x| x.clamp(0.0, 1.0)).collect();
    let items: Vec<Vec<f32>> = (0..2).map(image).collect();
    let images = Images::new(items.concat(), [2, 3, height, width])?;
    let activations = CnnModel::load(spec, source)?.session(runtime, &names, options())?.activations(&images)?;
    let warn = |what: &str, named: Vec<&str>, notes: &mut Notes| {
        if let Some(first) = named.first() {
            notes.push(Note::plain(format!("warning: {} of its layers {what}, '{first}' for one", named.len())));
        }
    };
    let those = |is: &dyn Fn(&crate::Activation) -> bool| -> Vec<&str> {
        activations.iter().zip(&names).filter(|(activation, _)| is(activation)).map(|(_, name)| *name).collect()
    };
    warn("hold values that are no finite numbers", those(&|a| a.data.iter().any(|x| !x.is_finite())), notes);
    warn("answer two images with the same numbers", those(&|a| a.image(0) == a.image(1)), notes);
    let answers = (0..2).map(|k| activations.iter().map(|activation| activation.image(k).to_vec()).collect());
    Ok((items, answers.collect()))
}

/// What the file as it was given computes, in normal form.
fn as_given(
    given: &Model,
    beside: &Beside,
    items: &[Vec<f32>],
    runtime: &Runtime,
) -> Result<Vec<Vec<Vec<f32>>>, ModelError> {
    let mut feeds = items.iter().map(|item| (beside.feeds)(item)).peekable();
    let Some(first) = feeds.peek() else { return Ok(Vec::new()) };
    let mut probe = Probe::beside(runtime, given, first, &beside.tensors)?;
    let normal = |(i, seen): (usize, &Seen)| (beside.normal)(i, seen.row(0));
    feeds.map(|feeds| Ok(probe.run_fed(&feeds)?.iter().enumerate().map(normal).collect())).collect()
}

/// Refuses where a tensor is another one than in the file; else notes how far they are apart.
fn compare(
    given: &Model,
    beside: &Beside,
    answers: &[Vec<Vec<f32>>],
    expected: &[Vec<Vec<f32>>],
    notes: &mut Notes,
) -> Result<(), ImportError> {
    let quantizes = |node: &NodeProto| QUANTIZING.contains(&node.op_type());
    let quantized = given.graph.node.iter().any(quantizes);
    let mut largest = 0.0_f32;
    for (i, tensor) in beside.tensors.iter().enumerate() {
        let tolerance = if quantized { QUANTUM } else { rounding(tensor.element) };
        for (answer, expected) in answers.iter().zip(expected) {
            let difference = difference(&answer[i], &expected[i]);
            if difference > tolerance {
                let (model, tensor) = (given.name.clone(), tensor.name.clone());
                return Err(ImportError::Changed { model, tensor, difference, tolerance });
            }
            largest = largest.max(difference);
        }
    }
    let what = if beside.tensors.len() == 1 { "it" } else { "all layers" };
    notes.push(Note::plain(format!(
        "{what} compared with the file as given: the largest difference is {largest:.0e} of a tensor's largest value"
    )));
    Ok(())
}

/// What numbers must reach to be measured by: less is what rounding leaves of a difference of larger ones.
const LEAST: f32 = 1e-3;

/// The largest difference of two arrays, in units of the largest finite number expected; infinite where one is no
/// finite number and the other something else.
fn difference(found: &[f32], expected: &[f32]) -> f32 {
    if found.len() != expected.len() {
        return f32::INFINITY;
    }
    let scale = expected.iter().filter(|x| x.is_finite()).fold(LEAST, |m, x| m.max(x.abs()));
    let apart = |(a, b): (&f32, &f32)| match (a.is_finite(), b.is_finite()) {
        (true, true) => (a - b).abs() / scale,
        _ if a == b || (a.is_nan() && b.is_nan()) => 0.0,
        _ => f32::INFINITY,
    };
    found.iter().zip(expected).map(apart).fold(0.0, f32::max)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn differences_are_measured_by_the_largest_number_expected() {
        assert_eq!(difference(&[1.0, -4.0], &[1.0, -4.0]), 0.0);
        assert_eq!(difference(&[1.5, -4.0], &[1.0, -4.0]), 0.125);
        assert_eq!(difference(&[f32::NAN, f32::INFINITY, 2.0], &[f32::NAN, f32::INFINITY, 2.0]), 0.0);
        for (found, expected) in [(&[f32::NAN][..], &[1.0][..]), (&[1.0], &[f32::NEG_INFINITY]), (&[1.0, 2.0], &[1.0])]
        {
            assert_eq!(difference(found, expected), f32::INFINITY, "{found:?} {expected:?}");
        }
        assert!(difference(&[1e-8], &[0.0]) < 1e-4 && difference(&[1e-2], &[0.0]) > 1.0, "zero was expected");
    }
}
