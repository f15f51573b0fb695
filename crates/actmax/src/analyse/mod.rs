//! `actmax analyse`: from stored runs to the numbers and figures of their trajectories.
//!
//! ```text
//! folders and files -> Subject (a run) -> Measures -> tables, figures
//! ```

mod args;
mod figures;
mod further;
mod further_files;
mod measures;
mod subject;
mod tables;

pub use args::AnalyseArgs;
pub(crate) use args::HELP;
pub(crate) use figures::figures;
pub use further::Also;
pub(crate) use further::Further;
pub(crate) use further_files::{agreement, component_words, further_figures, further_files};
pub(crate) use measures::{FEWEST_GENERATIONS, Measures};
pub(crate) use subject::Subject;
pub(crate) use tables::tables;
