//! Whether a network answers several inputs at once as it answers each alone, and making it do so.

use onnx_graph::Model;
use onnx_graph::constant::integers;
use onnx_graph::model::integer_tensor;
use onnx_graph::proto::NodeProto;

use super::declared::{Declared, element, listed};
use super::error::ImportError;
use super::probe::{Probe, Seen};
use super::{Note, Notes};
use crate::{ModelError, Runtime};

/// A network whose batch size is settled.
pub(super) struct Settled {
    pub(super) model: Model,
    /// The batch size that it must be run at, if it is not free.
    pub(super) fixed: Option<usize>,
    /// The tensors with an answer for each input; shapes without the batch, and the answers to the first input.
    pub(super) tensors: Vec<Seen>,
    /// Whether the graph had to be changed.
    pub(super) changed: bool,
}

/// What is to be run.
pub(super) struct Question<'a> {
    /// The tensors of interest.
    pub(super) watched: &'a [String],
    /// Those of them that must have an answer for each input, however many there are at once.
    pub(super) wanted: &'a [String],
    /// The element types of which a tensor of interest may be.
    pub(super) kinds: fn(i32) -> bool,
    /// Shape of one input.
    pub(super) row: &'a [usize],
    /// Inputs, three or more.
    pub(super) rows: &'a [Vec<f32>],
    /// The batch size that the file declares, if it does.
    pub(super) declared: Option<usize>,
}

impl Question<'_> {
    fn run(&self, probe: &mut Probe, rows: &[&[f32]]) -> Result<Vec<Seen>, ModelError> {
        let shape: Vec<usize> = std::iter::once(rows.len()).chain(self.row.iter().copied()).collect();
        probe.run(&shape, &rows.concat())
    }

    /// Runs input `i` alone: as often as the batch size wants it, keeping the first answer.
    fn alone(&self, probe: &mut Probe, i: usize) -> Result<Vec<Seen>, ModelError> {
        self.run(probe, &vec![self.rows[i].as_slice(); self.declared.unwrap_or(1)])
    }
}

/// Learns what one input gives, then tries several at once: with the graph as it is, with fixed batch sizes
/// inside it freed, and if neither gives the same answers settles for one at a time.
pub(super) fn settle(
    model: Model,
    question: &Question<'_>,
    runtime: &Runtime,
    notes: &mut Notes,
) -> Result<Settled, ImportError> {
    let batch = question.declared.unwrap_or(1);
    let mut first = Probe::new(runtime, &model, question.watched)?;
    let all = question.alone(&mut first, 0)?;
    drop(first);
    let own = |seen: &Seen| (question.kinds)(seen.element) && seen.shape.first() == Some(&batch);
    let kept: Vec<Seen> = all.into_iter().filter(own).map(|seen| Seen { data: vec![], ..seen }).collect();
    let Some(last) = kept.last() else {
        let outputs = listed(&Declared::outputs(&model.graph));
        return Err(ImportError::NotPerRow { model: model.name.clone(), outputs });
    };
    // Outputs may all be whole numbers, such as the class; then the last layer must do.
    let is_kept = |name: &&String| kept.iter().any(|tensor| tensor.name == **name);
    let mut wanted: Vec<&String> = question.wanted.iter().filter(is_kept).collect();
    if wanted.is_empty() {
        wanted.push(&last.name);
    }
    let mut reference = Probe::in_floats(runtime, &model, &kept)?;
    let alone = [question.alone(&mut reference, 0)?, question.alone(&mut reference, 1)?];
    let again = question.alone(&mut reference, 0)?;
    if !alone[0].iter().zip(&again).all(|(a, b)| close(a.row(0), b.row(0), 0.0)) {
        let random = |name: &&str| name.starts_with("Random") || ["Bernoulli", "Dropout", "Multinomial"].contains(name);
        let operator = model.graph.node.iter().map(NodeProto::op_type).find(random);
        return Err(ImportError::NotDeterministic { model: model.name.clone(), operator: operator.map(str::to_owned) });
    }
    drop(reference);
    let plain = |seen: &Seen| Seen { shape: seen.shape[1..].to_vec(), data: seen.row(0).to_vec(), ..seen.clone() };
    let with_element = |i: usize, seen: &Seen| Seen { element: kept[i].element, ..plain(seen) };
    let variants = [Some(model.clone()), lifted(&model, batch, -1), lifted(&model, batch, 0)];
    for (i, variant) in variants.into_iter().enumerate() {
        let Some(variant) = variant else { continue };
        let Ok(same) = same_together(&variant, &kept, &alone, question, runtime) else { continue };
        let tensors: Vec<Seen> = (0..kept.len()).filter(|&i| same[i]).map(|i| with_element(i, &alone[0][i])).collect();
        let lost = wanted.iter().any(|name| tensors.iter().all(|tensor| tensor.name != **name));
        if lost {
            continue;
        }
        if let Some(batch) = question.declared {
            notes.push(Note::plain(format!(
                "the batch size {batch} of the file is freed: several inputs at once were tried and give the same \
                 answers as each alone"
            )));
        }
        return Ok(Settled { model: variant, fixed: None, tensors, changed: i > 0 });
    }
    notes.push(Note::plain(if question.declared.is_some() {
        format!("the batch size {batch} is fixed inside the network: inputs go through it one by one, which is slow")
    } else {
        "several inputs at once do not give the answers that each gives alone: they go through the network one by \
         one, which is slow"
            .to_owned()
    }));
    let tensors = alone[0].iter().enumerate().map(|(i, seen)| with_element(i, seen)).collect();
    Ok(Settled { model, fixed: Some(batch), tensors, changed: false })
}

/// For every tensor whether two or three inputs at once give what each gives alone.
fn same_together(
    model: &Model,
    kept: &[Seen],
    alone: &[Vec<Seen>; 2],
    question: &Question<'_>,
    runtime: &Runtime,
) -> Result<Vec<bool>, ModelError> {
    let rows: Vec<&[f32]> =
        question.rows[..if question.declared == Some(2) { 3 } else { 2 }].iter().map(Vec::as_slice).collect();
    let mut probe = Probe::in_floats(runtime, model, kept)?;
    let together = question.run(&mut probe, &rows)?;
    let same = together.iter().enumerate().map(|(i, found)| {
        let tolerance = rounding(kept[i].element);
        found.shape.first() == Some(&rows.len())
            && found.shape[1..] == kept[i].shape[1..]
            && (0..2).all(|k| close(found.row(k), alone[k][i].row(0), tolerance))
    });
    Ok(same.collect())
}

/// How far the same sums in another order may be apart, in units of the largest of the numbers.
pub(super) fn rounding(kind: i32) -> f32 {
    if matches!(kind, element::FLOAT | element::DOUBLE) { 1e-3 } else { 2e-2 }
}

/// Whether two arrays differ by no more than `tolerance` of the largest finite value.
fn close(a: &[f32], b: &[f32], tolerance: f32) -> bool {
    let scale = b.iter().filter(|x| x.is_finite()).fold(0.0_f32, |m, x| m.max(x.abs()));
    let near = |(a, b): (&f32, &f32)| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * scale;
    a.len() == b.len() && a.iter().zip(b).all(near)
}

/// The model with every constant `Reshape` to `[batch, ...]` freed; `None` if there is none.
///
/// `free` is what replaces the batch size where the target holds no -1 already: -1 infers it, 0 copies it.
fn lifted(model: &Model, batch: usize, free: i64) -> Option<Model> {
    let batch = i64::try_from(batch).ok()?;
    let mut model = model.clone();
    let mut constants = Vec::new();
    for i in 0..model.graph.node.len() {
        let node = &model.graph.node[i];
        let Some(target) = node.input.get(1).filter(|_| node.op_type() == "Reshape") else { continue };
        let Some(mut sizes) = integers(&model.graph, target).filter(|sizes| sizes.first() == Some(&batch)) else {
            continue;
        };
        // The newer exporter of PyTorch has a 0 mean no element; here it copies the size.
        let reads_zero = node.attribute.iter().any(|attribute| attribute.name() == "allowzero" && attribute.i() != 0);
        if reads_zero && sizes.contains(&0) {
            continue;
        }
        sizes[0] = if sizes.contains(&-1) { 0 } else { free };
        let name = format!("{target}/freed{i}");
        constants.push(integer_tensor(&name, &sizes));
        model.graph.node[i].input[1] = name;
        model.graph.node[i].attribute.retain(|attribute| attribute.name() != "allowzero");
    }
    let found = !constants.is_empty();
    model.graph.initializer.extend(constants);
    found.then_some(model)
}
