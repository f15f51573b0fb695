//! Methods of cmaes (Nomura and Shibata 2024).

mod covariance;
mod learning_rate;
mod lra_cma;
mod options;

pub use lra_cma::LraCma;
pub(crate) use options::INFO;
pub use options::LraCmaConfig;
