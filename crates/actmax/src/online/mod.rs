//! `actmax session`: online evolution for a rig.

mod error;
mod export;
mod patterns;
mod serve;
mod setup;
mod source;
mod status;

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

pub use error::OnlineError;
pub(crate) use setup::renderer;
pub(crate) use source::{Source, is_session};

use crate::commands::Ending;
use crate::{CommandError, Library};

pub(crate) const HELP: &str = "\
A session evolves images for a neuron that somebody records. It writes a block
of images into a folder, a rig shows them and writes a file of scores, and the
optimizers of the session propose the next images.

  session.toml, the least that is needed:
    [[thread]]
    generator = \"tiny-deepsim\"

  actmax session new monkey1 --config session.toml
      checks the configuration, and renders the first block
  actmax session run monkey1
      serves blocks until Ctrl-C, or until the session is over
  actmax rig simulate monkey1 --cnn tiny-alexnet --unit fc8:eye --poisson 10
      in another terminal: a pretend rig, for trying it all out
  actmax session export monkey1 --format csv
      every response, a row a presentation

A session that was stopped, crashed or killed goes on exactly where it was:
`session resume` is `session run` by another name.

With --http 0 the session has a live page: open the address that is printed in
a browser. Rigs can then also come in over HTTP on the same machine.
docs/online.md describes configuration, folders, files and HTTP.";

/// What to do with a session.
#[derive(Debug, Subcommand)]
pub enum SessionCommand {
    /// Check a configuration, make the session's folder, and render the first block.
    New(NewArgs),
    /// Serve blocks until the session is over or Ctrl-C.
    Run(RunArgs),
    /// Go on after a break or a crash; the same as run.
    Resume(RunArgs),
    /// Say where a session stands, also while it runs.
    Status(StatusArgs),
    /// Write what a session recorded in a form that others read.
    Export(ExportArgs),
}

/// Arguments of `actmax session new`.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Folder of the session; it must not hold one.
    pub session: PathBuf,
    /// The configuration, TOML.
    #[arg(long, value_name = "FILE")]
    pub config: PathBuf,
}

/// Arguments of `actmax session run`.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Folder of the session.
    pub session: PathBuf,
    /// Open a live page, and serve rigs over HTTP, on this machine at this port; 0: any free one. The folder has http-url
    /// and http-token.
    #[arg(long, value_name = "PORT")]
    pub http: Option<u16>,
    /// As --http, at this address, also from other machines: whoever has the token can send scores.
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "http")]
    pub listen: Option<SocketAddr>,
    /// Say nothing but warnings.
    #[arg(long, short)]
    pub quiet: bool,
}

/// Arguments of `actmax session status`.
#[derive(Debug, Args)]
pub struct StatusArgs {
    /// Folder of the session.
    pub session: PathBuf,
    /// Write JSON.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `actmax session export`.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Folder of the session.
    pub session: PathBuf,
    /// Form of the export.
    #[arg(long, value_enum)]
    pub format: ExportFormat,
    /// Where to write: a file for csv and nwb, a folder for npz, mat and figures [default: in the session's folder, under
    /// export].
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
}

/// Forms of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A table: a row a presentation, a column a channel.
    Csv,
    /// A folder a thread, as `actmax evolve` leaves them: evolution.npz.
    Npz,
    /// MAT files of v5 for MATLAB, Octave and SciPy: one a thread, and session.mat with all responses.
    Mat,
    /// Neurodata Without Borders: trials, the images shown, codes. The configuration must describe the subject.
    Nwb,
    /// Figures a thread: scores by generation, the best images, the best image of every generation.
    Figures,
}

/// Does what was asked.
pub(crate) fn run(library: &Library, command: &SessionCommand, out: &mut dyn Write) -> Result<Ending, CommandError> {
    match command {
        SessionCommand::New(args) => setup::new(library, args, out)?,
        SessionCommand::Run(args) | SessionCommand::Resume(args) => return serve::serve(library, args, out),
        SessionCommand::Status(args) => status::write(&args.session, args.json, out)?,
        SessionCommand::Export(args) => export::export(library, args, out)?,
    }
    Ok(Ending::Done)
}
