//! `cargo xtask gpu-check`: whether networks run on a GPU as on the processor, and how fast.

use std::fs;
use std::path::PathBuf;

use actmax::Library;
use actmax::bench::{Bench, Part, Seconds};
use anyhow::{Context, Result, bail};
use experiments::cpu_model;
use gen_models::suite::{Backend, CHECKS, Failure, Outcome, REGISTERED_CHECKS, Tolerance, registered_pairs};
use gen_models::{
    Architecture, CnnModel, Conversion, ConvolutionSearch, CudaOptions, DeviceChoice, ExecutionDevice, GeneratorModel,
    ModelFolder, PUBLISHED_INPUT_SIZE, Runtime, SessionOptions,
};
use serde_json::{Value, json};

const REFERENCE: &str = include_str!("../../models/reference/tiny-pair.json");

/// Check networks on a GPU against the processor, and measure evaluations a second
///
/// Runs the model suite (gen_models::suite) with the embedded pair and with a pair of true size and made-up weights,
/// and of every registered model whether its layers answer and its images differ, then times generator and AlexNet cut at layers, and writes the results as JSON. Exit status 1 if a check fails or
/// the true-size pair is slower than a tenth of what the GPU's arithmetic allows.
///
/// For a machine without a network: carry this executable (target/release/xtask), ONNX Runtime's GPU build with its
/// provider libraries, and the libraries of CUDA 13 and cuDNN 9, all in one folder; name it with --libraries.
#[derive(clap::Args)]
pub(crate) struct GpuCheckArgs {
    /// Where networks run: cuda, cuda:N or cpu
    #[arg(long, value_name = "DEVICE", default_value = "cuda")]
    device: DeviceChoice,
    /// Full single precision instead of TF32
    #[arg(long)]
    fp32: bool,
    /// Let cuDNN try all of its convolutions
    #[arg(long)]
    exhaustive: bool,
    /// Convolutions on [n, H, W, C]
    #[arg(long)]
    channels_last: bool,
    /// Folder with libonnxruntime.so* and the libraries that it needs
    #[arg(long, value_name = "DIR")]
    libraries: Option<PathBuf>,
    /// Folder with dcgan_faces32.onnx and squeezenet1_1_imagenet.onnx
    #[arg(long, value_name = "DIR")]
    real: Option<PathBuf>,
    /// Folder of registered models [default: the user's own]
    #[arg(long, value_name = "DIR")]
    models: Option<PathBuf>,
    /// Codes at once
    #[arg(long = "batch", value_name = "N", value_delimiter = ',', default_value = "40,160,640")]
    batches: Vec<usize>,
    /// Timed batches, of which the least counts
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    repeats: u32,
    /// All channels of the true-size pair but those of images are divided by this
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=64))]
    narrower: u64,
    /// Write the JSON to this file instead of standard output
    #[arg(long, value_name = "FILE.json")]
    out: Option<PathBuf>,
}

/// Layers of the true-size AlexNet, and 10^9 operations (twice the multiply-adds) of an evaluation to there, the
/// generator's 2.013 included.
const LAYERS: [(&str, f64); 7] = [
    ("conv2", 2.607),
    ("conv3", 2.831),
    ("conv4", 3.130),
    ("conv5", 3.330),
    ("fc6", 3.405),
    ("fc7", 3.439),
    ("fc8", 3.447),
];

/// Operations a second of an H200 in TF32 and in full single precision.
const TF32_RATE: f64 = 400e12;
const FULL_RATE: f64 = 67e12;

/// Shares of the limit of arithmetic that must be reached, and that are aimed at.
const FLOOR: f64 = 0.1;
const AIM: f64 = 1.0 / 3.0;

/// Two networks that are checked and timed together.
struct Pair {
    name: &'static str,
    generator: GeneratorModel,
    cnn: CnnModel,
    reference: Option<Value>,
    /// Layers, with what an evaluation costs where that is known.
    layers: Vec<(String, Option<f64>)>,
}

pub(crate) fn run(args: &GpuCheckArgs) -> Result<()> {
    let runtime = match &args.libraries {
        Some(folder) => Runtime::load(&library_in(folder)?)?,
        None => Runtime::get(&|message| eprintln!("{message}"))?,
    };
    let search = if args.exhaustive { ConvolutionSearch::Exhaustive } else { ConvolutionSearch::Heuristic };
    let cuda =
        CudaOptions { full_precision: args.fp32, search, channels_last: args.channels_last, ..CudaOptions::default() };
    let device = args.device.resolve(cuda, runtime, &|message| eprintln!("{message}"))?;
    let place = tempfile::tempdir().context("cannot make a folder for the true-size pair")?;
    let (mut checks, mut speeds) = (Vec::new(), Vec::new());
    for pair in [embedded()?, true_size(&ModelFolder::new(place.path()), args)?] {
        check(args, &pair, runtime, device, &mut checks);
        measure(args, &pair, runtime, device, &mut speeds)?;
    }
    check_registered(args, runtime, device, &mut checks)?;
    let failed = checks.iter().filter(|check| check["outcome"] == "failed").count();
    let slow = speeds.iter().filter(|speed| speed["below_floor"] == true).count();
    let report = json!({
        "device": device.to_string(), "processor": cpu_model(), "library": runtime.path(),
        "build": runtime.build_info(), "version": env!("CARGO_PKG_VERSION"),
        "tolerance": { "same": Tolerance::of(device).same, "other": Tolerance::of(device).other },
        "checks": checks, "failed": failed, "speeds": speeds, "below_floor": slow,
    });
    let text = serde_json::to_string_pretty(&report)?;
    match &args.out {
        Some(path) => fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?,
        None => println!("{text}"),
    }
    if failed + slow > 0 {
        bail!("{failed} checks failed, {slow} measurements are below a tenth of the limit");
    }
    Ok(())
}

/// ONNX Runtime's library in a folder, whatever its version.
fn library_in(folder: &std::path::Path) -> Result<PathBuf> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let is_it =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libonnxruntime.so"));
    let found = entries.flatten().map(|entry| entry.path()).find(is_it);
    found.with_context(|| format!("there is no libonnxruntime.so in {}", folder.display()))
}

fn embedded() -> Result<Pair> {
    let library = Library::embedded()?;
    let (generator, cnn) = (library.generator("tiny-deepsim")?, library.cnn("tiny-alexnet")?);
    let layers = ["conv2", "conv5", "fc8"].map(|layer| (layer.to_owned(), None)).to_vec();
    Ok(Pair { name: "embedded", generator, cnn, reference: Some(serde_json::from_str(REFERENCE)?), layers })
}

/// The fc6 generator and AlexNet with made-up weights.
fn true_size(folder: &ModelFolder, args: &GpuCheckArgs) -> Result<Pair> {
    let width = usize::try_from(args.narrower)?;
    for architecture in [Architecture::DeepsimFc6, Architecture::Alexnet] {
        let conversion = Conversion {
            name: architecture.name().to_owned(),
            architecture,
            width,
            input_size: PUBLISHED_INPUT_SIZE,
            origin: "made up".to_owned(),
            licence: String::new(),
        };
        let converted = conversion.with_made_up_weights()?;
        folder.add(&converted.spec, &converted.encoded)?;
    }
    let manifest = folder.manifest()?;
    let (generator, cnn) = (manifest.generator("deepsim-fc6")?, manifest.cnn("alexnet")?);
    let known = |operations| (width == 1).then_some(1e9 * operations);
    Ok(Pair {
        name: "true size",
        generator: GeneratorModel::load(generator, &folder.source(&generator.file))?,
        cnn: CnnModel::load(cnn, &folder.source(&cnn.file))?,
        reference: None,
        layers: LAYERS.iter().map(|(layer, operations)| ((*layer).to_owned(), known(*operations))).collect(),
    })
}

fn check(args: &GpuCheckArgs, pair: &Pair, runtime: &Runtime, device: ExecutionDevice, report: &mut Vec<Value>) {
    let options = SessionOptions { device, ..SessionOptions::default() };
    let (generator, cnn) = (pair.generator.clone(), pair.cnn.clone());
    // Networks of their own, which need checking once only.
    let real = args.real.clone().filter(|_| pair.reference.is_some());
    let backend = Backend { runtime, options, generator, cnn, reference: pair.reference.clone(), real };
    for (name, check) in CHECKS {
        record(pair.name, name, check(&backend), report);
    }
}

/// Checks the models of the user's folder, each with a partner.
fn check_registered(
    args: &GpuCheckArgs,
    runtime: &Runtime,
    device: ExecutionDevice,
    report: &mut Vec<Value>,
) -> Result<()> {
    let folder = args.models.as_ref().map_or_else(ModelFolder::of_user, |path| Ok(ModelFolder::new(path)))?;
    let Pair { generator, cnn, .. } = embedded()?;
    let pairs = registered_pairs(&folder, &generator, &cnn)?;
    if pairs.is_empty() {
        let reason = format!("no model is registered in {}", folder.path().display());
        record("registered", "every_layer_answers", Ok(Outcome::Skipped(reason)), report);
    }
    let options = SessionOptions { device, ..SessionOptions::default() };
    for pair in pairs {
        let name = pair.name.clone();
        match pair.backend(runtime, options) {
            Ok(backend) => {
                REGISTERED_CHECKS
                    .iter()
                    .for_each(|(check_name, check)| record(&name, check_name, check(&backend), report));
            }
            Err(failure) => record(&name, "loads", Err(failure), report),
        }
    }
    Ok(())
}

fn record(pair: &str, check: &str, outcome: Result<Outcome, Failure>, report: &mut Vec<Value>) {
    let (outcome, remark) = match outcome {
        Ok(Outcome::Passed) => ("passed", None),
        Ok(Outcome::Skipped(reason)) => ("skipped", Some(reason)),
        Ok(other) => ("skipped", Some(format!("{other:?}"))),
        Err(failure) => ("failed", Some(failure.to_string())),
    };
    eprintln!("{pair}: {check} {outcome} {}", remark.as_deref().unwrap_or_default());
    report.push(json!({ "pair": pair, "check": check, "outcome": outcome, "remark": remark }));
}

fn measure(
    args: &GpuCheckArgs,
    pair: &Pair,
    runtime: &Runtime,
    device: ExecutionDevice,
    report: &mut Vec<Value>,
) -> Result<()> {
    let rate = match device {
        ExecutionDevice::Cuda(cuda) => Some(if cuda.full_precision { FULL_RATE } else { TF32_RATE }),
        _ => None,
    };
    for (layer, operations) in &pair.layers {
        for &batch in &args.batches {
            let options = SessionOptions { device, batch_size: batch, ..SessionOptions::default() };
            let part = Part::Pair(layer.clone());
            let mut bench = Bench::new(&part, &pair.generator, &pair.cnn, runtime, options)?;
            bench.run()?;
            let samples = (0..args.repeats).map(|_| bench.run()).collect::<Result<Vec<_>, _>>()?;
            let speed = batch as f64 / Seconds::least(&samples).wall;
            let limit = rate.zip(*operations).map(|(rate, operations)| rate / operations);
            let share = limit.map(|limit| speed / limit);
            eprintln!("{}: {layer}, batch {batch}: {speed:.0} evaluations a second", pair.name);
            report.push(json!({
                "pair": pair.name, "layer": layer, "batch": batch, "evaluations_per_second": speed,
                "limit": limit, "share": share, "below_floor": share.map(|share| share < FLOOR),
                "reaches_aim": share.map(|share| share >= AIM),
            }));
        }
    }
    Ok(())
}
