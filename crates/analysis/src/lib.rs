//! Statistics, geometry and figures of activation-maximization runs.
//!
//! Pure functions only: data to numbers, numbers to SVG ([`figure`]), SVG to PNG ([`png`](mod@png)) and PDF ([`pdf`]), tables
//! and figures to one HTML page ([`report`]). Nothing here runs a network, reads a file or draws a random number: where an analysis
//! needs some (shuffles, resamples) it takes a function that draws, where it needs images or responses it names the
//! codes and takes the values back.
//!
//! | analysis | function | source |
//! |---|---|---|
//! | score over its unit's largest, clean or noisy | [`normalisation::by_unit_maximum`] | Wang & Ponce, 2022 |
//! | area under the trace, evaluations to 50, 80, 90 % | [`convergence::Convergence`] | |
//! | evolved image among reference images | [`reference_images::AmongReferences`] | |
//! | mean and standard error a cell, ranks, best and equals, pooled ratios | [`comparison`] | Wang & Ponce, 2022 |
//! | t tests, one-way analysis of variance | [`compare`] | Student, 1908; Welch, 1947; Fisher, 1925 |
//! | analysis of variance with several factors | [`anova::TypeTwo`] | Yates, 1934 |
//! | intervals that respect units | [`bootstrap::GroupBootstrap`] | Efron, 1979 |
//! | two-sample Kolmogorov-Smirnov test, exact and asymptotic | [`ks::KsTest`] | Hodges, 1957; Smirnov, 1948 |
//! | rank-sum test | [`rank_sum::RankSum`] | Wilcoxon, 1945 |
//! | correlation by values and ranks | [`correlation::Correlation`] | Pearson, 1895; Spearman, 1904 |
//! | lines, means, quantiles | [`regression::LinearFit`], [`summary`] | |
//! | how a score depends on several settings | [`response_surface`] | Box & Wilson, 1951 |
//! | principal components of means or of all codes, their axes and the axes' agreement | [`pca::Pca`], [`pca::axis_agreement`] | Wang & Ponce, 2022 |
//! | cosine fits, frequency searched | [`cosine`] | Antognini & Sohl-Dickstein, 2018 |
//! | cosine fits with published bounds, from several starts or the published one | [`published_cosine`] | Wang & Ponce, 2022 |
//! | explained variance against `6 / (pi k)^2` and its form at finite T | [`random_walk::against_theory`] | Antognini & Sohl-Dickstein, 2018 |
//! | Lissajous pairs | [`lissajous::pairs`] | Wang & Ponce, 2022 |
//! | steps and turns of a trajectory | [`drift::Drift`] | Wang & Ponce, 2022 |
//! | growth of the norm against noise-driven runs | [`norm_growth`] | Wang & Ponce, 2022 |
//! | angle, Euclidean and perceptual distance | [`distances`], [`perceptual`], [`geometry`] | Kahan, 2006; Zhang et al., 2018 |
//! | contrast against norm | [`contrast`] | Peli, 1990 |
//! | codes at several norms or angles, between two codes | [`path`] | Shoemake, 1985 |
//! | one tangent vector at several norms | [`tangent::codes_at`] | Wang & Ponce, 2022 |
//! | spectrum and effective dimension of a generator's metric | [`metric::Spectrum`] | Wang & Ponce, 2021 |
//! | alignment of codes with the metric's axes, shuffles | [`alignment`] | Wang & Ponce, 2022 |
//! | shape of covariance matrices | [`covariance`] | Wang & Ponce, 2022 |
//! | Hessian of a unit | [`landscape`] | Abramowitz & Stegun, 1964 |
//! | intervals for few observations | [`interval`] | Student, 1908; Hesterberg, 2015 |
//! | symmetric eigenproblem | [`eigen`] | Halko, Martinsson & Tropp, 2011 |
//!
//! A trajectory is a matrix of shape `[T, N]`: row `t` is the mean code of generation `t`, `N` the latent dimension.
//!
//! # References
//! - K. Shoemake, 1985. Animating rotation with quaternion curves. SIGGRAPH.
//! - B. Wang, C. R. Ponce, 2022. High-performance Evolutionary Algorithms for Online Neuron Control. GECCO.
//! - B. Wang, C. R. Ponce, 2021. The Geometry of Deep Generative Image Models and its Applications. ICLR.
//! - T. C. Hesterberg, 2015. What teachers should know about the bootstrap. The American Statistician 69.
//! - J. M. Antognini, J. Sohl-Dickstein, 2018. PCA of high dimensional random walks with comparison to neural network
//!   training. NeurIPS.

pub mod agreement;
pub mod alignment;
pub mod anova;
pub mod bootstrap;
pub mod compare;
pub mod comparison;
pub mod contrast;
pub mod convergence;
pub mod correlation;
pub mod cosine;
pub mod covariance;
pub mod density;
pub mod distances;
pub mod drift;
pub mod eigen;
mod error;
pub mod figure;
pub mod geometry;
pub mod interval;
pub mod ks;
pub mod landscape;
pub mod lissajous;
pub mod metric;
pub mod norm_growth;
pub mod normalisation;
pub mod path;
pub mod pca;
pub mod pdf;
pub mod perceptual;
pub mod picture;
pub mod png;
pub mod published_cosine;
pub mod random_walk;
pub mod rank_sum;
pub mod reference_images;
pub mod regression;
pub mod report;
pub mod response_surface;
pub mod style;
pub mod summary;
pub mod tangent;

pub use error::{PictureError, RenderError, StatsError};
