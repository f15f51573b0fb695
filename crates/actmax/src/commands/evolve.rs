//! `actmax evolve`.

use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

use experiments::{Evolution, Evolver, Journal, Keep, Outcome, Provenance, RunFolder, RunSummary, SUMMARY_FILE};
use gen_models::{FusedModel, FusedObjective, GeneratorSession, Runtime, SessionOptions, UnitScorer};
use networks::provenance;
use optim_core::{Objective, Population};

use super::Ending;
use crate::cli::EvolveArgs;
use crate::console::say;
use crate::evolve::{
    EvolveSummary, InitialCodes, Outputs, Progress, ReferenceScores, Resumed, SessionTime, Setup, folder, stop_flag,
};
use crate::{CommandError, Library};

/// Images that are computed at once: a generation of any published method fits.
const BATCH: usize = 64;

/// Runs an evolution and writes its files.
pub(super) fn run(library: &Library, args: &EvolveArgs, out: &mut dyn Write) -> Result<Ending, CommandError> {
    let path = folder(args)?;
    let resumed = if args.resume { Some(Resumed::read(&path)?) } else { None };
    let setup = Setup::new(args, library, resumed.as_ref())?;
    let runtime = Runtime::get(&say)?;
    let options = session_options(args, runtime)?;
    let provenance = provenance(runtime, options);
    let place = match resumed {
        Some(_) => Some(Place::resume(&path, &setup, &provenance)?),
        None => None,
    };
    // A finished run is gone through again where there is something to compare it with: its scores are recorded.
    if args.reference.is_none() && place.as_ref().is_some_and(|place| place.is_finished(&setup)) {
        writeln!(out, "the run in {} is finished already, nothing was changed", path.display())?;
        return Ok(Ending::Done);
    }
    // What is wrong with the networks shows before there is a folder.
    let networks = Networks::load(&setup, runtime, options)?;
    let references = references(args, &setup, runtime, options)?;
    let place = match place {
        Some(place) => place,
        None => Place::create(&path, &setup, &provenance, args.overwrite)?,
    };
    if !args.quiet {
        say(&announcement(&setup, &place));
    }
    evolve(setup, networks, place, &provenance, references.as_ref(), args.quiet, out)
}

/// Scores of the reference images, if there are any.
fn references(
    args: &EvolveArgs,
    setup: &Setup,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<Option<ReferenceScores>, CommandError> {
    let Some(folder) = &args.reference else { return Ok(None) };
    let mut scorer = UnitScorer::new(&setup.cnn, &setup.mixture, runtime, options)?;
    ReferenceScores::measure(folder, &mut scorer, args.quiet).map(Some)
}

fn session_options(args: &EvolveArgs, runtime: &Runtime) -> Result<SessionOptions, CommandError> {
    let cores = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    Ok(SessionOptions {
        threads: args.threads.unwrap_or_else(cores).get(),
        device: args.device.resolve(runtime)?,
        batch_size: args.batch.map_or(BATCH, NonZeroUsize::get),
    })
}

/// The folder and the journal of a run.
struct Place {
    folder: RunFolder,
    journal: Journal,
}

impl Place {
    fn create(path: &Path, setup: &Setup, here: &Provenance, overwrite: bool) -> Result<Self, CommandError> {
        let initial = setup.initial.as_ref().map(InitialCodes::copy).transpose()?;
        let folder = RunFolder::create(path, overwrite)?;
        if let Some((name, bytes)) = initial {
            folder.write_atomic(&name, &bytes)?;
        }
        let journal = Journal::create(&folder.journal(), &setup.spec, Keep::All, here)?;
        Ok(Self { folder, journal })
    }

    fn resume(path: &Path, setup: &Setup, here: &Provenance) -> Result<Self, CommandError> {
        let folder = RunFolder::resume(path)?;
        let journal = Journal::resume(&folder.journal(), &setup.spec, here)?;
        Ok(Self { folder, journal })
    }

    fn recorded(&self) -> usize {
        self.journal.recorded().len()
    }

    /// Whether all generations were scored and all files written: the summary is the last of them.
    fn is_finished(&self, setup: &Setup) -> bool {
        let summary = fs::read(self.folder.path().join(SUMMARY_FILE)).ok();
        let summary = summary.and_then(|bytes| serde_json::from_slice::<EvolveSummary>(&bytes).ok());
        let outcome = summary.map(|summary| summary.run.outcome);
        self.recorded() == setup.spec.generations as usize && outcome == Some(Outcome::Finished)
    }
}

/// What is loaded into ONNX Runtime.
struct Networks {
    objective: FusedObjective,
    generator: GeneratorSession,
}

impl Networks {
    fn load(setup: &Setup, runtime: &Runtime, options: SessionOptions) -> Result<Self, CommandError> {
        let fused = FusedModel::for_units(&setup.generator, &setup.cnn, &setup.mixture, runtime)?;
        let session = Arc::new(fused.session(runtime, options)?);
        let objective = FusedObjective::new(session, &setup.mixture)?;
        Ok(Self { objective, generator: setup.generator.session(runtime, options)? })
    }
}

fn announcement(setup: &Setup, place: &Place) -> String {
    let (generations, recorded) = (setup.spec.generations, place.recorded());
    let begins = if recorded > 0 {
        format!("resuming after generation {recorded} of {generations}")
    } else {
        format!("{generations} generations")
    };
    format!("{}, {}: {begins}, into {}", setup.title(), setup.spec.method.name(), place.folder.path().display())
}

fn evolve(
    setup: Setup,
    networks: Networks,
    place: Place,
    provenance: &Provenance,
    references: Option<&ReferenceScores>,
    quiet: bool,
    out: &mut dyn Write,
) -> Result<Ending, CommandError> {
    let Networks { mut objective, generator } = networks;
    let title = setup.title();
    let Setup { spec, optimizer, .. } = setup;
    let replayed = place.recorded();
    let Place { folder, journal } = place;
    let mut progress = Progress::new(quiet, spec.goal);
    let mut stop = stop_flag("stopping after this generation")?;
    let evolution = Evolver::new(optimizer, spec.plan())?
        .with_journal(journal)
        .with_observer(&mut progress)
        .with_observer(&mut stop)
        .run(&mut objective)
        .or_else(|error| folder.discard_unscored().map_err(CommandError::from).and(Err(error.into())))?;
    let onnx_seconds = session_time(&evolution, replayed, objective.session_seconds());
    let final_mean_score = final_mean_score(&evolution, &mut objective)?;
    let best = evolution.best_clean.as_ref().map(|best| best.score);
    let reference = references.zip(best).map(|(references, best)| references.place(best, spec.goal)).transpose()?;
    let summary = EvolveSummary {
        run: RunSummary::new(&evolution, &spec, provenance, final_mean_score),
        onnx_seconds,
        reference,
        warnings: progress.into_warnings(),
    };
    let optimizer = spec.method.name();
    let outputs = Outputs { folder: &folder, generator, evolution: &evolution, optimizer, references, title };
    let files = outputs.write(&summary)?;
    if !quiet {
        summary.write_text(out)?;
        writeln!(out, "files              {} in {}", files.join(", "), folder.path().display())?;
    }
    if evolution.outcome == Outcome::Finished {
        return Ok(Ending::Done);
    }
    say(&format!("interrupted; go on with: actmax evolve --resume --out {}", folder.path().display()));
    Ok(Ending::Interrupted)
}

/// Time of the generations that this process evaluated.
fn session_time(evolution: &Evolution, replayed: usize, session: f64) -> SessionTime {
    let here = evolution.seconds.get(replayed..).unwrap_or_default();
    let evaluate = here.iter().map(|seconds| seconds.evaluate).sum();
    SessionTime { session, evaluate, total: here.iter().map(experiments::PhaseSeconds::total).sum() }
}

/// Clean score of the mean code of the last generation.
fn final_mean_score(evolution: &Evolution, objective: &mut FusedObjective) -> Result<Option<f64>, CommandError> {
    let Some(mean) = &evolution.final_mean else { return Ok(None) };
    let mut scores = Vec::new();
    objective.evaluate(&Population::from_rows(evolution.dim, mean), &mut scores)?;
    Ok(scores.first().copied())
}
