//! A run that is kept in a folder, as `actmax evolve` keeps one.

use std::path::Path;

use experiments::{
    EvolveError, Evolver, FolderError, Goal, JOURNAL_FILE, Journal, Keep, Needs, Provenance, RunFolder, RunSpec,
    RunSummary, codes_to_npy,
};
use gen_models::GeneratorSession;
use optim_core::{Population, TellError};
use serde::{Deserialize, Serialize};

use super::opening::{OpeningError, Start};
use super::reply::Conclusion;
use super::request::Refused;
use crate::CommandError;
use crate::evolve::{EvolveSummary, ImageSource, InitialCodes, Outputs, SessionTime, Warnings, read_header};

/// Length of a run where the client gives none: that of `actmax evolve`.
const GENERATIONS: u32 = 75;

/// What the journal says of the objective.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClientScores {
    /// Who scores: always [`Client::AskTell`].
    scores: Client,
    /// Name of the generator, if there is one.
    pub(super) generator: Option<String>,
    /// SHA-256 of its file, hexadecimal.
    generator_sha256: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
enum Client {
    #[serde(rename = "client of actmax ask-tell")]
    AskTell,
}

impl ClientScores {
    pub(super) fn of(generator: Option<&gen_models::GeneratorSpec>) -> Self {
        Self {
            scores: Client::AskTell,
            generator: generator.map(|spec| spec.name.clone()),
            generator_sha256: generator.and_then(|spec| spec.sha256.clone()),
        }
    }

    fn of_run(spec: &RunSpec, folder: &Path) -> Result<Self, OpeningError> {
        let other = || OpeningError::OtherRun { folder: folder.to_owned() };
        let words = spec.objective.other().ok_or_else(other)?;
        serde_json::from_value(words.clone()).map_err(|_| other())
    }
}

/// A run that was begun before: what its journal says.
pub(super) struct Recorded {
    spec: RunSpec,
    pub(super) scores: ClientScores,
}

impl Recorded {
    pub(super) fn read(folder: &Path) -> Result<Self, CommandError> {
        let spec = read_header(&folder.join(JOURNAL_FILE))?.spec;
        let scores = ClientScores::of_run(&spec, folder)?;
        Ok(Self { spec, scores })
    }
}

/// A method whose present generation is always out, with its folder. Its length is fixed, and all of its files are
/// written when the last generation is scored.
pub(super) struct FolderRun {
    folder: RunFolder,
    spec: RunSpec,
    provenance: Provenance,
    /// None when all generations are scored, or the client wants no more.
    evolver: Option<Evolver<'static>>,
    /// The generation that is out, `N x lambda`; the one that would come next, if the run is over.
    codes: Population,
    generation: u64,
    /// What came of it, when it is over.
    conclusion: Conclusion,
    /// Generations that earlier processes recorded.
    replayed: usize,
    warnings: Warnings,
}

impl FolderRun {
    /// Makes the folder and begins.
    pub(super) fn start(
        path: &Path,
        start: Start,
        scores: &ClientScores,
        provenance: Provenance,
    ) -> Result<Self, CommandError> {
        let Start { method, dim, seed, generations, maximize, x0, .. } = start;
        let spec = RunSpec {
            method,
            dim,
            seed,
            generations: generations.unwrap_or(GENERATIONS),
            noise: experiments::Noise::None,
            goal: if maximize { Goal::Maximize } else { Goal::Minimize },
            objective: serde_json::to_value(scores).unwrap_or_default().into(),
            initial_codes_sha256: x0.as_ref().map(experiments::codes_sha256),
            reps: 1,
            stop: experiments::StopRules::default(),
            initial_norm: None,
        };
        let optimizer = spec.optimizer(x0.as_ref())?;
        let needs = Needs::of_run(&spec.method, dim, &spec.plan()).with_journal(&spec.method, dim, &spec.plan());
        needs.check_memory("the run")?;
        needs.check_disk("the run", path)?;
        let folder = RunFolder::create(path, false).map_err(|error| match error {
            FolderError::HoldsRun { path, .. } => OpeningError::HoldsRun { folder: path },
            error => OpeningError::Folder(error),
        })?;
        if let Some(codes) = &x0 {
            let npy = codes_to_npy(codes);
            let npy =
                npy.map_err(|source| CommandError::Write { path: experiments::INITIAL_CODES_FILE.into(), source })?;
            folder.write_atomic(experiments::INITIAL_CODES_FILE, &npy)?;
        }
        let journal = Journal::create(&folder.journal(), &spec, Keep::All, &provenance)?;
        let evolver = Evolver::new(optimizer, spec.plan())?;
        Ok(Self::over(folder, spec, provenance, evolver, journal))
    }

    /// Replays the journal and goes on.
    pub(super) fn resume(path: &Path, recorded: Recorded, provenance: Provenance) -> Result<Self, CommandError> {
        let spec = recorded.spec;
        let initial = match spec.initial_codes_sha256 {
            Some(_) => Some(InitialCodes::read_copy(path, spec.dim)?),
            None => None,
        };
        let optimizer = spec.optimizer(initial.as_ref().map(InitialCodes::codes))?;
        let folder = RunFolder::resume(path).map_err(OpeningError::Folder)?;
        let journal = Journal::resume(&folder.journal(), &spec, &provenance)?;
        let evolver = Evolver::new(optimizer, spec.plan())?;
        Ok(Self::over(folder, spec, provenance, evolver, journal))
    }

    fn over(
        folder: RunFolder,
        spec: RunSpec,
        provenance: Provenance,
        evolver: Evolver<'static>,
        journal: Journal,
    ) -> Self {
        let (warnings, replayed) = (Warnings::of(spec.goal), journal.recorded().len());
        let evolver = evolver.with_journal(journal).with_observer(warnings.clone());
        let codes = Population::new(spec.dim);
        let (conclusion, generation) = (Conclusion::default(), 0);
        let evolver = Some(evolver);
        Self { folder, spec, provenance, evolver, codes, generation, conclusion, replayed, warnings }
    }

    /// Asks for the present generation. Ends the run and writes its files where all are scored.
    pub(super) fn propose(&mut self, generator: Option<&mut GeneratorSession>) -> Result<(), CommandError> {
        let Some(evolver) = &mut self.evolver else { return Ok(()) };
        let Some(codes) = evolver.ask()? else { return self.conclude(generator).map(drop) };
        self.codes.clone_from(codes);
        self.generation = u64::from(evolver.generation());
        Ok(())
    }

    /// Number of the generation that is out, from 0.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// The generation that is out; the one that would come next, if the run is over.
    pub(super) fn codes(&self) -> &Population {
        &self.codes
    }

    /// Whether all generations are scored.
    pub(super) fn is_over(&self) -> bool {
        self.evolver.is_none()
    }

    /// Where it is.
    pub(super) fn folder(&self) -> &RunFolder {
        &self.folder
    }

    /// Takes the scores of the generation that is out and asks for the next one. The outer error ends the session; the
    /// inner one says why the scores cannot be taken, and leaves everything as it was.
    pub(super) fn tell(
        &mut self,
        scores: &[f64],
        generator: Option<&mut GeneratorSession>,
    ) -> Result<Result<(), Refused>, CommandError> {
        let Some(evolver) = &mut self.evolver else { return Ok(Err(Refused::Over { generations: self.generation })) };
        match evolver.tell(scores) {
            Ok(()) => self.propose(generator).map(Ok),
            Err(EvolveError::Tell { source, .. }) => Ok(Err(source.into())),
            Err(EvolveError::AllNan { count, .. }) => Ok(Err(TellError::AllNan { count }.into())),
            Err(EvolveError::WrongScoreCount { codes, scores, .. }) => {
                Ok(Err(TellError::WrongScoreCount { codes, scores }.into()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Ends the run and writes its files, unless that is done.
    pub(super) fn conclude(&mut self, generator: Option<&mut GeneratorSession>) -> Result<&Conclusion, CommandError> {
        let Some(evolver) = self.evolver.take() else { return Ok(&self.conclusion) };
        let evolution = evolver.finish()?;
        let onnx = generator.as_ref().map_or(0.0, |generator| generator.session_seconds());
        let summary = EvolveSummary {
            run: RunSummary::new(&evolution, &self.spec, &self.provenance, None),
            onnx_seconds: SessionTime::of(&evolution, self.replayed, onnx),
            reference: None,
            warnings: self.warnings.texts.borrow().clone(),
        };
        let generator = generator.map(|generator| generator as &mut dyn ImageSource);
        let outputs = Outputs {
            folder: &self.folder,
            generator,
            evolution: &evolution,
            optimizer: self.spec.method.name(),
            geometry: None,
            references: None,
            only: None,
            recorded: true,
            title: "scores of the client".to_owned(),
            published: false,
        };
        outputs.write(&summary)?;
        self.generation = u64::from(evolution.generations_scored());
        self.conclusion = Conclusion {
            recommendation: evolution.recommended,
            best: evolution.incumbent,
            diagnostics: evolution.diagnostics.into_iter().last().unwrap_or_default(),
        };
        self.codes = evolution.next_codes;
        Ok(&self.conclusion)
    }
}
