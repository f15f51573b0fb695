//! Methods: their contract, their invariances, and recorded runs of their references.
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests read files and run programs"
)]

mod cma;
mod common;
mod contract;
mod invariances;
mod nevergrad;
mod recommendations;
mod replay;
mod xdream;
