//! `actmax analyse`: from stored runs to the numbers and figures of their trajectories.
//!
//! ```text
//! folders and files -> Subject (a run) -> Measures -> tables, figures
//! ```

mod args;
mod figures;
mod measures;
mod subject;
mod tables;

pub use args::AnalyseArgs;
pub(crate) use args::HELP;
pub(crate) use figures::figures;
pub(crate) use measures::{FEWEST_GENERATIONS, Measures};
pub(crate) use subject::Subject;
pub(crate) use tables::tables;
