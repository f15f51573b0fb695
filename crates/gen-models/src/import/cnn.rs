//! A CNN: which input is the image, what pixels it wants, and its layers.

use onnx_graph::candidates;
use onnx_graph::chain::Chain;
use onnx_graph::model::float_value;

use super::batch::{Question, settle};
use super::declared::{Declared, count, element, listed};
use super::draft::Draft;
use super::error::ImportError;
use super::image::{Axes, ImageLayout, add_entry, as_taken, axes, channel_axis, looks_like_images, transpose};
use super::inputs::{Feed, Given, ReadValues, assign};
use super::layers::{Layers, normalise};
use super::probe::{Probe, numbers};
use super::range::own_normalisation;
use super::trial::Beside;
use super::{Import, Note, Notes};
use crate::convert::{IMAGENET_MEAN, IMAGENET_STD};
use crate::{CnnSpec, LayerInfo, Runtime};

/// Sides that are tried where a file leaves them free.
const SIDES: [usize; 7] = [224, 227, 299, 256, 128, 64, 32];

/// The pixel values that a network wants.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Pixels {
    range: [f32; 2],
    mean: [f32; 3],
    std: [f32; 3],
}

impl Pixels {
    /// The numbers that an image with values 0..1 becomes, C-order `[3, H, W]`.
    fn of(&self, image: &[f32]) -> Vec<f32> {
        let [low, high] = self.range;
        let plane = image.len() / 3;
        let value = |(i, x): (usize, &f32)| (low + x * (high - low) - self.mean[i / plane]) / self.std[i / plane];
        image.iter().enumerate().map(value).collect()
    }
}

/// Prepares a CNN; the entry lacks what only the file tells.
pub(super) fn import(
    request: &Import,
    draft: &mut Draft,
    runtime: &Runtime,
    read: ReadValues<'_>,
    notes: &mut Notes,
) -> Result<(CnnSpec, Beside), ImportError> {
    let inputs = Declared::inputs(&draft.model.graph);
    let outputs: Vec<String> = draft.model.graph.output.iter().map(|value| value.name().to_owned()).collect();
    let (image, axes) = image_input(request, draft, &inputs)?;
    if request.bgr && axes.channels == 1 {
        let (model, reason) = (draft.model.name.clone(), "its images are gray".to_owned());
        return Err(ImportError::Option { model, option: "bgr", reason });
    }
    let pixels = pixels(request, draft, &image, axes, notes)?;

    let others: Vec<Declared> = inputs.into_iter().filter(|input| input.name != image.name).collect();
    let given = Given {
        model: &draft.model.name,
        rules: &request.inputs,
        code_size: &request.code_size,
        may_evolve: false,
        read,
    };
    let side = assign(&others, &given, notes)?;
    let mut entry = Chain::new(&format!("{}entry/", draft.prefix), &format!("{}image", draft.prefix));
    add_entry(&mut entry, axes, request.bgr, image.element);
    let direct = entry.nodes.is_empty();
    let source = if direct { image.name.clone() } else { format!("{}image", draft.prefix) };
    if axes.channels == 1 {
        notes.push(Note::plain("images are made gray for it: 0.299 red + 0.587 green + 0.114 blue".to_owned()));
    }
    if !others.is_empty() {
        side.feed(&mut draft.model, &draft.prefix, &source);
    }
    draft.changed |= !direct || !others.is_empty();
    entry.end_in(&image.name);
    draft.model.graph.node.splice(0..0, entry.nodes);
    draft.model.graph.initializer.extend(entry.constants);

    let fits = |draft: &mut Draft, [height, width]: [usize; 2]| {
        let sizes = [None, Some(3), Some(height), Some(width)];
        draft.model.graph.input = vec![float_value(&source, &sizes)];
        candidates(&draft.model, &source)
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| *name != image.name && !name.starts_with(&draft.prefix))
            .collect::<Vec<_>>()
    };
    let size = side_lengths(request, draft, axes, notes, |draft, size| {
        let batch = image.batch().unwrap_or(1);
        count(&draft.model.name, &format!("input '{}'", image.name), &[batch, 3, size[0], size[1]])?;
        fits(draft, size);
        let row = row(pixels, size, 0);
        let mut probe = Probe::new(runtime, &draft.model, &outputs)?;
        probe.run(&[batch, 3, size[0], size[1]], &row.repeat(batch))?;
        Ok(())
    })?;
    let watched = fits(draft, size);
    let question = Question {
        watched: &watched,
        wanted: &outputs,
        kinds: element::is_float,
        row: &[3, size[0], size[1]],
        rows: &[0, 1, 2].map(|i| row(pixels, size, i)),
        declared: image.batch(),
    };
    let settled = settle(draft.model.clone(), &question, runtime, notes)?;
    draft.model = settled.model;
    let entry = (image.name.as_str(), channel_axis(axes.layout));
    let Layers { infos, tensors, transposed, changed } =
        normalise(&mut draft.model, &draft.prefix, entry, &settled.tensors);
    draft.changed |= settled.changed || changed;
    describe(&infos, watched.len(), notes);
    let spec = CnnSpec {
        name: String::new(),
        file: String::new(),
        sha256: None,
        bytes: None,
        input: source,
        input_size: size,
        value_range: pixels.range,
        mean: pixels.mean,
        std: pixels.std,
        resize: request.resize,
        fixed_batch: settled.fixed,
        classes: None,
        layers: Some(infos),
        origin: String::new(),
        licence: request.licence.clone(),
    };
    let (bgr, batch) = (request.bgr, image.batch().unwrap_or(1));
    let shapes: Vec<Vec<usize>> = tensors.iter().map(|tensor| tensor.shape.clone()).collect();
    let feeds = move |image_01: &[f32]| {
        let taken = as_taken(&pixels.of(image_01), axes, bgr, image.element);
        let sizes = match axes.layout {
            ImageLayout::Nchw => [batch, axes.channels, size[0], size[1]],
            ImageLayout::Nhwc => [batch, size[0], size[1], axes.channels],
        };
        let image = Feed {
            input: image.name.clone(),
            element: image.element,
            shape: sizes.to_vec(),
            data: taken.repeat(batch),
        };
        std::iter::once(image).chain(side.filled(&[], batch)).collect()
    };
    let normal = move |i: usize, values: &[f32]| match shapes[i].last() {
        Some(&channels) if transposed[i] => transpose(values, values.len() / channels),
        _ => values.to_vec(),
    };
    Ok((spec, Beside { feeds: Box::new(feeds), tensors, normal: Box::new(normal) }))
}

fn describe(layers: &[LayerInfo], computed: usize, notes: &mut Notes) {
    let targets = layers.iter().filter(|layer| layer.targetable).count();
    notes.push(Note::plain(format!(
        "{targets} of its {computed} inner tensors can be targeted, `actmax layers` lists them"
    )));
    if layers.iter().any(|layer| layer.shape.len() == 3 && layer.shape[2] == 1 && layer.shape[1] > 1) {
        let text = "layers of tokens [tokens, dim] are listed as maps dim x tokens x 1: LAYER:CHANNEL:TOKEN:0";
        notes.push(Note::plain(text.to_owned()));
    }
}

/// The input that takes images.
fn image_input(request: &Import, draft: &Draft, inputs: &[Declared]) -> Result<(Declared, Axes), ImportError> {
    let found = inputs
        .iter()
        .filter(|input| looks_like_images(input, request.layout))
        .find_map(|input| Some((input.clone(), axes(input.shape.as_deref()?, request.layout)?)));
    // What is not declared at all may be an image.
    let undeclared = || {
        let input = inputs.iter().find(|input| input.shape.is_none() && inputs.len() == 1)?;
        Some((input.clone(), axes(&[None; 4], request.layout)?))
    };
    let (image, axes) = found
        .or_else(undeclared)
        .ok_or_else(|| ImportError::NotAnImageInput { model: draft.model.name.clone(), inputs: listed(inputs) })?;
    if !(element::is_number(image.element) || image.element == 0) {
        let element = element::name(image.element);
        return Err(ImportError::ElementType { model: draft.model.name.clone(), input: image.name, element });
    }
    Ok((image, axes))
}

/// Height and width: declared, asked for, or the first of the usual ones that the network runs at.
fn side_lengths(
    request: &Import,
    draft: &mut Draft,
    axes: Axes,
    notes: &mut Notes,
    mut runs: impl FnMut(&mut Draft, [usize; 2]) -> Result<(), ImportError>,
) -> Result<[usize; 2], ImportError> {
    if let Some(size) = request.size {
        if axes.size.iter().zip(size).any(|(declared, size)| declared.is_some_and(|declared| declared != size)) {
            let text = axes.size.map(|size| size.map_or("?".to_owned(), |size| size.to_string())).join("x");
            let reason = format!("its images are {text} (height x width), fixed in the file");
            return Err(ImportError::Option { model: draft.model.name.clone(), option: "size", reason });
        }
        runs(draft, size)?;
        return Ok(size);
    }
    if let [Some(height), Some(width)] = axes.size {
        runs(draft, [height, width])?;
        return Ok([height, width]);
    }
    let mut first = None;
    for side in SIDES {
        let size = axes.size.map(|declared| declared.unwrap_or(side));
        match runs(draft, size) {
            Ok(()) => {
                let [height, width] = size;
                let text = format!("images of {height} x {width} pixels: the file leaves their size free");
                notes.push(Note::assumed(text, "size"));
                return Ok(size);
            }
            Err(error) => first = first.or(Some(error)),
        }
    }
    Err(first.unwrap_or_else(|| ImportError::NotFinite { model: draft.model.name.clone() }))
}

/// A picture that looks like noise, as the network is shown it.
fn row(pixels: Pixels, [height, width]: [usize; 2], seed: usize) -> Vec<f32> {
    let noise = numbers(3 * height * width, seed, 0.5, 0.3).into_iter().map(|x| x.clamp(0.0, 1.0));
    pixels.of(&noise.collect::<Vec<_>>())
}

/// What the pixels are to be, as far as options, the element type, the network's beginning and custom tell.
fn pixels(
    request: &Import,
    draft: &Draft,
    image: &Declared,
    axes: Axes,
    notes: &mut Notes,
) -> Result<Pixels, ImportError> {
    let three = |values: &Option<Vec<f32>>, option: &'static str| match values.as_deref() {
        None => Ok(None),
        Some(&[one]) => Ok(Some([one; 3])),
        Some(&[a, b, c]) if axes.channels == 3 => Ok(Some([a, b, c])),
        Some(values) => Err(ImportError::Option {
            model: draft.model.name.clone(),
            option,
            reason: format!("it has {} numbers, the images have {} channels", values.len(), axes.channels),
        }),
    };
    let (mean, std) = (three(&request.mean, "mean")?, three(&request.std, "std")?);
    if std.is_some_and(|std| !std.iter().all(|&x| x > 0.0)) {
        let reason = "images are divided by it, it must be above 0".to_owned();
        return Err(ImportError::Option { model: draft.model.name.clone(), option: "std", reason });
    }
    let (zero, one) = ([0.0; 3], [1.0; 3]);
    if let Some(range) = request.range {
        return Ok(Pixels { range, mean: mean.unwrap_or(zero), std: std.unwrap_or(one) });
    }
    if mean.is_some() || std.is_some() {
        let (mean, std) = (mean.unwrap_or(zero), std.unwrap_or(one));
        let high = if mean.iter().any(|x| x.abs() > 1.5) || std.iter().any(|&x| x > 1.5) { 255.0 } else { 1.0 };
        notes.push(Note::assumed(format!("mean and std are for pixel values 0..{high}"), "range"));
        return Ok(Pixels { range: [0.0, high], mean, std });
    }
    let numbers_of = |high: f32| Pixels { range: [0.0, high], mean: zero, std: one };
    if image.element != 0 && !element::is_float(image.element) {
        let [low, high] = if image.element == element::INT8 { [-128.0, 127.0] } else { [0.0, 255.0] };
        let text = format!("pixel values {low}..{high}, because the input takes {}", element::name(image.element));
        notes.push(Note::assumed(text, "range, --mean, --std"));
        return Ok(Pixels { range: [low, high], mean: zero, std: one });
    }
    if let Some(high) = own_normalisation(&draft.model.graph, &image.name) {
        let text = format!("pixel values 0..{high}, because the network begins with its own normalisation");
        notes.push(Note::assumed(text, "range, --mean, --std"));
        return Ok(numbers_of(high));
    }
    if axes.channels == 1 {
        let text = "pixel values 0..1 without normalisation: the file does not say".to_owned();
        notes.push(Note::assumed(text, "range, --mean, --std"));
        return Ok(numbers_of(1.0));
    }
    let text = format!(
        "pixel values 0..1 minus mean {IMAGENET_MEAN:?} divided by std {IMAGENET_STD:?} (ImageNet's): the file does not say"
    );
    notes.push(Note::assumed(text, "range, --mean, --std"));
    Ok(Pixels { range: [0.0, 1.0], mean: IMAGENET_MEAN, std: IMAGENET_STD })
}
