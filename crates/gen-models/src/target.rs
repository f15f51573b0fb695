//! What a score is: the activation of weighted units, or a number that is read from a whole layer.

use std::ops::Range;
use std::sync::Arc;

use paradigm::LayerReadout;

use crate::scorer::UnitReadout;
use crate::unit::{LayerInfo, UnitError, WeightedUnits, unknown_layer};
use crate::view::View;

/// What of a CNN's activations a score is.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// The weighted sum of some units.
    Units(WeightedUnits),
    /// A number that is read from all of a layer.
    Layer {
        /// The layer.
        layer: LayerInfo,
        /// How it is read; made for the shape of the layer.
        readout: Arc<LayerReadout>,
    },
}

impl From<&WeightedUnits> for Target {
    fn from(units: &WeightedUnits) -> Self {
        Self::Units(units.clone())
    }
}

impl Target {
    /// Names of the layers that are read.
    pub(crate) fn layers(&self) -> Vec<&str> {
        match self {
            Self::Units(units) => units.layers(),
            Self::Layer { layer, .. } => vec![&layer.name],
        }
    }

    /// As much of a layer as is read.
    pub(crate) fn view(&self, layer: LayerInfo) -> View {
        match self {
            Self::Units(units) => View::of_units(layer, units),
            Self::Layer { .. } => View::whole(layer),
        }
    }
}

/// Where a target is in the outputs of a session.
#[derive(Clone, Debug)]
pub(crate) enum Readout {
    Units(UnitReadout),
    Layer { output: usize, len: usize, readout: Arc<LayerReadout> },
}

impl Readout {
    /// Finds the target among the `views` that a session computes.
    pub(crate) fn new(target: &Target, views: &[View]) -> Result<Self, UnitError> {
        match target {
            Target::Units(units) => Ok(Self::Units(UnitReadout::new(units, views)?)),
            Target::Layer { layer, readout } => {
                let whole = |view: &View| view.layer().name == layer.name && view.window().is_none();
                let output = views.iter().position(whole);
                let known = || views.iter().map(|view| view.layer().name.as_str());
                let output = output.ok_or_else(|| unknown_layer(&layer.name, known()))?;
                Ok(Self::Layer { output, len: layer.shape.iter().product(), readout: Arc::clone(readout) })
            }
        }
    }

    /// Appends one score an image of a batch.
    pub(crate) fn read(&self, tensors: &[&[f32]], images: Range<usize>, scores: &mut Vec<f64>) {
        match self {
            Self::Units(units) => units.read(tensors, images, scores),
            Self::Layer { output, len, readout } => {
                scores.extend(images.map(|i| readout.score(&tensors[*output][i * len..(i + 1) * len])));
            }
        }
    }

    /// Appends what every unit answers to every image of a batch, C-order `[images, units]`, without the weights; of a
    /// layer its score.
    pub(crate) fn read_each(&self, tensors: &[&[f32]], n: usize, activations: &mut Vec<f64>) {
        match self {
            Self::Units(units) => units.read_each(tensors, n, activations),
            Self::Layer { .. } => self.read(tensors, 0..n, activations),
        }
    }
}
