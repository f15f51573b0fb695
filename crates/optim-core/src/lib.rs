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
//! One method a file, under [`methods`]; [`Method`] is the serialisable set of all of them.

pub mod methods;
pub mod replay;

mod contract;
mod error;
mod linalg;
mod method;
mod objective;
mod optimizer;
mod population;
mod ranking;
mod registry;
mod rng;

pub use error::{ConfigError, TellError};
pub use method::{AnyOptimizer, Method};
#[expect(clippy::disallowed_types, reason = "for the crates that drive methods")]
pub use objective::{Asked, Generator, Objective, Scorer};
pub use optimizer::{Minimize, Optimizer};
pub use population::Population;
pub use ranking::Ranking;
pub use registry::{MethodInfo, OptionInfo, nearest_names, registry};
pub use rng::{Stream, stream_rng};

/// Runs the code in the crate's README as a test.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
