//! `actmax bench-models`.

use std::io::Write;
use std::num::NonZeroUsize;

use gen_models::{Runtime, SessionOptions};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::bench::{Bench, Part, Seconds};
use crate::cli::BenchModelsArgs;
use crate::console::say;
use crate::evolve::{DEFAULT_CNN, DEFAULT_GENERATOR};
use crate::{CommandError, Library};

/// Measures images a second and prints a table, or a line of JSON a measurement.
pub(super) fn run(library: &Library, args: &BenchModelsArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let generator = library.generator(args.generator.as_deref().unwrap_or(DEFAULT_GENERATOR))?;
    let cnn = library.cnn(args.cnn.as_deref().unwrap_or(DEFAULT_CNN))?;
    let runtime = Runtime::get(&say)?;
    let device = args.device.resolve(runtime)?;
    let layers = match &args.layers[..] {
        [] => three_of(
            library.layers(&cnn)?.into_iter().filter(|layer| layer.targetable).map(|layer| layer.name).collect(),
        ),
        layers => layers.to_vec(),
    };
    let title = format!("{} and {} on {device}", generator.spec().name, cnn.spec().name);
    if !args.json {
        writeln!(out, "{title}; the least of {} repeats\n", args.repeats)?;
        writeln!(out, "{:24}  batch  threads  images/s  ms/image  CPU ms/image", "part")?;
    }
    let (parts, settings) = (Part::all(&layers), grid(&args.batches, &args.threads));
    let bar = bar(parts.len() * settings.len());
    for part in &parts {
        for &(batch, threads) in &settings {
            bar.set_message(format!("{part}, {batch} at once on {threads} threads"));
            let options = SessionOptions { threads, device, batch_size: batch };
            let seconds = measure(&mut Bench::new(part, &generator, &cnn, runtime, options)?, args.repeats)?;
            let (wall, cpu) = (seconds.wall / batch as f64, seconds.cpu.map(|cpu| cpu / batch as f64));
            let line = if args.json {
                let line = json!({
                    "generator": generator.spec().name, "cnn": cnn.spec().name, "part": part.to_string(),
                    "device": device.to_string(), "batch": batch, "threads": threads,
                    "images_per_second": 1.0 / wall, "seconds": wall, "cpu_seconds": cpu,
                });
                line.to_string()
            } else {
                let cpu = cpu.map_or_else(|| "-".to_owned(), |cpu| format!("{:.3}", 1e3 * cpu));
                let (rate, wall) = (1.0 / wall, 1e3 * wall);
                format!("{:24}  {batch:5}  {threads:7}  {rate:8.1}  {wall:8.3}  {cpu:>12}", part.to_string())
            };
            bar.suspend(|| writeln!(out, "{line}"))?;
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(())
}

/// The first, the middle and the last of them.
fn three_of(names: Vec<String>) -> Vec<String> {
    let (middle, last) = (names.len() / 2, names.len().saturating_sub(1));
    let chosen = |i: &usize| [0, middle, last].contains(i);
    names.into_iter().enumerate().filter(|(i, _)| chosen(i)).map(|(_, name)| name).collect()
}

/// What is measured, and how much of it all is done; on a terminal only.
fn bar(measurements: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{pos}/{len} {wide_bar} {msg}");
    ProgressBar::new(measurements as u64).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// All combinations.
fn grid(batches: &[NonZeroUsize], threads: &[NonZeroUsize]) -> Vec<(usize, usize)> {
    batches.iter().flat_map(|batch| threads.iter().map(|threads| (batch.get(), threads.get()))).collect()
}

/// Least seconds of a batch; a first run, which makes room in memory, does not count.
fn measure(bench: &mut Bench, repeats: u32) -> Result<Seconds, CommandError> {
    bench.run()?;
    let samples = (0..repeats).map(|_| bench.run()).collect::<Result<Vec<_>, _>>()?;
    Ok(Seconds::least(&samples))
}

#[cfg(test)]
mod tests {
    use super::three_of;

    #[test]
    fn three_layers_are_measured_where_none_is_named() {
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        assert_eq!(three_of(names(8)), ["0", "4", "7"]);
        assert_eq!(three_of(names(3)), ["0", "1", "2"]);
        assert_eq!(three_of(names(2)), ["0", "1"]);
        assert_eq!(three_of(names(0)), Vec::<String>::new());
    }
}
