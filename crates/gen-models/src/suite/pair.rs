//! A generator and a CNN: one graph against two sessions, cutting, batches, layers.

use std::sync::Arc;

use optim_core::{Evaluation, Generator, Objective, Population, Scorer, to_f32};

use super::{Backend, Failure, Outcome, Tolerance, all_close, as_f64, broken};
use crate::device::ExecutionDevice;
use crate::session::SessionOptions;
use crate::unit::LayerInfo;
use crate::{FusedModel, FusedObjective, Images, UnitScorer, WeightedUnits};

impl Backend<'_> {
    fn layers(&self) -> Result<Vec<LayerInfo>, Failure> {
        Ok(self.cnn.layers(self.runtime)?.iter().filter(|layer| layer.targetable).cloned().collect())
    }

    /// First, middle and last layer.
    fn some_layers(&self) -> Result<Vec<String>, Failure> {
        let layers = self.layers()?;
        let (Some(first), Some(last)) = (layers.first(), layers.last()) else {
            return Err(broken("the CNN has no layer that can be targeted"));
        };
        let mut names = vec![first.name.clone(), layers[layers.len() / 2].name.clone(), last.name.clone()];
        names.dedup();
        Ok(names)
    }

    pub(super) fn images(&self, n: usize) -> Result<Images, Failure> {
        let mut session = self.generator.session(self.runtime, self.options)?;
        Ok(session.generate(&to_f32(&self.codes(n)))?)
    }

    /// The unit of a layer whose activation differs most between the first two images: rectified layers have units
    /// that never answer.
    fn responsive(&self, images: &Images, layer: &str) -> Result<String, Failure> {
        let mut session = self.cnn.session(self.runtime, &[layer], self.options)?;
        let activation = &session.activations(images)?[0];
        let difference = |i: &usize| (activation.image(0)[*i] - activation.image(1)[*i]).abs();
        let units = 0..activation.image(0).len();
        let best = units.max_by(|a, b| difference(a).total_cmp(&difference(b))).unwrap_or_default();
        Ok(match activation.layer.shape[..] {
            [_, h, w] => format!("{layer}:{}:{}:{}", best / (h * w), best / w % h, best % w),
            _ => format!("{layer}:{best}"),
        })
    }

    fn weighted(&self, units: &[&str]) -> Result<WeightedUnits, Failure> {
        Ok(WeightedUnits::parse(units, self.cnn.layers(self.runtime)?)?)
    }

    fn objective(&self, units: &[&str], options: SessionOptions) -> Result<FusedObjective, Failure> {
        let weighted = self.weighted(units)?;
        let model = FusedModel::new(&self.generator, &self.cnn, &weighted.layers(), self.runtime)?;
        Ok(FusedObjective::new(Arc::new(model.session(self.runtime, options)?), &weighted)?)
    }

    fn population(&self, codes: &[f64]) -> Population {
        Population::from_rows(self.generator.spec().latent_dim, codes)
    }

    /// Scores of codes, C-order, by one unit, in this many at once.
    fn scores(&self, unit: &str, codes: &[f64], options: SessionOptions) -> Result<Vec<f64>, Failure> {
        let mut scores = vec![7.0];
        self.objective(&[unit], options)?.evaluate(&self.population(codes), &mut scores)?;
        Ok(scores)
    }
}

/// Fails where all scores are one.
fn varied(what: &str, scores: &[f64]) -> Result<(), Failure> {
    let differs = scores.iter().any(|&score| score != scores[0]);
    if differs { Ok(()) } else { Err(broken(format!("{what} does not depend on the code"))) }
}

/// Scores of the joined graph are those of the generator's images.
pub(super) fn fused_equals_separate(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    let n = backend.options.batch_size + 3;
    let images = backend.images(n)?;
    let units =
        backend.some_layers()?.iter().map(|layer| backend.responsive(&images, layer)).collect::<Result<Vec<_>, _>>()?;
    let mixed: Vec<String> = units.iter().zip(["0.7", "-0.3", "1"]).map(|(unit, w)| format!("{unit}={w}")).collect();
    let alone = units.iter().map(|unit| vec![unit.as_str()]);
    for units in alone.chain([mixed.iter().map(String::as_str).collect()]) {
        unit_equals_separate(backend, &units, &images)?;
    }
    Ok(Outcome::Passed)
}

/// The scores of `images`, those of the backend's first codes, are those of the codes themselves.
pub(super) fn unit_equals_separate(backend: &Backend<'_>, units: &[&str], images: &Images) -> Result<(), Failure> {
    let what = units.join(" + ");
    let mut fused = Vec::new();
    let mut objective = backend.objective(units, backend.options)?;
    objective.evaluate(&backend.population(&backend.codes(images.len())), &mut fused)?;
    let (mut apart, weighted) = (vec![7.0], backend.weighted(units)?);
    UnitScorer::new(&backend.cnn, &weighted, backend.runtime, backend.options)?.score(images, &mut apart)?;
    varied(&what, &fused)?;
    all_close(&what, &fused, &apart, backend.tolerance().same)
}

/// A layer is the same whether the network ends there or at its last one.
///
/// One at a time: a layer that is asked for is not merged into the next one, which moves that one's rounding.
pub(super) fn cut_equals_uncut(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    /// Layers that are looked at, evenly spread.
    const LOOKED_AT: usize = 8;
    let images = backend.images(2)?;
    let layers = backend.layers()?;
    let Some((last, inner)) = layers.split_last() else {
        return Err(broken("the CNN has no layer that can be targeted"));
    };
    let activations = |names: &[&str]| -> Result<Vec<f64>, Failure> {
        let mut session = backend.cnn.session(backend.runtime, names, backend.options)?;
        Ok(as_f64(&session.activations(&images)?[0].data))
    };
    for layer in inner.iter().step_by(layers.len().div_ceil(LOOKED_AT)) {
        let (cut, whole) = (activations(&[&layer.name])?, activations(&[&layer.name, &last.name])?);
        all_close(&layer.name, &cut, &whole, backend.tolerance().same)?;
    }
    Ok(Outcome::Passed)
}

/// A score does not depend on what it is computed together with.
pub(super) fn batches_equal_singles(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    let codes = backend.codes(9);
    let unit = backend.responsive(&backend.images(2)?, backend.some_layers()?.last().map_or("", String::as_str))?;
    let with = |batch_size| SessionOptions { batch_size, ..backend.options };
    let expected = backend.scores(&unit, &codes, with(1))?;
    varied(&unit, &expected)?;
    for batch_size in [2, 4, 9, 64] {
        let scores = backend.scores(&unit, &codes, with(batch_size))?;
        all_close(&format!("batches of {batch_size}"), &scores, &expected, backend.tolerance().same)?;
    }
    Ok(Outcome::Passed)
}

/// Populations of several units evaluated together get the scores of each alone.
pub(super) fn populations_together_equal_each_alone(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    let sizes = [5, 1, 0, 7];
    let (dim, codes) = (backend.generator.spec().latent_dim, backend.codes(13));
    let (layers, images) = (backend.some_layers()?, backend.images(2)?);
    let names: Vec<&str> = layers.iter().map(String::as_str).collect();
    let model = FusedModel::new(&backend.generator, &backend.cnn, &names, backend.runtime)?;
    let options = SessionOptions { batch_size: 4, ..backend.options };
    let session = Arc::new(model.session(backend.runtime, options)?);
    let mut rest = &codes[..];
    let mut members = Vec::new();
    for (size, layer) in sizes.into_iter().zip(layers.iter().cycle()) {
        let (codes, after) = rest.split_at(size * dim);
        let weighted = backend.weighted(&[&backend.responsive(&images, layer)?])?;
        members.push((FusedObjective::new(Arc::clone(&session), &weighted)?, backend.population(codes), vec![7.0]));
        rest = after;
    }
    let evaluations = members.iter_mut().map(|(objective, codes, scores)| Evaluation { objective, codes, scores });
    FusedObjective::evaluate_together(&mut evaluations.collect::<Vec<_>>())?;
    varied(&layers[0], &members[0].2)?;
    for (objective, codes, scores) in &mut members {
        let mut alone = Vec::new();
        objective.evaluate(codes, &mut alone)?;
        all_close(&format!("{} codes", codes.len()), scores, &alone, backend.tolerance().same)?;
    }
    Ok(Outcome::Passed)
}

/// Every layer that can be targeted has finite activations, which the image changes.
pub(super) fn every_layer_answers(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    let images = backend.images(2)?;
    let layers = backend.layers()?;
    let names: Vec<&str> = layers.iter().map(|layer| layer.name.as_str()).collect();
    for activation in backend.cnn.session(backend.runtime, &names, backend.options)?.activations(&images)? {
        let name = &activation.layer.name;
        if activation.data.iter().any(|x| !x.is_finite()) {
            return Err(broken(format!("{name} has activations that are no finite numbers")));
        }
        if activation.image(0) == activation.image(1) {
            return Err(broken(format!("{name} does not depend on the image")));
        }
        let units = activation.image(0);
        if units.len() > 1 && units.iter().all(|x| *x == units[0]) {
            return Err(broken(format!("all units of {name} answer the same")));
        }
    }
    Ok(Outcome::Passed)
}

/// Images have values in [0, 1], are not plain, and depend on the code.
pub(super) fn images_are_in_range_and_differ(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    let images = backend.images(3)?;
    let [height, width] = backend.generator.spec().image_size;
    if images.shape() != [3, 3, height, width] {
        return Err(broken(format!("images of shape {:?}", images.shape())));
    }
    if !images.as_slice().iter().all(|x| (0.0..=1.0).contains(x)) {
        return Err(broken("pixels outside [0, 1]"));
    }
    if images.image(0) == images.image(1) || images.image(1) == images.image(2) {
        return Err(broken("images do not depend on the code"));
    }
    let plain = |i: usize| images.image(i).iter().all(|x| *x == images.image(i)[0]);
    if (0..3).any(plain) { Err(broken("a plain image")) } else { Ok(Outcome::Passed) }
}

/// Scores are those of the processor, on one thread.
pub(super) fn device_equals_processor(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    let codes = backend.codes(4);
    let processor = SessionOptions { device: ExecutionDevice::Cpu, threads: 1, ..backend.options };
    let here = backend.options.device == ExecutionDevice::Cpu;
    let Tolerance { same, other, .. } = backend.tolerance();
    for layer in backend.some_layers()? {
        let unit = backend.responsive(&backend.images(2)?, &layer)?;
        let expected = backend.scores(&unit, &codes, processor)?;
        let found = backend.scores(&unit, &codes, backend.options)?;
        all_close(&unit, &found, &expected, if here { same } else { other })?;
    }
    Ok(Outcome::Passed)
}
