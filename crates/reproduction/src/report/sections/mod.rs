//! The sections of the report, one file each.

mod activation;
mod alignment;
mod anova;
mod beyond;
mod convergence;
mod cosines;
mod covariance;
mod drift;
mod ga_against_cma;
mod hessian;
mod metric;
mod montage;
mod norms;
mod pairs;
mod projections;
mod random_search;
mod runtime;
mod schedules;
mod sphere;
mod steps;
mod tangent;
mod traces;
mod variants;

use analysis::report::Cell;
use analysis::summary::Summary;
use nalgebra::DMatrix;

pub(super) use activation::activation;
pub(super) use alignment::alignment;
pub(super) use anova::anova;
pub(super) use beyond::beyond;
pub(super) use convergence::convergence;
pub(super) use cosines::cosines;
pub(super) use covariance::covariance;
pub(super) use drift::drift;
pub(super) use ga_against_cma::ga_against_cma;
pub(super) use hessian::hessian;
pub(super) use metric::{Measured, measured, metric};
pub(super) use montage::montage;
pub(super) use norms::norms;
pub(super) use pairs::pairs;
pub(super) use projections::{lissajous, projections};
pub(super) use runtime::runtime;
pub(super) use schedules::schedules;
pub(super) use sphere::sphere;
pub(super) use steps::steps;
pub(super) use tangent::tangent;
pub(super) use traces::traces;
pub(super) use variants::variants;

/// Optimizers whose trajectories are looked at.
const WALKERS: [&str; 4] = ["cholesky-cmaes", "cma", "sphere-cma", "genetic"];

/// The optimizers whose trajectories the publication fits with cosines.
const PROJECTED: [&str; 3] = ["cholesky-cmaes", "sphere-cma", "genetic"];

/// Mean and standard error of numbers, as a cell. One number alone has no error.
fn mean_cell(values: &[f64], decimals: usize) -> Cell {
    match Summary::of(values) {
        Ok(summary) if summary.n > 1 => {
            Cell::numeric(format!("{:.decimals$}\u{a0}±\u{a0}{:.decimals$}", summary.mean, summary.standard_error()))
        }
        Ok(summary) => Cell::number(summary.mean, decimals),
        Err(_) => Cell::numeric("–"),
    }
}

/// A p value, as a cell: three decimals, or two digits where it is smaller.
fn p_cell(p: f64) -> Cell {
    match p {
        0.001.. => Cell::number(p, 3),
        0.0 => Cell::numeric("< 1e-300"),
        _ if p.is_nan() => Cell::numeric("–"),
        _ => Cell::numeric(format!("{p:.1e}")),
    }
}

/// A number in scientific notation, as a cell.
fn scientific_cell(value: f64) -> Cell {
    Cell::numeric(if value.is_finite() { format!("{value:.2e}") } else { "–".to_owned() })
}

/// What a table's caption says of its means: the error of one run alone is not known.
fn mean_words(runs: usize) -> &'static str {
    if runs > 1 { "mean ± standard error over runs" } else { "one run each" }
}

/// Codes as networks take them, `[n, N]` in C order.
#[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
fn single(codes: &DMatrix<f64>) -> Vec<f32> {
    codes.row_iter().flat_map(|row| row.iter().map(|&x| x as f32).collect::<Vec<f32>>()).collect()
}

/// A published number, as a cell.
fn published_cell(value: Option<f64>, decimals: usize) -> Cell {
    Cell::number(value.unwrap_or(f64::NAN), decimals)
}

fn headings<const K: usize>(names: [&str; K]) -> Vec<String> {
    names.map(str::to_owned).to_vec()
}
