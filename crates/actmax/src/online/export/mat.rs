//! Sessions as MAT files of v5: a file a thread, and one of all responses.

use std::path::{Path, PathBuf};

use experiments::Evolution;
use optim_core::to_f32;
use rig_files::mat5::Writer;
use sessions::{Presentation, Recorded, Role};

use super::nwb::template;
use super::whole;
use crate::CommandError;
use crate::online::{OnlineError, Source};

/// Bytes that an array of this format cannot have.
const LARGEST: usize = u32::MAX as usize - 1024;

/// The run of a thread, with the names of `evolution.npz` and of XDream.
pub(super) fn thread(
    source: &Source,
    thread: usize,
    evolution: &Evolution,
    folder: &Path,
) -> Result<PathBuf, CommandError> {
    let path = folder.join(format!("{}.mat", source.name(thread)));
    check_size(&path, evolution.codes_all.len() * 4)?;
    let dim = evolution.dim;
    let mut file = Writer::new();
    file.single_rows("codes_all", dim, &evolution.codes_all);
    column(&mut file, "scores_all", &evolution.scores_all);
    column(&mut file, "cleanscores_all", &evolution.cleanscores_all);
    column(&mut file, "generations", &evolution.generations.iter().copied().map(f64::from).collect::<Vec<_>>());
    file.single_rows("generation_means", dim, &evolution.generation_means);
    column(&mut file, "mean_norms", &evolution.mean_norms);
    file.single_rows("next_codes", dim, &to_f32(evolution.next_codes.as_slice()));
    if let Some(best) = &evolution.best_clean {
        file.single_rows("best_code", dim, &to_f32(&best.code));
    }
    file.single_rows("recommended", dim, &to_f32(&evolution.recommended));
    let (ids, counts) = (image_ids(source, thread, evolution), source.recorded.told(thread));
    file.cells("image_ids", &ids);
    column(&mut file, "nscores", &counts.flat_map(|told| told.counts).copied().map(f64::from).collect::<Vec<_>>());
    file.text("method", source.spec(thread).method.name());
    whole(&path, file.finish())?;
    Ok(path)
}

/// Names of the images of all evaluations, in their order.
pub(super) fn image_ids(source: &Source, thread: usize, evolution: &Evolution) -> Vec<String> {
    let shown = super::nwb::evolved_ids(&source.recorded);
    let (mut generation, mut column) = (0, 0);
    let id = |&of: &u32| {
        column = if of == generation { column } else { 0 };
        generation = of;
        column += 1;
        shown.get(&(thread, of, column - 1)).cloned().unwrap_or_default()
    };
    evolution.generations.iter().map(id).collect()
}

/// All responses, with the names that the Ponce lab's scripts read; returns their number.
pub(super) fn session(recorded: &Recorded, path: &Path) -> Result<usize, CommandError> {
    let presentations = recorded.presentations();
    let layout = recorded.layout();
    let (values, bins) = (recorded.value_names().len(), layout.bins());
    check_size(path, presentations.len() * values * 8)?;
    let name = |shown: &Presentation<'_>| shown.image.as_ref().map_or_else(|| shown.row.name.clone(), template);
    let mut file = Writer::new();
    file.cells("stimulusID", &presentations.iter().map(name).collect::<Vec<_>>());
    let response = |shown: &Presentation<'_>| padded(shown, values);
    let count = presentations.len();
    match layout.bins_ms {
        Some(edges) if bins > 1 => {
            // MATLAB has columns first: channels, then bins, then presentations.
            let turned = |row: Vec<f64>| {
                let channels = values / bins;
                (0..values).map(|i| row[i % channels * bins + i / channels]).collect::<Vec<_>>()
            };
            let rasters: Vec<f64> = presentations.iter().flat_map(|shown| turned(response(shown))).collect();
            file.double("rasters", &[values / bins, bins, count], &rasters);
            file.double("rasterWindow", &[1, 2], &[edges[0], edges[bins]]);
            file.double("bins_ms", &[1, bins + 1], edges);
        }
        _ => {
            file.double("tEvokedResp", &[values, count], &presentations.iter().flat_map(response).collect::<Vec<_>>());
        }
    }
    if let Some(channels) = layout.channels {
        file.cells("channels", channels);
    }
    numbers(&mut file, &presentations);
    records(&mut file, recorded, &presentations);
    whole(path, file.finish())?;
    Ok(count)
}

/// What is said of each presentation in a number: -1 or NaN if there is none.
fn numbers(file: &mut Writer, presentations: &[Presentation<'_>]) {
    let mut add = |name: &str, value: &dyn Fn(&Presentation<'_>) -> f64| {
        column(file, name, &presentations.iter().map(value).collect::<Vec<_>>());
    };
    let thread = |shown: &Presentation<'_>| shown.image.as_ref()?.thread;
    let generation = |shown: &Presentation<'_>| shown.image.as_ref()?.generation;
    add("block", &|shown| f64::from(shown.block));
    add("thread", &|shown| thread(shown).map_or(-1.0, |thread| thread as f64));
    add("generation", &|shown| generation(shown).map_or(-1.0, f64::from));
    add("is_reference", &|shown| f64::from(shown.image.as_ref().is_some_and(|image| image.role == Role::Reference)));
    add("late", &|shown| f64::from(shown.late));
    add("trial", &|shown| shown.row.trial.map_or(f64::NAN, |trial| trial as f64));
    add("t", &|shown| shown.row.t.unwrap_or(f64::NAN));
}

/// `scores_record` and `natscores_record`: generations x threads cells of columns.
fn records(file: &mut Writer, recorded: &Recorded, presentations: &[Presentation<'_>]) {
    let threads = recorded.specs.len();
    let told: Vec<Vec<Vec<f64>>> =
        (0..threads).map(|thread| recorded.told(thread).map(|told| told.scores).collect()).collect();
    let steps = told.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |i: usize| told[i / steps.max(1)].get(i % steps.max(1)).cloned().unwrap_or_default();
    file.cells_of_columns("scores_record", steps, threads, &(0..steps * threads).map(cell).collect::<Vec<_>>());
    let mut natural = vec![Vec::new(); steps * threads];
    for shown in presentations.iter().filter(|shown| !shown.late) {
        let Some(image) = shown.image.as_ref().filter(|image| image.role == Role::Reference) else { continue };
        let Some(step) = shown.step.map(|step| step as usize).filter(|&step| step < steps) else { continue };
        for thread in (0..threads).filter(|&thread| image.thread.is_none_or(|own| own == thread)) {
            natural[thread * steps + step].push(recorded.score(shown.row, thread));
        }
    }
    file.cells_of_columns("natscores_record", steps, threads, &natural);
    let names: Vec<&str> = recorded.config.threads.iter().map(|thread| thread.name.as_str()).collect();
    file.cells("threads", &names);
}

/// The values of a response; a late one may have another number of them.
pub(super) fn padded(shown: &Presentation<'_>, values: usize) -> Vec<f64> {
    let given = shown.row.values.iter().map(|value| value.0);
    given.chain(std::iter::repeat(f64::NAN)).take(values).collect()
}

fn column(file: &mut Writer, name: &str, values: &[f64]) {
    file.double(name, &[values.len(), 1], values);
}

fn check_size(path: &Path, bytes: usize) -> Result<(), OnlineError> {
    if bytes < LARGEST { Ok(()) } else { Err(OnlineError::TooLarge { path: path.to_owned(), bytes }) }
}
