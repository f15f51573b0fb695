//! Methods of nevergrad 0.4.2.post5 as they behave in the published benchmark: one array of N coordinates that
//! starts at 0 with a mutation scale of 1, in the box `bounds`, asked for `workers` codes at a time.
//!
//! What they share:
//!
//! * **Box.** Codes are bounced into the box at most once ([`Bounce`]): a far overshoot lands on the opposite wall. The
//!   method continues with the bounced code.
//! * **Archive.** The archive keeps statistics of every point; points are the same if their bytes are. DE and OnePlusOne
//!   follow the point with the best pessimistic estimate ([`Estimate`]), and a point that is evaluated twice stays the
//!   best by it for long. `recommend` gives the point with the best mean, as upstream reports it, and among equals the
//!   later one. `incumbent` gives the best single score, and among equals the earlier one.
//! * **Inner populations** have the size of their source (30, 40, 60 or 4 N), whatever `workers` is: with fewer
//!   workers their members are visited over several asks, in the order in which nevergrad's queues hand them out
//!   when all codes of an ask are told before the next.
//! * NaN scores count as the worst of all.
//!
//! # References
//! * Rapin and Teytaud, "Nevergrad - A gradient-free optimization platform", 2018 (version 0.4.2.post5).
//! * Wang and Ponce, "High-performance Evolutionary Algorithms for Online Neuron Control", GECCO 2022.

mod archive;
mod arctan;
mod base;
mod bounce;
mod crossover;
mod population_size;
mod sampler;
mod slsqp;

pub(crate) mod cma;
pub(crate) mod de;
pub(crate) mod es;
pub(crate) mod ngopt;
pub(crate) mod one_plus_one;
pub(crate) mod pso;
pub(crate) mod random_search;
pub(crate) mod rescaled_cma;
pub(crate) mod sqpcma;
pub(crate) mod tbpsa;

#[cfg(feature = "replay")]
pub(crate) use archive::Archive;
pub use archive::Estimate;
pub use bounce::Bounce;
pub use cma::{NgCma, NgCmaConfig};
pub use crossover::{Crossover, CrossoverDraws};
pub use de::{NgDe, NgDeConfig, NgDeDraws};
pub use es::{NgEs, NgEsConfig};
pub use ngopt::{NgNgopt, NgNgoptConfig};
pub use one_plus_one::{NgOnePlusOne, NgOnePlusOneConfig, StepRule};
pub use population_size::PopulationSizing;
pub use pso::{NgPso, NgPsoConfig, NgPsoDraws};
pub use random_search::{NgRandomSearch, NgRandomSearchConfig};
pub use rescaled_cma::{NgRescaledCma, NgRescaledCmaConfig};
pub use sampler::SamplerState;
pub use sqpcma::{NgSqpcma, NgSqpcmaConfig, Restarts};
pub use tbpsa::{NgTbpsa, NgTbpsaConfig};
