//! The command `actmax` as a library: the one place that wires optimizers, networks, the evolution loop
//! and the figures together for a user.
//!
//! [`Library`] gives generators and CNNs by name, [`Evolution`](experiments::Evolution)s come from
//! [`experiments`], and [`run`] is the command: [`Cli`] in, text out, [`CommandError`] where it fails.

mod ask_tell;
mod cli;
mod commands;
mod console;
mod error;
mod evolve;
mod library;

pub use ask_tell::{OpeningError, StateError};
pub use cli::{Cli, Command, EvolveArgs};
pub use commands::{Ending, main, run};
pub use error::CommandError;
pub use evolve::{EvolveSummary, ObjectiveSpec, SessionTime};
pub use library::{Library, LibraryError};
