//! One run in a process of its own, measured.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value};
use wait4::Wait4;

use super::environment::scripts;
use super::pairs::Pair;
use reproduction::landscapes::reference::Finish;

/// What is run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task {
    pub(super) landscape: &'static str,
    pub(super) dim: usize,
    pub(super) noise: f64,
    pub(super) seed: u64,
    pub(super) generations: u32,
}

/// What a process cost and printed.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    /// CPU seconds of all its threads, user and system.
    pub(super) cpu: f64,
    pub(super) wall: f64,
    /// Largest resident set, MB.
    pub(super) peak_mb: f64,
    pub(super) printed: Printed,
}

/// The line of JSON that either side prints.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Printed {
    #[serde(flatten)]
    pub(super) finish: Finish,
    /// CPU seconds a generation, where the process measured it.
    #[serde(default)]
    pub(super) generation_cpu: Option<f64>,
    #[serde(default)]
    pub(super) versions: Map<String, Value>,
    #[serde(default)]
    pub(super) date: String,
}

/// Our method of the pair, in another process of this program.
pub(super) fn ours(pair: &Pair, task: &Task) -> Result<Measured> {
    let program = std::env::current_exe().context("cannot find this program")?;
    measure(Command::new(program).arg("evolve-once").arg(pair.ours).args(arguments(task)))
}

/// Their optimizer of the pair.
pub(super) fn theirs(pair: &Pair, python: &Path, task: &Task) -> Result<Measured> {
    let script = scripts().join("run.py");
    let mut command = Command::new(python);
    command.args(["-W", "ignore"]).arg(script).args([pair.peer.name(), pair.theirs]).args(arguments(task));
    measure(&mut command)
}

fn arguments(task: &Task) -> [String; 5] {
    let Task { landscape, dim, noise, seed, generations } = task;
    [(*landscape).to_owned(), dim.to_string(), noise.to_string(), seed.to_string(), generations.to_string()]
}

/// Runs a command on one thread of linear algebra.
fn measure(command: &mut Command) -> Result<Measured> {
    for name in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC"] {
        command.env(name, "1");
    }
    command.env("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1");
    command.env("JAX_PLATFORMS", "cpu").env("PYTHONDONTWRITEBYTECODE", "1");
    let what = format!("{:?}", command.get_args().collect::<Vec<_>>());
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| what.clone())?;
    let mut text = String::new();
    if let Some(stdout) = &mut child.stdout {
        stdout.read_to_string(&mut text).with_context(|| what.clone())?;
    }
    let ended = child.wait4().with_context(|| what.clone())?;
    let wall = begun.elapsed().as_secs_f64();
    if !ended.status.success() {
        bail!("{what} failed: {}", ended.status);
    }
    let line = text.lines().last().unwrap_or_default();
    Ok(Measured {
        cpu: (ended.rusage.utime + ended.rusage.stime).as_secs_f64(),
        wall,
        peak_mb: ended.rusage.maxrss as f64 / 1e6,
        printed: serde_json::from_str(line).with_context(|| format!("{what} printed '{line}'"))?,
    })
}
