//! The covariance `D (I + v v') D`, and its natural gradient.

use crate::linalg::{axpy, dot, norm, real, scale};

/// Components of D and of v beyond this, or of D below its inverse, are not taken over.
const LARGEST: f64 = 1e50;

/// D and v, of length N each.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Covariance {
    pub(super) v: Vec<f64>,
    pub(super) d: Vec<f64>,
}

impl Covariance {
    pub(super) fn new(dim: usize) -> Self {
        Self { v: vec![0.0; dim], d: vec![1.0; dim] }
    }

    /// z becomes y, which has the covariance `I + v v'`.
    pub(super) fn stretch(&self, z: &mut [f64]) {
        let squared = dot(&self.v, &self.v);
        if squared > 0.0 {
            axpy(((1.0 + squared).sqrt() - 1.0) * dot(&self.v, z) / squared, &self.v, z);
        }
    }

    /// Takes over v and D that can be computed with, D with a determinant that makes that of the whole 1.
    pub(super) fn take(&mut self, (v, mut d): (Vec<f64>, Vec<f64>)) {
        let usable = |x: &f64| x.abs() <= LARGEST;
        let positive = |x: &f64| *x >= 1.0 / LARGEST && *x <= LARGEST;
        if !(v.iter().all(usable) && norm(&v) > 0.0 && d.iter().all(positive)) {
            return;
        }
        let n = real(d.len());
        let log_root = d.iter().map(|x| x.ln()).sum::<f64>() / n + dot(&v, &v).ln_1p() / (2.0 * n);
        scale((-log_root).exp(), &mut d);
        if d.iter().all(positive) {
            *self = Self { v, d };
        }
    }
}

/// The step of v and D, as weighted sums over samples y.
///
/// What the reference computes for each sample is linear in the two vectors summed here, so it is computed once for their
/// sums.
pub(super) struct WeightedSteps<'a> {
    covariance: &'a Covariance,
    /// `v / |v|`.
    unit: Vec<f64>,
    /// `|v|`, and its square.
    length: f64,
    squared: f64,
    /// `sum w t`.
    t: Vec<f64>,
    /// `sum w s` after its first step.
    s: Vec<f64>,
}

impl<'a> WeightedSteps<'a> {
    pub(super) fn new(covariance: &'a Covariance) -> Self {
        let (length, zeros) = (norm(&covariance.v), vec![0.0; covariance.v.len()]);
        let unit = covariance.v.iter().map(|v| if length > 0.0 { v / length } else { 0.0 }).collect();
        Self { covariance, unit, length, squared: length * length, t: zeros.clone(), s: zeros }
    }

    /// Adds the sample y with a weight.
    pub(super) fn add(&mut self, weight: f64, y: &[f64]) {
        let along = dot(&self.unit, y);
        let gamma = 1.0 + self.squared;
        let middle = f64::midpoint(along * along, gamma);
        let share = self.squared / gamma * along;
        for (((t, s), y), u) in self.t.iter_mut().zip(&mut self.s).zip(y).zip(&self.unit) {
            *t += weight * (y * along - u * middle);
            *s += weight * (y * y - share * y * u - 1.0);
        }
    }

    /// v and D after the step, D without its normalisation.
    pub(super) fn moved(self) -> (Vec<f64>, Vec<f64>) {
        let Self { covariance, unit, length, squared, mut t, mut s } = self;
        let (gamma, fourth) = (1.0 + squared, squared * squared);
        let squares: Vec<f64> = unit.iter().map(|u| u * u).collect();
        let highest = squares.iter().copied().fold(0.0, f64::max);
        let alpha = ((fourth + (2.0 * gamma - gamma.sqrt()) / highest).sqrt() / (2.0 + squared)).min(1.0);
        let b = -(1.0 - alpha * alpha) * fourth / gamma + 2.0 * alpha * alpha;
        let inverse: Vec<f64> = squares.iter().map(|u2| 1.0 / (2.0 - (b + 2.0 * alpha * alpha) * u2)).collect();
        let scaled: Vec<f64> = inverse.iter().zip(&squares).map(|(h, u2)| h * u2).collect();
        let along_t = dot(&unit, &t);
        for (((s, t), u), u2) in s.iter_mut().zip(&t).zip(&unit).zip(&squares) {
            *s -= alpha / gamma * ((2.0 + squared) * t * u - squared * u2 * along_t);
        }
        let correction = b / (1.0 + b * dot(&squares, &scaled)) * dot(&scaled, &s);
        for ((s, h), hu2) in s.iter_mut().zip(&inverse).zip(&scaled) {
            *s = *s * h - correction * hu2;
        }
        let along_s = dot(&squares, &s);
        for ((t, s), u) in t.iter_mut().zip(&s).zip(&unit) {
            *t -= alpha * ((2.0 + squared) * s * u - u * along_s);
        }
        let v = covariance.v.iter().zip(&t).map(|(v, t)| v + t / length).collect();
        let d = covariance.d.iter().zip(&s).map(|(d, s)| d + s * d).collect();
        (v, d)
    }
}
