//! Statistics against other programs; figures and reports as their readers get them.
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests read files and run programs"
)]

mod against_scipy;
mod against_scipy_analyses;
mod against_scipy_components;
mod against_statsmodels;
mod figures;
mod fixtures;
mod report;
