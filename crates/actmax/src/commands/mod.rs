//! The subcommands.

mod analyse;
mod ask_tell;
mod bench_models;
mod campaign;
mod evolve;
mod layers;
mod models;
mod optimizers;
mod register;
mod render;
mod reproduce;
mod score;
mod told_again;

use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tracing::{Event, Level};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

use crate::cli::{Cli, Command};
use crate::console::say;
use crate::fetch::fetch;
use crate::{CommandError, Library, ModelsAction};

pub use evolve::evolve;

/// How a command came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// All was done.
    Done,
    /// The user stopped it; what there was is written.
    Interrupted,
}

/// Does what the command line asks for; results go to `out`, progress and warnings to standard error.
///
/// # Errors
/// If the arguments do not fit, or it fails.
pub fn run(cli: &Cli, out: &mut dyn Write) -> Result<Ending, CommandError> {
    let library = Library::open(cli.models.as_deref())?.with_messages(say);
    match &cli.command {
        Command::Models { action: None } => models::list(&library, out)?,
        Command::Models { action: Some(ModelsAction::Add(args)) } => register::add(&library, args, out)?,
        Command::Models { action: Some(ModelsAction::Fetch(args)) } => {
            fetch(args, &Library::published()?, library.folder()?, out)?;
        }
        Command::Models { action: Some(ModelsAction::Remove { name }) } => register::remove(&library, name, out)?,
        Command::Layers { cnn } => layers::list(&library, cnn, out)?,
        Command::Optimizers => optimizers::list(out)?,
        Command::Analyse(args) => analyse::run(args, out)?,
        Command::BenchModels(args) => bench_models::run(&library, args, out)?,
        Command::AskTell => ask_tell::run(&library, &mut io::stdin().lock(), out)?,
        Command::Campaign { command } => return campaign::run(&library, cli.models.as_deref(), command, out),
        Command::Render(args) => render::run(&library, args, out)?,
        Command::Score(args) => score::run(&library, args, out)?,
        Command::Reproduce(args) => reproduce::run(&library, args, out)?,
        Command::Session { command } => return crate::online::run(&library, command, out),
        Command::Rig { command } => return crate::rig::run(&library, command, out),
        Command::View(args) => return crate::view::run(&library, args, out),
        Command::Evolve(args) => return evolve::run(&library, args, out),
    }
    Ok(Ending::Done)
}

/// Events of libraries, written as the command writes its own warnings.
struct AsMessages;

impl<S, F> FormatEvent<S, F> for AsMessages
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    F: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, context: &FmtContext<'_, S, F>, mut writer: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let level = match *event.metadata().level() {
            Level::ERROR => "error",
            Level::WARN => "warning",
            _ => "note",
        };
        write!(writer, "{level}: ")?;
        context.field_format().format_fields(writer.by_ref(), event)?;
        writeln!(writer)
    }
}

/// The program: reads the arguments, runs, reports errors.
#[must_use]
pub fn main() -> ExitCode {
    ExitCode::from(run_arguments(std::env::args_os()))
}

/// The program inside of a process of another one. `arguments` begins with a name, and `program` is the file that starts it.
/// Returns the exit status.
#[must_use]
pub fn main_with(arguments: Vec<OsString>, program: PathBuf) -> u8 {
    crate::program::name(program);
    run_arguments(arguments)
}

fn run_arguments(arguments: impl IntoIterator<Item = OsString>) -> u8 {
    gen_models::disable_telemetry();
    let cli = Cli::parse_from(arguments);
    let level = if cli.verbose { Level::INFO } else { Level::WARN };
    tracing_subscriber::fmt().with_max_level(level).event_format(AsMessages).with_writer(io::stderr).init();
    match run(&cli, &mut io::stdout().lock()) {
        Ok(Ending::Done) => 0,
        Ok(Ending::Interrupted) => 130,
        // The reader has seen enough, as with `| head`.
        Err(CommandError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => 0,
        Err(error) => {
            say(&error.report());
            error.exit_code()
        }
    }
}
