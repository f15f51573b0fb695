//! CNNs: images in, activations out.

use std::sync::{Arc, OnceLock};

use onnx_graph::{LayerShape, Model, Window, candidates};

use crate::manifest::CnnSpec;
use crate::preprocess;
use crate::session::{SessionOptions, TensorSession, expect_shape};
use crate::unit::{LayerInfo, find_layer, unknown_layer};
use crate::view::View;
use crate::{Images, ModelError, ModelSource, Runtime, Target};

/// A CNN's file, read and checked. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CnnModel {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    spec: CnnSpec,
    model: Model,
    layers: OnceLock<Vec<LayerInfo>>,
}

impl CnnModel {
    /// Reads a CNN.
    ///
    /// # Errors
    /// If the file cannot be read, is no ONNX model, or is not what `spec` says.
    pub fn load(spec: &CnnSpec, source: &ModelSource) -> Result<Self, ModelError> {
        let model = source.open(&spec.name, spec.bytes, spec.sha256.as_deref())?;
        let candidates = candidates(&model, &spec.input);
        for layer in spec.layers.iter().flatten() {
            check_layer(&model, layer, &candidates)?;
        }
        // Fails now rather than at the first use where input or opset do not fit.
        preprocess::scoring_graph(&model, spec, &[], None)?;
        Ok(Self { inner: Arc::new(Inner { spec: spec.clone(), model, layers: OnceLock::new() }) })
    }

    /// What the manifest says of it.
    #[must_use]
    pub fn spec(&self) -> &CnnSpec {
        &self.inner.spec
    }

    /// The layers: those of the manifest, or else all tensors that are computed from the image.
    ///
    /// Shapes that the file does not declare are learnt by running one black image.
    ///
    /// # Errors
    /// If that run fails.
    pub fn layers(&self, runtime: &Runtime) -> Result<&[LayerInfo], ModelError> {
        if let Some(layers) = &self.inner.spec.layers {
            return Ok(layers);
        }
        if let Some(layers) = self.inner.layers.get() {
            return Ok(layers);
        }
        let layers = self.read_layers(runtime)?;
        Ok(self.inner.layers.get_or_init(|| layers))
    }

    fn read_layers(&self, runtime: &Runtime) -> Result<Vec<LayerInfo>, ModelError> {
        let Inner { spec, model, .. } = &*self.inner;
        let candidates = candidates(model, &spec.input);
        let unknown: Vec<String> = candidates
            .iter()
            .filter(|(_, shape)| *shape == LayerShape::Unknown)
            .map(|(name, _)| name.clone())
            .collect();
        let mut learnt = self.probe(runtime, &unknown)?.into_iter();
        let layers = candidates.into_iter().filter_map(|(name, shape)| {
            let shape = match shape {
                LayerShape::Known(shape) => shape,
                LayerShape::Unknown => learnt.next().flatten()?,
            };
            Some(LayerInfo::new(name, shape))
        });
        Ok(layers.collect())
    }

    /// Shapes of tensors for one black image, without the batch; `None` where it is no float tensor
    /// with a batch of one.
    fn probe(&self, runtime: &Runtime, tensors: &[String]) -> Result<Vec<Option<Vec<usize>>>, ModelError> {
        if tensors.is_empty() {
            return Ok(Vec::new());
        }
        let Inner { spec, model, .. } = &*self.inner;
        let graph = preprocess::probe_graph(model, spec, tensors);
        let mut session = TensorSession::new(runtime, &graph.encode(), &graph.name, SessionOptions::default())?;
        let [height, width] = spec.input_size;
        let black = vec![0.0; 3 * height * width];
        session.run(&[1, 3, height, width], &black, |outputs| {
            let shape = |shape: &[i64]| {
                let (&1, rest) = shape.split_first()? else { return None };
                rest.iter().map(|&size| usize::try_from(size).ok()).collect::<Option<Vec<usize>>>()
            };
            let shapes = outputs.iter().map(|output| output.as_ref().and_then(|output| shape(output.shape)));
            Ok(shapes.map(|shape| shape.filter(|shape| !shape.is_empty())).collect())
        })
    }

    /// The layers of these names or aliases, in this order.
    ///
    /// # Errors
    /// If a name is unknown, or the shapes cannot be learnt.
    pub(crate) fn select(&self, runtime: &Runtime, names: &[&str]) -> Result<Vec<LayerInfo>, ModelError> {
        let layers = self.layers(runtime)?;
        names.iter().map(|name| Ok(find_layer(name, layers)?.clone())).collect()
    }

    /// The layers of a target, each as far as it needs it.
    ///
    /// # Errors
    /// If a layer is unknown, or the shapes cannot be learnt.
    pub(crate) fn views(&self, runtime: &Runtime, target: &Target) -> Result<Vec<View>, ModelError> {
        let layers = self.select(runtime, &target.layers())?;
        Ok(layers.into_iter().map(|layer| target.view(layer)).collect())
    }

    /// The network cut at the layers of `views`, which are whole in it, with images in [0, 1] at its input; of size
    /// `image_size`, or of any size.
    pub(crate) fn scoring_graph(&self, views: &[View], image_size: Option<[usize; 2]>) -> Result<Model, ModelError> {
        let names: Vec<String> = views.iter().map(|view| view.layer().name.clone()).collect();
        preprocess::scoring_graph(&self.inner.model, &self.inner.spec, &names, image_size)
    }

    /// Loads it into ONNX Runtime, cut at `layers`.
    ///
    /// # Errors
    /// If a layer is unknown, or ONNX Runtime refuses the model.
    pub fn session(
        &self,
        runtime: &Runtime,
        layers: &[&str],
        options: SessionOptions,
    ) -> Result<CnnSession, ModelError> {
        let views = self.select(runtime, layers)?.into_iter().map(View::whole).collect();
        self.session_of(runtime, views, options)
    }

    /// Loads it into ONNX Runtime, cut at the layers of a target and cropped to what it sees.
    pub(crate) fn session_for(
        &self,
        runtime: &Runtime,
        target: &Target,
        options: SessionOptions,
    ) -> Result<CnnSession, ModelError> {
        self.session_of(runtime, self.views(runtime, target)?, options)
    }

    fn session_of(
        &self,
        runtime: &Runtime,
        views: Vec<View>,
        options: SessionOptions,
    ) -> Result<CnnSession, ModelError> {
        let mut graph = self.scoring_graph(&views, None)?;
        onnx_graph::crop(&mut graph, &windows(&views));
        let session = TensorSession::new(runtime, &graph.encode(), &graph.name, options)?;
        Ok(CnnSession { views, session, batch_size: options.batch_size.max(1) })
    }
}

/// What of each view's layer is computed.
pub(crate) fn windows(views: &[View]) -> Vec<Option<Window>> {
    views.iter().map(View::window).collect()
}

/// Compares a layer of the manifest with the file.
fn check_layer(model: &Model, layer: &LayerInfo, candidates: &[(String, LayerShape)]) -> Result<(), ModelError> {
    let found = candidates.iter().find(|(name, _)| *name == layer.name);
    let (_, shape) =
        found.ok_or_else(|| unknown_layer(&layer.name, candidates.iter().map(|(name, _)| name.as_str())))?;
    match shape {
        LayerShape::Known(shape) if *shape != layer.shape => Err(ModelError::WrongShape {
            model: model.name.clone(),
            tensor: layer.name.clone(),
            expected: format!("{:?}", layer.shape),
            found: format!("{shape:?}"),
        }),
        _ => Ok(()),
    }
}

/// Activations of one layer to a batch of images.
#[derive(Clone, Debug, PartialEq)]
pub struct Activation {
    /// The layer; its shape is that of one image's activation.
    pub layer: LayerInfo,
    /// Values, C-order `[n, C, H, W]` or `[n, C]`.
    pub data: Vec<f32>,
}

impl Activation {
    /// Values of image `i`, C-order `[C, H, W]` or `[C]`.
    ///
    /// # Panics
    /// If there is no image `i`.
    #[must_use]
    pub fn image(&self, i: usize) -> &[f32] {
        let len = self.layer.shape.iter().product::<usize>();
        &self.data[i * len..(i + 1) * len]
    }
}

/// A CNN, cut at some layers, that is loaded.
pub struct CnnSession {
    views: Vec<View>,
    session: TensorSession,
    batch_size: usize,
}

impl CnnSession {
    /// What it computes of its layers, in order.
    pub(crate) fn views(&self) -> &[View] {
        &self.views
    }

    /// Seconds spent inside ONNX Runtime so far.
    #[must_use]
    pub fn session_seconds(&self) -> f64 {
        self.session.seconds()
    }

    /// The whole activations of all its layers; images of any size are resized.
    ///
    /// # Errors
    /// If ONNX Runtime fails.
    pub fn activations(&mut self, images: &Images) -> Result<Vec<Activation>, ModelError> {
        let empty = |view: &View| Activation { layer: view.layer().clone(), data: Vec::new() };
        let mut activations: Vec<Activation> = self.views.iter().map(empty).collect();
        self.for_each_batch(images, |tensors, _| {
            for (activation, tensor) in activations.iter_mut().zip(tensors) {
                activation.data.extend_from_slice(tensor);
            }
        })?;
        Ok(activations)
    }

    /// Hands the activations of every batch of images, one slice a layer, and the number of images in it
    /// to `read`.
    pub(crate) fn for_each_batch(
        &mut self,
        images: &Images,
        mut read: impl FnMut(&[&[f32]], usize),
    ) -> Result<(), ModelError> {
        let [_, channels, height, width] = images.shape();
        let len = channels * height * width;
        for chunk in images.as_slice().chunks((self.batch_size * len).max(1)) {
            let n = chunk.len() / len;
            self.run(chunk, [n, channels, height, width], |tensors| read(tensors, n))?;
        }
        Ok(())
    }

    /// Runs one batch, C-order `[n, 3, h, w]`.
    pub(crate) fn run<T>(
        &mut self,
        pixels: &[f32],
        shape: [usize; 4],
        read: impl FnOnce(&[&[f32]]) -> T,
    ) -> Result<T, ModelError> {
        let (views, model) = (&self.views, self.session.model().to_owned());
        self.session.run(&shape, pixels, |outputs| Ok(read(&tensors(&model, views, shape[0], outputs)?)))
    }
}

/// The values of every view, after checking the shapes against `[n, shape of the view]`.
pub(crate) fn tensors<'a>(
    model: &str,
    views: &[View],
    n: usize,
    outputs: &[Option<crate::session::Output<'a>>],
) -> Result<Vec<&'a [f32]>, ModelError> {
    let check = |(i, view): (usize, &View)| {
        let shape: Vec<usize> = std::iter::once(n).chain(view.shape()).collect();
        expect_shape(model, &view.layer().name, outputs.get(i).and_then(Option::as_ref), &shape)
    };
    views.iter().enumerate().map(check).collect()
}
