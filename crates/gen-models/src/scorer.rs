//! Reading weighted units from activations, and scoring images by it.

use std::ops::Range;

use optim_core::Scorer;

use crate::cnn::{CnnModel, CnnSession};
use crate::session::SessionOptions;
use crate::target::{Readout, Target};
use crate::unit::{UnitError, WeightedUnits, unknown_layer};
use crate::view::View;
use crate::{Images, ModelError, Runtime};

/// Where the weighted units are in the outputs of a session.
#[derive(Clone, Debug)]
pub(crate) struct UnitReadout {
    units: Vec<UnitSlot>,
}

/// One unit: output, length of one image's activation there, index in it, weight.
#[derive(Clone, Debug)]
struct UnitSlot {
    output: usize,
    len: usize,
    offset: usize,
    weight: f64,
}

impl UnitReadout {
    /// Finds the units among the `views` that a session computes.
    pub(crate) fn new(weighted: &WeightedUnits, views: &[View]) -> Result<Self, UnitError> {
        let slot = |(unit, weight): &(crate::UnitAddress, f64)| {
            let found = views.iter().enumerate().find(|(_, view)| view.layer().name == unit.layer);
            let (output, view) =
                found.ok_or_else(|| unknown_layer(&unit.layer, views.iter().map(|view| view.layer().name.as_str())))?;
            Ok(UnitSlot { output, len: view.shape().iter().product(), offset: view.offset(unit)?, weight: *weight })
        };
        Ok(Self { units: weighted.units().iter().map(slot).collect::<Result<_, _>>()? })
    }

    /// Appends what every unit answers to every image of a batch, C-order `[images, units]`, without the weights.
    pub(crate) fn read_each(&self, tensors: &[&[f32]], n: usize, activations: &mut Vec<f64>) {
        for i in 0..n {
            activations.extend(self.units.iter().map(|unit| unit.value(tensors, i)));
        }
    }

    /// Appends one score an image of a batch: the sum of weight times activation, in f64.
    pub(crate) fn read(&self, tensors: &[&[f32]], images: Range<usize>, scores: &mut Vec<f64>) {
        scores.extend(images.map(|i| self.units.iter().map(|unit| unit.weight * unit.value(tensors, i)).sum::<f64>()));
    }
}

impl UnitSlot {
    /// What it answers to image `i` of a batch.
    fn value(&self, tensors: &[&[f32]], i: usize) -> f64 {
        f64::from(tensors[self.output][i * self.len + self.offset])
    }
}

/// Scores images by weighted units.
pub struct UnitScorer {
    session: CnnSession,
    readout: Readout,
}

impl UnitScorer {
    /// Loads the CNN, cut at the layers of the units and cropped to what its units see.
    ///
    /// # Errors
    /// If a unit does not exist, or ONNX Runtime refuses the model.
    pub fn new(
        cnn: &CnnModel,
        weighted: &WeightedUnits,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Self, ModelError> {
        Self::for_target(cnn, &weighted.into(), runtime, options)
    }

    /// Loads the CNN, cut at the layers of a target and cropped to what it sees.
    ///
    /// # Errors
    /// If a unit or layer does not exist, or ONNX Runtime refuses the model.
    pub fn for_target(
        cnn: &CnnModel,
        target: &Target,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Self, ModelError> {
        let session = cnn.session_for(runtime, target, options)?;
        let readout = Readout::new(target, session.views())?;
        Ok(Self { session, readout })
    }

    /// Appends what every unit answers to every image, C-order `[images, units]`, whatever the weights.
    ///
    /// # Errors
    /// If ONNX Runtime fails.
    pub fn activations(&mut self, images: &Images, activations: &mut Vec<f64>) -> Result<(), ModelError> {
        let readout = &self.readout;
        self.session.for_each_batch(images, |tensors, n| readout.read_each(tensors, n, activations))
    }

    /// Seconds spent inside ONNX Runtime so far.
    #[must_use]
    pub fn session_seconds(&self) -> f64 {
        self.session.session_seconds()
    }
}

impl Scorer<Images> for UnitScorer {
    type Error = ModelError;

    fn score(&mut self, images: &Images, scores: &mut Vec<f64>) -> Result<(), ModelError> {
        scores.clear();
        let readout = &self.readout;
        self.session.for_each_batch(images, |tensors, n| readout.read(tensors, 0..n, scores))
    }
}
