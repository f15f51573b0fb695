//! The methods, in a folder for each code base that they come from; `polar_es` is this project's own.
//!
//! A method consists of its options, its state, and its `ask` and `tell`. Most methods also have an
//! `ask_with`, which takes the random numbers from the caller, so that recordings can be replayed.

pub mod actmax;
mod breeding;
pub mod cmaes;
pub mod crfmnes;
pub mod evosax;
pub mod nevergrad;
pub mod polar_es;
mod population_size;
pub mod pycma;
pub mod pypop7;
mod recombination;
mod sources;
mod spectrum;
pub mod xdream;

pub use actmax::{
    AngleSchedule, CholeskyCmaes, CholeskyCmaesConfig, Factor, Genetic, GeneticConfig, RandomSearch,
    RandomSearchConfig, SphereCma, SphereCmaConfig,
};
pub use breeding::GeneticDraws;
pub use cmaes::{LraCma, LraCmaConfig};
pub use crfmnes::{CrFmNes, CrFmNesConfig};
pub use evosax::{OpenEs, OpenEsConfig};
pub use nevergrad::{
    NgCma, NgCmaConfig, NgDe, NgDeConfig, NgEs, NgEsConfig, NgNgopt, NgNgoptConfig, NgOnePlusOne, NgOnePlusOneConfig,
    NgPso, NgPsoConfig, NgRandomSearch, NgRandomSearchConfig, NgRescaledCma, NgRescaledCmaConfig, NgSqpcma,
    NgSqpcmaConfig, NgTbpsa, NgTbpsaConfig,
};
pub use polar_es::{PolarEs, PolarEsConfig, PolarEsSavage, PolarEsSavageConfig};
pub use population_size::PopulationSize;
pub use pycma::{Cma, CmaConfig, DiagonalCma, DiagonalCmaConfig, UhCma, UhCmaConfig};
pub use pypop7::{LmMaEs, LmMaEsConfig};
pub use spectrum::CovarianceSpectrum;
pub use xdream::{
    Ancestry, XdreamFdgd, XdreamFdgdConfig, XdreamGenetic, XdreamGeneticConfig, XdreamNes, XdreamNesConfig,
};
