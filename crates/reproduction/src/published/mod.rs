//! `actmax reproduce claims` and `actmax reproduce statistic`: statistics of the published benchmark tables.
//!
//! ```text
//! CSV files -> rounds (runs, scores, measures) -> statistics: one value a key
//! claims.csv -> rules -> keys -> verdicts
//! ```

mod claims;
mod csv_file;
mod export;
mod key;
mod means;
mod names;
mod reported;
mod rounds;
mod scope;
mod statistics;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{ReproductionError, files};
pub use export::export;
use key::WrittenKey;
pub(crate) use means::{Over, PublishedMeans};
use statistics::{Bootstrap, Tables};

/// Compute one statistic of the published tables
///
/// Reads the CSV files that Wang and Ponce (2022) shipped with their code (the folder summary/ of
/// ActMax-Optimizer-Dev) and prints the value of one statistic:
///
///   actmax reproduce statistic --published DIR \
///       table=round2,quantity=norm,statistic=mean,optimizer=Genetic,noise=0.2
///
/// Tables are round1 (nevergrad's twelve optimizers), round2 (genetic algorithm and five variants of
/// CMA-ES), spectra (covariance matrices) and theory (closed forms). The rows are all, or those with
/// noise=0.2, net=alexnet, layer=.features.ReLU4, and layer or net at a noise level. Normalised scores
/// of round 1 are of noisy scores: its files have no others. docs/published.md lists all quantities and
/// statistics, and where the published scripts err.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct StatisticArgs {
    /// Folder of the published CSV files
    #[arg(long, value_name = "DIR")]
    published: PathBuf,
    /// The statistic: table, quantity, statistic, and what else names it
    #[arg(value_name = "NAME=VALUE,...")]
    statistic: String,
    #[command(flatten)]
    resampling: Resampling,
}

/// Recompute published numbers from the published tables
///
/// Evaluates every row of DIR/claims.csv from the CSV files beside it and prints id, claimed value,
/// computed value, tolerance and verdict. A claim's id says what is computed (for example
/// R2-norm-Genetic-ns0.5: round 2, mean normalised score of Genetic at noise 0.5); no claimed value is
/// used. Exit status 1 if a claim does not hold or its id is not understood.
#[derive(Debug, clap::Args)]
#[command(verbatim_doc_comment)]
pub struct ClaimsArgs {
    /// Folder of the published CSV files and claims.csv
    #[arg(long, value_name = "DIR")]
    published: PathBuf,
    /// Write the verdicts to this file too, .json or .md
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    resampling: Resampling,
}

#[derive(Debug, clap::Args)]
struct Resampling {
    /// Resamples of the units behind a confidence interval
    #[arg(long, value_name = "N", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    resamples: u32,
    /// Seed of the resampling
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

impl Resampling {
    fn bootstrap(&self) -> Bootstrap {
        Bootstrap { resamples: self.resamples as usize, seed: self.seed }
    }
}

/// Computes a statistic and prints its value to `out`.
///
/// # Errors
/// If a table cannot be read, or there is no such statistic.
pub fn print_statistic(args: &StatisticArgs, out: &mut dyn Write) -> Result<(), ReproductionError> {
    let value = statistic(args)?;
    Ok(writeln!(out, "{value:?}").context("cannot write to the standard output")?)
}

fn statistic(args: &StatisticArgs) -> Result<f64> {
    let written = WrittenKey::parse(&args.statistic)?;
    let key = written.key()?;
    require_folder(&args.published)?;
    Tables::read(&args.published, args.resampling.bootstrap())?.value(&key)
}

/// Evaluates the claims, and prints a line a claim to `out`.
///
/// # Errors
/// If a table cannot be read, a claim cannot be evaluated, or one does not hold.
pub fn check_claims(args: &ClaimsArgs, out: &mut dyn Write) -> Result<(), ReproductionError> {
    Ok(judge_claims(args, out)?)
}

fn judge_claims(args: &ClaimsArgs, out: &mut dyn Write) -> Result<()> {
    require_folder(&args.published)?;
    let format = args.out.as_deref().map(claims::Format::of).transpose()?;
    args.out.as_deref().map_or(Ok(()), require_writable)?;
    let claims = claims::read(&args.published)?;
    let tables = Tables::read(&args.published, args.resampling.bootstrap())?;
    let verdicts: Vec<claims::Verdict> = claims.iter().map(|claim| claims::judge(claim, &tables)).collect();
    write!(out, "{}", claims::as_text(&verdicts))?;
    if let (Some(path), Some(format)) = (&args.out, format) {
        files::write(path, &format.render(&verdicts)?)?;
    }
    let failed = verdicts.iter().filter(|verdict| !verdict.holds).count();
    writeln!(out, "\n{} of {} claims hold", verdicts.len() - failed, verdicts.len())?;
    if failed > 0 {
        bail!("{failed} claims do not hold or cannot be evaluated");
    }
    Ok(())
}

fn require_folder(folder: &Path) -> Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    bail!("no folder {}; --published expects {}", folder.display(), csv_file::SOURCE)
}

/// Fails before anything is computed where the folder of an output is missing.
fn require_writable(path: &Path) -> Result<()> {
    if path.is_dir() {
        bail!("{} is a folder; --out expects a file", path.display());
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    match folder {
        Some(folder) if !folder.is_dir() => {
            bail!("no folder {} to write into; make it first", folder.display())
        }
        _ => Ok(()),
    }
}
