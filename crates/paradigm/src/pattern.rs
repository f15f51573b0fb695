//! How near the responses of a population are to a pattern.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How near responses are to a pattern. All are higher for nearer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// Inner product.
    #[default]
    Dot,
    /// Cosine of the angle.
    Cosine,
    /// Pearson's correlation.
    Correlation,
    /// Negative mean squared distance.
    NegativeSquaredDistance,
}

/// A pattern that responses shall meet: `measure(z, pattern)` of `z_c = (r_c - mean_c) / std_c`, over the channels of the
/// mask. Lists may be empty: means are 0 then, deviations 1, and all channels count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pattern<'a> {
    /// A value a channel.
    pub values: &'a [f64],
    /// How near is measured.
    pub measure: Measure,
    /// Means of the channels.
    pub mean: &'a [f64],
    /// Standard deviations of the channels.
    pub std: &'a [f64],
    /// Which channels count.
    pub mask: &'a [bool],
}

/// Why a pattern cannot be met.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PatternError {
    /// A list of another length than the pattern.
    #[error("{name} has {found} values, the pattern {expected}")]
    Length {
        /// The list.
        name: &'static str,
        /// Its length.
        found: usize,
        /// That of the pattern.
        expected: usize,
    },
    /// A value that is not finite, or a deviation that is not positive, on a channel that counts.
    #[error("{name} of channel {channel} is {value}, it must be {expected}")]
    Value {
        /// The list.
        name: &'static str,
        /// The channel, from 0.
        channel: usize,
        /// The value.
        value: String,
        /// What it must be.
        expected: &'static str,
    },
    /// No channel counts.
    #[error("no channel counts: the pattern is empty, or the mask leaves out all of it")]
    Empty,
    /// The angle with the pattern is undefined.
    #[error("the pattern {what}, so {measure} with it is undefined: the measure dot or squared distance takes it")]
    Degenerate {
        /// What is wrong with it.
        what: &'static str,
        /// The measure.
        measure: &'static str,
    },
}

impl Pattern<'_> {
    /// Checks that the lists fit, and that the measure is defined.
    ///
    /// # Errors
    /// If a list is too long or short, a value that counts is not finite, or a deviation is not positive.
    pub fn check(&self) -> Result<(), PatternError> {
        let expected = self.values.len();
        let lengths = [("mean", self.mean.len()), ("std", self.std.len()), ("mask", self.mask.len())];
        if let Some(&(name, found)) = lengths.iter().find(|(_, found)| *found != 0 && *found != expected) {
            return Err(PatternError::Length { name, found, expected });
        }
        for channel in self.counted(expected) {
            let value = |list: &[f64], default| list.get(channel).copied().unwrap_or(default);
            let wrong = |name, value: f64, expected| {
                Err(PatternError::Value { name, channel, value: format!("{value:?}"), expected })
            };
            let (pattern, mean, std) = (self.values[channel], value(self.mean, 0.0), value(self.std, 1.0));
            match (pattern.is_finite(), mean.is_finite(), std.is_finite() && std > 0.0) {
                (false, ..) => return wrong("pattern", pattern, "finite"),
                (_, false, _) => return wrong("mean", mean, "finite"),
                (.., false) => return wrong("std", std, "positive and finite"),
                _ => {}
            }
        }
        let counted: Vec<f64> = self.counted(expected).map(|channel| self.values[channel]).collect();
        match self.measure {
            _ if counted.is_empty() => Err(PatternError::Empty),
            Measure::Cosine if counted.iter().all(|&value| value == 0.0) => {
                Err(PatternError::Degenerate { what: "is zero", measure: "the cosine" })
            }
            Measure::Correlation if counted.iter().all(|&value| value == counted[0]) => {
                Err(PatternError::Degenerate { what: "does not vary", measure: "the correlation" })
            }
            _ => Ok(()),
        }
    }

    fn counted(&self, channels: usize) -> impl Iterator<Item = usize> {
        (0..channels).filter(|&channel| self.mask.get(channel).copied().unwrap_or(true))
    }

    /// How near the responses are; NaN if they are not as many as the pattern has values.
    #[must_use]
    pub fn nearness(&self, responses: &[f64]) -> f64 {
        if responses.len() != self.values.len() {
            return f64::NAN;
        }
        let at = |list: &[f64], i: usize, default: f64| list.get(i).copied().unwrap_or(default);
        let (z, pattern): (Vec<f64>, Vec<f64>) = self
            .counted(responses.len())
            .map(|i| ((responses[i] - at(self.mean, i, 0.0)) / at(self.std, i, 1.0), self.values[i]))
            .unzip();
        match self.measure {
            Measure::Dot => dot(&z, &pattern),
            Measure::Cosine => cosine(&z, &pattern),
            Measure::Correlation => cosine(&centred(&z), &centred(&pattern)),
            Measure::NegativeSquaredDistance => {
                -mean(&z.iter().zip(&pattern).map(|(a, b)| (a - b).powi(2)).collect::<Vec<_>>())
            }
        }
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn centred(values: &[f64]) -> Vec<f64> {
    let mean = mean(values);
    values.iter().map(|value| value - mean).collect()
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}
