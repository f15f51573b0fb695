//! The engine.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use experiments::journal::Score;
use experiments::{Provenance, RunSpec};

use crate::block::{Block, Phase, Presented, Role};
use crate::config::SessionConfig;
use crate::error::SessionError;
use crate::event::Event;
use crate::intake::Receipt;
use crate::journal::{self, JOURNAL_FILE, Journal, Record};
use crate::references::Reference;
use crate::standing::Standing;
use crate::step::StepImage;
use crate::target::{Layout, Target};
use crate::thread::{Thread, ThreadParts};
use crate::watch::Watch;

/// Is called with every event.
type Listener = Box<dyn FnMut(&Event)>;

/// An online session: blocks of images out, responses in.
///
/// ```text
/// step k:   codes_t = thread_t.ask()  for all threads t;  images = generators(codes)
/// block:    images that lack responses, and references, in a seeded order          -> journal: offered
/// take:     responses, matched by name                                             -> journal: scored
/// close:    when every presentation has a response, when asked, or by time-out     -> journal: closed
///           if images lack responses and may be shown again: the next block of the step
///           else thread_t.tell(target_t(mean response of each image)), next step   -> journal: told
/// ```
///
/// **Everything is a function of the journal.** What a session computes from its events is checked against the journal
/// when it is resumed, and what is missing at its end is computed again. So a session that was killed anywhere goes on
/// bit for bit. Events are on the disk before anything follows from them.
pub struct Session {
    pub(crate) folder: PathBuf,
    pub(crate) config: SessionConfig,
    pub(crate) threads: Vec<Thread>,
    pub(crate) references: Vec<Reference>,
    journal: Option<Journal>,
    pub(crate) step: Vec<StepImage>,
    pub(crate) block: Option<Arc<Block>>,
    pub(crate) block_since: Instant,
    pub(crate) phase: Phase,
    pub(crate) next_block: u32,
    pub(crate) next_step: u32,
    next_number: u64,
    pub(crate) receipts: HashMap<String, Receipt>,
    pub(crate) watch: Watch,
    /// What the recorded events add up to.
    pub(crate) standing: Standing,
    /// Events that follow from those recorded, in order, and are not recorded yet.
    pub(crate) outbox: VecDeque<Event>,
    listeners: Vec<Listener>,
}

impl Session {
    /// Begins a session in a folder that exists: writes its journal, and renders the first block.
    ///
    /// `text` is the configuration as its user wrote it. `specs` are what determines the codes of each thread: see
    /// [`run_specs`](crate::run_specs).
    ///
    /// # Errors
    /// If the folder has a session already, an image lies outside the canvas, a thread cannot begin, or something cannot be
    /// written.
    pub fn create(
        folder: &Path,
        text: &str,
        specs: Vec<RunSpec>,
        parts: Vec<ThreadParts>,
        references: Vec<Reference>,
        here: &Provenance,
    ) -> Result<Self, SessionError> {
        let config = SessionConfig::parse(text)?;
        config.check_geometries(&parts.iter().map(|part| part.renderer.side()).collect::<Vec<_>>())?;
        let mut session = Self::new(folder, config, &specs, parts, references)?;
        let begun = Event::Begun {
            version: journal::VERSION,
            config: text.to_owned(),
            threads: specs,
            references: session.references.iter().map(|reference| reference.id.clone()).collect(),
            provenance: here.clone(),
        };
        session.journal = Some(Journal::create(&folder.join(JOURNAL_FILE), &[begun])?);
        session.begin_step()?;
        session.flush()?;
        session.publish()?;
        Ok(session)
    }

    /// Goes on with a session where its journal ends. `open` makes the parts of each thread from its configuration and
    /// specification, and reads the reference images.
    ///
    /// # Errors
    /// If there is no session, another process runs it, its journal is damaged, or this program does not compute what the
    /// journal records.
    pub fn resume<E: From<SessionError>>(
        folder: &Path,
        here: &Provenance,
        open: impl FnOnce(&SessionConfig, &[RunSpec]) -> Result<(Vec<ThreadParts>, Vec<Reference>), E>,
    ) -> Result<Self, E> {
        let (journal, records) = Journal::open(&folder.join(JOURNAL_FILE)).map_err(SessionError::from)?;
        let Some(Record { event: Event::Begun { version, config, threads, provenance, .. }, .. }) = records.first()
        else {
            return Err(SessionError::NoBeginning.into());
        };
        if *version != journal::VERSION {
            return Err(SessionError::Version { found: *version, expected: journal::VERSION }.into());
        }
        let config = SessionConfig::parse(config).map_err(SessionError::from)?;
        let (parts, references) = open(&config, threads)?;
        let mut session = Self::new(folder, config, threads, parts, references)?;
        session.go_on(journal, &records, here, &here.differences(provenance))?;
        Ok(session)
    }

    /// Takes the recorded events, and records what follows from them and is missing.
    fn go_on(
        &mut self,
        journal: Journal,
        records: &[Record],
        here: &Provenance,
        differences: &[String],
    ) -> Result<(), SessionError> {
        self.begin_step()?;
        for (number, record) in records.iter().enumerate().skip(1) {
            self.replay(&record.event, number + 1, differences)?;
        }
        self.journal = Some(journal);
        self.outbox.push_back(Event::Resumed { provenance: here.clone() });
        self.flush()?;
        self.publish()?;
        // The process may have ended between a block and its pause.
        let of_block = |record: &&Record| !matches!(record.event, Event::Offered { .. } | Event::Closed { .. });
        if !records.iter().rev().take_while(of_block).any(|record| record.event == Event::Paused) {
            self.pause_if_unfit()?;
        }
        self.close_if_complete()
    }

    fn new(
        folder: &Path,
        config: SessionConfig,
        specs: &[RunSpec],
        parts: Vec<ThreadParts>,
        references: Vec<Reference>,
    ) -> Result<Self, SessionError> {
        let native: Vec<u32> = parts.iter().map(|part| part.renderer.side()).collect();
        let mut threads = Vec::new();
        let geometries = config.geometries(&native);
        for (((thread, spec), part), geometry) in config.threads.iter().zip(specs).zip(parts).zip(geometries) {
            threads.push(Thread::new(thread, spec, geometry, part)?);
        }
        Ok(Self {
            folder: folder.to_owned(),
            next_block: config.session.dialect.first_block(),
            watch: Watch::new(threads.len()),
            standing: Standing::new(&config, specs),
            config,
            threads,
            references,
            journal: None,
            step: Vec::new(),
            block: None,
            block_since: Instant::now(),
            phase: Phase::Open,
            next_step: 0,
            next_number: 0,
            receipts: HashMap::new(),
            outbox: VecDeque::new(),
            listeners: Vec::new(),
        })
    }

    /// Calls `listener` with every event from now on, after it is on the disk.
    pub fn listen(&mut self, listener: impl FnMut(&Event) + 'static) {
        self.listeners.push(Box::new(listener));
    }

    /// The folder of the session.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the session is to do.
    #[must_use]
    pub fn config(&self) -> &SessionConfig {
        &self.config
    }

    /// Where the session stands.
    #[must_use]
    pub fn phase(&self) -> Phase {
        self.phase
    }

    /// The block that is to be shown now; none if the session is paused or finished.
    #[must_use]
    pub fn block(&self) -> Option<&Arc<Block>> {
        self.block.as_ref().filter(|_| matches!(self.phase, Phase::Open | Phase::Stopping))
    }

    /// Number of the block that takes responses, also while the session is paused.
    #[must_use]
    pub fn current(&self) -> Option<u32> {
        self.block.as_ref().map(|block| block.number)
    }

    /// Seconds since the block was offered.
    #[must_use]
    pub fn waiting_s(&self) -> f64 {
        self.block_since.elapsed().as_secs_f64()
    }

    /// Records an event, on the disk, and then all that follows from it. What could not be written after an earlier
    /// event comes first, so that the journal keeps the order.
    pub(crate) fn happen(&mut self, event: &Event) -> Result<(), SessionError> {
        self.flush()?;
        if let Some(journal) = &mut self.journal {
            journal.append(std::slice::from_ref(event))?;
        }
        self.standing.take(event);
        self.listeners.iter_mut().for_each(|listener| listener(event));
        self.apply(event)?;
        self.flush()?;
        self.publish()
    }

    /// Puts what follows from recorded events on the disk.
    fn flush(&mut self) -> Result<(), SessionError> {
        let events: Vec<Event> = self.outbox.iter().cloned().collect();
        if let Some(journal) = &mut self.journal {
            journal.append(&events)?;
            self.outbox.clear();
            for event in &events {
                self.standing.take(event);
                self.listeners.iter_mut().for_each(|listener| listener(event));
            }
        }
        Ok(())
    }

    /// Takes an event of the journal: it must be what follows from those before, or come from outside.
    fn replay(&mut self, event: &Event, number: usize, differences: &[String]) -> Result<(), SessionError> {
        if let Event::Begun { .. } | Event::Resumed { .. } = event {
            return Ok(());
        }
        let follows = matches!(event, Event::Offered { .. } | Event::Told { .. } | Event::Warning { .. });
        self.standing.take(event);
        if !follows {
            return self.apply(event);
        }
        let found = self.outbox.pop_front();
        // Nothing follows from a warning, and another version may word it differently.
        if matches!((event, &found), (Event::Warning { .. }, Some(Event::Warning { .. }))) {
            return Ok(());
        }
        // NaN is equal to NaN here: events are compared as they are written.
        let text = |event: &Event| serde_json::to_string(event).unwrap_or_default();
        let (recorded, found) = (text(event), found.as_ref().map(text).unwrap_or_default());
        if recorded == found {
            return Ok(());
        }
        let cut = |text: String| text.chars().take(200).collect();
        let (recorded, found, differences) = (cut(recorded), cut(found), differences.to_vec());
        Err(SessionError::NotReproduced { event: number, recorded, found, differences })
    }

    /// What an event from outside changes.
    fn apply(&mut self, event: &Event) -> Result<(), SessionError> {
        match event {
            Event::Scored { responses, .. } => self.apply_responses(responses),
            Event::Late { responses, .. } => self.remember(responses),
            Event::Closed { .. } => self.advance()?,
            Event::Paused if self.phase == Phase::Open => self.phase = Phase::Paused,
            Event::Continued if self.phase == Phase::Paused => self.phase = Phase::Open,
            Event::Stopping if self.phase != Phase::Finished => self.phase = Phase::Stopping,
            Event::ThreadStopped { thread } => {
                if let Some(thread) = self.threads.get_mut(*thread) {
                    thread.stopped = true;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// After a block: another one of the same step, or the scores to the methods and the next step.
    fn advance(&mut self) -> Result<(), SessionError> {
        self.block = None;
        if self.phase != Phase::Stopping && self.offer() {
            return Ok(());
        }
        let complete = self.lacking().iter().all(|&lacks| !lacks);
        if self.phase == Phase::Stopping && !complete {
            self.phase = Phase::Finished;
            return Ok(());
        }
        self.tell()?;
        if self.phase == Phase::Stopping {
            self.phase = Phase::Finished;
            return Ok(());
        }
        self.begin_step()
    }

    /// Threads that would be told nothing but missing scores, which no method takes.
    pub(crate) fn lacking(&self) -> Vec<bool> {
        (0..self.threads.len())
            .map(|thread| {
                let mut own = self.step.iter().filter(|image| image.image.thread == Some(thread)).peekable();
                own.peek().is_some() && !self.threads[thread].stopped && own.all(|image| self.score_of(image).is_nan())
            })
            .collect()
    }

    fn score_of(&self, image: &StepImage) -> f64 {
        let target: &Target = &self.threads[image.image.thread.unwrap_or(0)].config.target;
        image.score(target, self.layout())
    }

    pub(crate) fn layout(&self) -> Layout<'_> {
        self.standing.layout()
    }

    fn tell(&mut self) -> Result<(), SessionError> {
        for number in 0..self.threads.len() {
            let own: Vec<&StepImage> = self.step.iter().filter(|image| image.image.thread == Some(number)).collect();
            if own.is_empty() || self.threads[number].stopped {
                continue;
            }
            let scores: Vec<f64> = own.iter().map(|image| self.score_of(image)).collect();
            let counts: Vec<u32> = own.iter().map(|image| image.showings.responses).collect();
            let thread = &mut self.threads[number];
            let generation = thread.generation();
            let codes_xxh3 = thread.tell(&scores)?;
            let warnings = self.watch.told(number, &thread.config.name, &scores, &self.standing.references);
            let scores = scores.into_iter().map(Score).collect();
            self.outbox.push_back(Event::Told { thread: number, generation, scores, counts, codes_xxh3 });
            self.outbox.extend(warnings.into_iter().map(|text| Event::Warning { text }));
        }
        Ok(())
    }

    /// Asks all threads and offers the first block of their codes.
    fn begin_step(&mut self) -> Result<(), SessionError> {
        self.step.clear();
        let dialect = self.config.session.dialect;
        for (number, thread) in self.threads.iter_mut().enumerate() {
            let generation = thread.generation();
            for column in 0..thread.ask()? {
                let id = dialect.id(number, generation, column, self.next_number);
                self.next_number += 1;
                let role = Role::Evolved;
                self.step.push(StepImage::new(Presented {
                    id,
                    thread: Some(number),
                    role,
                    generation: Some(generation),
                    column: Some(column),
                }));
            }
        }
        self.next_step += 1;
        if self.step.is_empty() {
            self.phase = Phase::Finished;
        } else {
            self.offer();
        }
        Ok(())
    }
}
