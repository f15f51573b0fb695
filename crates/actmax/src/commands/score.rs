//! `actmax score`.

use std::io::Write;

use experiments::place_whole;
use gen_models::{CnnModel, CnnSession, LayerInfo, Runtime, SessionOptions};
use progress::ItemProgress;

use crate::console::{counted, say};
use crate::geometry_args::shown;
use crate::pictures::session_options;
use crate::score::{Columns, ScoreArgs, Scores, Stimuli, record};
use crate::{CommandError, Library};

/// Scores images, and records layers; the table goes to `out` unless a file is named.
pub(super) fn run(library: &Library, args: &ScoreArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let cnn = library.cnn(&args.cnn)?;
    let layers = library.layers(&cnn)?;
    let runtime = Runtime::get(&say)?;
    let defaults = session_options();
    let threads = args.threads.map_or(defaults.threads, usize::from);
    let options = SessionOptions { threads, device: args.device.resolve(runtime)?, ..defaults };
    // What is wrong with units, files and layers shows before an image is read.
    let mut columns = Columns::open(args, &cnn, &layers, runtime, options)?;
    let mut recorded = Vec::new();
    for name in args.recorded_layers() {
        recorded.push(opened(name, &cnn, &layers, runtime, options)?);
    }
    let input = cnn.spec().input_size;
    let generator = || {
        let generator = library.generator(&args.generator)?;
        let geometry = args.geometry.resolve(generator.spec().image_size, Some(input))?;
        Ok(shown(&generator, geometry)?.session(runtime, options)?)
    };
    let mut stimuli = Stimuli::read(&args.stimuli, args.geometry, input, generator)?;
    if !columns.is_empty() {
        let mut rows = Vec::new();
        let progress = ItemProgress::new("scoring", stimuli.names().len(), args.quiet);
        stimuli.for_each(progress, |images| columns.score(images, &mut rows))?;
        write(args, &columns.table(rows), &mut stimuli, out)?;
    }
    if !recorded.is_empty() {
        record(args, &mut recorded, &mut stimuli)?;
        let shapes: Vec<String> = recorded.iter().map(|(name, layer, _)| format!("{name} {:?}", layer.shape)).collect();
        let images = counted(stimuli.names().len(), "image");
        tell(args, &format!("recorded {} of {images} in {}", shapes.join(", "), args.recording.display()));
    }
    Ok(())
}

/// The CNN cut at a layer, which its array is named after.
fn opened(
    name: &str,
    cnn: &CnnModel,
    layers: &[LayerInfo],
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<(String, LayerInfo, CnnSession), CommandError> {
    let session = cnn.session(runtime, &[name], options)?;
    let layer = layers.iter().find(|layer| layer.names().any(|other| other == name)).cloned();
    Ok((name.to_owned(), layer.unwrap_or_else(|| LayerInfo::new(name, Vec::new())), session))
}

fn write(args: &ScoreArgs, scores: &Scores, stimuli: &mut Stimuli, out: &mut dyn Write) -> Result<(), CommandError> {
    let table = scores.to_csv(stimuli.names())?;
    match &args.out {
        None => out.write_all(&table)?,
        Some(file) => {
            place_whole(file, &table).map_err(|source| CommandError::Write { path: file.clone(), source })?;
            tell(args, &format!("scores of {} in {}", counted(stimuli.names().len(), "image"), file.display()));
        }
    }
    if let Some(count) = args.top {
        let sheet = scores.top(count.get(), stimuli)?;
        let path = args.sheet.clone();
        place_whole(&path, &sheet).map_err(|source| CommandError::Write { path, source })?;
        tell(args, &format!("the best of them in {}", args.sheet.display()));
    }
    Ok(())
}

/// Standard output is the table's, so this goes to standard error.
fn tell(args: &ScoreArgs, text: &str) {
    if !args.quiet {
        say(text);
    }
}
