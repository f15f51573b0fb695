//! The command `actmax` as a library: the one place that wires optimizers, networks, the evolution loop
//! and the figures together for a user.
//!
//! [`Library`] gives generators and CNNs by name, [`Evolution`](experiments::Evolution)s come from
//! [`experiments`], and [`run`] is the command: [`Cli`] in, text out, [`CommandError`] where it fails.

mod analyse;
mod ask_tell;
pub mod bench;
pub mod campaign;
mod cli;
mod codes_argument;
mod commands;
mod console;
mod error;
mod evolve;
mod fetch;
mod figure_files;
mod geometry_args;
mod help;
mod models_cli;
pub mod online;
mod pictures;
mod program;
mod render;
pub mod rig;
mod score;
mod sheet;
mod view;

pub use analyse::{Also, AnalyseArgs};
pub use ask_tell::{OpeningError, SavedSession, StateError};
pub use cli::{BenchModelsArgs, Cli, Command, DeviceArgs, EvolveArgs, ReproduceArgs, ReproduceCommand};
pub use commands::{Ending, evolve, main, main_with, run};
pub use error::CommandError;
pub use evolve::{
    CustomImages, CustomRun, EvolveSummary, ExistingRun, ImagesError, MeasureName, ReferenceError, ReferenceSummary,
    SessionTime, Stop, StopArgs, TargetArgs, TargetError, score_trace,
};
pub use fetch::{DownloadError, FetchError};
pub use geometry_args::GeometryArgs;
pub use models_cli::{AddArgs, CodeSize, FetchArgs, Kind, Layout, ModelsAction};
pub use networks::{Library, LibraryError};
pub use paradigm::ImageFileError;
pub use render::{Along, CodeDialect, RenderArgs, Rows, SweepError};
pub use score::ScoreArgs;
pub use view::ViewArgs;
