//! Scores random codes at a unit: codes -> images -> CNN -> responses.
//!
//! ```sh
//! cargo run -p gen-models --example score_codes                        # the pair in models/
//! cargo run -p gen-models --example score_codes -- FOLDER GENERATOR CNN LAYER:CHANNEL
//! ```
//!
//! FOLDER holds ONNX files and the `manifest.toml` that describes them.

use std::path::Path;
use std::sync::Arc;

use gen_models::{
    CnnModel, FusedModel, FusedObjective, GeneratorModel, Manifest, ModelSource, Runtime, SessionOptions, WeightedUnits,
};
use optim_core::{Objective, Population, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    gen_models::disable_telemetry();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let embedded = concat!(env!("CARGO_MANIFEST_DIR"), "/../../models");
    let argument = |i: usize, default: &'static str| arguments.get(i).map_or(default, String::as_str).to_owned();
    let folder = argument(0, embedded);
    let (generator, cnn) = (argument(1, "tiny-deepsim"), argument(2, "tiny-alexnet"));

    let manifest = Manifest::from_file(&Path::new(&folder).join("manifest.toml"))?;
    let source = |file: &str| ModelSource::File(Path::new(&folder).join(file));
    let (generator, cnn) = (manifest.generator(&generator)?, manifest.cnn(&cnn)?);
    let generator = GeneratorModel::load(generator, &source(&generator.file))?;
    let cnn = CnnModel::load(cnn, &source(&cnn.file))?;

    // Fetches ONNX Runtime the first time.
    let runtime = Runtime::get(&|message| eprintln!("{message}"))?;
    let units = WeightedUnits::parse(&[argument(3, "fc8:1")], cnn.layers(runtime)?)?;
    let model = FusedModel::for_units(&generator, &cnn, &units, runtime)?;
    let session = Arc::new(model.session(runtime, SessionOptions::default())?);
    let mut objective = FusedObjective::new(session, &units)?;

    let (dim, norm) = (generator.spec().latent_dim, generator.spec().code_norm().value());
    let mut rng = stream_rng(1, Stream::Method, 0);
    let scale = norm / (dim as f64).sqrt();
    let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
    let rows: Vec<f64> = (0..8 * dim).map(|_| scale * normal()).collect();
    let mut scores = Vec::new();
    objective.evaluate(&Population::from_rows(dim, &rows), &mut scores)?;
    for (i, score) in scores.iter().enumerate() {
        println!("code {i}: {units} answers {score:.4}");
    }
    Ok(())
}
