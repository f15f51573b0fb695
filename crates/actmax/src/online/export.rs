//! `actmax session export`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use analysis::figure::evolution::ScoreTrace;
use analysis::style::optimizer_label;
use experiments::{Evolution, Evolver, Goal, RunSpec, write_evolution, write_whole};
use sessions::journal::{self, JOURNAL_FILE};
use sessions::{Event, Responses, SessionConfig, SessionError};

use super::setup::stored_initial;
use super::{ExportArgs, ExportFormat, OnlineError};
use crate::CommandError;
use crate::console::counted;

/// What a session recorded.
struct Recorded {
    names: Vec<String>,
    specs: Vec<RunSpec>,
    events: Vec<(f64, Event)>,
}

/// Writes what was asked for.
pub(super) fn export(args: &ExportArgs, out: &mut dyn Write) -> Result<(), CommandError> {
    let recorded = read(&args.session)?;
    let default = |name: &str| args.out.clone().unwrap_or_else(|| args.session.join("export").join(name));
    match args.format {
        ExportFormat::Csv => {
            let (path, rows) = (default("responses.csv"), table(&recorded)?);
            whole(&path, &rows.0)?;
            writeln!(out, "{} in {}", counted(rows.1, "row"), path.display())?;
        }
        ExportFormat::Npz | ExportFormat::Figures => {
            let folder = default(if args.format == ExportFormat::Npz { "runs" } else { "figures" });
            for thread in 0..recorded.specs.len() {
                let evolution = evolution(&args.session, &recorded, thread)?;
                let path = write_thread(&folder, args.format, &recorded, thread, &evolution)?;
                writeln!(out, "{}: {}", path.display(), counted(evolution.evaluations(), "score"))?;
            }
        }
    }
    Ok(())
}

fn read(folder: &Path) -> Result<Recorded, CommandError> {
    let path = folder.join(JOURNAL_FILE);
    if !path.exists() {
        return Err(OnlineError::NoSession { folder: folder.to_owned() }.into());
    }
    let records = journal::read(&path).map_err(SessionError::from)?;
    let events: Vec<(f64, Event)> = records.into_iter().map(|record| (record.unix_s, record.event)).collect();
    let Some((_, Event::Begun { config, threads, .. })) = events.first() else {
        return Err(SessionError::NoBeginning.into());
    };
    let config = SessionConfig::parse(config).map_err(SessionError::from)?;
    let names = config.threads.into_iter().map(|thread| thread.name).collect();
    Ok(Recorded { names, specs: threads.clone(), events })
}

/// The run of a thread: its method is told the recorded scores again, and must propose the recorded codes.
fn evolution(folder: &Path, recorded: &Recorded, thread: usize) -> Result<Evolution, CommandError> {
    let spec = &recorded.specs[thread];
    let initial = stored_initial(folder, &recorded.names[thread], spec)?;
    let mut evolver = Evolver::new(spec.optimizer(initial.as_ref())?, spec.plan())?;
    for (_, event) in &recorded.events {
        let Event::Told { thread: told, scores, codes_xxh3, generation, .. } = event else { continue };
        if *told != thread {
            continue;
        }
        evolver.ask()?;
        let found = experiments::codes_xxh3(evolver.codes());
        if found != *codes_xxh3 {
            let (recorded, differences) = (codes_xxh3.clone(), Vec::new());
            let generation = *generation;
            return Err(experiments::EvolveError::NotReproduced { generation, recorded, found, differences }.into());
        }
        let scores: Vec<f64> = scores.iter().map(|score| score.0).collect();
        evolver.tell_after(0.0, &scores)?;
    }
    let evolution = evolver.finish()?;
    if evolution.generations_scored() == 0 {
        return Err(OnlineError::Nothing { folder: folder.to_owned() }.into());
    }
    Ok(evolution)
}

fn write_thread(
    folder: &Path,
    format: ExportFormat,
    recorded: &Recorded,
    thread: usize,
    evolution: &Evolution,
) -> Result<PathBuf, CommandError> {
    let (name, spec) = (&recorded.names[thread], &recorded.specs[thread]);
    if format == ExportFormat::Npz {
        let path = folder.join(name).join(experiments::EVOLUTION_FILE);
        let failed = |source| OnlineError::Io { action: "write", path: path.clone(), source };
        let bytes = write_evolution(std::io::Cursor::new(Vec::new()), evolution, None).map_err(failed)?.into_inner();
        whole(&path, &bytes)?;
        return Ok(path);
    }
    let mut scores = vec![Vec::new(); evolution.generations_scored() as usize];
    for (&generation, &score) in evolution.generations.iter().zip(&evolution.scores_all) {
        scores[generation as usize].push(score);
    }
    let figure = ScoreTrace {
        title: format!("{name}, {}: recorded responses", optimizer_label(spec.method.name())),
        optimizer: spec.method.name().to_owned(),
        clean: scores,
        noisy: Vec::new(),
        minimized: spec.goal == Goal::Minimize,
        recorded: true,
    };
    let path = folder.join(format!("{name}.svg"));
    whole(&path, figure.to_svg().as_bytes())?;
    Ok(path)
}

/// A row a presentation, with the number of rows.
fn table(recorded: &Recorded) -> Result<(Vec<u8>, usize), CommandError> {
    let layout = recorded.events.iter().find_map(|(_, event)| match event {
        Event::Scored { responses, .. } => Some(responses.clone()),
        _ => None,
    });
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fixed =
        ["unix_s", "block", "step", "thread", "generation", "column", "role", "id", "name", "trial", "t", "late"];
    let columns = layout.as_ref().map_or_else(Vec::new, value_names);
    let csv_error = |error: csv::Error| CommandError::from(std::io::Error::from(error));
    writer.write_record(fixed.iter().copied().chain(columns.iter().map(String::as_str))).map_err(csv_error)?;
    let (mut shown, mut rows) = (std::collections::HashMap::new(), 0);
    for (unix_s, event) in &recorded.events {
        let (block, responses, late) = match event {
            Event::Offered { block, step, images, .. } => {
                shown.extend(images.iter().map(|image| ((*block, image.id.clone()), (*step, image.clone()))));
                continue;
            }
            Event::Scored { block, responses } => (*block, responses, false),
            Event::Late { block, responses } => (*block, responses, true),
            _ => continue,
        };
        for row in &responses.rows {
            let id = row.id.clone().unwrap_or_default();
            let found = shown.get(&(block, id.clone()));
            let image = found.map(|(_, image)| image);
            let text = |value: Option<String>| value.unwrap_or_default();
            let role = image.map_or(String::new(), |image| format!("{:?}", image.role).to_lowercase());
            let mut record = vec![
                format!("{unix_s:.3}"),
                block.to_string(),
                text(found.map(|(step, _)| step.to_string())),
                text(image.and_then(|image| image.thread).map(|thread| recorded.names[thread].clone())),
                text(image.and_then(|image| image.generation).map(|generation| generation.to_string())),
                text(image.and_then(|image| image.column).map(|column| column.to_string())),
                role,
                id,
                row.name.clone(),
                text(row.trial.map(|trial| trial.to_string())),
                text(row.t.map(|t| t.to_string())),
                u8::from(late).to_string(),
            ];
            let values = row.values.iter().map(|value| value.0.to_string());
            record.extend(values.chain(std::iter::repeat(String::new())).take(columns.len()));
            writer.write_record(&record).map_err(csv_error)?;
            rows += 1;
        }
    }
    let bytes = writer.into_inner().map_err(|error| CommandError::from(error.into_error()))?;
    Ok((bytes, rows))
}

/// Names of the values of a response: channels, or channels with the edges of bins.
fn value_names(responses: &Responses) -> Vec<String> {
    let values = responses.rows.first().map_or(0, |row| row.values.len());
    let edges = responses.bins_ms.as_deref().unwrap_or(&[]);
    let bins = edges.len().saturating_sub(1).max(1);
    let channel = |i: usize| {
        let name = responses.channels.as_ref().and_then(|names| names.get(i));
        name.cloned().unwrap_or_else(|| format!("channel_{i}"))
    };
    let name = |i: usize| match edges.get(i % bins..=i % bins + 1) {
        Some([from, to]) => format!("{}_{from}-{to}ms", channel(i / bins)),
        _ => channel(i),
    };
    (0..values).map(name).collect()
}

fn whole(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let failed = |source| OnlineError::Io { action: "write", path: path.to_owned(), source };
    fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).map_err(failed)?;
    Ok(write_whole(path, |file| file.write_all(bytes)).map_err(failed)?)
}
