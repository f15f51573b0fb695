//! Two networks with real weights, where they are. The reference values were computed by the networks' own frameworks
//! and are stated to five digits.

use std::path::Path;

use optim_core::Generator;

use super::pair;
use super::{Backend, Failure, Outcome, broken, close, mean};
use crate::{CnnModel, GeneratorModel, Images, Manifest, ModelSource};

const MANIFEST: &str = r#"
[[model]]
name = "dcgan"
kind = "generator"
file = "dcgan_faces32.onnx"
sha256 = "859ebcb67661c9fdaffc4a5075d5bd5d637100747ae2a1fb9ff3cff1955ce69f"
bytes = 3489640
input = "z"
output = "image"
latent_dim = 100
image_size = [32, 32]
value_range = [-1.0, 1.0]
natural_norm = 5.8

[[model]]
name = "squeezenet"
kind = "cnn"
file = "squeezenet1_1_imagenet.onnx"
sha256 = "7dec840e547695c062af2ba3ab6e48188011c959c107223fe0f727899c5c499e"
bytes = 4954248
input = "data"
input_size = [227, 227]
value_range = [0.0, 255.0]
mean = [123.68, 116.779, 103.939]
"#;

/// Half a unit in the last of five digits, with a little for the sum that it is of.
const FIVE_DIGITS: f64 = 6e-5;

/// The generator and the CNN of `folder`.
///
/// # Errors
/// If a file is not there, or another one.
pub(super) fn networks(folder: &Path) -> Result<(GeneratorModel, CnnModel), Failure> {
    let manifest = Manifest::parse(MANIFEST)?;
    let (generator, cnn) = (manifest.generator("dcgan")?, manifest.cnn("squeezenet")?);
    Ok((
        GeneratorModel::load(generator, &ModelSource::File(folder.join(&generator.file)))?,
        CnnModel::load(cnn, &ModelSource::File(folder.join(&cnn.file)))?,
    ))
}

/// Runs `check` on the same backend with the real pair, or says why not.
fn with_networks(
    backend: &Backend<'_>,
    check: impl FnOnce(&Backend<'_>) -> Result<(), Failure>,
) -> Result<Outcome, Failure> {
    let Some(folder) = backend.real.as_deref().filter(|folder| folder.is_dir()) else {
        return Ok(Outcome::Skipped("the networks with real weights are not here".to_owned()));
    };
    let (generator, cnn) = networks(folder)?;
    let real = Backend { generator, cnn, reference: None, real: None, ..*backend };
    check(&real).map(|()| Outcome::Passed)
}

impl Backend<'_> {
    /// Compares with a number stated to five digits.
    fn stated(&self, what: &str, found: f64, stated: f64) -> Result<(), Failure> {
        let tolerance = self.tolerance();
        // What the processor may differ by is in the digits; elsewhere the sums differ more.
        let tolerance = if tolerance.same == 0.0 { FIVE_DIGITS } else { tolerance.other };
        close(what, found, stated, stated.abs(), tolerance)
    }
}

/// The generator renders the reference image.
pub(super) fn generator_renders_the_reference_image(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    with_networks(backend, |backend| {
        #[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
        let code: Vec<f32> = (0..100).map(|i| f64::from(i).cos() as f32).collect();
        let images = backend.generator.session(backend.runtime, backend.options)?.generate(&code)?;
        // The reference is in the file's range of values, [-1, 1].
        let raw: Vec<f32> = images.as_slice().iter().map(|x| 2.0 * x - 1.0).collect();
        backend.stated("mean", mean(&raw), -0.147_351)?;
        for (row, column, stated) in [(16, 16, [0.85915, 0.46050, 0.049128]), (0, 31, [0.18236, 0.065782, -0.15999])] {
            for (channel, stated) in stated.into_iter().enumerate() {
                backend.stated("pixel", raw[(channel * 32 + row) * 32 + column].into(), stated)?;
            }
        }
        Ok(())
    })
}

/// The reference image of the CNN, brought to [0, 1].
fn waves() -> Result<Images, Failure> {
    let pixel = |i: usize| {
        let (c, y, x) = (i / (227 * 227), i / 227 % 227, i % 227);
        let value = 60.0 * (0.05 * x as f64 + 0.03 * y as f64 + c as f64).sin();
        (value + [123.68, 116.779, 103.939][c]) / 255.0
    };
    #[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
    let pixels = (0..3 * 227 * 227).map(|i| pixel(i) as f32).collect();
    Ok(Images::new(pixels, [1, 3, 227, 227])?)
}

/// The CNN answers the reference image.
pub(super) fn cnn_answers_the_reference_image(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    with_networks(backend, |backend| {
        let layers = ["pool1", "fire5/concat", "fire8/concat", "logits", "prob"];
        let mut session = backend.cnn.session(backend.runtime, &layers, backend.options)?;
        let Ok([pool1, fire5, fire8, logits, prob]) = <[_; 5]>::try_from(session.activations(&waves()?)?) else {
            return Err(broken("five layers were asked for"));
        };
        backend.stated("pool1", mean(&pool1.data), 11.997)?;
        backend.stated("fire5", mean(&fire5.data), 10.197)?;
        backend.stated("fire8", mean(&fire8.data), 4.4101)?;
        backend.stated("fire8/concat:50:6:6", fire8.data[(50 * 13 + 6) * 13 + 6].into(), 3.6251)?;
        for (class, stated) in [1.1816, 9.0485, 4.5565, 4.2289].into_iter().enumerate() {
            backend.stated("logit", logits.data[class].into(), stated)?;
        }
        let largest = logits.data.iter().copied().fold(f32::MIN, f32::max);
        backend.stated("largest logit", largest.into(), 14.076)?;
        backend.stated("prob", prob.data[818].into(), 0.22017)?;
        let mut classes: Vec<usize> = (0..1000).collect();
        classes.sort_by(|&a, &b| prob.data[b].total_cmp(&prob.data[a]));
        if classes[..5] == [818, 644, 626, 562, 885] {
            Ok(())
        } else {
            Err(broken(format!("the first five classes are {:?}", &classes[..5])))
        }
    })
}

/// The joined graph of two networks in different opsets, and the two sessions where those cannot be joined.
pub(super) fn fused_equals_separate(backend: &Backend<'_>) -> Result<Outcome, Failure> {
    with_networks(backend, |backend| {
        let images = backend.images(3)?;
        for unit in ["fire3/concat:5", "relu_conv10:818:3:4", "logits:7", "prob:2"] {
            pair::unit_equals_separate(backend, &[unit], &images)?;
        }
        Ok(())
    })
}
