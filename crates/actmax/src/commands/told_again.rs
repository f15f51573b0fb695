//! `actmax evolve --scores-from`: the run that a thread of a session is.

use std::io::Write;
use std::path::{Path, PathBuf};

use experiments::{Journal, Provenance, RunFolder, RunSummary};
use gen_models::{GeneratorSession, Runtime};

use super::Ending;
use crate::cli::EvolveArgs;
use crate::console::say;
use crate::evolve::{EvolveSummary, ImageSource, Outputs, Progress, SessionTime, codes_npy};
use crate::online::Source;
use crate::pictures::session_options;
use crate::{CommandError, Library};

/// Tells the method of a thread again what it was told in the session, and writes the files of a run. Nothing is scored.
pub(super) fn run(
    library: &Library,
    args: &EvolveArgs,
    session: &Path,
    out: &mut dyn Write,
) -> Result<Ending, CommandError> {
    let (source, thread) = Source::thread_of(session)?;
    source.check_told(thread)?;
    let (spec, name) = (source.spec(thread), source.name(thread));
    let keep = args.keep_codes.unwrap_or_default();
    let evolver = source.evolver(thread, keep)?;
    let path = args.out.clone().unwrap_or_else(|| default_folder(&source, thread));
    let mut progress = Progress::new(args.quiet, spec.goal);
    let mut generator = generator(library, &source.config(thread).generator, &mut progress)?;
    let folder = RunFolder::create(&path, args.overwrite)?;
    if let Some(initial) = source.initial(thread)? {
        folder.write_atomic(experiments::INITIAL_CODES_FILE, &codes_npy(&initial)?)?;
    }
    let provenance = Provenance::here().with_version("actmax", env!("CARGO_PKG_VERSION"));
    let journal = Journal::create(&folder.journal(), spec, keep, &provenance)?;
    let evolver = evolver.with_journal(journal).with_observer(&mut progress);
    let evolution = source
        .recorded
        .replay(thread, evolver)
        .finish()
        .or_else(|error| folder.discard_unscored().map_err(CommandError::from).and(Err(error.into())))?;
    let onnx = generator.as_ref().map_or(0.0, GeneratorSession::session_seconds);
    let summary = EvolveSummary {
        run: RunSummary::new(&evolution, spec, &provenance, None),
        onnx_seconds: SessionTime::of(&evolution, 0, onnx),
        reference: None,
        warnings: progress.into_warnings(),
    };
    let outputs = Outputs {
        folder: &folder,
        generator: generator.as_mut().map(|generator| generator as &mut dyn ImageSource),
        evolution: &evolution,
        optimizer: spec.method.name(),
        geometry: None,
        references: None,
        only: None,
        recorded: true,
        title: format!("{name}, {}", source.folder.display()),
        published: args.published_codes,
    };
    let files = outputs.write(&summary)?;
    if !args.quiet {
        writeln!(out, "{} of {} generations of {name}", evolution.generations_scored(), spec.generations)?;
        writeln!(out, "files  {} in {}", files.join(", "), folder.path().display())?;
    }
    Ok(Ending::Done)
}

/// The generator, for pictures; a run without pictures is a run too.
fn generator(library: &Library, name: &str, progress: &mut Progress) -> Result<Option<GeneratorSession>, CommandError> {
    match library.generator(name) {
        Ok(model) => Ok(Some(model.session(Runtime::get(&say)?, session_options())?)),
        Err(error) => {
            progress.warn(format!("there are no pictures: {error}"));
            Ok(None)
        }
    }
}

/// `runs/SESSION-THREAD`.
fn default_folder(source: &Source, thread: usize) -> PathBuf {
    let session = source.folder.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Path::new("runs").join(format!("{session}-{}", source.name(thread)))
}
