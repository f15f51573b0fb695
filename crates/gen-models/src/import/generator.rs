//! A generator: what its code is made of, which output is the image, and its range.

use onnx_graph::chain::Chain;
use onnx_graph::constant::producer;
use onnx_graph::model::float_value;

use super::batch::{Question, settle};
use super::declared::{Declared, element, listed};
use super::draft::Draft;
use super::error::ImportError;
use super::image::{add_exit, as_shown, output_axes};
use super::inputs::{Assignment, Given, ReadValues, assign};
use super::probe::{Probe, Seen, numbers};
use super::range::{bounds, guessed};
use super::trial::Beside;
use super::{Import, Note, Notes};
use crate::{GeneratorSpec, Runtime};

/// Prepares a generator; the entry lacks what only the file tells.
pub(super) fn import(
    request: &Import,
    draft: &mut Draft,
    runtime: &Runtime,
    read: ReadValues<'_>,
    notes: &mut Notes,
) -> Result<(GeneratorSpec, Beside), ImportError> {
    let inputs = Declared::inputs(&draft.model.graph);
    let given = Given {
        model: &draft.model.name,
        rules: &request.inputs,
        code_size: &request.code_size,
        may_evolve: true,
        read,
    };
    let assigned = assign(&inputs, &given, notes)?;
    let (source, row) = enter(draft, &assigned);
    if inputs.len() > 1 || assigned.direct().is_none() {
        notes.push(Note::plain(format!(
            "the code of {} numbers is made of: {}",
            assigned.code,
            assigned.evolved().join(", ")
        )));
    }
    let natural_norm = request.natural_norm.unwrap_or_else(|| (assigned.code as f64).sqrt());
    if request.natural_norm.is_none() {
        let text = format!("codes of natural images have norm {natural_norm:.1}, as standard normal numbers have");
        notes.push(Note::assumed(text, "natural-norm"));
    }
    let declared =
        inputs.iter().find(|input| assigned.evolved().contains(&input.name.as_str())).and_then(Declared::batch);
    let rows = [0, 1, 2].map(|i| numbers(assigned.code, i, 0.0, 1.0));
    let (output, exit) = image_output(request, draft, (&rows[0], &row, declared.unwrap_or(1)), runtime, notes)?;

    let wanted = std::slice::from_ref(&output);
    let question = Question { watched: wanted, wanted, kinds: element::is_number, row: &row, rows: &rows, declared };
    let settled = settle(draft.model.clone(), &question, runtime, notes)?;
    draft.model = settled.model;
    draft.changed |= settled.changed;
    let seen = settled.tensors.iter().find(|seen| seen.name == output);
    let value_range = value_range(request, draft, &output, seen, notes)?;

    let kind = seen.map_or(element::FLOAT, |seen| seen.element);
    let shape = seen.map_or_else(Vec::new, |seen| seen.shape.clone());
    let mut chain = Chain::new(&format!("{}exit/", draft.prefix), &output);
    add_exit(&mut chain, &shape, kind, request.layout, exit, request.bgr);
    draft.changed |= !chain.nodes.is_empty();
    if !chain.nodes.is_empty() {
        chain.end_in(&format!("{}image", draft.prefix));
    }
    let [channels, height, width] = exit;
    if channels == 1 {
        notes.push(Note::plain("its images are gray: red, green and blue get the same values".to_owned()));
    }
    draft.model.graph.output = vec![float_value(&chain.last, &[None, Some(3), Some(height), Some(width)])];
    draft.model.graph.node.extend(chain.nodes);
    draft.model.graph.initializer.extend(chain.constants);
    let (layout, bgr) = (request.layout, request.bgr);
    let [low, high] = value_range;
    let normal = move |_: usize, values: &[f32]| {
        let shown = as_shown(values, &shape, layout, channels, bgr);
        shown.into_iter().map(|x| ((x - low) / (high - low)).clamp(0.0, 1.0)).collect()
    };
    let spec = GeneratorSpec {
        name: String::new(),
        file: String::new(),
        sha256: None,
        bytes: None,
        input: source,
        output: chain.last,
        latent_dim: assigned.code,
        image_size: [height, width],
        value_range,
        fixed_batch: settled.fixed,
        encoder: None,
        natural_norm: Some(natural_norm),
        origin: String::new(),
        licence: request.licence.clone(),
    };
    let beside = Beside {
        feeds: Box::new(move |code| assigned.filled(code, declared.unwrap_or(1))),
        tensors: seen.cloned().into_iter().collect(),
        normal: Box::new(normal),
    };
    Ok((spec, beside))
}

/// Makes all inputs of one code; returns the name of its tensor and the shape of a row.
fn enter(draft: &mut Draft, assigned: &Assignment) -> (String, Vec<usize>) {
    let (source, row) = match assigned.direct() {
        Some((name, row)) if row.iter().skip(1).all(|&size| size == 1) => (name.to_owned(), row),
        _ => {
            let source = format!("{}code", draft.prefix);
            assigned.feed(&mut draft.model, &draft.prefix, &source);
            draft.changed = true;
            (source, vec![assigned.code])
        }
    };
    let sizes: Vec<Option<usize>> = std::iter::once(None).chain(row.iter().copied().map(Some)).collect();
    draft.model.graph.input = vec![float_value(&source, &sizes)];
    (source, row)
}

/// The tensor that is the image, and its channels, height and width.
fn image_output(
    request: &Import,
    draft: &mut Draft,
    (code, row, batch): (&[f32], &[usize], usize),
    runtime: &Runtime,
    notes: &mut Notes,
) -> Result<(String, [usize; 3]), ImportError> {
    let outputs: Vec<String> = match &request.output {
        Some(name) if producer(&draft.model.graph, name).is_none() => {
            let known = draft.model.graph.output.iter().map(|value| value.name().to_owned()).collect();
            let (model, name) = (draft.model.name.clone(), name.clone());
            return Err(ImportError::Unknown { model, role: "tensor", name, known });
        }
        Some(name) => {
            draft.changed |= draft.model.graph.output.iter().all(|value| value.name() != name);
            vec![name.clone()]
        }
        None => draft.model.graph.output.iter().map(|value| value.name().to_owned()).collect(),
    };
    let shape: Vec<usize> = std::iter::once(batch).chain(row.iter().copied()).collect();
    let seen = Probe::new(runtime, &draft.model, &outputs)?.run(&shape, &code.repeat(batch))?;
    let axes = |seen: &Seen| {
        let numbers = element::is_number(seen.element) && seen.shape.first() == Some(&batch);
        output_axes(seen.shape.get(1..).filter(|_| numbers)?, request.layout, request.size)
    };
    let mut images: Vec<(&Seen, [usize; 3])> = seen.iter().filter_map(|seen| Some((seen, axes(seen)?))).collect();
    // The largest; of equal ones the first.
    images.sort_by_key(|(_, [_, height, width])| std::cmp::Reverse(height * width));
    let Some(&(image, exit)) = images.first() else {
        let found = |seen: &Seen| Declared {
            name: seen.name.clone(),
            element: seen.element,
            shape: Some(seen.shape.iter().copied().map(Some).collect()),
        };
        let outputs = listed(&seen.iter().map(found).collect::<Vec<_>>());
        return Err(ImportError::NotAnImageOutput { model: draft.model.name.clone(), outputs });
    };
    let misfit = |option, reason| Err(ImportError::Option { model: draft.model.name.clone(), option, reason });
    let [channels, height, width] = exit;
    if request.size.is_some_and(|size| size != [height, width]) {
        return misfit("size", format!("its images are {height}x{width} (height x width), fixed in the file"));
    }
    if request.bgr && channels == 1 {
        return misfit("bgr", "its images are gray".to_owned());
    }
    if seen.len() > 1 {
        let equal: Vec<&str> =
            images.iter().filter(|(_, axes)| *axes == exit).map(|(seen, _)| seen.name.as_str()).collect();
        let sum = if equal.len() > 1 { format!("; --output {} is their sum", equal.join("+")) } else { String::new() };
        notes.push(Note::assumed(format!("the image is output '{}' of {}{sum}", image.name, seen.len()), "output"));
    }
    Ok((image.name.clone(), exit))
}

/// What is black and full brightness: as asked for, as the last operators bound it, or as some images have it.
fn value_range(
    request: &Import,
    draft: &Draft,
    output: &str,
    seen: Option<&Seen>,
    notes: &mut Notes,
) -> Result<[f32; 2], ImportError> {
    let values = seen.map_or(&[][..], |seen| &seen.data);
    if values.iter().any(|x| !x.is_finite()) {
        return Err(ImportError::NotFinite { model: draft.model.name.clone() });
    }
    if let Some(range) = request.range {
        return Ok(range);
    }
    let ([low, high], why) = match bounds(&draft.model.graph, output) {
        _ if seen.is_some_and(|seen| !element::is_float(seen.element)) => {
            ([0.0, 255.0], "it gives whole numbers".to_owned())
        }
        Some((range, operator)) => (range, format!("its last operators are {operator} and what scales it")),
        None => (guessed(values), "the image of a random code has such values".to_owned()),
    };
    notes.push(Note::assumed(format!("pixel values {low}..{high} are black to full brightness: {why}"), "range"));
    Ok([low, high])
}
