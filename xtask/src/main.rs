//! Errands of the workspace: `cargo xtask --help` lists them.

mod replay_traces;
mod reproduce;

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
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().errand {
        Errand::ReproduceFigures(args) => reproduce::run(&args),
        Errand::ReplayTraces(args) => replay_traces::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
