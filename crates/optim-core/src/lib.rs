//! Gradient-free optimizers for activation maximization, behind one ask/tell contract.
//!
//! Everything **maximizes**. A method is an [`Optimizer`]: [`ask`](Optimizer::ask) writes the next
//! latent codes into a [`Population`] (one code a column, `N x lambda`), the caller scores them, and
//! [`tell`](Optimizer::tell) hands the scores back. A method never sees the objective, and all of its
//! randomness is drawn in `ask` from the generator that the caller passes in, so that a run is
//! determined by its specification, its seed and the scores.
//!
//! ```
//! use optim_core::{Method, Optimizer, Population, Stream, stream_rng};
//!
//! let mut optimizer = Method::from_name("sphere-cma")?.build(64)?;
//! let mut codes = Population::new(64);
//! for generation in 0..5 {
//!     optimizer.ask(&mut stream_rng(7, Stream::Method, generation), &mut codes);
//!     let scores: Vec<f64> = codes.iter().map(|z| z[0]).collect();
//!     optimizer.tell(&codes, &scores)?;
//! }
//! assert_eq!(optimizer.generation(), 5);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`methods`] has a folder for each code base that methods come from; [`Method`] is the set of all of
//! them. [`registry`] lists their names, options and sources. A user of one method needs nothing of
//! this: `SphereCma::new(64, SphereCmaConfig::default())`.
//!
//! # Features
//! Both are on by default.
//!
//! * `serde`: methods, their options and their states can be serialised, and options be given as text or
//!   JSON (`Method::with_options`, `Method::from_json_options`, `Method::options`).
//! * `replay`: `optim_core::replay` runs methods against recordings of their references.

pub use nalgebra;
pub use rand;

pub mod methods;
#[cfg(feature = "replay")]
pub mod replay;

mod checks;
mod contract;
mod error;
mod linalg;
mod method;
mod names;
mod normals;
mod objective;
mod optimizer;
#[cfg(feature = "serde")]
mod option_values;
mod options;
mod population;
mod ranking;
mod registry;
mod rng;
mod scaled;

pub use error::{ConfigError, TellError};
pub use method::{AnyOptimizer, Method};
pub use names::{did_you_mean, nearest_names};
#[expect(clippy::disallowed_types, reason = "for the crates that drive methods")]
pub use objective::{Evaluation, Generator, Objective, Scorer};
pub use optimizer::{Minimize, Optimizer};
pub use options::{MethodInfo, OptionInfo, ValueKind};
pub use population::{Population, to_f32};
pub use ranking::Ranking;
pub use registry::registry;
pub use rng::{Stream, stream_rng};
pub use scaled::{Scaled, ScaledConfig};

/// Runs the code in the crate's README as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
