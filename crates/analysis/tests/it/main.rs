//! Statistics against other programs; figures and reports as their readers get them.

mod against_scipy;
mod against_scipy_analyses;
mod against_statsmodels;
mod figures;
mod fixtures;
mod report;
