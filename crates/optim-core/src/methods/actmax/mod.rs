//! The methods of ActMax-Optimizer-Dev, and the random search that they are compared with.
//!
//! # References
//! * Wang and Ponce, "High-performance Evolutionary Algorithms for Online Neuron Control", GECCO 2022.

pub mod cholesky_cmaes;
pub mod genetic;
mod low_rank_factor;
pub mod random_search;
pub mod sphere_cma;

pub use crate::methods::population_size::PopulationSize;
pub use cholesky_cmaes::{CholeskyCmaes, CholeskyCmaesConfig};
pub use genetic::{Genetic, GeneticConfig};
pub use low_rank_factor::Factor;
pub use random_search::{RandomSearch, RandomSearchConfig};
pub use sphere_cma::{AngleSchedule, SphereCma, SphereCmaConfig};
