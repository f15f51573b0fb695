//! The objective of an evolution: what weighted units answer to the images of codes.

use std::sync::Arc;

use optim_core::{Evaluation, Objective, Population};

use crate::ModelError;
use crate::fused::FusedSession;
use crate::target::{Readout, Target};
use crate::unit::WeightedUnits;

/// Codes in, scores of a [`WeightedUnits`] out. Cheap to make: the session is shared.
pub struct FusedObjective {
    session: Arc<FusedSession>,
    readout: Readout,
    /// Room for the codes of an evaluation.
    codes: Vec<f32>,
    seconds: f64,
}

impl FusedObjective {
    /// Scores by `weighted` units, which must be among those that `session` computes.
    ///
    /// # Errors
    /// If a unit is not there.
    pub fn new(session: Arc<FusedSession>, weighted: &WeightedUnits) -> Result<Self, ModelError> {
        Self::for_target(session, &weighted.into())
    }

    /// Scores by a target, which must be among what `session` computes.
    ///
    /// # Errors
    /// If a unit or layer is not there.
    pub fn for_target(session: Arc<FusedSession>, target: &Target) -> Result<Self, ModelError> {
        let readout = Readout::new(target, session.model().views())?;
        Ok(Self { session, readout, codes: Vec::new(), seconds: 0.0 })
    }

    /// Seconds that evaluations of this objective have spent inside ONNX Runtime, where it was evaluated together
    /// with others in proportion to the codes; waiting for a shared session is not counted.
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
        Self::evaluate_together(&mut [Evaluation { objective: self, codes, scores }])
    }

    /// The codes of neighbours that share a session go through it as one, so that small populations fill its batches.
    fn evaluate_together(evaluations: &mut [Evaluation<'_, Self>]) -> Result<(), ModelError> {
        let share = |a: &Evaluation<'_, Self>, b: &Evaluation<'_, Self>| {
            Arc::ptr_eq(&a.objective.session, &b.objective.session)
        };
        evaluations.chunk_by_mut(share).try_for_each(evaluate_as_one)
    }
}

/// Runs populations of objectives with one session through it as one; each is read by its own units.
fn evaluate_as_one(evaluations: &mut [Evaluation<'_, FusedObjective>]) -> Result<(), ModelError> {
    let Some(Evaluation { objective: first, .. }) = evaluations.first_mut() else { return Ok(()) };
    let (session, dim) = (Arc::clone(&first.session), first.dim());
    let mut joined = std::mem::take(&mut first.codes);
    joined.clear();
    for Evaluation { codes, scores, .. } in evaluations.iter_mut() {
        if codes.dim() != dim {
            return Err(ModelError::CodeLength { expected: dim, values: codes.dim() });
        }
        codes.append_f32(&mut joined);
        scores.clear();
    }
    let seconds = session.run(&joined, |tensors, n| {
        let mut begin = 0;
        for Evaluation { objective, codes, scores } in evaluations.iter_mut() {
            let end = n.min(begin + codes.len() - scores.len());
            objective.readout.read(tensors, begin..end, scores);
            begin = end;
        }
    })?;
    let a_code = seconds / (joined.len() / dim).max(1) as f64;
    evaluations
        .iter_mut()
        .for_each(|Evaluation { objective, codes, .. }| objective.seconds += a_code * codes.len() as f64);
    if let Some(Evaluation { objective: first, .. }) = evaluations.first_mut() {
        first.codes = joined;
    }
    Ok(())
}
