//! Networks by name: images of codes, and what units answer to them.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use analysis::picture::Picture;
use gen_models::{
    DeviceChoice, FusedModel, FusedObjective, GeneratorSession, Images, ModelError, ModelSpec, Runtime, SessionOptions,
    UnitScorer, WeightedUnits,
};
use networks::{Library, LibraryError};
use numpy::{
    PyArray1, PyArray3, PyArray4, PyArrayMethods, PyReadonlyArray2, PyReadonlyArray3, PyReadonlyArray4,
    PyUntypedArrayMethods,
};
use optim_core::{Generator as _, Objective as _, Population, Scorer as _};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use serde_json::{Value, json};

use crate::errors::{ActmaxError, report, unfit};
use crate::optimizer::{c_order, population};

/// Where networks are looked for, and how they compute.
#[pyclass(module = "actmax._actmax", frozen)]
pub(crate) struct Networks {
    pub(crate) library: Library,
    threads: usize,
    batch: usize,
    device: DeviceChoice,
}

/// The exception for a model that cannot be had or run.
pub(crate) fn failed(error: &LibraryError) -> PyErr {
    if error.is_usage() { PyValueError::new_err(report(error)) } else { ActmaxError::new_err(report(error)) }
}

fn not_run(error: ModelError) -> PyErr {
    failed(&error.into())
}

#[pymethods]
impl Networks {
    /// Models of `folder`, or of the user's own folder, beside those that are compiled in.
    #[new]
    #[pyo3(signature = (folder, threads, batch, device))]
    fn open(folder: Option<PathBuf>, threads: Option<usize>, batch: usize, device: &str) -> PyResult<Self> {
        let library = Library::open(folder.as_deref()).map_err(|error| failed(&error))?;
        let cores = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let device = device.parse::<DeviceChoice>().map_err(unfit)?;
        Ok(Self { library, threads: threads.unwrap_or_else(cores), batch, device })
    }

    /// All models as a list of JSON objects.
    fn models(&self) -> String {
        let here = self.library.manifest().models.iter().filter_map(|model| self.described(model));
        let published = self.library.not_fetched().map(|model| {
            let kind = if model.architecture.is_generator() { "generator" } else { "cnn" };
            json!({
                "name": model.name, "kind": kind, "present": false, "code_length": null, "code_norm": null, "image_size": null,
                "about": model.about, "licence": "", "how": model.command(),
            })
        });
        Value::Array(here.chain(published).collect()).to_string()
    }

    /// The layers of a CNN as a list of JSON objects.
    fn layers(&self, py: Python<'_>, cnn: &str) -> PyResult<String> {
        let layers = py.detach(|| self.library.layers(&self.library.cnn(cnn)?)).map_err(|error| failed(&error))?;
        let layer = |layer: &gen_models::LayerInfo| {
            json!({
                "name": layer.name, "shape": layer.shape, "aliases": layer.aliases, "targetable": layer.targetable,
                "channels": layer.channel_names,
            })
        };
        Ok(Value::Array(layers.iter().map(layer).collect()).to_string())
    }

    fn generator(&self, py: Python<'_>, name: &str) -> PyResult<Generator> {
        let open = || -> Result<Generator, LibraryError> {
            let model = self.library.generator(name)?;
            let (runtime, options) = self.runtime()?;
            let (dim, natural_norm) = (model.spec().latent_dim, model.spec().natural_norm);
            let code_norm = model.spec().code_norm().value();
            let (image_size, session) = (model.spec().image_size, Loaded::new(model.session(runtime, options)?));
            Ok(Generator { dim, image_size, natural_norm, code_norm, session })
        };
        py.detach(open).map_err(|error| failed(&error))
    }

    /// Weighted units of a CNN.
    fn scorer(&self, py: Python<'_>, cnn: &str, units: Vec<String>) -> PyResult<Scorer> {
        let open = || -> Result<Scorer, LibraryError> {
            let (cnn, units) = self.weighted(cnn, &units)?;
            let (runtime, options) = self.runtime()?;
            let session = UnitScorer::new(&cnn, &units, runtime, options)?;
            Ok(Scorer { units: units.to_string(), session: Loaded::new(session) })
        };
        py.detach(open).map_err(|error| failed(&error))
    }

    /// Generator and units in one graph.
    fn objective(&self, py: Python<'_>, generator: &str, cnn: &str, units: Vec<String>) -> PyResult<Fused> {
        let open = || -> Result<Fused, LibraryError> {
            let (cnn, units) = self.weighted(cnn, &units)?;
            let (runtime, options) = self.runtime()?;
            let fused = FusedModel::for_units(&self.library.generator(generator)?, &cnn, &units, runtime)?;
            let objective = FusedObjective::new(Arc::new(fused.session(runtime, options)?), &units)?;
            Ok(Fused { dim: objective.dim(), objective: Loaded::new(objective) })
        };
        py.detach(open).map_err(|error| failed(&error))
    }
}

impl Networks {
    pub(crate) fn runtime(&self) -> Result<(&'static Runtime, SessionOptions), LibraryError> {
        let say = |message: &str| eprintln!("{message}");
        let runtime = Runtime::get(&say)?;
        let device = self.device.resolve(gen_models::CudaOptions::default(), runtime, &say)?;
        Ok((runtime, SessionOptions { threads: self.threads, device, batch_size: self.batch }))
    }

    pub(crate) fn weighted(
        &self,
        cnn: &str,
        units: &[String],
    ) -> Result<(gen_models::CnnModel, WeightedUnits), LibraryError> {
        let cnn = self.library.cnn(cnn)?;
        let layers = self.library.layers(&cnn)?;
        let units = WeightedUnits::parse(units, &layers).map_err(ModelError::from)?;
        Ok((cnn, units))
    }

    fn described(&self, model: &ModelSpec) -> Option<Value> {
        let (kind, code, image_size, licence, origin) = match model {
            ModelSpec::Generator(spec) => {
                let code = (spec.latent_dim, spec.code_norm().value());
                ("generator", Some(code), spec.image_size, &spec.licence, &spec.origin)
            }
            ModelSpec::Cnn(spec) => ("cnn", None, spec.input_size, &spec.licence, &spec.origin),
            _ => return None,
        };
        let present = self.library.file(model).is_none_or(|file| file.is_file());
        Some(json!({
            "name": model.name(), "kind": kind, "present": present, "code_length": code.map(|(length, _)| length),
            "code_norm": code.map(|(_, norm)| norm), "image_size": image_size, "about": origin, "licence": licence, "how": null,
        }))
    }
}

/// A network with the process that loaded it: its threads are not in a process that was forked off.
pub(crate) struct Loaded<T> {
    network: Mutex<T>,
    process: u32,
}

impl<T: Send> Loaded<T> {
    fn new(network: T) -> Self {
        Self { network: Mutex::new(network), process: std::process::id() }
    }

    /// Computes with the network while other threads of Python run.
    fn with<R: Send>(
        &self,
        py: Python<'_>,
        compute: impl FnOnce(&mut T) -> Result<R, ModelError> + Send,
    ) -> PyResult<R> {
        self.lend(py, compute)?.map_err(not_run)
    }

    /// The same, whatever comes of it.
    pub(crate) fn lend<R: Send>(&self, py: Python<'_>, compute: impl FnOnce(&mut T) -> R + Send) -> PyResult<R> {
        if std::process::id() != self.process {
            return Err(ActmaxError::new_err(format!(
                "this process was forked off after process {} loaded the network, without its threads: load it here, or start \
                 processes by 'spawn'",
                self.process
            )));
        }
        Ok(py.detach(|| compute(&mut self.network.lock().unwrap_or_else(PoisonError::into_inner))))
    }
}

/// A generator that is loaded.
#[pyclass(module = "actmax._actmax", frozen)]
pub(crate) struct Generator {
    #[pyo3(get)]
    pub(crate) dim: usize,
    /// Height and width.
    #[pyo3(get)]
    image_size: [usize; 2],
    #[pyo3(get)]
    natural_norm: Option<f64>,
    #[pyo3(get)]
    pub(crate) code_norm: f64,
    pub(crate) session: Loaded<GeneratorSession>,
}

#[pymethods]
impl Generator {
    /// Images `[n, 3, H, W]` in [0, 1] of codes `[n, N]`.
    fn generate<'py>(&self, py: Python<'py>, codes: PyReadonlyArray2<'py, f64>) -> PyResult<Bound<'py, PyArray4<f32>>> {
        let codes = fitting(&codes, self.dim)?;
        let images = self.session.with(py, |session| {
            let mut single = Vec::new();
            codes.write_f32(&mut single);
            session.generate(&single)
        })?;
        images_array(py, &images)
    }
}

/// Units that are loaded; scores images.
#[pyclass(module = "actmax._actmax", frozen)]
pub(crate) struct Scorer {
    /// The units as they are written.
    #[pyo3(get)]
    units: String,
    session: Loaded<UnitScorer>,
}

#[pymethods]
impl Scorer {
    /// Scores `[n]` of images `[n, 3, H, W]` in [0, 1].
    fn score<'py>(&self, py: Python<'py>, images: PyReadonlyArray4<'py, f32>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let images = as_images(&images)?;
        let mut scores = Vec::new();
        self.session.with(py, |session| session.score(&images, &mut scores))?;
        Ok(PyArray1::from_vec(py, scores))
    }
}

/// Generator and units, loaded as one graph.
#[pyclass(module = "actmax._actmax", frozen)]
pub(crate) struct Fused {
    dim: usize,
    objective: Loaded<FusedObjective>,
}

#[pymethods]
impl Fused {
    /// Scores `[n]` of codes `[n, N]`.
    fn evaluate<'py>(&self, py: Python<'py>, codes: PyReadonlyArray2<'py, f64>) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let codes = fitting(&codes, self.dim)?;
        let mut scores = Vec::new();
        self.objective.with(py, |objective| objective.evaluate(&codes, &mut scores))?;
        Ok(PyArray1::from_vec(py, scores))
    }
}

/// Codes of length `dim`.
pub(crate) fn fitting(codes: &PyReadonlyArray2<'_, f64>, dim: usize) -> PyResult<Population> {
    let codes = population(codes)?;
    if codes.dim() == dim {
        return Ok(codes);
    }
    Err(PyValueError::new_err(format!("codes have {} numbers, the generator takes {dim}", codes.dim())))
}

/// Images `[n, 3, H, W]` of any strides.
pub(crate) fn as_images(images: &PyReadonlyArray4<'_, f32>) -> PyResult<Images> {
    let shape = [0, 1, 2, 3].map(|axis| images.shape()[axis]);
    if shape[1] != 3 || shape.contains(&0) {
        let message = format!("images must have shape [n, 3, height, width], not {shape:?}");
        return Err(PyValueError::new_err(message));
    }
    Images::new(c_order(&images.as_array()).into_owned(), shape).map_err(not_run)
}

pub(crate) fn images_array<'py>(py: Python<'py>, images: &Images) -> PyResult<Bound<'py, PyArray4<f32>>> {
    PyArray1::from_slice(py, images.as_slice()).reshape(images.shape())
}

/// Image 0 in 8 bits, `[H, W, 3]`; 1 becomes 255, values outside of [0, 1] are clipped.
#[pyfunction]
pub(crate) fn to_rgb8<'py>(py: Python<'py>, images: PyReadonlyArray4<'py, f32>) -> PyResult<Bound<'py, PyArray3<u8>>> {
    let image = as_images(&images)?.to_rgb8(0);
    let shape = [image.height() as usize, image.width() as usize, 3];
    PyArray1::from_vec(py, image.into_raw()).reshape(shape)
}

/// An image `[H, W, 3]` of 8 bits as the content of a PNG file.
#[pyfunction]
pub(crate) fn to_png(py: Python<'_>, image: PyReadonlyArray3<'_, u8>) -> PyResult<Py<PyBytes>> {
    let side = |axis: usize| u32::try_from(image.shape()[axis]).map_err(unfit);
    let picture = Picture::new(side(1)?, side(0)?, c_order(&image.as_array()).into_owned()).map_err(unfit)?;
    Ok(PyBytes::new(py, &picture.to_png().map_err(unfit)?).unbind())
}

/// The pixels of a PNG, JPEG or BMP file, `[H, W, 3]`.
#[pyfunction]
pub(crate) fn decode_image<'py>(py: Python<'py>, content: &[u8]) -> PyResult<Bound<'py, PyArray3<u8>>> {
    let image = image::load_from_memory(content).map_err(unfit)?.to_rgb8();
    let shape = [image.height() as usize, image.width() as usize, 3];
    PyArray1::from_vec(py, image.into_raw()).reshape(shape)
}

/// The version of ONNX Runtime that this program is made for.
#[pyfunction]
pub(crate) fn runtime_version() -> &'static str {
    gen_models::RUNTIME_VERSION
}
