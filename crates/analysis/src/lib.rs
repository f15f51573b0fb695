//! Statistics, geometry and figures of activation-maximization runs.
//!
//! Pure functions only: data to numbers ([`pca`], [`cosine`], [`random_walk`], [`regression`], [`summary`],
//! [`geometry`], [`drift`], [`compare`], [`anova`], [`correlation`], [`bootstrap`]), numbers to SVG ([`figure`]), SVG to
//! PNG ([`png`](mod@png)), tables and figures to one HTML page ([`report`]). Nothing here runs a network, reads a file
//! or draws a random number.
//!
//! A trajectory is a matrix of shape `[T, N]`: row `t` is the mean code of generation `t`, `N` the latent dimension.
//!
//! # References
//! - B. Wang, C. R. Ponce, 2022. High-performance Evolutionary Algorithms for Online Neuron Control. GECCO.
//! - J. M. Antognini, J. Sohl-Dickstein, 2018. PCA of high dimensional random walks with comparison to neural network
//!   training. NeurIPS.

pub mod anova;
pub mod bootstrap;
pub mod compare;
pub mod correlation;
pub mod cosine;
pub mod drift;
mod error;
pub mod figure;
pub mod geometry;
pub mod pca;
pub mod picture;
pub mod png;
pub mod random_walk;
pub mod regression;
pub mod report;
pub mod style;
pub mod summary;

pub use error::{PictureError, RenderError, StatsError};
