//! A session whose events are read, while it runs or afterwards.

use std::path::{Path, PathBuf};

use experiments::{Evolution, Evolver, Keep, RunPlan, RunSpec};
use optim_core::Population;
use sessions::journal::JOURNAL_FILE;
use sessions::{Recorded, Replay, ThreadConfig};

use super::OnlineError;
use super::setup::stored_initial;
use crate::CommandError;

/// The folder of a session with its events.
pub(crate) struct Source {
    pub(crate) folder: PathBuf,
    pub(crate) recorded: Recorded,
}

/// Whether a folder holds a session.
pub(crate) fn is_session(folder: &Path) -> bool {
    folder.join(JOURNAL_FILE).is_file()
}

impl Source {
    pub(crate) fn read(folder: &Path) -> Result<Self, CommandError> {
        if !is_session(folder) {
            return Err(OnlineError::NoSession { folder: folder.to_owned() }.into());
        }
        Ok(Self { folder: folder.to_owned(), recorded: Recorded::read(folder)? })
    }

    /// Reads what `SESSION` or `SESSION:THREAD` names; a session of one thread needs no name of it.
    pub(crate) fn thread_of(argument: &Path) -> Result<(Self, usize), CommandError> {
        let (folder, name) = match argument.to_str().and_then(|text| text.rsplit_once(':')) {
            Some((folder, name)) if !is_session(argument) => (Path::new(folder), Some(name)),
            _ => (argument, None),
        };
        let source = Self::read(folder)?;
        let threads = &source.recorded.config.threads;
        let found = match name {
            None => Some(0).filter(|_| threads.len() == 1),
            Some(name) => threads.iter().position(|thread| thread.name == name),
        };
        let names = || threads.iter().map(|thread| thread.name.clone()).collect();
        let found = found.ok_or_else(|| OnlineError::WhichThread { folder: folder.to_owned(), threads: names() })?;
        Ok((source, found))
    }

    /// What a thread is to do.
    pub(crate) fn config(&self, thread: usize) -> &ThreadConfig {
        &self.recorded.config.threads[thread]
    }

    /// Name of a thread.
    pub(crate) fn name(&self, thread: usize) -> &str {
        &self.config(thread).name
    }

    /// What determines the codes of a thread.
    pub(crate) fn spec(&self, thread: usize) -> &RunSpec {
        &self.recorded.specs[thread]
    }

    /// The codes that a thread was begun with, if there were any.
    pub(crate) fn initial(&self, thread: usize) -> Result<Option<Population>, CommandError> {
        stored_initial(&self.folder, self.name(thread), self.spec(thread))
    }

    /// A thread's method, asked nothing yet.
    pub(crate) fn evolver(&self, thread: usize, keep: Keep) -> Result<Evolver<'static>, CommandError> {
        let spec = self.spec(thread);
        let optimizer = spec.optimizer(self.initial(thread)?.as_ref())?;
        Ok(Evolver::new(optimizer, RunPlan { keep, ..spec.plan() })?)
    }

    /// The generations of a thread once more; its method must propose the recorded codes.
    pub(crate) fn replay(&self, thread: usize, keep: Keep) -> Result<Replay<'_>, CommandError> {
        Ok(self.recorded.replay(thread, self.evolver(thread, keep)?))
    }

    /// The run of a thread, which has a scored generation at least.
    pub(crate) fn evolution(&self, thread: usize) -> Result<Evolution, CommandError> {
        self.check_told(thread)?;
        Ok(self.replay(thread, Keep::All)?.finish()?)
    }

    /// Whether a thread was told anything.
    pub(crate) fn check_told(&self, thread: usize) -> Result<(), OnlineError> {
        match self.recorded.told(thread).next() {
            Some(_) => Ok(()),
            None => Err(OnlineError::Nothing { folder: self.folder.clone() }),
        }
    }
}
