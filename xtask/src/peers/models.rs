//! What an image costs, ours and PyTorch's on the same graphs in turn.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use actmax::Library;
use actmax::bench::{Bench, Part, Seconds};
use anyhow::{Context, Result, bail};
use gen_models::{CnnModel, ExecutionDevice, GeneratorModel, ModelSpec, Runtime, SessionOptions};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::environment::{interpreter, scripts};

/// Memory formats that PyTorch is run with.
const SETTINGS: [&str; 2] = ["contiguous", "channels_last"];

/// How far scores of the two may be apart, in units of the largest: they add up in another order.
const TOLERANCE: f64 = 1e-3;

#[derive(clap::Args)]
pub(super) struct ModelArgs {
    /// Compare what an image costs, with PyTorch on the same graphs, instead of optimizers
    #[arg(long)]
    pub(super) models: bool,
    /// Generator of --models
    #[arg(long, value_name = "NAME", default_value = "tiny-deepsim")]
    generator: String,
    /// CNN of --models
    #[arg(long, value_name = "NAME", default_value = "tiny-alexnet")]
    cnn: String,
    /// Layers of --models that the CNN is cut at
    #[arg(long = "layer", value_name = "LAYER", value_delimiter = ',', default_value = "conv2,conv5,fc8")]
    layers: Vec<String>,
    /// Images at once of --models
    #[arg(long = "batch", value_name = "N", value_delimiter = ',', default_value = "40")]
    batches: Vec<NonZero<usize>>,
    /// Threads of --models
    #[arg(long, value_name = "N", value_delimiter = ',', default_value = "1,2")]
    threads: Vec<NonZero<usize>>,
    /// Folder of registered models for --models
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
}

/// PyTorch in a process that answers requests.
struct Torch {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    versions: String,
}

#[derive(Deserialize)]
struct Answer {
    wall: f64,
    cpu: f64,
    values: Vec<f64>,
}

impl Torch {
    fn start(python: &Path, specification: &Value) -> Result<Self> {
        let file = tempfile::NamedTempFile::new()?;
        serde_json::to_writer(&file, specification)?;
        let mut command = Command::new(python);
        command.args(["-W", "ignore"]).arg(scripts().join("models.py")).arg(file.path());
        command.env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot run {}", python.display()))?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            bail!("PyTorch's process has no standard input or output");
        };
        let mut torch = Self { child, requests, answers: BufReader::new(answers), versions: String::new() };
        let versions: Map<String, Value> = torch.answer()?;
        let named = versions.iter().map(|(name, version)| format!("{name} {}", version.as_str().unwrap_or_default()));
        torch.versions = named.collect::<Vec<_>>().join(", ");
        Ok(torch)
    }

    fn answer<T: for<'a> Deserialize<'a>>(&mut self) -> Result<T> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        serde_json::from_str(&line).with_context(|| format!("PyTorch's process answered '{}'", line.trim()))
    }

    fn run(&mut self, part: &Part, batch: usize, threads: usize, setting: &str) -> Result<Answer> {
        let (kind, layer) = match part {
            Part::Generator => ("generator", ""),
            Part::Cnn(layer) => ("cnn", layer.as_str()),
            Part::Pair(layer) => ("pair", layer.as_str()),
        };
        let request = json!({"part": kind, "layer": layer, "batch": batch, "threads": threads, "setting": setting});
        writeln!(self.requests, "{request}")?;
        self.requests.flush()?;
        self.answer()
    }
}

impl Drop for Torch {
    fn drop(&mut self) {
        // Its input ends with this process at the latest; what it answers then is of no interest.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One part at one batch size and number of threads; seconds an image.
struct Row {
    part: Part,
    batch: usize,
    threads: usize,
    ours: f64,
    theirs: [f64; SETTINGS.len()],
}

impl Row {
    /// Theirs at their best over ours.
    fn ratio(&self) -> f64 {
        self.theirs.iter().copied().fold(f64::INFINITY, f64::min) / self.ours
    }
}

/// Compares and returns the Markdown.
pub(super) fn compare(args: &ModelArgs, repeats: u32, venv: Option<&Path>) -> Result<String> {
    let library = Library::open(args.folder.as_deref())?;
    let (generator, cnn) = (library.generator(&args.generator)?, library.cnn(&args.cnn)?);
    let runtime = Runtime::get(&|message| eprintln!("{message}"))?;
    let specification = json!({
        "generator": with_path(&library, &ModelSpec::Generator(generator.spec().clone()))?,
        "cnn": with_path(&library, &ModelSpec::Cnn(cnn.spec().clone()))?,
    });
    let layers = args.layers.iter().map(|name| full_name(&cnn, runtime, name)).collect::<Result<Vec<_>>>()?;
    let mut torch = Torch::start(&interpreter("torch", venv)?, &specification)?;
    let mut rows = Vec::new();
    for part in Part::all(&layers) {
        for batch in &args.batches {
            for threads in &args.threads {
                let row =
                    measure(&part, (&generator, &cnn), runtime, &mut torch, [batch.get(), threads.get()], repeats)?;
                eprintln!("{}", line(&row));
                rows.push(row);
            }
        }
    }
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Ok(format!(
        "{} and {}; {} ({cores} cores); ONNX Runtime {}, {}. Milliseconds an image, the least of {repeats} repeats in \
         turn: CPU time on one thread, wall time on more. Ratio: PyTorch at its best over ours.\n\n{}",
        args.generator,
        args.cnn,
        experiments::cpu_model(),
        gen_models::RUNTIME_VERSION,
        torch.versions,
        markdown(&rows)
    ))
}

/// The manifest's entry with the path of its file.
fn with_path(library: &Library, spec: &ModelSpec) -> Result<Value> {
    let embedded = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../models").join(spec.file());
    let mut entry = serde_json::to_value(spec)?;
    entry["file"] = json!(library.file(spec).unwrap_or_else(embedded));
    Ok(entry)
}

/// The name in the file of a layer that may be given by an alias.
fn full_name(cnn: &CnnModel, runtime: &Runtime, name: &str) -> Result<String> {
    let layers = cnn.layers(runtime)?;
    let found = layers.iter().find(|layer| layer.names().any(|other| other == name));
    Ok(found.with_context(|| format!("{} has no layer '{name}'", cnn.spec().name))?.name.clone())
}

fn measure(
    part: &Part,
    (generator, cnn): (&GeneratorModel, &CnnModel),
    runtime: &Runtime,
    torch: &mut Torch,
    [batch, threads]: [usize; 2],
    repeats: u32,
) -> Result<Row> {
    let options = SessionOptions { threads, device: ExecutionDevice::Cpu, batch_size: batch };
    let mut bench = Bench::new(part, generator, cnn, runtime, options)?;
    let (mut by_us, mut by_them) = (Vec::new(), SETTINGS.map(|_| Vec::new()));
    // The first round loads, makes room in memory, and shows whether both compute the same.
    for round in 0..=repeats {
        let (seconds, values) = bench.run_with_values()?;
        for (setting, samples) in SETTINGS.iter().zip(&mut by_them) {
            let answer = torch.run(part, batch, threads, setting)?;
            if round == 0 {
                check(part, setting, &values, &answer.values)?;
            } else {
                samples.push(Seconds { wall: answer.wall, cpu: Some(answer.cpu) });
            }
        }
        if round > 0 {
            by_us.push(seconds);
        }
    }
    let cost = |samples: &[Seconds]| {
        let least = Seconds::least(samples);
        let seconds = if threads == 1 { least.cpu.unwrap_or(least.wall) } else { least.wall };
        seconds / batch as f64
    };
    Ok(Row { part: part.clone(), batch, threads, ours: cost(&by_us), theirs: by_them.map(|samples| cost(&samples)) })
}

/// Whether both computed the same.
fn check(part: &Part, setting: &str, ours: &[f64], theirs: &[f64]) -> Result<()> {
    let scale = ours.iter().fold(0.0_f64, |largest, x| largest.max(x.abs()));
    let same = ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() <= TOLERANCE * scale);
    if same { Ok(()) } else { bail!("{part}, {setting}: ours gives {ours:?}, PyTorch {theirs:?}") }
}

fn line(row: &Row) -> String {
    let Row { part, batch, threads, ours, theirs } = row;
    let mut text = format!("| {part} | {batch} | {threads} | {:.3} ", 1e3 * ours);
    for seconds in theirs {
        let _ = write!(text, "| {:.3} ", 1e3 * seconds);
    }
    let _ = write!(text, "| {:.2} |", row.ratio());
    text
}

fn markdown(rows: &[Row]) -> String {
    let mut text = String::from("| part | batch | threads | ours ");
    SETTINGS.iter().for_each(|setting| text += &format!("| PyTorch, {setting} "));
    text += "| ratio |\n|---|---|---|---|---|---|---|\n";
    rows.iter().for_each(|row| text += &(line(row) + "\n"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peers_best_setting_counts() {
        let row = Row { part: Part::Generator, batch: 40, threads: 1, ours: 0.01, theirs: [0.03, 0.02] };
        assert!((row.ratio() - 2.0).abs() < 1e-12);
        assert_eq!(line(&row), "| generator | 40 | 1 | 10.000 | 30.000 | 20.000 | 2.00 |");
        let table = markdown(&[row]);
        let mut counts = table.lines().map(|line| line.matches('|').count());
        assert!(counts.all(|count| count == 8), "{table}");
    }

    #[test]
    fn other_results_are_no_comparison() {
        let part = Part::Pair("conv2".to_owned());
        assert!(check(&part, "contiguous", &[1.0, 2.0], &[1.0, 2.0005]).is_ok());
        assert!(check(&part, "contiguous", &[1.0, 2.0], &[1.0, 2.1]).is_err());
        assert!(check(&part, "contiguous", &[1.0, 2.0], &[1.0]).is_err());
    }
}
