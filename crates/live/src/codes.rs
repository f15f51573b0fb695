//! Codes of a generation: those beside a session's journal, or those that a run's method proposes again.

use std::collections::VecDeque;
use std::fmt;
use std::path::PathBuf;

use experiments::{Evolver, INITIAL_CODES_FILE, Keep, RunPlan, RunSpec, read_codes};
use optim_core::Population;
use sessions::codes_file;

use crate::error::LiveError;
use crate::source::Generation;

/// Bytes of codes that are kept; older generations are computed again when they are asked for.
const KEPT: usize = 256 << 20;

/// Where the codes of a thread are.
pub(crate) enum Codes {
    /// In the folder of a session.
    Stored {
        /// The folder.
        session: PathBuf,
        /// Name of the thread.
        thread: String,
        /// Length N of a code.
        dim: usize,
    },
    /// The method is asked and told again. Runs of one program on one machine propose the same codes again.
    Proposed(Box<Proposed>),
}

/// A method that is told the scores of a run again.
pub(crate) struct Proposed {
    spec: RunSpec,
    folder: PathBuf,
    evolver: Option<Evolver<'static>>,
    /// Generations that are kept, oldest first.
    kept: VecDeque<(u32, Population)>,
}

impl fmt::Debug for Codes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if matches!(self, Self::Stored { .. }) { "Stored" } else { "Proposed" })
    }
}

impl Codes {
    pub(crate) fn of_run(folder: PathBuf, spec: RunSpec) -> Self {
        Self::Proposed(Box::new(Proposed { spec, folder, evolver: None, kept: VecDeque::new() }))
    }

    /// The codes of a generation. `scored` are the scored generations of the thread, from the first.
    pub(crate) fn generation(&mut self, generation: u32, scored: &[Generation]) -> Result<Population, LiveError> {
        match self {
            Self::Stored { session, thread, dim } => {
                let path = codes_file(session, thread, generation);
                read_codes(&path, *dim).map_err(|error| failed(generation, error))
            }
            Self::Proposed(proposed) => proposed.generation(generation, scored),
        }
    }
}

impl Proposed {
    fn generation(&mut self, wanted: u32, scored: &[Generation]) -> Result<Population, LiveError> {
        if let Some((_, codes)) = self.kept.iter().find(|(generation, _)| *generation == wanted) {
            return Ok(codes.clone());
        }
        let next = self.evolver.as_ref().map_or(0, Evolver::generation);
        if self.evolver.is_none() || next > wanted {
            self.begin(wanted)?;
        }
        let Some(evolver) = &mut self.evolver else { return Err(failed(wanted, "the method has not begun")) };
        loop {
            let generation = evolver.generation();
            let codes = evolver.ask().map_err(|error| failed(wanted, error))?;
            let Some(codes) = codes.cloned() else { return Err(failed(wanted, "the run is over before")) };
            self.kept.push_back((generation, codes.clone()));
            let size = size_of_val(codes.as_slice());
            if self.kept.len() > (KEPT / size.max(1)).max(1) {
                self.kept.pop_front();
            }
            let Some(own) = scored.get(generation as usize) else { return Err(failed(wanted, "it is not scored yet")) };
            // The noise is drawn again from the run's seed.
            let clean: Vec<f64> =
                own.clean.as_ref().unwrap_or(&own.scores).iter().map(|score| score.unwrap_or(f64::NAN)).collect();
            evolver.tell_after(0.0, &clean).map_err(|error| failed(wanted, error))?;
            if generation == wanted {
                return Ok(codes);
            }
        }
    }

    fn begin(&mut self, wanted: u32) -> Result<(), LiveError> {
        let path = self.folder.join(INITIAL_CODES_FILE);
        let initial = self.spec.initial_codes_sha256.as_ref().map(|_| read_codes(&path, self.spec.dim)).transpose();
        let initial = initial.map_err(|error| failed(wanted, error))?;
        let optimizer = self.spec.optimizer(initial.as_ref()).map_err(|error| failed(wanted, error))?;
        let plan = RunPlan { keep: Keep::None, ..self.spec.plan() };
        self.evolver = Some(Evolver::new(optimizer, plan).map_err(|error| failed(wanted, error))?);
        self.kept.clear();
        Ok(())
    }
}

fn failed(generation: u32, reason: impl std::fmt::Display) -> LiveError {
    LiveError::Codes { generation, reason: format!("{reason}") }
}
