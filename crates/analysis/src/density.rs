//! The density that a sample was drawn from, estimated by a sum of bells.

use std::f64::consts::TAU;

use crate::error::{StatsError, check_count, check_finite};
use crate::summary::{is_constant, mean};

/// A Gaussian kernel density estimate with the bandwidth of Scott (1992): the sample's standard deviation (divisor n - 1)
/// times `n^(-1/5)`. SciPy's `gaussian_kde` is the same by default, and draws matplotlib's violins.
#[derive(Debug, Clone, PartialEq)]
pub struct Density {
    values: Vec<f64>,
    bandwidth: f64,
}

impl Density {
    /// Of a sample.
    ///
    /// # Errors
    /// Fewer than two values, one that is not finite, or values that are all equal.
    pub fn of(values: &[f64]) -> Result<Self, StatsError> {
        check_count(values.len(), 2)?;
        check_finite(values)?;
        if is_constant(values) {
            return Err(StatsError::Constant);
        }
        let (n, centre) = (values.len() as f64, mean(values));
        let variance = values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / (n - 1.0);
        Ok(Self { values: values.to_vec(), bandwidth: variance.sqrt() * n.powf(-0.2) })
    }

    /// Standard deviation of a bell.
    #[must_use]
    pub fn bandwidth(&self) -> f64 {
        self.bandwidth
    }

    /// The density at a value.
    #[must_use]
    pub fn at(&self, value: f64) -> f64 {
        let bell = |own: &f64| (-0.5 * ((value - own) / self.bandwidth).powi(2)).exp();
        self.values.iter().map(bell).sum::<f64>() / (self.values.len() as f64 * self.bandwidth * TAU.sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_density_adds_up_to_one_and_peaks_in_the_middle() {
        let density = Density::of(&[1.0, 2.0, 2.5, 4.0]).unwrap();
        let step = 0.01;
        let total: f64 = (-600..1200).map(|i| density.at(f64::from(i) * step) * step).sum();
        approx::assert_relative_eq!(total, 1.0, epsilon = 1e-9);
        assert!(density.at(2.2) > density.at(1.0) && density.at(2.2) > density.at(4.0));
        assert_eq!(Density::of(&[3.0, 3.0]), Err(StatsError::Constant));
        assert!(Density::of(&[3.0]).is_err() && Density::of(&[3.0, f64::NAN]).is_err());
    }
}
