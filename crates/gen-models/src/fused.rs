//! Generator and CNN as one: codes in, activations out.

use std::sync::{Arc, Mutex, PoisonError};

use crate::cnn::{CnnModel, tensors};
use crate::generator::GeneratorModel;
use crate::onnx;
use crate::session::{Output, SessionOptions, TensorSession};
use crate::unit::LayerInfo;
use crate::{ModelError, Runtime};

/// A generator and a CNN cut at some layers, prepared for loading. Cheap to clone.
///
/// The two are joined into one graph where their opsets allow it; otherwise images go from one session
/// to the other, with the same results.
#[derive(Clone)]
pub struct FusedModel {
    inner: Arc<Inner>,
}

struct Inner {
    generator: GeneratorModel,
    layers: Arc<[LayerInfo]>,
    plan: Plan,
    name: String,
}

/// Encoded graphs, without the weights that they refer to in files.
enum Plan {
    /// Codes in, activations out.
    Joined(Vec<u8>),
    /// The generator, and the CNN for images of its size.
    Apart { generator: Vec<u8>, cnn: Vec<u8> },
}

impl FusedModel {
    /// Prepares `generator` and `cnn` cut at `layers`.
    ///
    /// # Errors
    /// If a layer is unknown.
    pub fn new(
        generator: &GeneratorModel,
        cnn: &CnnModel,
        layers: &[&str],
        runtime: &Runtime,
    ) -> Result<Self, ModelError> {
        let layers = cnn.select(runtime, layers)?;
        let scoring = cnn.scoring_graph(&layers, Some(generator.spec().image_size))?;
        let name = format!("{} + {}", generator.graph().name, scoring.name);
        let plan = match onnx::join(generator.graph().clone(), scoring.clone()) {
            Ok(joined) => Plan::Joined(joined.encode()),
            Err(reason) => {
                tracing::info!(%reason, "generator and CNN run as two sessions");
                Plan::Apart { generator: generator.graph().encode(), cnn: scoring.encode() }
            }
        };
        Ok(Self { inner: Arc::new(Inner { generator: generator.clone(), layers: layers.into(), plan, name }) })
    }

    /// Whether both are one graph.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        matches!(self.inner.plan, Plan::Joined(_))
    }

    /// The layers that it computes, in order.
    #[must_use]
    pub fn layers(&self) -> &[LayerInfo] {
        &self.inner.layers
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
        let Inner { generator, plan, name, .. } = &*self.inner;
        let loaded = match plan {
            Plan::Joined(encoded) => Loaded::Joined(TensorSession::new(runtime, encoded, name, options)?),
            Plan::Apart { generator: images, cnn } => Loaded::Apart {
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
            read(&tensors(&model.name, &model.layers, n, outputs)?, n);
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
