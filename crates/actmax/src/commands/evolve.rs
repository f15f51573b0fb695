//! `actmax evolve`.

use std::fs;
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::Path;

use experiments::{Evolution, Evolver, Journal, Observer, Outcome, Provenance, RunFolder, RunSummary, SUMMARY_FILE};
use gen_models::{GeneratorSession, Runtime, SessionOptions, UnitScorer};
use networks::provenance;
use optim_core::{Objective, Population};

use super::Ending;
use crate::cli::EvolveArgs;
use crate::console::{counted, say, shell_word};
use crate::evolve::{
    EvolveSummary, ImageSource, Outputs, Progress, ReferenceScores, Resumed, SessionTime, Setup, UnitObjective, folder,
    published_name, stop_flag,
};
use crate::{CommandError, Library, view};

/// Images that are computed at once: a generation of any published method fits.
const BATCH: usize = 64;

/// Runs an evolution and writes its files; Ctrl-C ends it.
pub(super) fn run(library: &Library, args: &EvolveArgs, out: &mut dyn Write) -> Result<Ending, CommandError> {
    if let Some(session) = &args.scores_from {
        return super::told_again::run(library, args, session, out);
    }
    let ending = evolve(library, args, out, || stop_flag("stopping after this generation"))?;
    if ending == Ending::Interrupted {
        say(&format!("interrupted; go on with: actmax evolve --resume --out {}", shell_word(&folder(args)?)));
    }
    Ok(ending)
}

/// Runs an evolution and writes its files, as `actmax evolve` does. What it finds goes to `out`; `stop` gives the observer
/// that ends the run early, once everything is loaded.
///
/// # Errors
/// If the arguments do not fit, a file cannot be written, or the networks fail.
pub fn evolve<S: Observer>(
    library: &Library,
    args: &EvolveArgs,
    out: &mut dyn Write,
    stop: impl FnOnce() -> Result<S, CommandError>,
) -> Result<Ending, CommandError> {
    let path = folder(args)?;
    let resumed = if args.resume { Some(Resumed::read(&path)?) } else { None };
    let setup = Setup::new(args, library, resumed.as_ref())?;
    let runtime = Runtime::get(&say)?;
    let options = session_options(args, runtime)?;
    let provenance = provenance(runtime, options);
    let storage = match resumed {
        Some(_) => Some(Storage::resume(&path, &setup, &provenance)?),
        None => None,
    };
    // A finished run is gone through again, without an evaluation, if files are missing or there is something to compare
    // it with.
    let only = storage.as_ref().filter(|_| args.reference.is_none()).and_then(|storage| storage.missing(&setup));
    let published = args.published_codes && !path.join(published_name(&path)).exists();
    if only.as_ref().is_some_and(Vec::is_empty) && !published {
        writeln!(out, "the run in {} is finished already, nothing was changed", path.display())?;
        if !setup.spec.stop.is_empty() {
            writeln!(out, "other stops go on with it, such as --stop-score none; so does a larger --generations")?;
        }
        return Ok(Ending::Done);
    }
    setup.needs.check_disk("the run", &path)?;
    // What is wrong with the networks shows before there is a folder.
    let networks = Networks::load(&setup, runtime, options)?;
    let references = references(args, &setup, runtime, options)?;
    let storage = match storage {
        Some(storage) => storage,
        None => Storage::create(&path, &setup, &provenance, args.overwrite)?,
    };
    let page = if args.live { Some(view::serve(library, &[path], 0)?) } else { None };
    if let Some(page) = &page {
        say(&format!("the live page is {}", page.url()));
    }
    let run = PreparedRun {
        setup,
        networks,
        storage,
        provenance,
        references,
        only,
        quiet: args.quiet,
        published: args.published_codes,
    };
    run.announce(args.resume);
    run.evolve(out, stop)
}

/// Scores of the reference images, if there are any.
fn references(
    args: &EvolveArgs,
    setup: &Setup,
    runtime: &Runtime,
    options: SessionOptions,
) -> Result<Option<ReferenceScores>, CommandError> {
    let Some(folder) = &args.reference else { return Ok(None) };
    let mut scorer = UnitScorer::for_target(&setup.cnn, &setup.target, runtime, options)?;
    ReferenceScores::measure(folder, &mut scorer, setup.geometry(), args.quiet).map(Some)
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
struct Storage {
    folder: RunFolder,
    journal: Journal,
}

impl Storage {
    fn create(path: &Path, setup: &Setup, here: &Provenance, overwrite: bool) -> Result<Self, CommandError> {
        let folder = RunFolder::create(path, overwrite)?;
        if let Some(initial) = &setup.initial {
            folder.write_atomic(experiments::INITIAL_CODES_FILE, &initial.to_npy()?)?;
        }
        if let Some((name, bytes)) = &setup.copy {
            folder.write_atomic(name, bytes)?;
        }
        let journal = Journal::create(&folder.journal(), &setup.spec, setup.plan.keep, here)?;
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

    /// The files of a finished run that are not there; none if the run is not finished.
    ///
    /// A run is finished if all generations were scored, or a stop rule that it still has ended it, and all files were
    /// written. The summary is written last, so it tells whether the other files are of the finished run.
    fn missing(&self, setup: &Setup) -> Option<Vec<&'static str>> {
        let path = self.folder.path();
        let summary = serde_json::from_slice::<EvolveSummary>(&fs::read(path.join(SUMMARY_FILE)).ok()?).ok()?;
        let RunSummary { outcome, generations_done, ref spec, .. } = summary.run;
        let finished = self.recorded() == generations_done as usize
            && match outcome {
                Outcome::Finished => generations_done == setup.spec.generations,
                Outcome::Stopped => *spec == setup.spec,
                Outcome::Interrupted => false,
            };
        let files = Outputs::of_finished_run(setup.plan.keep, setup.geometry()).into_iter();
        finished.then(|| files.filter(|file| !path.join(file).exists()).collect())
    }
}

/// What is loaded into ONNX Runtime.
struct Networks {
    objective: UnitObjective,
    generator: GeneratorSession,
}

impl Networks {
    fn load(setup: &Setup, runtime: &Runtime, options: SessionOptions) -> Result<Self, CommandError> {
        Ok(Self {
            objective: UnitObjective::load(setup, runtime, options)?,
            generator: setup.generator.session(runtime, options)?,
        })
    }
}

/// A run of which everything is checked and loaded.
struct PreparedRun {
    setup: Setup,
    networks: Networks,
    storage: Storage,
    provenance: Provenance,
    references: Option<ReferenceScores>,
    /// The files that are to be written; none: all.
    only: Option<Vec<&'static str>>,
    quiet: bool,
    /// Whether the last generation is written as the published scripts have it.
    published: bool,
}

impl PreparedRun {
    fn announce(&self, resumed: bool) {
        if self.quiet {
            return;
        }
        let Setup { spec, initial, .. } = &self.setup;
        let begins = match self.storage.recorded() {
            0 => counted(spec.generations as usize, "generation"),
            recorded => format!("resuming after generation {recorded} of {}", spec.generations),
        };
        let folder = self.storage.folder.path().display();
        say(&format!("{}, {}: {begins}, into {folder}", self.setup.title(), spec.method.name()));
        if let Some(initial) = initial.as_ref().filter(|_| !resumed) {
            say(&initial.describe());
        }
        if let Some(ratio) = self.setup.norm_ratio().filter(|ratio| !resumed && !ratio.is_far()) {
            say(&format!("codes start with {ratio}"));
        }
    }

    /// Evolves and writes the files.
    fn evolve<S: Observer>(
        self,
        out: &mut dyn Write,
        stop: impl FnOnce() -> Result<S, CommandError>,
    ) -> Result<Ending, CommandError> {
        let Self { setup, networks, storage, provenance, references, only, quiet, published } = self;
        let Networks { mut objective, mut generator } = networks;
        let (title, replayed, geometry) = (setup.title(), storage.recorded(), setup.geometry());
        let mut progress = Progress::new(quiet, setup.spec.goal);
        setup.warnings().into_iter().for_each(|warning| progress.warn(warning));
        let Setup { spec, plan, optimizer, .. } = setup;
        let Storage { folder, journal } = storage;
        let mut stop = stop()?;
        let evolution = Evolver::new(optimizer, plan)?
            .with_journal(journal)
            .with_observer(&mut progress)
            .with_observer(&mut stop)
            .run(&mut objective)
            .or_else(|error| folder.discard_unscored().map_err(CommandError::from).and(Err(error.into())))?;
        let onnx_seconds = SessionTime::of(&evolution, replayed, objective.session_seconds());
        let final_mean_score = final_mean_score(&evolution, &mut objective)?;
        let best = evolution.best_clean.as_ref().map(|best| best.score);
        let references = references.as_ref();
        let reference =
            references.zip(best).map(|(references, best)| references.compare(best, spec.goal)).transpose()?;
        let summary = EvolveSummary {
            run: RunSummary::new(&evolution, &spec, &provenance, final_mean_score),
            onnx_seconds,
            reference,
            warnings: progress.into_warnings(),
        };
        let optimizer = spec.method.name();
        let generator: Option<&mut dyn ImageSource> = Some(&mut generator);
        let recorded = false;
        let outputs = Outputs {
            folder: &folder,
            generator,
            geometry,
            evolution: &evolution,
            optimizer,
            references,
            only,
            recorded,
            title,
            published,
        };
        let files = outputs.write(&summary)?;
        if !quiet {
            summary.write_text(out)?;
            writeln!(out, "files              {} in {}", files.join(", "), folder.path().display())?;
            if let Some(geometry) = geometry {
                writeln!(
                    out,
                    "presented          {geometry}: stimulus.png and progress.png; best.png is the image alone"
                )?;
            }
        }
        Ok(if evolution.outcome == Outcome::Interrupted { Ending::Interrupted } else { Ending::Done })
    }
}

/// Clean score of the mean code of the last generation.
fn final_mean_score(evolution: &Evolution, objective: &mut UnitObjective) -> Result<Option<f64>, CommandError> {
    let Some(mean) = &evolution.final_mean else { return Ok(None) };
    let mut scores = Vec::new();
    objective.evaluate(&Population::from_rows(evolution.dim, mean), &mut scores)?;
    Ok(scores.first().copied())
}
