//! `actmax session status`: read from the journal, so that it works while the session runs.

use std::io::Write;
use std::path::Path;

use experiments::Goal;
use serde::Serialize;
use sessions::journal::{self, JOURNAL_FILE};
use sessions::{Event, SessionConfig, SessionError};

use super::OnlineError;
use crate::CommandError;
use crate::console::significant;

/// Where a session stands, as its journal has it.
#[derive(Debug, Default, Serialize)]
struct Standing {
    block: Option<u32>,
    presentations: usize,
    phase: &'static str,
    responses: usize,
    late: usize,
    threads: Vec<Standings>,
    warnings: Vec<String>,
    notes: Vec<String>,
}

/// Where a thread stands.
#[derive(Debug, Serialize)]
struct Standings {
    name: String,
    optimizer: String,
    scored: u32,
    generations: u32,
    mean: Option<f64>,
    best: Option<f64>,
    missing: usize,
}

/// Writes where the session stands.
pub(super) fn write(folder: &Path, json: bool, out: &mut dyn Write) -> Result<(), CommandError> {
    let standing = read(folder)?;
    if json {
        serde_json::to_writer_pretty(&mut *out, &standing).map_err(std::io::Error::from)?;
        writeln!(out)?;
        return Ok(());
    }
    let Standing { presentations, phase, .. } = standing;
    match standing.block {
        Some(block) => writeln!(out, "block {block} is out ({presentations} presentations), {phase}"),
        None => writeln!(out, "no block is out: {phase}"),
    }?;
    writeln!(out, "{} responses, {} of them late", standing.responses, standing.late)?;
    for thread in &standing.threads {
        let Standings { name, optimizer, scored, generations, missing, .. } = thread;
        write!(out, "{name} ({optimizer}): {scored} of {generations} generations")?;
        if let (Some(mean), Some(best)) = (thread.mean, thread.best) {
            write!(out, ", mean {}, best {}, {missing} missing", significant(mean), significant(best))?;
        }
        writeln!(out)?;
    }
    for warning in &standing.warnings {
        writeln!(out, "warning: {warning}")?;
    }
    Ok(())
}

fn read(folder: &Path) -> Result<Standing, CommandError> {
    let path = folder.join(JOURNAL_FILE);
    if !path.exists() {
        return Err(OnlineError::NoSession { folder: folder.to_owned() }.into());
    }
    let mut standing = Standing { phase: "open", ..Standing::default() };
    let mut goals = Vec::new();
    for record in journal::read(&path).map_err(SessionError::from)? {
        match record.event {
            Event::Begun { config, threads, .. } => {
                let config = SessionConfig::parse(&config).map_err(SessionError::from)?;
                goals = threads.iter().map(|spec| spec.goal).collect();
                standing.threads = config
                    .threads
                    .iter()
                    .zip(threads)
                    .map(|(thread, spec)| Standings {
                        name: thread.name.clone(),
                        optimizer: spec.method.name().to_owned(),
                        scored: 0,
                        generations: spec.generations,
                        mean: None,
                        best: None,
                        missing: 0,
                    })
                    .collect();
            }
            Event::Offered { block, order, .. } => {
                (standing.block, standing.presentations) = (Some(block), order.len());
            }
            Event::Closed { .. } => standing.block = None,
            Event::Scored { responses, .. } => standing.responses += responses.rows.len(),
            Event::Late { responses, .. } => {
                standing.responses += responses.rows.len();
                standing.late += responses.rows.len();
            }
            Event::Told { thread, generation, scores, .. } => {
                let scores: Vec<f64> = scores.iter().map(|score| score.0).collect();
                standing.threads[thread].take(generation, &scores, goals[thread]);
            }
            Event::Warning { text } => standing.warnings.push(text),
            Event::Note { text } => standing.notes.push(text),
            Event::Paused => standing.phase = "paused",
            Event::Continued => standing.phase = "open",
            Event::Stopping => standing.phase = "stopping",
            _ => {}
        }
    }
    if standing.block.is_none() {
        standing.phase = "finished";
    }
    Ok(standing)
}

impl Standings {
    fn take(&mut self, generation: u32, scores: &[f64], goal: Goal) {
        let numbers: Vec<f64> = scores.iter().copied().filter(|score| !score.is_nan()).collect();
        self.scored = generation + 1;
        self.missing += scores.len() - numbers.len();
        self.mean = Some(numbers.iter().sum::<f64>() / numbers.len() as f64);
        for score in numbers {
            if self.best.is_none_or(|best| goal.is_better(score, best)) {
                self.best = Some(score);
            }
        }
    }
}
