//! Follows the journal of a run.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::time::UNIX_EPOCH;

use experiments::journal::{Entry, Header, Score};
use experiments::{LayerTarget, NetworkUnits, TargetKind};

use crate::error::LiveError;
use crate::source::{Generation, History, ThreadHistory};

/// The journal of a run, and how far it was read.
#[derive(Debug)]
pub(crate) struct RunJournal {
    path: PathBuf,
    place: u64,
    lines: usize,
}

impl RunJournal {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, place: 0, lines: 0 }
    }

    pub(crate) fn follow(&mut self, history: &mut History) -> Result<bool, LiveError> {
        let failed = |reason: String| LiveError::Journal { path: self.path.clone(), reason };
        let mut file = File::open(&self.path).map_err(|error| failed(error.to_string()))?;
        let metadata = file.metadata().map_err(|error| failed(error.to_string()))?;
        if metadata.len() < self.place {
            return Err(failed("it became shorter; another run was begun in its folder".to_owned()));
        }
        let mut text = Vec::new();
        let read = file.seek(SeekFrom::Start(self.place)).and_then(|_| file.read_to_end(&mut text));
        read.map_err(|error| failed(error.to_string()))?;
        let mut grew = false;
        for line in text.split_inclusive(|&byte| byte == b'\n').filter(|line| line.ends_with(b"\n")) {
            let parsed = if self.lines == 0 { header(line, history) } else { entry(line, history) };
            parsed.map_err(|error| failed(format!("line {}: {error}", self.lines + 1)))?;
            self.lines += 1;
            self.place += line.len() as u64;
            grew = true;
        }
        if grew {
            let time = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
            history.last_unix_s = time.map(|time| time.as_secs_f64());
            let over = history.threads.iter().all(|thread| thread.scored.len() >= thread.generations as usize);
            history.phase = if over { "finished" } else { "running" };
        }
        Ok(grew)
    }
}

fn header(line: &[u8], history: &mut History) -> serde_json::Result<()> {
    let Header { spec, .. } = serde_json::from_slice(line)?;
    history.kind = "run";
    history.phase = "running";
    let units = spec.objective.units();
    let name = units.map_or_else(|| history.title.clone(), objective_name);
    let generator = units.map(|units| units.generator.clone());
    history.threads.push(ThreadHistory::new(name, spec, generator));
    Ok(())
}

fn entry(line: &[u8], history: &mut History) -> serde_json::Result<()> {
    let entry: Entry = serde_json::from_slice(line)?;
    let numbers = |scores: &[Score]| scores.iter().map(|score| score.0).collect::<Vec<f64>>();
    let (clean, noisy) = (numbers(&entry.clean), numbers(&entry.noisy));
    if let Some(thread) = history.threads.first_mut() {
        thread.scored.push(Generation::of_run(entry.generation, &clean, &noisy, Some(entry.seconds)));
    }
    Ok(())
}

/// The units, or how a file reads a layer.
fn objective_name(units: &NetworkUnits) -> String {
    match &units.target {
        Some(LayerTarget { kind: TargetKind::LinearReadout, layer, .. }) => format!("readout of {layer}"),
        Some(LayerTarget { kind: TargetKind::Pattern, layer, .. }) => format!("pattern of {layer}"),
        None => units.units.join(", "),
    }
}
