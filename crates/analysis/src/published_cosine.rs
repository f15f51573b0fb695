//! The cosine fit of the publication: amplitude, frequency, phase and offset within bounds.
//!
//! ```text
//! f(x) = A cos(2 pi omega (x + phi)) + b,   x = t / T,   t = 0 .. T - 1
//! start:   A = max(y),  omega = k / 2,  phi = 0 (-0.5 where the start correlates below -0.8),  b = 0
//! bounds:  A >= 0,  omega >= 0,  -1 <= phi <= 1,  min(y) <= b <= max(y)
//! R2 free  = squared correlation of the fitted curve with y
//! R2 fixed = squared correlation of cos(pi k x) with y
//! ```
//!
//! (Wang & Ponce, 2022, figure 3; `analysis/PCA_sinusoidal_analysis.py` of their code.) The publication minimises with
//! SciPy's `curve_fit`, whose trust region reflects at the bounds; here a Levenberg-Marquardt step is clipped to them.
//! Both end in the local minimum that the start leads to: [`fit_from_theory`]. [`fit`] tries further starts.

use std::f64::consts::{PI, TAU};

use nalgebra::{Matrix4, SVector, Vector4};

use crate::correlation::Correlation;
use crate::cosine::{CosineFit, fit_component, theory_frequency};
use crate::error::{StatsError, check_count, check_finite};
use crate::regression::LinearFit;
use crate::summary::is_constant;

/// Correlation of the start with the data below which the search starts half a trajectory later.
const TURNED: f64 = -0.8;
/// Steps tried before the search stops where it is; convergence takes tens.
const MAX_STEPS: usize = 10_000;
/// Relative fall of the squared residual below which the search has converged.
const SETTLED: f64 = 1e-15;
/// Damping above which no step can improve any more.
const MAX_DAMPING: f64 = 1e16;

/// A fitted cosine with `x` in trajectories.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PublishedFit {
    /// Amplitude, not negative, in the units of the data.
    pub amplitude: f64,
    /// Periods a trajectory; theory: `k / 2`.
    pub omega: f64,
    /// Shift in trajectories, in `[-1, 1]`.
    pub phi: f64,
    /// Offset, in the units of the data.
    pub offset: f64,
    /// Squared correlation of the fitted curve with the data; 0 where the curve is flat.
    pub r_squared_free: f64,
    /// Squared correlation of the curve of the theory with the data: phase 0, `k / 2` periods.
    pub r_squared_fixed: f64,
}

impl PublishedFit {
    /// The same curve with `t` in generations of a trajectory of `T`. Its R² is the free one.
    #[must_use]
    pub fn at_generations(&self, generations: usize) -> CosineFit {
        CosineFit {
            amplitude: self.amplitude,
            frequency: self.omega / generations as f64,
            phase: wrapped(TAU * self.omega * self.phi),
            offset: self.offset,
            r_squared: self.r_squared_free,
        }
    }
}

/// The same angle in radians within `(-pi, pi]`.
fn wrapped(angle: f64) -> f64 {
    PI - (PI - angle).rem_euclid(TAU)
}

/// Fits the projections on component `k` (counted from 1) of a trajectory of `T` generations, from several starts, and
/// keeps the curve that correlates best with the data.
///
/// The starts are that of [`fit_from_theory`], the theory's curve with its best amplitude and offset, and the curve of
/// [`fit_component`]. The second makes the free fit at least as good as the fixed one, whatever the data.
///
/// # Errors
/// Fewer than five values, a value that is not finite, values that are all equal, or a `k` that is not in `1 .. T`.
pub fn fit(values: &[f64], k: usize) -> Result<PublishedFit, StatsError> {
    let search = Search::of(values, k)?;
    let global = fit_component(values, k)?;
    let starts = [search.published_start(), search.theory_start(), search.start_at(&global)];
    let candidates = starts.into_iter().flat_map(|start| [start, search.descend(start)]);
    let correlated = candidates.map(|p| (search.correlation(&p).powi(2), p));
    let best = correlated.max_by(|a, b| a.0.total_cmp(&b.0)).map_or(starts[0], |(_, p)| p);
    Ok(search.found(&best))
}

/// Fits as the publication does: one search, which starts at the theory's values.
///
/// The search stays in the nearest minimum. Where a trajectory is no cosine, that curve can be worse than the theory's.
///
/// # Errors
/// As [`fit`].
pub fn fit_from_theory(values: &[f64], k: usize) -> Result<PublishedFit, StatsError> {
    let search = Search::of(values, k)?;
    Ok(search.found(&search.descend(search.published_start())))
}

/// Parameters in the order amplitude, omega, phi, offset.
struct Search<'a> {
    values: &'a [f64],
    k: usize,
    low: Vector4<f64>,
    high: Vector4<f64>,
}

/// Residuals' sum of squares with what a step needs of their derivatives.
struct Slope {
    cost: f64,
    gradient: Vector4<f64>,
    normal: Matrix4<f64>,
}

impl<'a> Search<'a> {
    fn of(values: &'a [f64], k: usize) -> Result<Self, StatsError> {
        check_count(values.len(), 5)?;
        check_finite(values)?;
        theory_frequency(k, values.len())?;
        if is_constant(values) {
            return Err(StatsError::Constant);
        }
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let infinity = f64::INFINITY;
        let (low, high) = (Vector4::new(0.0, 0.0, -1.0, least), Vector4::new(infinity, infinity, 1.0, largest));
        Ok(Self { values, k, low, high })
    }

    /// Periods a trajectory of the theory's curve.
    fn omega(&self) -> f64 {
        self.k as f64 / 2.0
    }

    /// Correlation of the theory's curve with the data.
    fn theory_correlation(&self) -> f64 {
        self.correlation(&Vector4::new(1.0, self.omega(), 0.0, 0.0))
    }

    fn published_start(&self) -> Vector4<f64> {
        let phi = if self.theory_correlation() < TURNED { -0.5 } else { 0.0 };
        self.clip(&Vector4::new(self.high[3], self.omega(), phi, 0.0))
    }

    /// The theory's curve with its best amplitude and offset. A negative amplitude is half a period of shift.
    fn theory_start(&self) -> Vector4<f64> {
        let curve = self.curve(&Vector4::new(1.0, self.omega(), 0.0, 0.0));
        let (slope, offset) =
            LinearFit::fit(&curve, self.values).map_or((0.0, 0.0), |line| (line.slope, line.intercept));
        let phi = if slope < 0.0 { 1.0 / self.k as f64 } else { 0.0 };
        self.clip(&Vector4::new(slope.abs(), self.omega(), phi, offset))
    }

    /// The curve of a fit with its phase within the bounds of phi, which whole periods do not change.
    fn start_at(&self, fit: &CosineFit) -> Vector4<f64> {
        let omega = fit.periods(self.values.len());
        self.clip(&Vector4::new(fit.amplitude, omega, fit.phase / (TAU * omega), fit.offset))
    }

    fn found(&self, p: &Vector4<f64>) -> PublishedFit {
        PublishedFit {
            amplitude: p[0],
            omega: p[1],
            phi: p[2],
            offset: p[3],
            r_squared_free: self.correlation(p).powi(2),
            r_squared_fixed: self.theory_correlation().powi(2),
        }
    }

    fn x(&self, t: usize) -> f64 {
        t as f64 / self.values.len() as f64
    }

    fn curve(&self, p: &Vector4<f64>) -> Vec<f64> {
        (0..self.values.len()).map(|t| p[0] * (TAU * p[1] * (self.x(t) + p[2])).cos() + p[3]).collect()
    }

    /// With the data; 0 for a flat curve.
    fn correlation(&self, p: &Vector4<f64>) -> f64 {
        Correlation::pearson(&self.curve(p), self.values).map_or(0.0, |correlation| correlation.r)
    }

    fn clip(&self, p: &Vector4<f64>) -> Vector4<f64> {
        p.sup(&self.low).inf(&self.high)
    }

    fn cost(&self, p: &Vector4<f64>) -> f64 {
        self.curve(p).iter().zip(self.values).map(|(model, value)| (model - value).powi(2)).sum()
    }

    fn slope(&self, p: &Vector4<f64>) -> Slope {
        let mut slope = Slope { cost: 0.0, gradient: Vector4::zeros(), normal: Matrix4::zeros() };
        for (t, value) in self.values.iter().enumerate() {
            let shifted = self.x(t) + p[2];
            let (sine, cosine) = (TAU * p[1] * shifted).sin_cos();
            let row = Vector4::new(cosine, -p[0] * sine * TAU * shifted, -p[0] * sine * TAU * p[1], 1.0);
            let residual = p[0] * cosine + p[3] - value;
            slope.cost += residual * residual;
            slope.gradient += row * residual;
            slope.normal += row * row.transpose();
        }
        slope
    }

    /// Levenberg-Marquardt (Marquardt, 1963) on the parameters that no bound holds.
    fn descend(&self, start: Vector4<f64>) -> Vector4<f64> {
        let (mut p, mut damping) = (start, 1e-3);
        let mut slope = self.slope(&p);
        for _ in 0..MAX_STEPS {
            let trial = self.clip(&(p + self.step(&p, &slope, damping)));
            let cost = self.cost(&trial);
            if cost < slope.cost {
                let is_settled = slope.cost - cost <= SETTLED * slope.cost;
                p = trial;
                slope = self.slope(&p);
                damping = (damping / 3.0).max(f64::MIN_POSITIVE);
                if is_settled {
                    break;
                }
            } else {
                damping *= 4.0;
                if damping > MAX_DAMPING {
                    break;
                }
            }
        }
        p
    }

    fn step(&self, p: &Vector4<f64>, slope: &Slope, damping: f64) -> Vector4<f64> {
        let held = SVector::<bool, 4>::from_fn(|i, _| {
            (p[i] <= self.low[i] && slope.gradient[i] > 0.0) || (p[i] >= self.high[i] && slope.gradient[i] < 0.0)
        });
        let system = Matrix4::from_fn(|i, j| match (held[i] || held[j], i == j) {
            (true, true) => 1.0,
            (true, false) => 0.0,
            (false, true) => slope.normal[(i, i)] * (1.0 + damping) + f64::MIN_POSITIVE,
            (false, false) => slope.normal[(i, j)],
        });
        let target = Vector4::from_fn(|i, _| if held[i] { 0.0 } else { -slope.gradient[i] });
        system.cholesky().map_or_else(Vector4::zeros, |factor| factor.solve(&target))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cosine_of_the_theory_is_found() {
        let values: Vec<f64> = (0..75).map(|t| 4.0 * (TAU * 1.5 * (f64::from(t) / 75.0 + 0.01)).cos() + 0.2).collect();
        let fit = fit(&values, 3).unwrap();
        approx::assert_relative_eq!(fit.amplitude, 4.0, max_relative = 1e-7);
        approx::assert_relative_eq!(fit.omega, 1.5, max_relative = 1e-7);
        approx::assert_relative_eq!(fit.phi, 0.01, max_relative = 1e-6);
        approx::assert_relative_eq!(fit.r_squared_free, 1.0, max_relative = 1e-12);
        let drawn = fit.at_generations(75);
        approx::assert_relative_eq!(drawn.value(20.0), values[20], max_relative = 1e-6);
        assert!(drawn.phase.abs() <= PI, "{drawn:?}");
        assert!(fit.r_squared_fixed < 1.0 && fit.r_squared_fixed > 0.98, "{fit:?}");
    }

    #[test]
    fn a_turned_cosine_starts_half_a_trajectory_later() {
        let values: Vec<f64> = (0..75).map(|t| -3.0 * (TAU * 0.5 * (f64::from(t) / 75.0)).cos()).collect();
        let fit = fit_from_theory(&values, 1).unwrap();
        assert!(fit.phi < -0.4 && fit.r_squared_free > 0.99, "{fit:?}");
        approx::assert_relative_eq!(fit.r_squared_fixed, 1.0, max_relative = 1e-12);
    }

    /// White noise and its running sums, which are no cosines of `k / 2` periods.
    fn no_cosines() -> Vec<Vec<f64>> {
        let mut state = 1u32;
        let mut draw = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state >> 8) / f64::from(1u32 << 24) - 0.5
        };
        let mut series = Vec::new();
        for length in [7, 25, 75] {
            for _ in 0..10 {
                let noise: Vec<f64> = (0..length).map(|_| draw()).collect();
                let mut sum = 0.0;
                let walk = noise.iter().map(|value| {
                    sum += value;
                    sum
                });
                series.push(walk.collect());
                series.push(noise);
            }
        }
        series
    }

    #[test]
    fn a_free_fit_is_never_worse_than_the_fixed_one() {
        let mut stuck = 0;
        for values in no_cosines() {
            for k in 1..=5 {
                let (best, published) = (fit(&values, k).unwrap(), fit_from_theory(&values, k).unwrap());
                assert!(best.r_squared_free >= best.r_squared_fixed, "{k}: {best:?}");
                assert!(best.r_squared_free >= published.r_squared_free, "{k}: {best:?} {published:?}");
                // Below half a period the bounds of phi do not allow every phase.
                let searched = fit_component(&values, k).unwrap();
                assert!(k == 1 || best.r_squared_free >= searched.r_squared - 1e-9, "{k}: {best:?} {searched:?}");
                assert!((-1.0..=1.0).contains(&best.phi) && best.amplitude >= 0.0, "{best:?}");
                stuck += usize::from(published.r_squared_free < published.r_squared_fixed);
            }
        }
        assert!(stuck > 0, "the published start was good enough, so that these data test nothing");
    }

    #[test]
    fn refuses_what_has_no_answer() {
        assert_eq!(fit(&[1.0; 9], 1), Err(StatsError::Constant));
        assert!(matches!(fit(&[1.0, 2.0, 3.0, 1.0, 0.0], 5), Err(StatsError::OutOfRange { .. })));
        assert_eq!(fit(&[1.0; 4], 1), Err(StatsError::TooFew { needed: 5, found: 4 }));
    }
}
