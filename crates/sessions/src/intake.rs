//! Responses on their way in.

use experiments::journal::Score;
use serde::Serialize;

use crate::block::{Phase, Role};
use crate::error::SessionError;
use crate::event::{Event, Responses};
use crate::matching::Names;
use crate::session::Session;

/// What became of responses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Rows that were matched with an image.
    pub accepted: usize,
    /// Names that match no image of the block. Their rows are kept, and change nothing.
    pub unknown: Vec<String>,
    /// Names of images of the block that lack responses still.
    pub missing: Vec<String>,
    /// Whether they came after their block was closed.
    pub late: bool,
    /// The block that is out now.
    pub next: Option<u32>,
}

impl Session {
    /// Takes responses to a block. When every presentation has its own, the block is closed.
    ///
    /// Rows of an earlier block are kept as late. Responses with a key that was seen before change nothing; the receipt is that
    /// of the first time.
    ///
    /// # Errors
    /// If the block is not out yet, rows have other lengths than those before, or the journal cannot be written.
    pub fn take(&mut self, block: u32, mut responses: Responses) -> Result<Receipt, SessionError> {
        // What is no number is missing, and all NaN become the same one.
        let values = responses.rows.iter_mut().flat_map(|row| &mut row.values);
        values.filter(|value| !value.0.is_finite()).for_each(|value| *value = Score(f64::NAN));
        if let Some(receipt) = responses.key.as_ref().and_then(|key| self.receipts.get(key)) {
            return Ok(Receipt { next: self.current(), ..receipt.clone() });
        }
        if block >= self.next_block {
            return Err(SessionError::WrongBlock { block, current: self.current() });
        }
        let Some(out) = self.block.clone().filter(|out| out.number == block) else {
            self.happen(&Event::Late { block, responses })?;
            return Ok(Receipt { late: true, next: self.current(), ..Receipt::default() });
        };
        self.check_lengths(&responses)?;
        let names = Names::of(&out, self.config.session.matching);
        for row in &mut responses.rows {
            row.id = names.find(&row.name).map(|i| out.images[i].image.id.clone());
        }
        let unknown: Vec<String> =
            responses.rows.iter().filter(|row| row.id.is_none()).map(|row| row.name.clone()).collect();
        let (accepted, key) = (responses.rows.len() - unknown.len(), responses.key.clone());
        for name in &unknown {
            tracing::warn!("block {block}: '{name}' is no image of the block");
        }
        self.happen(&Event::Scored { block, responses })?;
        let missing = self.standing.missing();
        self.close_if_complete()?;
        let receipt = Receipt { accepted, unknown, missing, late: false, next: self.current() };
        if let Some(key) = key {
            self.receipts.insert(key, receipt.clone());
        }
        Ok(receipt)
    }

    /// Closes the block that is out: what lacks responses is shown again, or counts as missing. `why` is `asked` or
    /// `time-out`. A block that is closed already stays so.
    ///
    /// # Errors
    /// If the block is not out yet, or the journal cannot be written.
    pub fn close(&mut self, block: u32, why: &str) -> Result<Receipt, SessionError> {
        if block >= self.next_block {
            return Err(SessionError::WrongBlock { block, current: self.current() });
        }
        let missing = if self.current() == Some(block) { self.standing.missing() } else { Vec::new() };
        let late = self.current() != Some(block);
        if !late {
            self.end(block, why)?;
        }
        Ok(Receipt { missing, late, next: self.current(), ..Receipt::default() })
    }

    /// Closes the block that is out if it waits for longer than the configuration allows.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn check_time(&mut self) -> Result<(), SessionError> {
        let limit = self.config.session.time_out_s;
        match self.current() {
            Some(block) if limit > 0.0 && self.waiting_s() > limit && self.phase != Phase::Paused => {
                self.close(block, "time-out").map(drop)
            }
            _ => Ok(()),
        }
    }

    /// Offers no further block until [`proceed`](Self::proceed).
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn pause(&mut self) -> Result<(), SessionError> {
        if self.phase == Phase::Open { self.happen(&Event::Paused) } else { Ok(()) }
    }

    /// Goes on after a pause.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn proceed(&mut self) -> Result<(), SessionError> {
        if self.phase == Phase::Paused { self.happen(&Event::Continued) } else { Ok(()) }
    }

    /// Ends the session when the block that is out is closed.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn stop(&mut self) -> Result<(), SessionError> {
        if matches!(self.phase, Phase::Open | Phase::Paused) { self.happen(&Event::Stopping) } else { Ok(()) }
    }

    /// Makes no more generations of a thread.
    ///
    /// # Errors
    /// If there is no such thread, or the journal cannot be written.
    pub fn stop_thread(&mut self, thread: usize) -> Result<(), SessionError> {
        match self.threads.get(thread) {
            None => Err(SessionError::NoThread { thread, threads: self.threads.len() }),
            Some(thread) if thread.stopped => Ok(()),
            Some(_) => self.happen(&Event::ThreadStopped { thread }),
        }
    }

    /// Writes a note of the experimenter into the journal.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub fn note(&mut self, text: &str) -> Result<(), SessionError> {
        self.happen(&Event::Note { text: text.chars().take(10_000).collect() })
    }

    /// Closes the block that is out if every presentation has a response.
    pub(crate) fn close_if_complete(&mut self) -> Result<(), SessionError> {
        match self.current().filter(|_| self.standing.missing().is_empty()) {
            Some(block) => self.end(block, "complete"),
            None => Ok(()),
        }
    }

    fn end(&mut self, block: u32, why: &str) -> Result<(), SessionError> {
        self.happen(&Event::Closed { block, why: why.to_owned() })?;
        self.pause_if_unfit()
    }

    fn check_lengths(&self, responses: &Responses) -> Result<(), SessionError> {
        let bins = responses.bins_ms.as_ref().map_or(1, |edges| edges.len().saturating_sub(1).max(1));
        let named = responses.channels.as_ref().map(|channels| channels.len() * bins);
        let first = responses.rows.first().map(|row| row.values.len());
        let Some(expected) = self.standing.values.or(named).or(first) else { return Ok(()) };
        if let (Some(known), Some(found)) = (&self.standing.channels, &responses.channels)
            && known != found
        {
            return Err(SessionError::OtherChannels { known: known.join(", "), found: found.join(", ") });
        }
        match responses.rows.iter().position(|row| row.values.len() != expected) {
            Some(row) => Err(SessionError::WrongLength { row, found: responses.rows[row].values.len(), expected }),
            None => Ok(()),
        }
    }

    /// Gives the rows to the images of the step, as live so in a replay.
    pub(crate) fn apply_responses(&mut self, responses: &Responses) {
        let Some(block) = self.block.clone() else { return };
        let names = Names::of(&block, self.config.session.matching);
        for row in responses.rows.iter().filter(|row| row.id.is_some()) {
            let Some(i) = names.find(&row.name) else { continue };
            let image = &block.images[i].image;
            let values: Vec<f64> = row.values.iter().map(|value| value.0).collect();
            let own = self.step.iter_mut().find(|own| own.image.id == image.id);
            let Some(own) = own.filter(|_| image.role == Role::Evolved) else { continue };
            // A response that the target cannot use is none.
            let target = &self.threads[image.thread.unwrap_or(0)].config.target;
            if !target.score(&values, self.standing.layout()).is_nan() {
                own.take(&values);
            }
        }
        self.remember(responses);
    }

    /// Keeps the key of responses, so that the same ones change nothing when they come again.
    pub(crate) fn remember(&mut self, responses: &Responses) {
        if let Some(key) = &responses.key {
            let accepted = responses.rows.iter().filter(|row| row.id.is_some()).count();
            let unknown = responses.rows.iter().filter(|row| row.id.is_none()).map(|row| row.name.clone()).collect();
            self.receipts.insert(key.clone(), Receipt { accepted, unknown, ..Receipt::default() });
        }
    }
}
