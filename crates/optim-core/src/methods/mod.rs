//! The methods, in a folder for each code base that they come from; `polar_es` is this project's own.
//!
//! A method consists of its options, its state, and its `ask` and `tell`. Most methods also have an
//! `ask_with`, which takes the random numbers from the caller, so that recordings can be replayed.

pub mod actmax;
mod breeding;
pub mod crfmnes;
pub mod evosax;
pub mod nevergrad;
pub mod polar_es;
pub mod pycma;
mod recombination;
mod sources;
mod spectrum;
pub mod xdream;

pub use actmax::{
    AngleSchedule, CholeskyCmaes, CholeskyCmaesConfig, Factor, Genetic, GeneticConfig, PopulationSize, RandomSearch,
    RandomSearchConfig, SphereCma, SphereCmaConfig,
};
pub use breeding::GeneticDraws;
pub use crfmnes::{CrFmNes, CrFmNesConfig};
pub use evosax::{OpenEs, OpenEsConfig};
pub use nevergrad::{
    NgCma, NgCmaConfig, NgDe, NgDeConfig, NgEs, NgEsConfig, NgNgopt, NgNgoptConfig, NgOnePlusOne, NgOnePlusOneConfig,
    NgPso, NgPsoConfig, NgRandomSearch, NgRandomSearchConfig, NgRescaledCma, NgRescaledCmaConfig, NgSqpcma,
    NgSqpcmaConfig, NgTbpsa, NgTbpsaConfig,
};
pub use polar_es::{PolarEs, PolarEsConfig};
pub use pycma::{Cma, CmaConfig, DiagonalCma, DiagonalCmaConfig};
pub use spectrum::CovarianceSpectrum;
pub use xdream::{
    Ancestry, XdreamFdgd, XdreamFdgdConfig, XdreamGenetic, XdreamGeneticConfig, XdreamNes, XdreamNesConfig,
};
