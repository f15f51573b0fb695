//! Response noise: what a neuron adds to what it computes.

use std::fmt;

use optim_core::{Stream, stream_rng};
use rand::Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};
use serde::{Deserialize, Serialize};

use crate::NoiseError;

/// How the scores that the method sees differ from the clean ones.
///
/// Random numbers come from `stream_rng(seed, Stream::Noise, generation)`, so noise does not change those of the method.
/// Within a generation the codes draw in the order of their columns. NaN and infinite clean scores do not change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Noise {
    /// The method sees the clean scores.
    #[default]
    None,
    /// `noisy = clean * max(0, 1 + level * N(0, 1))`, independently for each evaluation: the noise
    /// of Wang and Ponce, GECCO 2022 (levels 0, 0.2 and 0.5).
    Multiplicative {
        /// Standard deviation relative to the score, 0 or more.
        level: f64,
    },
    /// Spike counts: the mean over `repeats` presentations of `Poisson(max(0, clean * scale)) / scale`.
    Poisson {
        /// Expected spikes per unit of activation and presentation, above 0.
        scale: f64,
        /// Presentations that are averaged, 1 or more.
        repeats: u32,
    },
}

impl fmt::Display for Noise {
    /// A word or two, as titles and tables have it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("no noise"),
            Self::Multiplicative { level } => write!(f, "noise {level}"),
            Self::Poisson { scale, .. } => write!(f, "Poisson {scale}"),
        }
    }
}

impl Noise {
    /// Checks the parameters.
    ///
    /// # Errors
    /// If a level or scale is negative, NaN or infinite, a scale is 0, or there are no repeats.
    pub fn validate(&self) -> Result<(), NoiseError> {
        match *self {
            Self::Multiplicative { level } if !(level.is_finite() && level >= 0.0) => Err(NoiseError::Level { level }),
            Self::Poisson { scale, .. } if !(scale.is_finite() && scale > 0.0) => Err(NoiseError::Scale { scale }),
            Self::Poisson { repeats: 0, .. } => Err(NoiseError::ZeroRepeats),
            _ => Ok(()),
        }
    }

    /// Counts that one score averages by itself: those of Poisson noise, 1 of other noise.
    #[must_use]
    pub fn repeats(&self) -> u32 {
        if let Self::Poisson { repeats, .. } = *self { repeats } else { 1 }
    }

    /// Noisy scores of one generation, in the order of `clean`.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn apply(&self, clean: &[f64], seed: u64, generation: u64) -> Result<Vec<f64>, NoiseError> {
        self.apply_mean(clean, 1, seed, generation)
    }

    /// The mean of `reps` noisy scores of each code, in the order of `clean`. The scores of a code draw one after the
    /// other.
    ///
    /// # Errors
    /// As [`validate`](Self::validate).
    pub fn apply_mean(&self, clean: &[f64], reps: u32, seed: u64, generation: u64) -> Result<Vec<f64>, NoiseError> {
        self.validate()?;
        let repeated: Vec<f64> =
            clean.iter().flat_map(|&score| std::iter::repeat_n(score, reps.max(1) as usize)).collect();
        let noisy = self.draw(&repeated, &mut stream_rng(seed, Stream::Noise, generation));
        if reps <= 1 || *self == Self::None {
            return Ok(noisy.into_iter().step_by(reps.max(1) as usize).collect());
        }
        Ok(noisy.chunks(reps as usize).map(|scores| scores.iter().sum::<f64>() / f64::from(reps)).collect())
    }

    /// One noisy score for each clean one.
    fn draw(&self, clean: &[f64], mut rng: &mut impl Rng) -> Vec<f64> {
        match *self {
            Self::None => clean.to_vec(),
            Self::Multiplicative { level } => {
                let noisy = |score: f64| {
                    let normal: f64 = StandardNormal.sample(&mut rng);
                    if score.is_finite() { score * (1.0 + level * normal).max(0.0) } else { score }
                };
                clean.iter().copied().map(noisy).collect()
            }
            Self::Poisson { scale, repeats } => {
                let mean_rate = |score: f64| {
                    // `new` refuses a rate of 0 (no spikes, ever), and of 1.8e19 and more, where
                    // the relative spread of a count is below 2.4e-10.
                    let presentation = |counts: Poisson<f64>| counts.sample(&mut rng) / scale;
                    match Poisson::new(score * scale) {
                        _ if !score.is_finite() => score,
                        Ok(counts) => {
                            std::iter::repeat_n(counts, repeats as usize).map(presentation).sum::<f64>()
                                / f64::from(repeats)
                        }
                        Err(_) => score.max(0.0),
                    }
                };
                clean.iter().copied().map(mean_rate).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Noise, NoiseError};

    const SAMPLES: usize = 200_000;

    fn mean_and_variance(values: &[f64]) -> (f64, f64) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        (mean, values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0))
    }

    /// Asserts mean and variance within five standard errors, for a distribution whose fourth
    /// central moment is `kurtosis * variance^2`.
    fn assert_moments(values: &[f64], mean: f64, variance: f64, kurtosis: f64) {
        let n = values.len() as f64;
        let (found_mean, found_variance) = mean_and_variance(values);
        assert!((found_mean - mean).abs() < 5.0 * (variance / n).sqrt(), "mean {found_mean}, expected {mean}");
        let variance_error = variance * ((kurtosis - 1.0) / n).sqrt();
        assert!((found_variance - variance).abs() < 5.0 * variance_error, "variance {found_variance}, not {variance}");
    }

    #[test]
    fn multiplicative_noise_has_the_spread_of_its_level() {
        let noisy = Noise::Multiplicative { level: 0.2 }.apply(&vec![-10.0; SAMPLES], 3, 0).unwrap();
        // At level 0.2 the clipping at zero is five standard deviations away.
        assert_moments(&noisy, -10.0, 4.0, 3.0);
    }

    #[test]
    fn strong_multiplicative_noise_is_clipped_at_zero() {
        let noisy = Noise::Multiplicative { level: 2.0 }.apply(&vec![1.0; SAMPLES], 3, 0).unwrap();
        // P(1 + 2 N < 0) = Phi(-1/2)
        let share = noisy.iter().filter(|&&x| x == 0.0).count() as f64 / SAMPLES as f64;
        let expected = 0.308_537_538_725_986_9;
        let standard_error = (expected * (1.0 - expected) / SAMPLES as f64).sqrt();
        assert!((share - expected).abs() < 5.0 * standard_error, "{share}");
        assert!(noisy.iter().all(|&x| x >= 0.0));
    }

    #[test]
    fn poisson_noise_counts_spikes() {
        let noise = Noise::Poisson { scale: 4.0, repeats: 5 };
        let noisy = noise.apply(&vec![3.0; SAMPLES], 3, 0).unwrap();
        // The sum of the counts is Poisson(60): variance 60 / (4 * 5)^2, kurtosis 3 + 1/60.
        assert_moments(&noisy, 3.0, 60.0 / 400.0, 3.0 + 1.0 / 60.0);
        assert!(noisy.iter().all(|x| (x * 20.0 - (x * 20.0).round()).abs() < 1e-9));
    }

    #[test]
    fn the_mean_of_repeats_has_less_spread() {
        let noisy = Noise::Multiplicative { level: 0.2 }.apply_mean(&vec![10.0; SAMPLES], 5, 3, 0).unwrap();
        assert_moments(&noisy, 10.0, 4.0 / 5.0, 3.0);
        // Repeats of single counts are counts that are averaged: draw by draw.
        let counts = |repeats, reps| Noise::Poisson { scale: 4.0, repeats }.apply_mean(&[3.0; 50], reps, 3, 0).unwrap();
        let pairs: Vec<_> =
            counts(6, 1).into_iter().zip(counts(1, 6)).chain(counts(6, 1).into_iter().zip(counts(2, 3))).collect();
        assert!(pairs.iter().all(|(a, b)| (a - b).abs() < 1e-12), "{pairs:?}");
        assert_eq!(Noise::None.apply_mean(&[0.1, 0.7], 3, 0, 0).unwrap(), [0.1, 0.7]);
    }

    #[test]
    fn poisson_noise_of_silence_is_silence() {
        let noisy = Noise::Poisson { scale: 4.0, repeats: 5 }.apply(&[0.0, -2.0, 1e300], 3, 0).unwrap();
        assert_eq!(noisy, [0.0, 0.0, 1e300]);
    }

    #[test]
    fn level_zero_is_no_noise() {
        let clean = [1.5, -0.0, 0.1, f64::INFINITY, f64::MIN_POSITIVE];
        let bits = |scores: &[f64]| scores.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        for noise in [Noise::None, Noise::Multiplicative { level: 0.0 }] {
            assert_eq!(bits(&noise.apply(&clean, 3, 0).unwrap()), bits(&clean), "{noise:?}");
        }
    }

    #[test]
    fn what_is_not_finite_passes_through_and_draws_in_its_turn() {
        let noise = Noise::Multiplicative { level: 0.5 };
        let with = noise.apply(&[1.0, f64::NAN, f64::NEG_INFINITY, f64::INFINITY, 2.0], 9, 4).unwrap();
        let without = noise.apply(&[1.0, 1.0, 1.0, 1.0, 2.0], 9, 4).unwrap();
        assert!(with[1].is_nan());
        assert_eq!(with[2..4], [f64::NEG_INFINITY, f64::INFINITY]);
        assert_eq!([with[0], with[4]], [without[0], without[4]]);
        let poisson = Noise::Poisson { scale: 1.0, repeats: 2 }.apply(&[f64::NAN, f64::NEG_INFINITY], 9, 4).unwrap();
        assert!(poisson[0].is_nan() && poisson[1] == f64::NEG_INFINITY);
    }

    #[test]
    fn draws_depend_on_seed_and_generation_and_come_in_column_order() {
        let noise = Noise::Multiplicative { level: 0.5 };
        let draw = |seed, generation| noise.apply(&[1.0; 8], seed, generation).unwrap();
        assert_eq!(draw(1, 2), draw(1, 2));
        assert_ne!(draw(1, 2), draw(1, 3));
        assert_ne!(draw(1, 2), draw(2, 2));
        assert_eq!(noise.apply(&[1.0; 3], 1, 2).unwrap(), draw(1, 2)[..3]);
    }

    #[test]
    fn parameters_out_of_range_are_refused() {
        for level in [-0.1, f64::INFINITY] {
            let noise = Noise::Multiplicative { level };
            assert_eq!(noise.apply(&[1.0], 0, 0), Err(NoiseError::Level { level }));
        }
        assert!(matches!(Noise::Multiplicative { level: f64::NAN }.validate(), Err(NoiseError::Level { .. })));
        for scale in [0.0, -1.0, f64::INFINITY] {
            assert_eq!(Noise::Poisson { scale, repeats: 1 }.validate(), Err(NoiseError::Scale { scale }));
        }
        assert_eq!(Noise::Poisson { scale: 1.0, repeats: 0 }.validate(), Err(NoiseError::ZeroRepeats));
    }

    #[test]
    fn configurations_name_the_kind() {
        let noise: Noise = serde_json::from_str(r#"{"kind": "multiplicative", "level": 0.2}"#).unwrap();
        assert_eq!(noise, Noise::Multiplicative { level: 0.2 });
        assert!(serde_json::from_str::<Noise>(r#"{"kind": "multiplicative", "level": 0.2, "lvl": 1}"#).is_err());
        assert_eq!(serde_json::to_string(&Noise::None).unwrap(), r#"{"kind":"none"}"#);
    }
}
