//! `cargo xtask replay-traces DIR`: the methods against recorded runs of their references.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use optim_core::replay::{ReplayError, Report, TOLERANCE, replay};

/// Replay recorded runs of the reference implementations through the methods
///
/// Feeds the recorded random draws and scores of every .json file in DIR through the method it belongs
/// to, and prints the largest deviation of the codes and of each state variable: max|a-b| / max|b| an
/// array and generation (b recorded; max|a| where b is all zero). Exit status 1 if a deviation exceeds
/// 1e-9 or a recording of a covered family cannot be replayed; families that have no method here are
/// listed as not yet covered.
#[derive(clap::Args)]
pub(crate) struct ReplayArgs {
    /// Folder of recordings, or a single one
    dir: PathBuf,
}

enum Outcome {
    Replayed(Report),
    NotCovered(String),
    Failed(String),
}

pub(crate) fn run(args: &ReplayArgs) -> Result<()> {
    let files = recordings(&args.dir)?;
    let mut failures = 0;
    let (mut replayed, mut uncovered) = (0, 0);
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match replay_file(file)? {
            Outcome::Replayed(report) => {
                replayed += 1;
                failures += usize::from(!report.holds());
                print_report(&name, &report);
            }
            Outcome::NotCovered(optimizer) => {
                uncovered += 1;
                println!("{name}: not yet covered ({optimizer})");
            }
            Outcome::Failed(reason) => {
                failures += 1;
                println!("{name}: CANNOT BE REPLAYED: {reason}");
            }
        }
    }
    println!("\n{replayed} of {} recordings replayed, {uncovered} not yet covered, {failures} failed", files.len());
    if failures > 0 {
        bail!("{failures} recordings deviate by more than {TOLERANCE:e} or cannot be replayed");
    }
    Ok(())
}

fn recordings(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path).with_context(|| format!("cannot read the folder {}", path.display()))?;
    let mut files: Vec<PathBuf> = entries.map(|e| e.map(|e| e.path())).collect::<std::io::Result<_>>()?;
    files.retain(|f| f.extension().is_some_and(|e| e == "json"));
    files.sort();
    if files.is_empty() {
        bail!("no recordings (*.json) in {}", path.display());
    }
    Ok(files)
}

fn replay_file(file: &Path) -> Result<Outcome> {
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    Ok(match replay(&text) {
        Ok(report) => Outcome::Replayed(report),
        Err(ReplayError::NotCovered { optimizer }) => Outcome::NotCovered(optimizer),
        Err(error) => Outcome::Failed(error.to_string()),
    })
}

fn print_report(file: &str, report: &Report) {
    let verdict = if report.holds() { "" } else { "   DEVIATES" };
    let (method, generations) = (report.method, report.generations);
    println!("{file}: {method}, {generations} generations, largest deviation {:.1e}{verdict}", report.largest());
    let variables: Vec<String> = report.deviations.iter().map(|(name, d)| format!("{name} {d:.1e}")).collect();
    println!("    {}", variables.join("  "));
}
