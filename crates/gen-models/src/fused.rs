//! Generator and CNN as one: codes in, activations out.

use std::sync::{Arc, Mutex, PoisonError};

use crate::cnn::{CnnModel, tensors, windows};
use crate::generator::GeneratorModel;
use crate::session::{Output, SessionOptions, TensorSession};
use crate::unit::WeightedUnits;
use crate::view::View;
use crate::{ModelError, Runtime, Target};

/// A generator and a CNN cut at some layers, prepared for loading. Cheap to clone.
///
/// The two are joined into one graph where their opsets allow it; otherwise images go from one session
/// to the other, with the same results. If it is known which units will be read, only what they see is computed,
/// of the image too.
#[derive(Clone)]
pub struct FusedModel {
    inner: Arc<Inner>,
}

struct Inner {
    generator: GeneratorModel,
    views: Vec<View>,
    graphs: Graphs,
    name: String,
}

/// Encoded graphs, without the weights that they refer to in files.
enum Graphs {
    /// Codes in, activations out.
    Joined(Vec<u8>),
    /// The generator, and the CNN for images of its size.
    Apart { generator: Vec<u8>, cnn: Vec<u8> },
}

impl FusedModel {
    /// Prepares `generator` and `cnn` cut at `layers`, for reading any unit of these.
    ///
    /// # Errors
    /// If a layer is unknown.
    pub fn new(
        generator: &GeneratorModel,
        cnn: &CnnModel,
        layers: &[&str],
        runtime: &Runtime,
    ) -> Result<Self, ModelError> {
        Self::of_views(generator, cnn, cnn.select(runtime, layers)?.into_iter().map(View::whole).collect())
    }

    /// Prepares `generator` and `cnn` for reading all channels at the positions of the weighted units.
    ///
    /// Scores are those of [`new`](Self::new), but for the last digits where a map shrinks to a few pixels.
    ///
    /// # Errors
    /// If a layer is unknown.
    pub fn for_units(
        generator: &GeneratorModel,
        cnn: &CnnModel,
        weighted: &WeightedUnits,
        runtime: &Runtime,
    ) -> Result<Self, ModelError> {
        Self::for_target(generator, cnn, &weighted.into(), runtime)
    }

    /// Prepares `generator` and `cnn` for reading a target: as for its units, or all of its layer.
    ///
    /// # Errors
    /// If a layer is unknown.
    pub fn for_target(
        generator: &GeneratorModel,
        cnn: &CnnModel,
        target: &Target,
        runtime: &Runtime,
    ) -> Result<Self, ModelError> {
        Self::of_views(generator, cnn, cnn.views(runtime, target)?)
    }

    fn of_views(generator: &GeneratorModel, cnn: &CnnModel, views: Vec<View>) -> Result<Self, ModelError> {
        let mut scoring = cnn.scoring_graph(&views, Some(generator.spec().image_size))?;
        let name = format!("{} + {}", generator.graph().name, scoring.name);
        let graphs = match onnx_graph::join(generator.graph().clone(), scoring.clone()) {
            Ok(mut joined) => {
                onnx_graph::crop(&mut joined, &windows(&views));
                Graphs::Joined(joined.into_encoded())
            }
            Err(reason) => {
                tracing::info!(%reason, "generator and CNN run as two sessions");
                onnx_graph::crop(&mut scoring, &windows(&views));
                Graphs::Apart { generator: generator.graph().encode(), cnn: scoring.into_encoded() }
            }
        };
        Ok(Self { inner: Arc::new(Inner { generator: generator.clone(), views, graphs, name }) })
    }

    /// Whether both are one graph.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        matches!(self.inner.graphs, Graphs::Joined(_))
    }

    /// What it computes of its layers, in order.
    pub(crate) fn views(&self) -> &[View] {
        &self.inner.views
    }

    /// Length N of a code.
    #[must_use]
    pub fn latent_dim(&self) -> usize {
        self.inner.generator.spec().latent_dim
    }

    /// Loads it into ONNX Runtime. One session runs one batch at a time: parallel runs want one each.
    ///
    /// # Errors
    /// If ONNX Runtime refuses the model.
    pub fn session(&self, runtime: &Runtime, options: SessionOptions) -> Result<FusedSession, ModelError> {
        let Inner { generator, graphs, name, .. } = &*self.inner;
        let loaded = match graphs {
            Graphs::Joined(encoded) => Loaded::Joined(TensorSession::new(runtime, encoded, name, options)?),
            Graphs::Apart { generator: images, cnn } => Loaded::Apart {
                generator: TensorSession::new(runtime, images, &generator.graph().name, options)?,
                cnn: TensorSession::new(runtime, cnn, name, options)?,
            },
        };
        Ok(FusedSession { model: self.clone(), batch_size: options.batch_size.max(1), loaded: Mutex::new(loaded) })
    }
}

/// A loaded [`FusedModel`]. Share it behind an [`Arc`]: callers on several threads take turns.
pub struct FusedSession {
    model: FusedModel,
    batch_size: usize,
    loaded: Mutex<Loaded>,
}

enum Loaded {
    Joined(TensorSession),
    /// Images stay on the device in between.
    Apart {
        generator: TensorSession,
        cnn: TensorSession,
    },
}

impl FusedSession {
    /// What it was loaded from.
    #[must_use]
    pub fn model(&self) -> &FusedModel {
        &self.model
    }

    /// Codes that are run at once.
    #[must_use]
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// Runs codes, C-order `[n, N]`, hands the activations of every batch, one slice a layer, and the
    /// number of codes in it to `read`, and returns the seconds spent inside ONNX Runtime.
    pub(crate) fn run(&self, codes: &[f32], mut read: impl FnMut(&[&[f32]], usize)) -> Result<f64, ModelError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let before = loaded.seconds();
        let dim = self.model.latent_dim();
        for chunk in codes.chunks(self.batch_size * dim) {
            loaded.run(&self.model.inner, chunk, chunk.len() / dim, &mut read)?;
        }
        Ok(loaded.seconds() - before)
    }
}

impl Loaded {
    fn seconds(&self) -> f64 {
        match self {
            Self::Joined(session) => session.seconds(),
            Self::Apart { generator, cnn } => generator.seconds() + cnn.seconds(),
        }
    }

    fn run(
        &mut self,
        model: &Inner,
        codes: &[f32],
        n: usize,
        read: &mut impl FnMut(&[&[f32]], usize),
    ) -> Result<(), ModelError> {
        let shape = model.generator.code_shape(n);
        let read = |outputs: &[Option<Output<'_>>]| {
            read(&tensors(&model.name, &model.views, n, outputs)?, n);
            Ok(())
        };
        match self {
            Self::Joined(session) => session.run(&shape, codes, read),
            Self::Apart { generator, cnn } => {
                let images = generator.keep(&shape, codes)?;
                cnn.run_on((&images).into(), read)
            }
        }
    }
}
