//! Reproduction of Wang and Ponce (2022): <https://doi.org/10.1145/3512290.3528725>.
//!
//! [`report`] makes the runs of the paper's campaigns and writes figures, tables and verdicts, [`published`] computes the
//! published numbers from the published tables, and [`landscapes`] compares the methods with recorded runs of their
//! references. Each has the arguments of its command and a function that runs it.

mod error;
mod files;
pub mod landscapes;
pub mod parallel;
pub mod published;
mod replay;
pub mod report;

pub use error::ReproductionError;
