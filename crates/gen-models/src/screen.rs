//! The objective of an evolution whose images go through a screen.

use optim_core::{Generator, Objective, Population, Scorer};
use paradigm::Geometry;

use crate::cnn::CnnModel;
use crate::generator::{GeneratorModel, GeneratorSession};
use crate::scorer::UnitScorer;
use crate::session::SessionOptions;
use crate::target::Target;
use crate::{Images, ModelError, Runtime};

/// Codes in, scores out, as of [`FusedObjective`](crate::FusedObjective); but the units see images of 8 bits, as a screen
/// shows them or an image file holds them.
///
/// Images are scored one by one, as a rig shows them. So a score does not depend on the other codes of the generation, and
/// an image that is read back from a file has the same score to the last bit.
pub struct ScreenObjective {
    generator: GeneratorSession,
    scorer: UnitScorer,
    /// Where the images lie on a canvas; none: they are all that the units see.
    geometry: Option<Geometry>,
    /// Room for the codes of an evaluation.
    codes: Vec<f32>,
}

impl ScreenObjective {
    /// Loads generator and CNN. With `geometry` the units see the image on its canvas.
    ///
    /// # Errors
    /// If a unit or layer does not exist, the geometry shows nothing, or ONNX Runtime refuses a model.
    pub fn new(
        generator: &GeneratorModel,
        cnn: &CnnModel,
        target: &Target,
        geometry: Option<Geometry>,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Self, ModelError> {
        geometry.map_or(Ok(()), |geometry| geometry.check())?;
        let scorer = UnitScorer::for_target(cnn, target, runtime, options)?;
        Ok(Self { generator: generator.session(runtime, options)?, scorer, geometry, codes: Vec::new() })
    }

    /// Seconds spent inside ONNX Runtime so far.
    #[must_use]
    pub fn session_seconds(&self) -> f64 {
        self.generator.session_seconds() + self.scorer.session_seconds()
    }
}

impl Objective for ScreenObjective {
    type Error = ModelError;

    fn dim(&self) -> usize {
        self.generator.latent_dim()
    }

    fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), ModelError> {
        codes.write_f32(&mut self.codes);
        let images = self.generator.generate(&self.codes)?;
        scores.clear();
        let mut score = Vec::new();
        for i in 0..images.len() {
            let image = images.to_rgb8(i);
            let shown = match &self.geometry {
                Some(geometry) => geometry.place(image),
                None => image,
            };
            self.scorer.score(&Images::from_rgb8(&shown), &mut score)?;
            scores.extend_from_slice(&score);
        }
        Ok(())
    }
}
