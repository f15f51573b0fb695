//! A learning rate that follows the signal-to-noise ratio of the steps that it scales.

use crate::linalg::{axpy, dot, scale};

/// Signal-to-noise ratio, per unit of the rate, that the rate aims at.
const ALPHA: f64 = 1.4;

/// How fast the rate itself changes.
const GAMMA: f64 = 0.1;

/// A rate eta of at most 1, with moving averages of the steps and of their squared lengths.
///
/// ```text
/// E = (1 - beta) E + beta step;   V = (1 - beta) V + beta |step|^2
/// snr = (|E|^2 - beta / (2 - beta) V) / (V - |E|^2)
/// eta = min(1, eta exp(min(gamma eta, beta) clip(snr / (alpha eta) - 1, -1, 1)))
/// ```
///
/// Steps are in local coordinates, in which the distribution is standard normal. A ratio that is no number (steps of
/// length 0) leaves the rate as it is.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct LearningRate {
    beta: f64,
    eta: f64,
    e: Vec<f64>,
    v: f64,
}

impl LearningRate {
    /// A rate of 1 for steps of that many components, averaged at the rate `beta`.
    pub(super) fn new(beta: f64, components: usize) -> Self {
        Self { beta, eta: 1.0, e: vec![0.0; components], v: 0.0 }
    }

    pub(super) fn get(&self) -> f64 {
        self.eta
    }

    /// The rate for this step.
    pub(super) fn adapt(&mut self, step: &[f64]) -> f64 {
        let beta = self.beta;
        scale(1.0 - beta, &mut self.e);
        axpy(beta, step, &mut self.e);
        self.v = (1.0 - beta) * self.v + beta * dot(step, step);
        let drift = dot(&self.e, &self.e);
        let snr = (drift - beta / (2.0 - beta) * self.v) / (self.v - drift);
        if !snr.is_nan() {
            let excess = (snr / ALPHA / self.eta - 1.0).clamp(-1.0, 1.0);
            self.eta = (self.eta * ((GAMMA * self.eta).min(beta) * excess).exp()).min(1.0);
        }
        self.eta
    }
}

#[cfg(test)]
mod tests {
    use super::LearningRate;

    #[test]
    fn steps_without_a_common_direction_lower_the_rate_and_equal_steps_raise_it() {
        let mut rate = LearningRate::new(0.1, 2);
        for k in 0..40 {
            let angle = 2.4 * f64::from(k);
            rate.adapt(&[angle.cos(), angle.sin()]);
        }
        let low = rate.get();
        assert!(low < 0.5, "{low}");
        for _ in 0..40 {
            rate.adapt(&[1.0, 0.0]);
        }
        assert!(rate.get() > 1.5 * low && rate.get() <= 1.0, "{}", rate.get());
    }

    #[test]
    fn no_step_changes_nothing() {
        let mut rate = LearningRate::new(0.1, 2);
        assert_eq!(rate.adapt(&[0.0, 0.0]), 1.0);
    }
}
