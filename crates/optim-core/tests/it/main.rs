//! Methods: their contract, their invariances, and recorded runs of their references.

mod cma;
mod common;
mod contract;
mod invariances;
mod nevergrad;
mod recommendations;
mod replay;
mod xdream;
