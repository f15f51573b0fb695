//! How many images a second a generator, a CNN cut at a layer, and the two together make or answer.

use std::fmt;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use gen_models::{
    CnnModel, FusedModel, FusedObjective, GeneratorModel, GeneratorSession, Images, ModelError, Runtime,
    SessionOptions, UnitScorer, WeightedUnits, cosine_codes,
};
use optim_core::{Generator, Objective, Population, Scorer};

/// A batch is repeated for at least this long: the system counts the time of a thread in ticks of some milliseconds.
const LEAST: Duration = Duration::from_millis(100);

/// What is timed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Codes to images.
    Generator,
    /// Images of the generator's size to one unit of a layer.
    Cnn(String),
    /// Codes to one unit of a layer.
    Pair(String),
}

impl Part {
    /// The generator alone, then the CNN and the pair at each of `layers`.
    #[must_use]
    pub fn all(layers: &[String]) -> Vec<Self> {
        let cnn = layers.iter().cloned().map(Self::Cnn);
        std::iter::once(Self::Generator).chain(cnn).chain(layers.iter().cloned().map(Self::Pair)).collect()
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Generator => write!(f, "generator"),
            Self::Cnn(layer) => write!(f, "CNN to {layer}"),
            Self::Pair(layer) => write!(f, "pair to {layer}"),
        }
    }
}

/// Seconds of one batch.
#[derive(Clone, Copy, Debug)]
pub struct Seconds {
    /// By the clock on the wall.
    pub wall: f64,
    /// Of all threads together, which other programs on the machine change less; where the system tells.
    pub cpu: Option<f64>,
}

impl Seconds {
    /// The least of each, which other load only adds to.
    #[must_use]
    pub fn least(samples: &[Self]) -> Self {
        let least = |values: &mut dyn Iterator<Item = f64>| values.reduce(f64::min);
        Self {
            wall: least(&mut samples.iter().map(|sample| sample.wall)).unwrap_or(f64::NAN),
            cpu: least(&mut samples.iter().filter_map(|sample| sample.cpu)),
        }
    }
}

/// A part, loaded, with a batch to run it on.
pub struct Bench {
    loaded: Loaded,
    codes: Population,
}

enum Loaded {
    Generator(GeneratorSession, Vec<f32>),
    Cnn(Box<UnitScorer>, Images),
    Pair(FusedObjective),
}

impl Bench {
    /// Loads a part; a batch is `options.batch_size` codes or images. The unit is the first channel's, in the centre.
    ///
    /// # Errors
    /// If a layer is unknown or cannot be targeted, or ONNX Runtime fails.
    pub fn new(
        part: &Part,
        generator: &GeneratorModel,
        cnn: &CnnModel,
        runtime: &Runtime,
        options: SessionOptions,
    ) -> Result<Self, ModelError> {
        let spec = generator.spec();
        let codes = cosine_codes(options.batch_size, spec.latent_dim, spec.code_norm().value());
        let codes = Population::from_rows(spec.latent_dim, &codes);
        let weighted = |layer: &str| -> Result<WeightedUnits, ModelError> {
            Ok(WeightedUnits::parse(&[format!("{layer}:0")], cnn.layers(runtime)?)?)
        };
        let loaded = match part {
            Part::Generator => {
                let mut single = Vec::new();
                codes.write_f32(&mut single);
                Loaded::Generator(generator.session(runtime, options)?, single)
            }
            Part::Cnn(layer) => {
                let scorer = UnitScorer::new(cnn, &weighted(layer)?, runtime, options)?;
                Loaded::Cnn(Box::new(scorer), waves(options.batch_size, spec.image_size)?)
            }
            Part::Pair(layer) => {
                let weighted = weighted(layer)?;
                let model = FusedModel::for_units(generator, cnn, &weighted, runtime)?;
                Loaded::Pair(FusedObjective::new(Arc::new(model.session(runtime, options)?), &weighted)?)
            }
        };
        Ok(Self { loaded, codes })
    }

    /// Times one batch, as the mean of as many as take a tenth of a second.
    ///
    /// # Errors
    /// If ONNX Runtime fails.
    pub fn run(&mut self) -> Result<Seconds, ModelError> {
        Ok(self.run_with_values()?.0)
    }

    /// Times one batch; also a number an image: the score, or the mean of the image.
    ///
    /// # Errors
    /// If ONNX Runtime fails.
    pub fn run_with_values(&mut self) -> Result<(Seconds, Vec<f64>), ModelError> {
        let mut values = Vec::new();
        let (before, begun, mut batches) = (cpu_seconds(), Instant::now(), 0.0);
        let images = loop {
            let images = match &mut self.loaded {
                Loaded::Generator(session, codes) => Some(session.generate(codes)?),
                Loaded::Cnn(scorer, images) => scorer.score(images, &mut values).map(|()| None)?,
                Loaded::Pair(objective) => objective.evaluate(&self.codes, &mut values).map(|()| None)?,
            };
            batches += 1.0;
            if begun.elapsed() >= LEAST {
                break images;
            }
        };
        let wall = begun.elapsed().as_secs_f64() / batches;
        let cpu = before.zip(cpu_seconds()).map(|(before, after)| (after - before) / batches);
        if let Some(images) = images {
            let mean = |image: &[f32]| image.iter().map(|&x| f64::from(x)).sum::<f64>() / image.len() as f64;
            values.extend((0..images.len()).map(|i| mean(images.image(i))));
        }
        Ok((Seconds { wall, cpu }, values))
    }
}

/// Images `0.5 + 0.45 sin(0.05 x + 0.03 y (1 + n) + 2 c)`.
fn waves(n: usize, [height, width]: [usize; 2]) -> Result<Images, ModelError> {
    let wave = |i: usize| {
        let (x, y, rest) = (i % width, i / width % height, i / (width * height));
        let (c, n) = (rest % 3, rest / 3);
        0.5 + 0.45 * (0.05 * x as f64 + 0.03 * y as f64 * (1 + n) as f64 + 2.0 * c as f64).sin()
    };
    #[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
    let pixels = (0..n * 3 * height * width).map(|i| wave(i) as f32).collect();
    Images::new(pixels, [n, 3, height, width])
}

/// Seconds that this process' threads have computed, where Linux tells.
fn cpu_seconds() -> Option<f64> {
    let of_thread = |folder: fs::DirEntry| {
        let text = fs::read_to_string(folder.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    };
    let threads: Vec<f64> = fs::read_dir("/proc/self/task").ok()?.flatten().filter_map(of_thread).collect();
    (!threads.is_empty()).then(|| threads.iter().sum::<f64>() / 1e9)
}
