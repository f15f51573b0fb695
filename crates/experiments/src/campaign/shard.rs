//! A campaign's share for one process, and the locks that keep two processes off the same share.

use std::fmt;
use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::thread;
use std::time::Duration;

use thiserror::Error;

use super::grid::Run;
use crate::FolderError;
use crate::folder::failed;

/// The I-th of N equal shares of a campaign, I from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Default for Shard {
    /// All of it.
    fn default() -> Self {
        Self { index: 1, count: 1 }
    }
}

/// Why a shard cannot be worked on.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ShardError {
    /// Not of the form I/N.
    #[error("'{text}' is no shard: write I/N with I from 1 to N, for example 1/4")]
    Malformed {
        /// The text.
        text: String,
    },
    /// Another process has it.
    #[error("{} is being worked on by another process ({share}); wait until it ends, or give every process a --shard of its own", path.display())]
    InUse {
        /// The campaign's folder.
        path: PathBuf,
        /// The share that is taken.
        share: String,
    },
}

impl Shard {
    /// Share `index` of `count`, from 1.
    ///
    /// # Errors
    /// If the index is not in 1..=count.
    pub fn new(index: u32, count: u32) -> Result<Self, ShardError> {
        if (1..=count).contains(&index) {
            Ok(Self { index, count })
        } else {
            Err(ShardError::Malformed { text: format!("{index}/{count}") })
        }
    }

    /// Whether it is the whole campaign.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self.count == 1
    }

    /// Indices of its runs, ascending. Runs are dealt out in the order of their identities, so that shares are of
    /// equal size and no share has all runs of one method.
    #[must_use]
    pub fn select(self, runs: &[Run]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..runs.len()).collect();
        order.sort_by(|&a, &b| runs[a].id.cmp(&runs[b].id));
        let mut mine: Vec<usize> =
            order.into_iter().skip(self.index as usize - 1).step_by(self.count as usize).collect();
        mine.sort_unstable();
        mine
    }

    /// Its name in file names.
    pub(crate) fn file_stem(self) -> String {
        format!("{}-of-{}", self.index, self.count)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

impl FromStr for Shard {
    type Err = ShardError;

    fn from_str(text: &str) -> Result<Self, ShardError> {
        let malformed = || ShardError::Malformed { text: text.to_owned() };
        let (index, count) = text.split_once('/').ok_or_else(malformed)?;
        let number = |text: &str| text.trim().parse::<u32>().map_err(|_| malformed());
        Self::new(number(index)?, number(count)?)
    }
}

/// Locks of a share that is being worked on, released when it is dropped or the process ends.
#[derive(Debug)]
pub(crate) struct ShardLock {
    _files: Vec<File>,
}

impl ShardLock {
    /// Takes the whole campaign, or one share beside others.
    pub(crate) fn take(campaign: &Path, locks: &Path, shard: Shard) -> Result<Self, super::CampaignError> {
        std::fs::create_dir_all(locks).map_err(|source| failed("create the folder", locks, source))?;
        let mut files = Vec::new();
        let in_use = |share: String| ShardError::InUse { path: campaign.to_owned(), share };
        let (path, file) = open(locks, "all")?;
        let attempt = || if shard.is_whole() { file.try_lock() } else { file.try_lock_shared() };
        if is_taken(attempt, &path)? {
            let share = if shard.is_whole() { "all or a share of it" } else { "all of it, without --shard" };
            return Err(in_use(share.to_owned()).into());
        }
        files.push(file);
        if !shard.is_whole() {
            let (path, file) = open(locks, &shard.file_stem())?;
            if is_taken(|| file.try_lock(), &path)? {
                return Err(in_use(format!("shard {shard}")).into());
            }
            files.push(file);
        }
        Ok(Self { _files: files })
    }
}

/// Whether another process holds the lock of a share.
pub(crate) fn is_locked(locks: &Path, stem: &str) -> bool {
    let name = if stem == Shard::default().file_stem() { "all" } else { stem };
    let Ok(file) = File::open(locks.join(format!("{name}.lock"))) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

fn open(locks: &Path, name: &str) -> Result<(PathBuf, File), FolderError> {
    let path = locks.join(format!("{name}.lock"));
    let file = File::options().create(true).truncate(false).write(true).open(&path);
    Ok((path.clone(), file.map_err(|source| failed("open the lock", &path, source))?))
}

/// Attempts to take a lock: a process that looks at the status holds it for a moment.
const ATTEMPTS: u32 = 20;
const BETWEEN_ATTEMPTS: Duration = Duration::from_millis(25);

/// Whether another process has the lock. A file system without locks is no error: two processes that make the same run
/// get the same result.
fn is_taken(attempt: impl Fn() -> Result<(), TryLockError>, path: &Path) -> Result<bool, FolderError> {
    for _ in 0..ATTEMPTS {
        match attempt() {
            Ok(()) => return Ok(false),
            Err(TryLockError::WouldBlock) => thread::sleep(BETWEEN_ATTEMPTS),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {
                tracing::warn!("{} cannot be locked: make sure that no other process works on it", path.display());
                return Ok(false);
            }
            Err(TryLockError::Error(source)) => return Err(failed("lock", path, source)),
        }
    }
    Ok(true)
}
