//! `actmax evolve`: from arguments to a run, and from a run to files.

mod custom;
mod figures;
mod initial;
mod interrupt;
mod objective;
mod outputs;
mod progress;
mod reference;
mod setup;
mod spec;
mod start;
mod stops;
mod summary;
mod target;

pub(crate) use custom::Warnings;
pub use custom::{CustomImages, CustomRun, ExistingRun, ImagesError};
pub use figures::score_trace;
pub(crate) use figures::{ImageSource, RunFigures, image_of};
pub(crate) use initial::{InitialCodes, codes_npy};
pub(crate) use interrupt::stop_flag;
pub(crate) use objective::UnitObjective;
pub(crate) use outputs::{Outputs, STIMULUS, published_name, stimulus};
pub(crate) use progress::{Progress, event_in_words};
pub(crate) use reference::ReferenceScores;
pub use reference::{ReferenceError, ReferenceSummary};
pub(crate) use setup::{Resumed, Setup, folder, read_header};
pub(crate) use spec::{DEFAULT_CNN, DEFAULT_GENERATOR};
pub use stops::{Stop, StopArgs};
pub use summary::{EvolveSummary, SessionTime};
pub use target::{MeasureName, TargetArgs, TargetError};
