//! Values of a pair that PyTorch computed.

use optim_core::Generator;
use serde_json::Value;

use super::{Backend, Failure, Outcome, broken, close, mean};

fn number(value: &Value) -> Result<f64, Failure> {
    value.as_f64().ok_or(Failure::Reference("number"))
}

fn index(value: &Value) -> Result<usize, Failure> {
    value.as_u64().and_then(|x| usize::try_from(x).ok()).ok_or(Failure::Reference("index"))
}

fn list(value: &Value) -> Result<&[Value], Failure> {
    value.as_array().map(Vec::as_slice).ok_or(Failure::Reference("list"))
}

fn indices(value: &Value) -> Result<Vec<usize>, Failure> {
    list(value)?.iter().map(index).collect()
}

/// `code_k[i] = 140/64 * sqrt(2) * cos(0.1*(k+1)*(i+1))`, in f64, rounded to f32.
#[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
fn code(k: usize, dim: usize) -> Vec<f32> {
    let value = |i: usize| 140.0 / 64.0 * f64::sqrt(2.0) * (0.1 * (k + 1) as f64 * (i + 1) as f64).cos();
    (0..dim).map(|i| value(i) as f32).collect()
}

/// Images and layers are those of PyTorch.
///
/// The two runtimes add up in another order: a few roundings of the largest numbers that are summed.
pub(super) fn values_are_those_of_pytorch(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    let Some(reference) = &backend.reference else {
        return Ok(Outcome::Skipped("there are no stored values of this pair".to_owned()));
    };
    let cases = list(&reference["cases"])?;
    if cases.is_empty() {
        return Err(Failure::Reference("case"));
    }
    cases.iter().try_for_each(|case| check_case(backend, case)).map(|()| Outcome::Passed)
}

fn check_case(backend: &Backend<'_>, case: &Value) -> Result<(), Failure> {
    let tolerance = backend.tolerance().other;
    let spec = backend.generator.spec();
    let [height, width] = spec.image_size;
    let mut generator = backend.generator.session(backend.runtime, backend.options)?;
    let images = generator.generate(&code(index(&case["k"])?, spec.latent_dim))?;
    close("image mean", mean(images.as_slice()), number(&case["image"]["mean"])?, 1.0, tolerance)?;
    for pixel in list(&case["image"]["pixels"])? {
        let (y, x) = (index(&pixel["y"])?, index(&pixel["x"])?);
        for (channel, expected) in list(&pixel["rgb"])?.iter().enumerate() {
            let found = images.image(0)[(channel * height + y) * width + x];
            close(&format!("pixel {channel} {y} {x}"), found.into(), number(expected)?, 1.0, tolerance)?;
        }
    }
    let layers = case["layers"].as_object().filter(|layers| !layers.is_empty());
    for (name, expected) in layers.ok_or(Failure::Reference("layer"))? {
        let mut session = backend.cnn.session(backend.runtime, &[name], backend.options)?;
        let activation = session.activations(&images)?.remove(0);
        if activation.layer.shape != indices(&expected["shape"])? {
            return Err(broken(format!("{name} has shape {:?}", activation.layer.shape)));
        }
        let largest = activation.data.iter().copied().fold(f32::MIN, f32::max);
        let scale = activation.data.iter().fold(0.0_f32, |m, x| m.max(x.abs())).into();
        close(&format!("{name} max"), largest.into(), number(&expected["max"])?, scale, tolerance)?;
        close(&format!("{name} mean"), mean(&activation.data), number(&expected["mean"])?, scale, tolerance)?;
        for (position, value) in list(&expected["positions"])?.iter().zip(list(&expected["values"])?) {
            let position = indices(position)?;
            let offset = position.iter().zip(&activation.layer.shape).fold(0, |at, (i, size)| at * size + i);
            let found = activation.data.get(offset).copied().unwrap_or(f32::NAN);
            close(&format!("{name} {position:?}"), found.into(), number(value)?, scale, tolerance)?;
        }
    }
    Ok(())
}
