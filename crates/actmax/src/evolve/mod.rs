//! `actmax evolve`: from arguments to a run, and from a run to files.

mod initial;
mod interrupt;
mod outputs;
mod progress;
mod reference;
mod setup;
mod spec;
mod summary;

pub(crate) use initial::COPY as INITIAL_CODES;
pub(crate) use interrupt::stop_flag;
pub(crate) use outputs::Outputs;
pub(crate) use progress::Progress;
pub(crate) use reference::ReferenceScores;
pub use reference::{ReferenceError, ReferenceSummary};
pub(crate) use setup::{Resumed, Setup, folder};
pub(crate) use spec::{DEFAULT_CNN, DEFAULT_GENERATOR};
pub use summary::{EvolveSummary, SessionTime};
