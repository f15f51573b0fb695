//! Many jobs on a few workers, with results that do not depend on who did what.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::available_parallelism;

use anyhow::{Context, Result};
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Threads as asked for, else the number of cores.
#[must_use]
pub fn workers(asked: Option<NonZero<usize>>) -> usize {
    asked.map_or_else(|| available_parallelism().map_or(1, NonZero::get), NonZero::get)
}

/// A pool of `workers` threads, 1 or more.
///
/// # Errors
/// If the threads cannot be started.
pub fn pool(workers: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new().num_threads(workers.max(1)).build().context("cannot start the worker threads")
}

/// Does every job once; results come in the order of the jobs.
///
/// Each worker makes one `state` and keeps it over its jobs: sessions of ONNX Runtime, say. The first failure
/// stops all workers after the jobs that they are at.
///
/// # Errors
/// The first failure of `work`, in the order of the workers.
pub fn map<J: Sync, S, R: Send>(
    pool: &ThreadPool,
    jobs: &[J],
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, &J) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let done_by_worker = pool.broadcast(|_| -> Result<Vec<(usize, R)>> {
        let (mut state, mut done) = (state(), Vec::new());
        while !failed.load(Ordering::Relaxed) {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(job) = jobs.get(index) else { break };
            match work(&mut state, job) {
                Ok(result) => done.push((index, result)),
                Err(error) => {
                    failed.store(true, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        Ok(done)
    });
    let mut done: Vec<(usize, R)> = Vec::with_capacity(jobs.len());
    for by_worker in done_by_worker {
        done.extend(by_worker?);
    }
    done.sort_by_key(|(index, _)| *index);
    Ok(done.into_iter().map(|(_, result)| result).collect())
}
