//! Where a session stands: what its events add up to, live and for those who read the journal.

use experiments::{Goal, RunSpec};

use crate::block::{Block, Phase, Role};
use crate::config::SessionConfig;
use crate::event::{Event, Responses};
use crate::matching::Names;
use crate::names::{Dialect, Matching};
use crate::specs::offered_block;
use crate::status::{Status, ThreadStatus};
use crate::target::{Layout, Target};

/// The sum of a session's events.
#[derive(Clone, Debug)]
pub struct Standing {
    dialect: Dialect,
    matching: Matching,
    targets: Vec<Target>,
    goals: Vec<Goal>,
    /// Numbers of a response.
    pub(crate) values: Option<usize>,
    pub(crate) channels: Option<Vec<String>>,
    bins_ms: Option<Vec<f64>>,
    /// The block that takes responses, and how many each of its images has.
    out: Option<(Block, Vec<u32>)>,
    /// Scores of references, by block.
    pub(crate) references: Vec<(u32, Vec<f64>)>,
    threads: Vec<ThreadStatus>,
    responses: usize,
    late: usize,
    scores: usize,
    paused: bool,
    stopping: bool,
    warnings: Vec<String>,
    notes: Vec<String>,
}

impl Standing {
    /// A session before its first block.
    #[must_use]
    pub fn new(config: &SessionConfig, specs: &[RunSpec]) -> Self {
        let thread = |(thread, spec): (&crate::ThreadConfig, &RunSpec)| ThreadStatus {
            name: thread.name.clone(),
            optimizer: spec.method.name().to_owned(),
            generation: 0,
            generations: spec.generations,
            mean: None,
            best: None,
            missing: 0,
            stopped: false,
        };
        Self {
            dialect: config.session.dialect,
            matching: config.session.matching,
            targets: config.threads.iter().map(|thread| thread.target.clone()).collect(),
            goals: specs.iter().map(|spec| spec.goal).collect(),
            values: None,
            channels: None,
            bins_ms: None,
            out: None,
            references: Vec::new(),
            threads: config.threads.iter().zip(specs).map(thread).collect(),
            responses: 0,
            late: 0,
            scores: 0,
            paused: false,
            stopping: false,
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Adds an event.
    pub fn take(&mut self, event: &Event) {
        match event {
            Event::Offered { block, step, images, order } => {
                self.out = Some((offered_block(self.dialect, *block, *step, images, order), vec![0; images.len()]));
            }
            Event::Scored { responses, .. } => self.take_responses(responses),
            Event::Late { responses, .. } => {
                self.responses += responses.rows.len();
                self.late += responses.rows.len();
            }
            Event::Closed { .. } => self.out = None,
            Event::Told { thread, generation, scores, .. } => {
                let scores: Vec<f64> = scores.iter().map(|score| score.0).collect();
                self.take_scores(*thread, *generation, &scores);
            }
            Event::Warning { text } => self.warnings.push(text.clone()),
            Event::Note { text } => self.notes.push(text.clone()),
            Event::Paused => self.paused = true,
            Event::Continued => self.paused = false,
            Event::Stopping => self.stopping = true,
            Event::ThreadStopped { thread } => {
                if let Some(thread) = self.threads.get_mut(*thread) {
                    thread.stopped = true;
                }
            }
            Event::Begun { .. } | Event::Resumed { .. } => {}
        }
    }

    fn take_responses(&mut self, responses: &Responses) {
        self.responses += responses.rows.len();
        // The first that says so counts.
        self.values = self.values.or(responses.rows.first().map(|row| row.values.len()));
        if self.channels.is_none() {
            self.channels.clone_from(&responses.channels);
        }
        if self.bins_ms.is_none() {
            self.bins_ms.clone_from(&responses.bins_ms);
        }
        let Some((block, mut answered)) = self.out.take() else { return };
        let names = Names::of(&block, self.matching);
        let mut references = Vec::new();
        for row in responses.rows.iter().filter(|row| row.id.is_some()) {
            let Some(i) = names.find(&row.name) else { continue };
            answered[i] += 1;
            let image = &block.images[i].image;
            if image.role == Role::Reference {
                let values: Vec<f64> = row.values.iter().map(|value| value.0).collect();
                references.push(self.targets[image.thread.unwrap_or(0)].score(&values, self.layout()));
            }
        }
        match self.references.last_mut().filter(|(last, _)| *last == block.number) {
            Some((_, scores)) => scores.extend(references),
            None if references.is_empty() => {}
            None => self.references.push((block.number, references)),
        }
        self.out = Some((block, answered));
    }

    fn take_scores(&mut self, thread: usize, generation: u32, scores: &[f64]) {
        let Some(own) = self.threads.get_mut(thread) else { return };
        let numbers: Vec<f64> = scores.iter().copied().filter(|score| !score.is_nan()).collect();
        self.scores += scores.len();
        own.generation = generation + 1;
        own.missing += scores.len() - numbers.len();
        own.mean = mean(&numbers);
        for score in numbers {
            if own.best.is_none_or(|best| self.goals[thread].is_better(score, best)) {
                own.best = Some(score);
            }
        }
    }

    /// Names and bins of the responses' values.
    pub(crate) fn layout(&self) -> Layout<'_> {
        Layout { channels: self.channels.as_deref(), bins_ms: self.bins_ms.as_deref() }
    }

    /// Names of the images of the block that is out that lack responses.
    pub(crate) fn missing(&self) -> Vec<String> {
        let Some((block, answered)) = &self.out else { return Vec::new() };
        let lacking = block.images.iter().zip(answered).filter(|(image, answered)| **answered < image.shows);
        lacking.map(|(image, _)| image.name().to_owned()).collect()
    }

    /// Whether it runs. Between a closed block and the next one it does.
    #[must_use]
    pub fn phase(&self) -> Phase {
        let over = self.threads.iter().all(|thread| thread.stopped || thread.generation >= thread.generations);
        match self.out {
            None if over || self.stopping => Phase::Finished,
            _ if self.stopping => Phase::Stopping,
            _ if self.paused => Phase::Paused,
            _ => Phase::Open,
        }
    }

    /// The block that takes responses.
    #[must_use]
    pub fn block(&self) -> Option<u32> {
        self.out.as_ref().map(|(block, _)| block.number)
    }

    /// What people and pages want to know of it. `waiting_s` are the seconds that the block is out.
    pub(crate) fn status(&self, waiting_s: f64) -> Status {
        let missing: usize = self.threads.iter().map(|thread| thread.missing).sum();
        let of_reference = |(_, scores): &(u32, Vec<f64>)| {
            mean(&scores.iter().copied().filter(|score| !score.is_nan()).collect::<Vec<_>>())
        };
        Status {
            phase: self.phase(),
            block: self.block(),
            presentations: self.out.as_ref().map_or(0, |(block, _)| block.order.len()),
            waiting_s,
            missing: self.missing().len(),
            responses: self.responses,
            late: self.late,
            threads: self.threads.clone(),
            reference_mean: self.references.last().and_then(of_reference),
            scores: self.scores,
            missing_share: if self.scores == 0 { 0.0 } else { missing as f64 / self.scores as f64 },
            warnings: self.warnings.clone(),
            notes: self.notes.clone(),
        }
    }
}

/// The mean; none of no number.
fn mean(numbers: &[f64]) -> Option<f64> {
    (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / numbers.len() as f64)
}
