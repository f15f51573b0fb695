//! Least-squares cosines through the projections of a trajectory.
//!
//! The `k`-th principal projection of a high-dimensional random walk of `T` steps is a cosine of `k/2` periods, that
//! is of frequency `k / (2T)` cycles a generation (Antognini & Sohl-Dickstein, 2018; Wang & Ponce, 2022).

use std::f64::consts::TAU;

use nalgebra::{DMatrix, DVector};

use crate::error::{StatsError, check_count, check_finite};
use crate::summary::{is_constant, sum_of_squares};

/// Frequencies tried before the golden section, over [`HALF_WIDTH`] on either side of the theory's frequency.
const SCAN_POINTS: usize = 97;
/// Half width of the searched interval of `k`, in units of `k` (half periods a trajectory).
const HALF_WIDTH: f64 = 0.75;
/// Fewest periods a trajectory at which cosine, sine and constant can be told apart; the low end of the search at `k` = 1.
const LOWEST_PERIODS: f64 = (1.0 - HALF_WIDTH) / 2.0;
/// Golden-section steps: each shrinks the interval by 0.618, so 60 reach the rounding of the residual.
const GOLDEN_STEPS: usize = 60;

/// `amplitude * cos(2 pi frequency t + phase) + offset`, with `t` the generation counted from 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CosineFit {
    /// Amplitude, never negative, in the units of the data.
    pub amplitude: f64,
    /// Cycles a generation.
    pub frequency: f64,
    /// Phase at generation 0 in radians, in `(-pi, pi]`.
    pub phase: f64,
    /// Offset, in the units of the data.
    pub offset: f64,
    /// Coefficient of determination, `1 - SS_residual / SS_total`.
    pub r_squared: f64,
}

impl CosineFit {
    /// Value at generation `t`.
    #[must_use]
    pub fn value(&self, t: f64) -> f64 {
        self.amplitude * (TAU * self.frequency * t + self.phase).cos() + self.offset
    }

    /// Periods within a trajectory of `generations`.
    #[must_use]
    pub fn periods(&self, generations: usize) -> f64 {
        self.frequency * generations as f64
    }
}

/// Frequency in cycles a generation that random-walk theory gives component `k` (counted from 1): `k / (2T)`.
///
/// # Errors
/// [`StatsError::OutOfRange`] where `k` is not in `1 .. T`.
pub fn theory_frequency(k: usize, generations: usize) -> Result<f64, StatsError> {
    if k == 0 || k >= generations {
        let high = generations as f64 - 1.0;
        return Err(StatsError::OutOfRange { name: "component", value: k as f64, low: 1.0, high });
    }
    Ok(k as f64 / (2 * generations) as f64)
}

/// Fits amplitude, phase and offset at a fixed `frequency` (cycles a generation): a linear problem in `cos`, `sin`, 1.
///
/// # Errors
/// Fewer than four values, a value that is not finite, values that are all equal, or a frequency outside
/// `[1 / (8T), 0.5]`: from an eighth of a period a trajectory to one period every two generations.
pub fn fit_at(values: &[f64], frequency: f64) -> Result<CosineFit, StatsError> {
    let total = check_values(values)?;
    let low = LOWEST_PERIODS / values.len() as f64;
    if !(low..=0.5).contains(&frequency) {
        return Err(StatsError::OutOfRange { name: "frequency", value: frequency, low, high: 0.5 });
    }
    Ok(solve(values, frequency, total))
}

/// Fits all four parameters, with the frequency searched within `(k - 0.75) / (2T) .. (k + 0.75) / (2T)`.
///
/// The residual is scanned over that interval and then minimised by golden section around the best point; amplitude,
/// phase and offset are exact at every frequency. A best frequency at an end of the interval means that the data are
/// not a cosine of about `k/2` periods: compare [`CosineFit::periods`] with `k / 2`.
///
/// # Errors
/// As [`fit_at`], and [`StatsError::OutOfRange`] where `k` (counted from 1) is not in `1 .. T`.
pub fn fit_component(values: &[f64], k: usize) -> Result<CosineFit, StatsError> {
    let total = check_values(values)?;
    theory_frequency(k, values.len())?;
    let unit = 1.0 / (2 * values.len()) as f64;
    let low = (k as f64 - HALF_WIDTH) * unit;
    let high = ((k as f64 + HALF_WIDTH) * unit).min(0.5);
    let residual = |frequency: f64| -solve(values, frequency, total).r_squared;
    Ok(solve(values, minimum(residual, low, high), total))
}

/// Returns the total sum of squares around the mean.
fn check_values(values: &[f64]) -> Result<f64, StatsError> {
    check_count(values.len(), 4)?;
    check_finite(values)?;
    if is_constant(values) {
        return Err(StatsError::Constant);
    }
    Ok(sum_of_squares(values))
}

/// The linear least squares at one frequency. Columns are centred, so that the offset drops out of the 2 x 2 problem.
fn solve(values: &[f64], frequency: f64, total: f64) -> CosineFit {
    let count = values.len() as f64;
    let angle = |t: usize| TAU * frequency * t as f64;
    let mut design =
        DMatrix::from_fn(values.len(), 2, |t, column| if column == 0 { angle(t).cos() } else { angle(t).sin() });
    let means: Vec<f64> = design.column_iter().map(|column| column.sum() / count).collect();
    for (mut column, mean) in design.column_iter_mut().zip(&means) {
        column.add_scalar_mut(-mean);
    }
    let mean = values.iter().sum::<f64>() / count;
    let target = DVector::from_iterator(values.len(), values.iter().map(|value| value - mean));
    let (cos_part, sin_part) = least_squares(&design, &target);
    let residual = &target - design.column(0) * cos_part - design.column(1) * sin_part;
    CosineFit {
        amplitude: cos_part.hypot(sin_part),
        frequency,
        phase: (-sin_part).atan2(cos_part),
        offset: mean - cos_part * means[0] - sin_part * means[1],
        r_squared: 1.0 - residual.norm_squared() / total,
    }
}

/// Solves `design x = target` for two columns by Gram-Schmidt.
///
/// A column that is zero up to rounding (the sine at frequency 0.5) gets the coefficient zero; the limit is absolute
/// because before centring the entries of both are of order one.
fn least_squares(design: &DMatrix<f64>, target: &DVector<f64>) -> (f64, f64) {
    let (first, second) = (design.column(0), design.column(1));
    let first_norm = first.norm_squared();
    let rounding = f64::EPSILON * design.nrows() as f64;
    let overlap = first.dot(&second) / first_norm;
    let rest = second - first * overlap;
    let rest_norm = rest.norm_squared();
    let sin_part = if rest_norm > rounding { rest.dot(target) / rest_norm } else { 0.0 };
    (first.dot(target) / first_norm - overlap * sin_part, sin_part)
}

/// Scan, then golden section around the best point of the scan.
fn minimum(cost: impl Fn(f64) -> f64, low: f64, high: f64) -> f64 {
    let step = (high - low) / (SCAN_POINTS - 1) as f64;
    let at = |index: usize| low + step * index as f64;
    let best = (0..SCAN_POINTS).min_by(|&a, &b| cost(at(a)).total_cmp(&cost(at(b)))).unwrap_or(0);
    let (mut left, mut right) = (at(best.saturating_sub(1)), at((best + 1).min(SCAN_POINTS - 1)));
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    for _ in 0..GOLDEN_STEPS {
        let (inner_left, inner_right) = (right - golden * (right - left), left + golden * (right - left));
        if cost(inner_left) <= cost(inner_right) {
            right = inner_right;
        } else {
            left = inner_left;
        }
    }
    (left + right) / 2.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wave(generations: usize, frequency: f64) -> Vec<f64> {
        (0..generations).map(|t| 3.0 * (TAU * frequency * t as f64 + 0.4).cos() - 7.0).collect()
    }

    #[test]
    fn recovers_an_exact_cosine() {
        let fit = fit_component(&wave(75, 1.1 / 75.0), 2).unwrap();
        approx::assert_relative_eq!(fit.periods(75), 1.1, epsilon = 1e-6);
        approx::assert_relative_eq!(fit.amplitude, 3.0, epsilon = 1e-5);
        approx::assert_relative_eq!(fit.phase, 0.4, epsilon = 1e-5);
        approx::assert_relative_eq!(fit.offset, -7.0, epsilon = 1e-5);
        approx::assert_relative_eq!(fit.value(10.0), wave(75, 1.1 / 75.0)[10], epsilon = 1e-6);
    }

    #[test]
    fn the_highest_frequency_has_no_sine() {
        let fit = fit_at(&[1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.5], 0.5).unwrap();
        assert!(fit.amplitude < 1.2 && fit.phase.abs() < 1e-12 && fit.r_squared < 1.0, "{fit:?}");
    }

    #[test]
    fn refuses_what_has_no_answer() {
        assert_eq!(fit_component(&[1.0; 9], 1), Err(StatsError::Constant));
        assert!(matches!(fit_component(&wave(9, 0.1), 9), Err(StatsError::OutOfRange { .. })));
        assert!(matches!(fit_at(&wave(9, 0.1), 1e-9), Err(StatsError::OutOfRange { .. })));
        assert!(matches!(fit_at(&wave(9, 0.1), f64::NAN), Err(StatsError::OutOfRange { .. })));
        assert!(matches!(fit_at(&wave(9, 0.1), 0.6), Err(StatsError::OutOfRange { .. })));
        assert_eq!(fit_at(&[1.0, 2.0, 0.0], 0.1), Err(StatsError::TooFew { needed: 4, found: 3 }));
    }
}
