//! Errands of the workspace: `cargo xtask --help` lists them.

mod gpu_check;
mod peers;
mod replay_traces;
mod reproduce_figures;

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
    ReproduceFigures(reproduce_figures::ReproduceArgs),
    ReplayTraces(replay_traces::ReplayArgs),
    BenchPeers(peers::BenchArgs),
    GpuCheck(gpu_check::GpuCheckArgs),
    #[command(hide = true)]
    EvolveOnce(peers::ours::EvolveArgs),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().errand {
        Errand::ReproduceFigures(args) => reproduce_figures::run(&args),
        Errand::ReplayTraces(args) => replay_traces::run(&args),
        Errand::BenchPeers(args) => peers::run(&args),
        Errand::GpuCheck(args) => gpu_check::run(&args),
        Errand::EvolveOnce(args) => peers::ours::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
