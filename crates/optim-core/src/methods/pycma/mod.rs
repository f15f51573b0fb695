//! The CMA-ES of pycma, with a full and with a diagonal covariance matrix, and with uncertainty handling.
//!
//! # References
//! * Hansen, "The CMA Evolution Strategy: A Tutorial", arXiv:1604.00772, 2016.
//! * Hansen, Akimoto and Baudis, pycma 3.0.3, 2020.

pub mod cma;
mod constants;
pub mod diagonal_cma;
mod samples;
pub(super) mod start;
pub mod uh_cma;
mod update;

pub(super) use cma::symmetric_eigen;
pub use cma::{Cma, CmaConfig, Form};
pub use constants::Constants;
pub use diagonal_cma::{DiagonalCma, DiagonalCmaConfig};
pub use uh_cma::{UhCma, UhCmaConfig};
