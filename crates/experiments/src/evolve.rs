//! The loop.

use std::error::Error;
use std::ops::ControlFlow;
use std::time::Instant;

use optim_core::{Minimize, Objective, Optimizer, Population, Stream, TellError, stream_rng};

use crate::EvolveError;
use crate::codes_file::codes_xxh3;
use crate::journal::{Entry, Journal, Score};
use crate::observer::{Event, GenerationReport, Observer, RunStart};
use crate::record::{Evolution, Outcome, PhaseSeconds};
use crate::spec::{Goal, RunPlan};

/// Drives an optimizer through the generations of a [`RunPlan`].
///
/// ```text
/// for g in 0..generations {
///     codes  = optimizer.ask(stream_rng(seed, Method, g))
///     clean  = objective(codes)
///     noisy  = mean of noise(clean, stream_rng(seed, Noise, g)) over the repeats
///     optimizer.tell(codes, noisy)
///     journal and observers; leave if a stop rule holds
/// }
/// next_codes = optimizer.ask(stream_rng(seed, Method, generations))   // never evaluated
/// ```
///
/// [`run`](Self::run) is that loop. [`Lockstep`](crate::Lockstep) runs several of them on one batch. If scores come from
/// somewhere else, the caller makes the loop with [`ask`](Self::ask), [`tell`](Self::tell) and [`finish`](Self::finish).
pub struct Evolver<'a> {
    optimizer: Box<dyn Optimizer + 'a>,
    plan: RunPlan,
    journal: Option<Journal>,
    observers: Vec<Box<dyn Observer + 'a>>,
    codes: Population,
    evolution: Evolution,
    elapsed: PhaseSeconds,
    sameness: Sameness,
    /// Mean score of every generation, as the method saw it.
    means: Vec<f64>,
    phase: Phase,
}

/// Where the loop stands.
#[derive(Clone, Copy, Debug)]
enum Phase {
    /// Before the journal's replay and the first generation.
    New,
    /// Between generations.
    Ready,
    /// The method proposed codes, which took `ask` seconds; the time was `since`.
    Asked { ask: f64, since: Instant },
    /// A stop rule holds, or an observer wants no more.
    Stopped,
}

impl<'a> Evolver<'a> {
    /// Takes a new method, with its initial codes if it has any.
    ///
    /// With [`Goal::Minimize`] it is wrapped in [`Minimize`].
    ///
    /// # Errors
    /// If the plan has no generations or its noise is out of range.
    pub fn new(optimizer: impl Optimizer + 'a, plan: RunPlan) -> Result<Self, EvolveError> {
        plan.validate()?;
        let optimizer: Box<dyn Optimizer + 'a> = match plan.goal {
            Goal::Maximize => Box::new(optimizer),
            Goal::Minimize => Box::new(Minimize(optimizer)),
        };
        let dim = optimizer.dim();
        Ok(Self {
            codes: Population::new(dim),
            evolution: Evolution::new(dim, plan.clone()),
            optimizer,
            sameness: Sameness::new(plan.unresponsive_after),
            plan,
            journal: None,
            observers: Vec::new(),
            elapsed: PhaseSeconds::default(),
            means: Vec::new(),
            phase: Phase::New,
        })
    }

    /// Replays what the journal holds, then appends to it.
    ///
    /// Journal and evolver must be of the same [`crate::RunSpec`].
    #[must_use]
    pub fn with_journal(mut self, journal: Journal) -> Self {
        self.journal = Some(journal);
        self
    }

    /// Adds an observer, by value or by `&mut`. Observers are called in the order in which they were added.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Observer + 'a) -> Self {
        self.observers.push(Box::new(observer));
        self
    }

    /// Runs to the end of the plan, or until a stop rule holds or an observer breaks.
    ///
    /// # Errors
    /// If the objective fails, returns the wrong number of scores or NaN throughout a generation, or
    /// the journal cannot be replayed or written. The journal then holds all generations before.
    pub fn run<F: Objective>(mut self, objective: &mut F) -> Result<Evolution, EvolveError> {
        self.drive(objective)?;
        self.finish()
    }

    /// As [`run`](Self::run), without the end: after an error too, [`finish`](Self::finish) gives the generations before.
    ///
    /// # Errors
    /// As for [`run`](Self::run).
    pub fn drive<F: Objective>(&mut self, objective: &mut F) -> Result<(), EvolveError> {
        self.check_dim(objective)?;
        let mut scores = Vec::new();
        while let Some(codes) = self.ask()? {
            if let Err(error) = objective.evaluate(codes, &mut scores) {
                return Err(self.not_evaluated(error));
            }
            self.tell(&scores)?;
        }
        Ok(())
    }

    /// Whether the objective takes codes of the method's length.
    pub(crate) fn check_dim(&self, objective: &impl Objective) -> Result<(), EvolveError> {
        let (optimizer, objective) = (self.optimizer.dim(), objective.dim());
        if optimizer == objective { Ok(()) } else { Err(EvolveError::WrongDimension { optimizer, objective }) }
    }

    /// The error of a generation that the objective could not evaluate.
    pub(crate) fn not_evaluated(&self, error: impl Error + Send + Sync + 'static) -> EvolveError {
        EvolveError::Evaluation { generation: self.generation(), source: Box::new(error) }
    }

    /// The generation that is to be scored now, counted from 0.
    #[must_use]
    pub fn generation(&self) -> u32 {
        self.evolution.generations_scored()
    }

    /// The next generation's codes, `N x lambda`; none when the run is over.
    ///
    /// The first call replays the journal.
    ///
    /// # Errors
    /// If the journal cannot be replayed.
    pub fn ask(&mut self) -> Result<Option<&Population>, EvolveError> {
        if let Phase::New = self.phase {
            self.start()?;
        }
        if self.is_over() {
            return Ok(None);
        }
        let ask = self.propose();
        self.phase = Phase::Asked { ask, since: Instant::now() };
        Ok(Some(&self.codes))
    }

    /// The codes that were asked for last, `N x lambda`.
    #[must_use]
    pub fn codes(&self) -> &Population {
        &self.codes
    }

    /// Whether all generations are scored, a stop rule holds, or an observer wants no more.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Stopped) || self.generation() >= self.plan.generations
    }

    /// Takes the clean scores of the last codes: adds noise, tells the method, writes the journal, calls the observers.
    /// The time since `ask` counts as that of the evaluation.
    ///
    /// # Errors
    /// If there was no `ask` before it, the number of scores is wrong, all are NaN, or the journal cannot be written.
    pub fn tell(&mut self, clean: &[f64]) -> Result<(), EvolveError> {
        let seconds = if let Phase::Asked { since, .. } = self.phase { since.elapsed().as_secs_f64() } else { 0.0 };
        self.tell_after(seconds, clean)
    }

    /// As [`tell`](Self::tell), of an evaluation that took `evaluate` seconds.
    ///
    /// # Errors
    /// As for [`tell`](Self::tell).
    pub fn tell_after(&mut self, evaluate: f64, clean: &[f64]) -> Result<(), EvolveError> {
        let generation = self.generation();
        let Phase::Asked { ask, .. } = self.phase else {
            return Err(EvolveError::Tell { generation, source: TellError::NotAsked });
        };
        if clean.len() != self.codes.len() {
            let (codes, scores) = (self.codes.len(), clean.len());
            return Err(EvolveError::WrongScoreCount { generation, codes, scores });
        }
        // All NaN become the same one, because the journal keeps no payload.
        let clean: Vec<f64> = clean.iter().map(|&score| if score.is_nan() { f64::NAN } else { score }).collect();
        let drawing = Instant::now();
        let noisy = self.plan.noise.apply_mean(&clean, self.plan.reps, self.plan.seed, u64::from(generation))?;
        let noise = drawing.elapsed().as_secs_f64();
        let telling = Instant::now();
        self.tell_optimizer(&noisy)?;
        let tell = telling.elapsed().as_secs_f64();
        self.record(&clean, &noisy, PhaseSeconds { ask, evaluate, noise, tell, observe: 0.0 }, false)
    }

    /// Ends the run at any generation: asks for the generation that would come next, forces the journal to the disk, and
    /// calls the observers.
    ///
    /// # Errors
    /// If the journal cannot be replayed or written.
    pub fn finish(mut self) -> Result<Evolution, EvolveError> {
        if let Phase::New = self.phase {
            self.start()?;
        }
        self.evolution.recommended = self.optimizer.recommend().to_vec();
        self.evolution.incumbent = self.optimizer.incumbent().map(|(code, score)| (code.to_vec(), score));
        self.propose();
        self.evolution.next_codes = self.codes;
        if self.evolution.generations_scored() == self.plan.generations {
            self.evolution.outcome = Outcome::Finished;
        } else if self.evolution.stopped.is_some() {
            self.evolution.outcome = Outcome::Stopped;
        }
        if let Some(journal) = &mut self.journal {
            journal.sync()?;
        }
        self.observers.iter_mut().for_each(|observer| observer.on_end(&self.evolution));
        Ok(self.evolution)
    }

    /// Asks the method for the present generation, with its own random generator. Returns the seconds that it took.
    fn propose(&mut self) -> f64 {
        let asking = Instant::now();
        let mut rng = stream_rng(self.plan.seed, Stream::Method, u64::from(self.generation()));
        self.optimizer.ask(&mut rng, &mut self.codes);
        asking.elapsed().as_secs_f64()
    }

    fn start(&mut self) -> Result<(), EvolveError> {
        self.phase = Phase::Ready;
        let recorded = self.journal.as_mut().map(Journal::take_recorded).unwrap_or_default();
        let journalled = u32::try_from(recorded.len()).unwrap_or(u32::MAX);
        let start = RunStart { dim: self.codes.dim(), generations: self.plan.generations, journalled };
        // All observers are called at the start, even if one of them breaks.
        let breaks = self.observers.iter_mut().filter_map(|observer| observer.on_start(&start).break_value()).count();
        let mut stopped = breaks > 0;
        for entry in &recorded {
            self.replay(entry)?;
            stopped |= matches!(self.phase, Phase::Stopped);
        }
        if stopped {
            self.phase = Phase::Stopped;
        }
        Ok(())
    }

    /// Takes a generation from the journal as if it had been scored now.
    fn replay(&mut self, entry: &Entry) -> Result<(), EvolveError> {
        self.propose();
        let found = codes_xxh3(&self.codes);
        if found != entry.codes_xxh3 {
            let (generation, recorded) = (entry.generation, entry.codes_xxh3.clone());
            let differences = self.journal.as_ref().map(Journal::differences).unwrap_or_default();
            return Err(EvolveError::NotReproduced { generation, recorded, found, differences });
        }
        let (clean, noisy) = entry.scores();
        if clean.len() != self.codes.len() {
            let (codes, scores) = (self.codes.len(), clean.len());
            return Err(EvolveError::WrongScoreCount { generation: entry.generation, codes, scores });
        }
        self.tell_optimizer(&noisy)?;
        self.record(&clean, &noisy, entry.seconds, true)
    }

    fn tell_optimizer(&mut self, noisy: &[f64]) -> Result<(), EvolveError> {
        let generation = self.generation();
        self.optimizer.tell(&self.codes, noisy).map_err(|source| match source {
            TellError::AllNan { count } => EvolveError::AllNan { generation, count },
            source => EvolveError::Tell { generation, source },
        })
    }

    /// Writes a generation into the journal, unless it comes from there, and into the record, and shows it to the
    /// observers.
    fn record(
        &mut self,
        clean: &[f64],
        noisy: &[f64],
        mut seconds: PhaseSeconds,
        replayed: bool,
    ) -> Result<(), EvolveError> {
        let observing = Instant::now();
        if !replayed {
            self.write_journal(clean, noisy, seconds)?;
        }
        self.elapsed.add(&seconds);
        self.evolution.push_generation(&self.codes, clean, noisy);
        self.evolution.push_recommended(self.optimizer.recommend());
        self.evolution.diagnostics.push(self.optimizer.diagnostics());
        let flow = self.notify(clean, noisy, replayed);
        seconds.observe = observing.elapsed().as_secs_f64();
        self.elapsed.observe += seconds.observe;
        self.evolution.seconds.push(seconds);
        let stops = flow.is_break() || self.holds_a_stop(noisy);
        self.phase = if stops { Phase::Stopped } else { Phase::Ready };
        Ok(())
    }

    /// Whether a stop rule holds after the generation recorded last; the record keeps the first one.
    fn holds_a_stop(&mut self, noisy: &[f64]) -> bool {
        let numbers = noisy.iter().filter(|score| !score.is_nan());
        self.means.push(numbers.clone().sum::<f64>() / numbers.count() as f64);
        let RunPlan { stop, goal, .. } = self.plan;
        let reason = stop.reason(goal, &self.means, self.elapsed.elapsed());
        self.evolution.stopped = self.evolution.stopped.or(reason);
        reason.is_some()
    }

    fn write_journal(&mut self, clean: &[f64], noisy: &[f64], seconds: PhaseSeconds) -> Result<(), EvolveError> {
        let generation = self.generation();
        let Some(journal) = &mut self.journal else { return Ok(()) };
        let scores = |scores: &[f64]| scores.iter().copied().map(Score).collect();
        let (clean, noisy, codes_xxh3) = (scores(clean), scores(noisy), codes_xxh3(&self.codes));
        Ok(journal.append(&Entry { generation, clean, noisy, codes_xxh3, seconds })?)
    }

    /// Shows the generation recorded last to all observers; breaks if any of them does.
    fn notify(&mut self, clean: &[f64], noisy: &[f64], replayed: bool) -> ControlFlow<()> {
        let evolution = &self.evolution;
        let numbers = clean.iter().filter(|score| !score.is_nan());
        let report = GenerationReport {
            generation: evolution.generations_scored() - 1,
            replayed,
            codes: &self.codes,
            clean,
            noisy,
            best_clean: evolution.best_clean.as_ref(),
            best_noisy: evolution.best_noisy.as_ref(),
            mean_score: numbers.clone().sum::<f64>() / numbers.count() as f64,
            mean_norm: evolution.mean_norms.last().copied().unwrap_or(f64::NAN),
            diagnostics: evolution.diagnostics.last().map_or(&[], Vec::as_slice),
            elapsed: self.elapsed.elapsed(),
            evaluations: evolution.evaluations(),
        };
        let warning = self.sameness.see(clean);
        let mut flow = ControlFlow::Continue(());
        for observer in &mut self.observers {
            if let Some(event) = &warning {
                observer.on_warning(event);
            }
            if observer.on_generation(&report).is_break() {
                flow = ControlFlow::Break(());
            }
        }
        flow
    }
}

/// Counts generations in a row in which every clean score is one and the same.
#[derive(Debug)]
struct Sameness {
    threshold: u32,
    generations: u32,
    score: f64,
    /// Whether any two scores of the run differed.
    differed: bool,
}

impl Sameness {
    fn new(threshold: u32) -> Self {
        Self { threshold, generations: 0, score: f64::NAN, differed: false }
    }

    /// Counts a generation; the event comes once, when the threshold is reached.
    fn see(&mut self, clean: &[f64]) -> Option<Event> {
        if self.threshold == 0 || self.generations >= self.threshold {
            return None;
        }
        let first = clean.first().copied().unwrap_or(f64::NAN);
        let same = clean.iter().all(|&score| score == first);
        self.differed |= !same || first != self.score && !self.score.is_nan();
        self.generations = match (same, first == self.score) {
            (true, true) => self.generations + 1,
            (true, false) => 1,
            (false, _) => 0,
        };
        self.score = first;
        let generations = (self.generations == self.threshold).then_some(self.generations)?;
        Some(match self.differed {
            true => Event::Standstill { generations, score: first },
            false => Event::Unresponsive { generations, score: first },
        })
    }
}
