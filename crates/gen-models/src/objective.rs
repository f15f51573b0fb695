//! The objective of an evolution: what a mixture of units answers to the images of codes.

use std::sync::Arc;

use optim_core::{Objective, Population};

use crate::ModelError;
use crate::fused::FusedSession;
use crate::scorer::UnitReadout;
use crate::unit::UnitMixture;

/// Codes in, scores of a [`UnitMixture`] out. Cheap to make: the session is shared.
pub struct FusedObjective {
    session: Arc<FusedSession>,
    readout: UnitReadout,
    codes: Vec<f32>,
    seconds: f64,
}

impl FusedObjective {
    /// Scores by `mixture`, whose units must be among those that `session` computes.
    ///
    /// # Errors
    /// If a unit is not there.
    pub fn new(session: Arc<FusedSession>, mixture: &UnitMixture) -> Result<Self, ModelError> {
        let readout = UnitReadout::new(mixture, session.model().views())?;
        Ok(Self { session, readout, codes: Vec::new(), seconds: 0.0 })
    }

    /// Seconds that evaluations of this objective have spent inside ONNX Runtime; waiting for a shared
    /// session is not counted.
    #[must_use]
    pub fn session_seconds(&self) -> f64 {
        self.seconds
    }
}

impl Objective for FusedObjective {
    type Error = ModelError;

    fn dim(&self) -> usize {
        self.session.model().latent_dim()
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), ModelError> {
        self.evaluate_many(&[codes], std::slice::from_mut(scores))
    }

    /// All populations go through the session as one, so that small ones fill its batches.
    fn evaluate_many(&mut self, populations: &[&Population], scores: &mut [Vec<f64>]) -> Result<(), ModelError> {
        assert_eq!(populations.len(), scores.len(), "one vector of scores a population");
        let dim = self.dim();
        if let Some(other) = populations.iter().find(|codes| codes.dim() != dim) {
            return Err(ModelError::CodeLength { expected: dim, values: other.dim() });
        }
        self.codes.clear();
        populations.iter().for_each(|codes| codes.append_f32(&mut self.codes));
        let (readout, mut all) = (&self.readout, Vec::new());
        self.seconds += self.session.run(&self.codes, |tensors, n| readout.read(tensors, n, &mut all))?;
        let mut all = all.into_iter();
        for (codes, scores) in populations.iter().zip(scores) {
            scores.clear();
            scores.extend(all.by_ref().take(codes.len()));
        }
        Ok(())
    }
}
