//! Two-point adaptation of the step size, as pycma has it.
//!
//! # References
//! * Hansen, Atamna and Auger, "How to assess step-size adaptation mechanisms in randomised search",
//!   PPSN 2014.

use crate::linalg::real;
use crate::linalg::{norm, scale};

/// State of the adaptation.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct TwoPoint {
    /// Smoothed rank difference of the two probes.
    pub(super) s: f64,
    /// Last shift of the mean; `None` before the first.
    shift: Option<Vec<f64>>,
    damp: f64,
}

impl TwoPoint {
    pub(super) fn new(dim: usize) -> Self {
        Self { s: 0.0, shift: None, damp: 0.7 + real(dim).ln() }
    }

    /// The steps `(x - mean)/sigma` along and against the last shift of the mean. `deviations` are the
    /// coordinatewise standard deviations; `draw` fills a vector of N normals, for each length that is
    /// drawn.
    ///
    /// ```text
    /// y in (shift, -shift):  y *= |n| / l  if l = |y/s|/sigma > sqrt(N);   y /= sigma        n ~ N(0, I)
    /// after two updates:     y_0 *= |n| / |y_0/s|;   y_1 to the Euclidean length of y_0
    /// ```
    pub(super) fn probes(
        &self,
        sigma: f64,
        deviations: &[f64],
        updates: u64,
        mut draw: impl FnMut(&mut [f64]),
    ) -> Option<[Vec<f64>; 2]> {
        let shift = self.shift.as_ref()?;
        let mut normals = vec![0.0; shift.len()];
        let mut drawn_length = || {
            draw(&mut normals);
            norm(&normals)
        };
        let mut probes = [shift.clone(), shift.iter().map(|x| -x).collect()];
        for y in &mut probes {
            let length = mahalanobis(y, deviations) / sigma;
            let factor = if length > real(y.len()).sqrt() { drawn_length() / length } else { 1.0 };
            scale(factor / sigma, y);
        }
        let [y0, y1] = &mut probes;
        let length = mahalanobis(y0, deviations);
        if updates >= 2 && length > 0.0 {
            scale(drawn_length() / length, y0);
            let factor = norm(y0) / norm(y1);
            scale(if factor.is_finite() { factor } else { 1.0 }, y1);
        }
        Some(probes)
    }

    /// The factor of the step size after an update that shifted the mean by `shift`.
    ///
    /// ```text
    /// z = (#{better than probe 1} - #{better than probe 0}) / (lambda - 1)
    /// s = 0.7 s + 0.3 sign(z) sqrt|z|;  factor = exp(s / (0.7 + ln N))
    /// ```
    pub(super) fn adapt(&mut self, scores: &[f64], shift: Vec<f64>) -> f64 {
        self.shift = Some(shift);
        let better_than = |i: usize| real(scores.iter().filter(|s| **s > scores[i]).count());
        let z = if scores.len() > 1 { (better_than(1) - better_than(0)) / real(scores.len() - 1) } else { 0.0 };
        let signed_root = if z < 0.0 { -z.abs().sqrt() } else { z.sqrt() };
        self.s = 0.7 * self.s + 0.3 * signed_root;
        (self.s / self.damp).exp()
    }
}

fn mahalanobis(y: &[f64], deviations: &[f64]) -> f64 {
    y.iter().zip(deviations).map(|(y, s)| (y / s).powi(2)).sum::<f64>().sqrt()
}
