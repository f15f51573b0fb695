//! Measurements around a point: the metric of a generator and the responses from which curvature is computed.
//!
//! Nothing evolves here. [`metric`](metric()) drives a [`Generator`](optim_core::Generator) a small step along many
//! directions and returns `J'J` as an array; [`scores_around`] drives an [`Objective`](optim_core::Objective) to given
//! points around a code. What the numbers say (spectra, effective dimensions, Hessians) is computed from these arrays by
//! the crate `analysis`.

mod directions;
mod error;
mod gram;
mod jacobian;
mod responses;

pub use directions::{Directions, fill_up};
pub use error::ProbeError;
pub use jacobian::{Difference, MetricPlan, metric};
pub use responses::scores_around;
