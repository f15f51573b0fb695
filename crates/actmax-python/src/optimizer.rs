//! A method between `ask` and `tell`.

use std::borrow::Cow;

use actmax::SavedSession;
use numpy::ndarray::{ArrayView, Dimension};
use numpy::{
    PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1, PyReadonlyArray2, PyReadwriteArray2, PyUntypedArrayMethods,
};
use optim_core::{AnyOptimizer, Method, Minimize, Optimizer as _, Population, Stream, TellError, registry, stream_rng};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Value, json};

use crate::errors::{refused, unfit};

/// A method with its seed and the generation that is out. `actmax.Optimizer` is made of it.
#[pyclass(module = "actmax._actmax")]
#[derive(Clone)]
pub(crate) struct Optimizer {
    method: Method,
    optimizer: AnyOptimizer,
    maximize: bool,
    seed: u64,
    /// The generation that is out, `N x lambda`.
    codes: Population,
    /// Whether it waits for its scores.
    asked: bool,
}

impl Optimizer {
    fn new(method: Method, optimizer: AnyOptimizer, maximize: bool, seed: u64) -> Self {
        let codes = Population::new(optimizer.dim());
        Self { method, optimizer, maximize, seed, codes, asked: false }
    }

    /// Asks for the present generation, unless it is out already: asking again gives the same codes.
    fn propose(&mut self) {
        if !self.asked {
            let mut rng = stream_rng(self.seed, Stream::Method, self.optimizer.generation());
            self.optimizer.ask(&mut rng, &mut self.codes);
            self.asked = true;
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the loop is the caller's")]
    fn take(&mut self, told: Option<&Population>, scores: &[f64]) -> Result<(), TellError> {
        if !self.asked {
            return Err(TellError::NotAsked);
        }
        let codes = told.unwrap_or(&self.codes);
        if self.maximize {
            self.optimizer.tell(codes, scores)?;
        } else {
            Minimize(&mut self.optimizer).tell(codes, scores)?;
        }
        self.asked = false;
        Ok(())
    }

    /// The session as text; its generation is out.
    fn saved(&self) -> PyResult<String> {
        let mut session = self.clone();
        session.propose();
        let Self { method, optimizer, maximize, seed, .. } = session;
        SavedSession { method, optimizer, maximize, seed }.encode().map_err(unfit)
    }
}

#[pymethods]
impl Optimizer {
    /// A method by name; `options` is an object of JSON. `norm` is that of its first codes.
    #[new]
    #[pyo3(signature = (name, dim, seed, options, norm, generations, maximize, init_codes))]
    #[expect(clippy::too_many_arguments, reason = "of Python, where they have names")]
    fn build(
        py: Python<'_>,
        name: &str,
        dim: usize,
        seed: u64,
        options: &str,
        norm: Option<f64>,
        generations: Option<u32>,
        maximize: bool,
        init_codes: Option<PyReadonlyArray2<'_, f64>>,
    ) -> PyResult<Self> {
        let options = serde_json::from_str(options).map_err(unfit)?;
        let method = configured(name, &options, norm, dim)?;
        let method = match generations {
            Some(generations) => method.for_generations(generations as usize),
            None => method,
        };
        let initial = init_codes.map(|codes| population(&codes)).transpose()?;
        py.detach(|| {
            let mut optimizer = method.build(dim)?;
            if let Some(initial) = &initial {
                optimizer.start_from(initial)?;
            }
            Ok(Self::new(method, optimizer, maximize, seed))
        })
        .map_err(|error: optim_core::ConfigError| unfit(error))
    }

    /// Goes on from what `state` gave; `asked`: its generation is out.
    #[staticmethod]
    fn from_state(py: Python<'_>, state: &str, asked: bool) -> PyResult<Self> {
        let restored = py.detach(|| {
            let SavedSession { method, optimizer, maximize, seed } = SavedSession::decode(state)?;
            let mut restored = Self::new(method, optimizer, maximize, seed);
            restored.propose();
            Ok(Self { asked, ..restored })
        });
        restored.map_err(|error: actmax::StateError| unfit(error))
    }

    /// All of it as text.
    fn state(&self, py: Python<'_>) -> PyResult<String> {
        py.detach(|| self.saved())
    }

    fn copy(&self) -> Self {
        self.clone()
    }

    /// The next generation, `[n, N]`.
    fn ask<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f64>>> {
        py.detach(|| self.propose());
        PyArray1::from_slice(py, self.codes.as_slice()).reshape([self.codes.len(), self.codes.dim()])
    }

    /// The next generation in single precision, `[n, N]`.
    fn ask_f32<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        let mut single = Vec::new();
        py.detach(|| {
            self.propose();
            self.codes.write_f32(&mut single);
        });
        PyArray1::from_vec(py, single).reshape([self.codes.len(), self.codes.dim()])
    }

    /// Writes the next generation into the first rows of `out`; returns their number.
    fn ask_into(&mut self, py: Python<'_>, out: PyReadwriteArray2<'_, f64>) -> PyResult<usize> {
        py.detach(|| self.propose());
        write_rows(&self.codes, out, <[f64]>::copy_from_slice, |value| value)
    }

    /// The same in single precision.
    fn ask_into_f32(&mut self, py: Python<'_>, out: PyReadwriteArray2<'_, f32>) -> PyResult<usize> {
        py.detach(|| self.propose());
        #[expect(clippy::cast_possible_truncation, reason = "single precision is asked for")]
        let single = |value| value as f32;
        let copy = |to: &mut [f32], from: &[f64]| to.iter_mut().zip(from).for_each(|(to, &from)| *to = single(from));
        write_rows(&self.codes, out, copy, single)
    }

    /// Takes the scores `[n]` of the generation that is out, or of the codes `[n, N]` that were shown in its place.
    #[pyo3(signature = (scores, codes=None))]
    fn tell(
        &mut self,
        py: Python<'_>,
        scores: PyReadonlyArray1<'_, f64>,
        codes: Option<PyReadonlyArray2<'_, f64>>,
    ) -> PyResult<()> {
        let scores = scores.as_array().to_vec();
        let codes = codes.map(|codes| population(&codes)).transpose()?;
        py.detach(|| self.take(codes.as_ref(), &scores)).map_err(refused)
    }

    /// The code that the method recommends, `[N]`.
    fn recommend<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_slice(py, self.optimizer.recommend())
    }

    /// The best code told so far, `[N]`, and its score as told.
    fn incumbent<'py>(&self, py: Python<'py>) -> Option<(Bound<'py, PyArray1<f64>>, f64)> {
        let sign = if self.maximize { 1.0 } else { -1.0 };
        self.optimizer.incumbent().map(|(code, score)| (PyArray1::from_slice(py, code), sign * score))
    }

    /// Named numbers of the state.
    fn diagnostics<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let numbers = PyDict::new(py);
        self.optimizer.diagnostics().into_iter().try_for_each(|(name, value)| numbers.set_item(name, value))?;
        Ok(numbers)
    }

    #[getter]
    fn name(&self) -> &'static str {
        self.method.name()
    }

    /// The options with their values, as an object of JSON.
    #[getter]
    fn options(&self) -> String {
        Value::Object(self.method.options()).to_string()
    }

    /// Norm of the first codes, where the options do not hold it: of methods that have no option of scale.
    #[getter]
    fn norm(&self) -> Option<f64> {
        matches!(self.method, Method::Scaled(_)).then(|| self.method.start_norm(self.optimizer.dim()))
    }

    #[getter]
    fn dim(&self) -> usize {
        self.optimizer.dim()
    }

    #[getter]
    fn seed(&self) -> u64 {
        self.seed
    }

    #[getter]
    fn maximize(&self) -> bool {
        self.maximize
    }

    /// Number of generations told.
    #[getter]
    fn generation(&self) -> u64 {
        self.optimizer.generation()
    }

    /// Whether a generation waits for its scores.
    #[getter]
    fn asked(&self) -> bool {
        self.asked
    }

    /// Nominal number of codes a generation.
    #[getter]
    fn population_size(&self) -> usize {
        self.method.population_size(self.optimizer.dim())
    }
}

/// A method with its options and scale.
pub(crate) fn configured(
    name: &str,
    options: &serde_json::Map<String, Value>,
    norm: Option<f64>,
    dim: usize,
) -> PyResult<Method> {
    let method = Method::from_json_options(name, options).map_err(unfit)?;
    match norm {
        Some(norm) => method.with_norm(norm, dim).map_err(unfit),
        None => Ok(method),
    }
}

/// Codes `[n, N]` of any strides.
pub(crate) fn population(codes: &PyReadonlyArray2<'_, f64>) -> PyResult<Population> {
    let dim = codes.shape()[1];
    if dim == 0 {
        return Err(PyValueError::new_err(format!("codes of shape {:?} have no numbers", codes.shape())));
    }
    Ok(Population::from_rows(dim, &c_order(&codes.as_array())))
}

/// The values in C order. The slice that NumPy's crate gives of an array in Fortran's order is in that order.
pub(crate) fn c_order<'a, T: Copy, D: Dimension>(array: &'a ArrayView<'a, T, D>) -> Cow<'a, [T]> {
    array.as_slice().map_or_else(|| array.iter().copied().collect(), Cow::Borrowed)
}

/// Writes codes into the first rows of `out`: by `copy` where the numbers of a row lie side by side, else one by one.
fn write_rows<T: numpy::Element + Copy>(
    codes: &Population,
    mut out: PyReadwriteArray2<'_, T>,
    copy: impl Fn(&mut [T], &[f64]),
    convert: impl Fn(f64) -> T,
) -> PyResult<usize> {
    let (rows, dim) = (out.shape()[0], out.shape()[1]);
    if dim != codes.dim() || rows < codes.len() {
        let (n, expected) = (codes.len(), codes.dim());
        return Err(PyValueError::new_err(format!(
            "out has shape [{rows}, {dim}], a generation of {n} codes needs [{n}, {expected}] or more rows"
        )));
    }
    for (mut row, code) in out.as_array_mut().rows_mut().into_iter().zip(codes.iter()) {
        match row.as_slice_mut() {
            Some(row) => copy(row, code),
            None => row.iter_mut().zip(code).for_each(|(to, &from)| *to = convert(from)),
        }
    }
    Ok(codes.len())
}

/// All methods as a list of JSON objects, in the order in which they are listed to users.
#[pyfunction]
pub(crate) fn optimizers() -> PyResult<String> {
    let entry = |info: &&optim_core::MethodInfo| {
        let defaults = Method::from_name(info.name).map_err(unfit)?.options();
        let option = |option: &optim_core::OptionInfo| {
            json!({
                "name": option.name,
                "about": option.about,
                "takes": option.values(),
                "default": defaults.get(option.name),
            })
        };
        Ok(json!({
            "name": info.name,
            "aliases": info.aliases,
            "about": info.about,
            "source": info.source,
            "rank_based": info.rank_based,
            "options": info.options.iter().map(option).collect::<Vec<_>>(),
        }))
    };
    let entries: PyResult<Vec<Value>> = registry().iter().map(entry).collect();
    Ok(Value::Array(entries?).to_string())
}
