//! Follows the journal of a session.

use std::collections::HashMap;
use std::path::PathBuf;

use sessions::journal::{self, Record};
use sessions::{Event, Layout, Phase, Presented, Responses, Role, SessionConfig, Standing, Target};

use crate::error::LiveError;
use crate::source::{Generation, History, LogLine, ReferenceHistory, ThreadHistory, finite};

/// Responses of more channels are not kept for the page.
const MOST_CHANNELS: usize = 128;

/// The journal of a session, how far it was read, and the block that is out.
#[derive(Debug)]
pub(crate) struct SessionJournal {
    path: PathBuf,
    place: u64,
    /// Where the session stands; none before its first event.
    standing: Option<Standing>,
    targets: Vec<Target>,
    channels: Option<Vec<String>>,
    bins_ms: Option<Vec<f64>>,
    shown: HashMap<String, Presented>,
    step: u32,
    /// Sums of the values of each code of the step, with their number.
    sums: HashMap<(usize, usize), (Vec<f64>, u32)>,
    /// Scores of references in this step, by thread.
    references: Vec<Vec<f64>>,
    offered_s: f64,
    /// Seconds that the blocks of this step were out.
    waited_s: f64,
}

impl SessionJournal {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self {
            path,
            place: 0,
            standing: None,
            targets: Vec::new(),
            channels: None,
            bins_ms: None,
            shown: HashMap::new(),
            step: 0,
            sums: HashMap::new(),
            references: Vec::new(),
            offered_s: 0.0,
            waited_s: 0.0,
        }
    }

    pub(crate) fn follow(&mut self, history: &mut History) -> Result<bool, LiveError> {
        let (records, place) = journal::read_from(&self.path, self.place)?;
        self.place = place;
        for record in &records {
            self.take(record, history)?;
            if let Some(standing) = &mut self.standing {
                standing.take(&record.event);
            }
        }
        if let Some(standing) = &self.standing {
            history.block = standing.block();
            history.phase = match standing.phase() {
                Phase::Open => "open",
                Phase::Paused => "paused",
                Phase::Stopping => "stopping",
                Phase::Finished => "finished",
            };
        }
        Ok(!records.is_empty())
    }

    fn take(&mut self, record: &Record, history: &mut History) -> Result<(), LiveError> {
        history.last_unix_s = Some(record.unix_s);
        let mut log = |kind, text: &str| {
            history.log.push(LogLine { unix_s: record.unix_s, kind, text: text.to_owned() });
        };
        match &record.event {
            Event::Begun { config, threads, references, .. } => {
                self.begin(config, threads, references, history)?;
            }
            Event::Offered { step, images, .. } => {
                if self.step != *step {
                    self.begin_step(*step);
                }
                self.shown = images.iter().map(|image| (image.id.clone(), image.clone())).collect();
                self.offered_s = record.unix_s;
                history.block_unix_s = Some(record.unix_s);
            }
            Event::Scored { responses, .. } => self.score(responses, history),
            Event::Closed { .. } => self.waited_s += record.unix_s - self.offered_s,
            Event::Told { thread, generation, scores, counts, .. } => {
                let scores: Vec<f64> = scores.iter().map(|score| score.0).collect();
                self.told(*thread, *generation, &scores, counts, history);
            }
            Event::Warning { text } => log("warning", text),
            Event::Note { text } => log("note", text),
            Event::Paused => log("action", "paused"),
            Event::Continued => log("action", "continued"),
            Event::Stopping => log("action", "stops after this block"),
            Event::ThreadStopped { thread } => {
                if let Some(thread) = history.threads.get_mut(*thread) {
                    thread.stopped = true;
                    let text = format!("thread {} stopped", thread.name);
                    history.log.push(LogLine { unix_s: record.unix_s, kind: "action", text });
                }
            }
            Event::Resumed { .. } => log("action", "a process went on with the session"),
            Event::Late { responses, block } => {
                log("warning", &format!("{} late rows for block {block} are kept", responses.rows.len()));
            }
        }
        Ok(())
    }

    /// What threads that were stopped meanwhile left is dropped.
    fn begin_step(&mut self, step: u32) {
        (self.step, self.waited_s) = (step, 0.0);
        self.sums.clear();
        self.references.iter_mut().for_each(Vec::clear);
    }

    fn begin(
        &mut self,
        config: &str,
        specs: &[experiments::RunSpec],
        references: &[String],
        history: &mut History,
    ) -> Result<(), LiveError> {
        let config = SessionConfig::parse(config)?;
        history.kind = "session";
        self.standing = Some(Standing::new(&config, specs));
        self.targets = config.threads.iter().map(|thread| thread.target.clone()).collect();
        self.references = vec![Vec::new(); config.threads.len()];
        for (thread, spec) in config.threads.iter().zip(specs) {
            let known = ThreadHistory::new(thread.name.clone(), spec.clone(), Some(thread.generator.clone()));
            let on_canvas = config.session.canvas.is_some() || thread.size.is_some() || thread.at.is_some();
            history.threads.push(ThreadHistory { on_canvas, ..known });
        }
        history.session = Some(config);
        let reference = |id: &String| ReferenceHistory { id: id.clone(), shown: 0, mean: None };
        history.references = references.iter().map(reference).collect();
        Ok(())
    }

    fn score(&mut self, responses: &Responses, history: &mut History) {
        self.channels = self.channels.take().or_else(|| responses.channels.clone());
        self.bins_ms = self.bins_ms.take().or_else(|| responses.bins_ms.clone());
        let layout = Layout { channels: self.channels.as_deref(), bins_ms: self.bins_ms.as_deref() };
        for row in &responses.rows {
            let Some(image) = row.id.as_ref().and_then(|id| self.shown.get(id)) else { continue };
            let values: Vec<f64> = row.values.iter().map(|value| value.0).collect();
            match (image.role, image.thread, image.column) {
                (Role::Evolved, Some(thread), Some(column)) => {
                    let (sum, count) = self.sums.entry((thread, column)).or_default();
                    sum.resize(values.len(), 0.0);
                    sum.iter_mut().zip(&values).for_each(|(sum, value)| *sum += value);
                    *count += 1;
                }
                (Role::Reference, own, _) => {
                    for (thread, target) in
                        self.targets.iter().enumerate().filter(|(i, _)| own.is_none_or(|own| own == *i))
                    {
                        let score = target.score(&values, layout);
                        if score.is_finite() {
                            self.references[thread].push(score);
                        }
                    }
                    let score = self.targets.first().map_or(f64::NAN, |target| target.score(&values, layout));
                    let known = history.references.iter_mut().find(|reference| reference.id == image.id);
                    if let Some(reference) = known.filter(|_| score.is_finite()) {
                        let sum = reference.mean.unwrap_or(0.0) * f64::from(reference.shown) + score;
                        reference.shown += 1;
                        reference.mean = Some(sum / f64::from(reference.shown));
                    }
                }
                _ => {}
            }
        }
    }

    fn told(&mut self, thread: usize, generation: u32, scores: &[f64], counts: &[u32], history: &mut History) {
        let mut channels = Vec::new();
        for column in 0..scores.len() {
            let Some((sum, count)) = self.sums.remove(&(thread, column)) else { continue };
            if (2..=MOST_CHANNELS).contains(&sum.len()) {
                channels.resize(scores.len(), Vec::new());
                channels[column] = sum.iter().map(|sum| (sum / f64::from(count)) as f32).collect();
            }
        }
        let references = self.references.get_mut(thread).map(std::mem::take).unwrap_or_default();
        let waited = finite(self.waited_s);
        let Some(own) = history.threads.get_mut(thread) else { return };
        own.scored.push(Generation {
            generation,
            scores: scores.iter().map(|&score| finite(score)).collect(),
            clean: None,
            counts: counts.to_vec(),
            channels,
            references,
            wait_s: waited,
            seconds: None,
        });
    }
}
