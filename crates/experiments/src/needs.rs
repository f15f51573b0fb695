//! What runs take in memory and on the disk, compared with what there is.

use std::path::{Path, PathBuf};

use optim_core::Method;
use sysinfo::System;
use thiserror::Error;

use crate::{Keep, RunPlan};

/// Bytes of a scored code: clean score, noisy score, generation.
const SCORES: f64 = 24.0;
/// Bytes of a scored code in a journal: two scores as text.
const JOURNAL_SCORES: f64 = 42.0;
/// Bytes of a generation, but for codes and scores: seconds, scalars of the method.
const GENERATION: f64 = 100.0;
/// Bytes of what does not depend on the length of a run: JSON, headers of arrays.
const FIXED: f64 = 8192.0;

/// Bytes that one run or several take, estimated before anything is allocated or written.
///
/// Estimates are `f64`, so that no product of sizes overflows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Needs {
    /// Bytes of memory, the networks not counted.
    pub memory: f64,
    /// Bytes on the disk.
    pub disk: f64,
}

/// Why runs do not fit on this machine.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum NeedsError {
    /// Not enough memory.
    #[error(
        "{what} would take about {} of memory, and {} are free; plan fewer generations, a smaller population, or keep fewer codes",
        human_bytes(*needed), human_bytes(*free)
    )]
    Memory {
        /// What would take it.
        what: String,
        /// Bytes that it would take.
        needed: f64,
        /// Bytes that are free.
        free: f64,
    },
    /// Not enough room on the disk.
    #[error(
        "{what} would take about {} on the disk of {}, and {} are free; make room, keep fewer codes, or choose a folder on another disk",
        human_bytes(*needed), path.display(), human_bytes(*free)
    )]
    Disk {
        /// What would take it.
        what: String,
        /// Bytes that it would take.
        needed: f64,
        /// Bytes that are free.
        free: f64,
        /// The folder.
        path: PathBuf,
    },
}

impl Needs {
    /// What a run of codes of length `dim` takes. A journal is not counted: see [`with_journal`](Self::with_journal).
    #[must_use]
    pub fn of_run(method: &Method, dim: usize, plan: &RunPlan) -> Self {
        let (n, generations) = (dim as f64, f64::from(plan.generations));
        let lambda = codes_a_generation(method, dim);
        let (codes, means) = match plan.keep {
            Keep::All => (lambda * generations, generations),
            Keep::LastOnly => (lambda, generations),
            Keep::None => (0.0, 0.0),
        };
        let recommended = if plan.keep_recommended { generations } else { 0.0 };
        // The record's codes are single precision, the method's are double.
        let record = 4.0 * n * (codes + means + recommended) + (SCORES * lambda + GENERATION) * generations;
        Self {
            memory: record + method.memory_bytes(dim, plan.generations.into()) as f64,
            disk: record + 4.0 * n * (lambda + 2.0) + FIXED,
        }
    }

    /// The same with a journal.
    #[must_use]
    pub fn with_journal(self, method: &Method, dim: usize, plan: &RunPlan) -> Self {
        let generation = JOURNAL_SCORES * codes_a_generation(method, dim) + 3.0 * GENERATION;
        Self { disk: self.disk + generation * f64::from(plan.generations), ..self }
    }

    /// Refuses what takes more memory than is free. `what` names it in the message.
    ///
    /// # Errors
    /// If it does.
    pub fn check_memory(&self, what: &str) -> Result<(), NeedsError> {
        match free_memory() {
            Some(free) if self.memory > free => {
                Err(NeedsError::Memory { what: what.to_owned(), needed: self.memory, free })
            }
            _ => Ok(()),
        }
    }

    /// Refuses what takes more room than the disk of `folder` has, which need not exist yet. `what` names it in the
    /// message.
    ///
    /// # Errors
    /// If it does.
    pub fn check_disk(&self, what: &str, folder: &Path) -> Result<(), NeedsError> {
        match free_disk(folder) {
            Some(free) if self.disk > free => {
                Err(NeedsError::Disk { what: what.to_owned(), needed: self.disk, free, path: folder.to_owned() })
            }
            _ => Ok(()),
        }
    }
}

/// SphereCMA adds one code to every generation but the first.
fn codes_a_generation(method: &Method, dim: usize) -> f64 {
    method.population_size(dim) as f64 + 1.0
}

/// Bytes of memory that the system, or the control group of the process, would still give; none where it does not say.
pub(crate) fn free_memory() -> Option<f64> {
    let mut system = System::new();
    system.refresh_memory();
    if system.total_memory() == 0 {
        return None;
    }
    // What a group has free leaves the file cache out, which the system gives back when it is asked for memory.
    let group = system.cgroup_limits().map(|limits| limits.total_memory.saturating_sub(limits.rss));
    let free = group.unwrap_or(u64::MAX).min(system.available_memory());
    (free > 0).then_some(free as f64)
}

/// Bytes that are free on the disk of a folder, or of the nearest one above it that exists; none where the system does
/// not say.
fn free_disk(folder: &Path) -> Option<f64> {
    let absolute = std::path::absolute(folder).ok()?;
    let there = absolute.ancestors().find(|folder| folder.exists())?;
    fs4::available_space(there).ok().map(|bytes| bytes as f64)
}

/// Bytes in the unit that suits them: MB up to ten thousand of them, then GB, then TB.
#[must_use]
pub fn human_bytes(bytes: f64) -> String {
    match bytes / 1e6 {
        mb if mb >= 1e7 => format!("{:.1} TB", mb / 1e6),
        mb if mb >= 1e4 => format!("{:.1} GB", mb / 1e3),
        mb => format!("{mb:.1} MB"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        assert_eq!([2.5e6, 4.5e10, 6.5e14].map(human_bytes), ["2.5 MB", "45.0 GB", "650.0 TB"]);
    }

    #[test]
    fn what_exceeds_the_machine_is_refused_with_numbers() {
        let huge = Needs { memory: 1e18, disk: 1e18 };
        let error = huge.check_memory("the run").unwrap_err();
        assert!(error.to_string().starts_with("the run would take about 1000000.0 TB of memory, and "), "{error}");
        let folder = std::env::temp_dir().join("not").join("there");
        let error = huge.check_disk("the run", &folder).unwrap_err();
        assert!(matches!(error, NeedsError::Disk { free, .. } if free > 0.0));
        let small = Needs { memory: 1e3, disk: 0.0 };
        assert_eq!((small.check_memory("it"), small.check_disk("it", &folder)), (Ok(()), Ok(())));
    }
}
