//! Generators: codes in, images out.

use std::sync::Arc;

use onnx_graph::Model;
use optim_core::Generator;
use paradigm::Geometry;

use crate::canvas::canvas_graph;
use crate::manifest::GeneratorSpec;
use crate::preprocess::generator_graph;
use crate::session::{SessionOptions, TensorSession, expect_shape};
use crate::{Images, ModelError, ModelSource, PixelGrid, Runtime};

/// A generator's file, read and checked. Cheap to clone.
#[derive(Clone, Debug)]
pub struct GeneratorModel {
    spec: Arc<GeneratorSpec>,
    /// Codes `[n, N, 1...]` in, images `[n, 3, H, W]` in [0, 1] out.
    graph: Arc<Model>,
}

impl GeneratorModel {
    /// Reads a generator.
    ///
    /// # Errors
    /// If the file cannot be read, is no ONNX model, or is not what `spec` says.
    pub fn load(spec: &GeneratorSpec, source: &ModelSource) -> Result<Self, ModelError> {
        let model = source.open(&spec.name, spec.bytes, spec.sha256.as_deref())?;
        let graph = generator_graph(&model, spec)?;
        Ok(Self { spec: Arc::new(spec.clone()), graph: Arc::new(graph) })
    }

    /// The generator of raw pixels.
    ///
    /// # Errors
    /// None in practice: its graph is written here.
    pub fn pixels(grid: PixelGrid) -> Result<Self, ModelError> {
        let spec = grid.spec();
        let graph = generator_graph(&grid.graph(), &spec)?;
        Ok(Self { spec: Arc::new(spec), graph: Arc::new(graph) })
    }

    /// The generator whose images lie on a canvas: what it makes is the whole canvas.
    ///
    /// # Errors
    /// If the geometry shows nothing.
    pub fn on_canvas(&self, geometry: &Geometry) -> Result<Self, ModelError> {
        geometry.check()?;
        let graph = canvas_graph(&self.graph, self.spec.image_size, geometry);
        let spec = GeneratorSpec { image_size: [geometry.canvas as usize; 2], ..(*self.spec).clone() };
        Ok(Self { spec: Arc::new(spec), graph: Arc::new(graph) })
    }

    /// What the manifest says of it; of one [`on_canvas`](Self::on_canvas), with the size of the canvas.
    #[must_use]
    pub fn spec(&self) -> &GeneratorSpec {
        &self.spec
    }

    /// Loads it into ONNX Runtime.
    ///
    /// # Errors
    /// If ONNX Runtime refuses the model.
    pub fn session(&self, runtime: &Runtime, options: SessionOptions) -> Result<GeneratorSession, ModelError> {
        let session = TensorSession::new(runtime, &self.graph.encode(), &self.graph.name, options)?;
        Ok(GeneratorSession { model: self.clone(), session, batch_size: options.batch_size.max(1) })
    }

    /// The prepared graph.
    pub(crate) fn graph(&self) -> &Model {
        &self.graph
    }

    /// Shape of a batch of `n` codes: `[n, N, 1...]`.
    pub(crate) fn code_shape(&self, n: usize) -> Vec<usize> {
        let rank = self.graph.input_rank();
        let mut shape = vec![n, self.spec.latent_dim];
        shape.resize(rank.max(2), 1);
        shape
    }
}

/// A generator that is loaded; renders images.
pub struct GeneratorSession {
    model: GeneratorModel,
    session: TensorSession,
    batch_size: usize,
}

impl GeneratorSession {
    /// Shape of a batch of `n` images.
    fn image_shape(&self, n: usize) -> [usize; 4] {
        let [height, width] = self.model.spec.image_size;
        [n, 3, height, width]
    }

    /// Runs one batch and hands its pixels, C-order `[n, 3, H, W]`, to `read`.
    pub(crate) fn render<T>(
        &mut self,
        codes: &[f32],
        read: impl FnOnce(&[f32]) -> Result<T, ModelError>,
    ) -> Result<T, ModelError> {
        let n = codes.len() / self.model.spec.latent_dim;
        let (code_shape, image_shape) = (self.model.code_shape(n), self.image_shape(n));
        let (model, output) = (self.session.model().to_owned(), &self.model.spec.output);
        self.session.run(&code_shape, codes, |outputs| {
            read(expect_shape(&model, output, outputs.first().and_then(Option::as_ref), &image_shape)?)
        })
    }

    /// Seconds spent inside ONNX Runtime so far.
    #[must_use]
    pub fn session_seconds(&self) -> f64 {
        self.session.seconds()
    }
}

impl Generator for GeneratorSession {
    type Images = Images;
    type Error = ModelError;

    fn latent_dim(&self) -> usize {
        self.model.spec.latent_dim
    }

    fn generate(&mut self, codes: &[f32]) -> Result<Images, ModelError> {
        let n = code_count(codes.len(), self.latent_dim())?;
        let shape = self.image_shape(n);
        let mut pixels = Vec::with_capacity(shape.iter().product());
        for chunk in codes.chunks(self.batch_size * self.latent_dim()) {
            self.render(chunk, |images| {
                pixels.extend_from_slice(images);
                Ok(())
            })?;
        }
        Images::new(pixels, shape)
    }
}

/// Number of codes in an array of `values` numbers.
pub(crate) fn code_count(values: usize, latent_dim: usize) -> Result<usize, ModelError> {
    if values.is_multiple_of(latent_dim) {
        Ok(values / latent_dim)
    } else {
        Err(ModelError::CodeLength { expected: latent_dim, values })
    }
}

/// `n` codes to try a generator with, each of about this norm, C-order `[n, dim]`: `norm sqrt(2 / dim) cos(0.37 (k + 1) (i + 1))`.
#[must_use]
pub fn cosine_codes(n: usize, dim: usize, norm: f64) -> Vec<f64> {
    let scale = norm * (2.0 / dim as f64).sqrt();
    (0..n).flat_map(|k| (0..dim).map(move |i| scale * (0.37 * (k + 1) as f64 * (i + 1) as f64).cos())).collect()
}
