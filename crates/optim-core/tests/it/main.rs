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
mod cr_fm_nes;
mod invariances;
mod lm_ma_es;
mod lra_cma;
mod nevergrad;
mod open_es;
mod polar_es;
mod recommendations;
mod replay;
mod scale;
mod sizes;
mod sphere_first_generation;
mod stored_states;
mod uh_cma;
mod xdream;
