//! Errands of the workspace: `cargo xtask --help` lists them.

mod gpu_check;
mod landscapes;
mod parallel;
mod peers;
mod progress;
mod published;
mod replay_traces;
mod reproduce;
mod whole_file;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Errands of the workspace", version)]
struct Cli {
    #[command(subcommand)]
    errand: Errand,
}

#[derive(Subcommand)]
enum Errand {
    ReproduceFigures(reproduce::ReproduceArgs),
    ReplayTraces(replay_traces::ReplayArgs),
    Landscapes(landscapes::LandscapesArgs),
    BenchPeers(peers::BenchArgs),
    GpuCheck(gpu_check::GpuCheckArgs),
    #[command(hide = true)]
    EvolveOnce(peers::ours::EvolveArgs),
    PublishedTables(published::TablesArgs),
    CheckClaims(published::ClaimsArgs),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().errand {
        Errand::ReproduceFigures(args) => reproduce::run(&args),
        Errand::ReplayTraces(args) => replay_traces::run(&args),
        Errand::Landscapes(args) => landscapes::run(&args),
        Errand::BenchPeers(args) => peers::run(&args),
        Errand::GpuCheck(args) => gpu_check::run(&args),
        Errand::EvolveOnce(args) => peers::ours::run(&args),
        Errand::PublishedTables(args) => published::write_tables(&args),
        Errand::CheckClaims(args) => published::check_claims(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
