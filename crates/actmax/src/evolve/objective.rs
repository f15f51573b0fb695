//! What scores the codes of `actmax evolve`.

use std::sync::Arc;

use gen_models::{FusedModel, FusedObjective, ModelError, Runtime, ScreenObjective, SessionOptions};
use optim_core::{Objective, Population};

use super::Setup;
use crate::CommandError;
use crate::geometry_args::shown;

/// Generator and CNN as one network, or with images of 8 bits between them.
pub(crate) enum UnitObjective {
    /// Pixels as the generator computes them.
    Fused(Box<FusedObjective>),
    /// Pixels as a screen shows them.
    Screen(Box<ScreenObjective>),
}

impl UnitObjective {
    /// Loads the networks of a run.
    pub(crate) fn load(setup: &Setup, runtime: &Runtime, options: SessionOptions) -> Result<Self, CommandError> {
        let Setup { generator, cnn, target, .. } = setup;
        if setup.quantise() {
            let objective = ScreenObjective::new(generator, cnn, target, setup.geometry(), runtime, options)?;
            return Ok(Self::Screen(Box::new(objective)));
        }
        let shown = shown(generator, setup.geometry())?;
        let session = FusedModel::for_target(&shown, cnn, target, runtime)?.session(runtime, options)?;
        Ok(Self::Fused(Box::new(FusedObjective::for_target(Arc::new(session), target)?)))
    }

    /// Seconds that evaluations have spent inside ONNX Runtime.
    pub(crate) fn session_seconds(&self) -> f64 {
        match self {
            Self::Fused(objective) => objective.session_seconds(),
            Self::Screen(objective) => objective.session_seconds(),
        }
    }
}

impl Objective for UnitObjective {
    type Error = ModelError;

    fn dim(&self) -> usize {
        match self {
            Self::Fused(objective) => objective.dim(),
            Self::Screen(objective) => objective.dim(),
        }
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), ModelError> {
        match self {
            Self::Fused(objective) => objective.evaluate(codes, scores),
            Self::Screen(objective) => objective.evaluate(codes, scores),
        }
    }
}
