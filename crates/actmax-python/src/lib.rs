//! The native half of the Python package `actmax`: arrays in, arrays out, and no computation of its own.
//!
//! `python/actmax` is the other half, which users see. It checks kinds of arguments and makes arrays of them; everything
//! that is computed is computed by the other crates of this workspace.

#![allow(clippy::needless_pass_by_value, reason = "PyO3 hands arguments over by value")]
#![allow(clippy::result_large_err, reason = "errors of the command pass through once a run")]

mod analyses;
mod command;
mod errors;
mod evolve;
mod metric;
mod networks;
mod optimizer;
mod stored;

/// Functions and classes behind the package `actmax`.
#[pyo3::pymodule]
mod _actmax {
    #[pymodule_export]
    use super::analyses::{
        alignment, alignment_figure, drift, norm_contrast, norm_figure, norm_growth, random_walk, ratio_figure, ratios,
        step_figure, step_geometry, trajectory_figure, trajectory_pca,
    };
    #[pymodule_export]
    use super::command::{run_command, said_by_command};
    #[pymodule_export]
    use super::errors::ActmaxError;
    #[pymodule_export]
    use super::evolve::{evolve_callables, evolve_named};
    #[pymodule_export]
    use super::metric::{measure_metric, metric_figure};
    #[pymodule_export]
    use super::networks::{Fused, Generator, Networks, Scorer, decode_image, runtime_version, to_png, to_rgb8};
    #[pymodule_export]
    use super::optimizer::{Optimizer, optimizers};
    #[pymodule_export]
    use super::stored::{campaign_runs, read_evolution, score_trace};
}
