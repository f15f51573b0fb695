//! How much a configuration runs, without opening its models.

use experiments::campaign::{Arm, Unit};
use experiments::{ObjectiveSpec, ScoreDistribution};

use crate::Library;
use crate::config::{Config, NetworkKeys};
use crate::resolve::{ResolveError, arms};

/// Milliseconds of one core a code, method included: the embedded pair over the preset `standard`.
const EMBEDDED: f64 = 1.5;
/// The published generator with AlexNet, between conv2 and fc8.
const PUBLISHED: f64 = 40.0;
/// Methods alone, at a code length of 4096.
const NO_NETWORK: f64 = 0.2;

/// Length of a code of the published generator and of the embedded one; a population may depend on it.
const CODE_LENGTH: usize = 4096;

/// What [`Extent::seconds`] stands on, in words.
pub const RATES: &str =
    "1.5 ms of one core a code on the embedded pair, 40 ms on published networks, 0.2 ms without a network";

/// The size of a campaign.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// Runs.
    pub runs: usize,
    /// Codes scored in all runs.
    pub codes: u64,
    /// About how long they take, in seconds of one core: [`RATES`], measured on one machine (`docs/performance.md`).
    pub seconds: f64,
}

impl Config {
    /// Runs, codes and about how long they take.
    ///
    /// # Errors
    /// If an optimizer or the length of a run does not fit.
    pub fn extent(&self) -> Result<Extent, ResolveError> {
        let unit =
            Unit::named("any", CODE_LENGTH, ObjectiveSpec::NoiseScores { scores: ScoreDistribution::StandardNormal });
        let arms = arms(self, &[unit], &Library::embedded()?)?;
        let of_each = self.noise_levels() * self.keys.repeats.as_ref().map_or(1, |repeats| *repeats.get_ref() as usize);
        let of_arms = |arm: &Arm| u64::from(arm.generations) * arm.method.population_size(CODE_LENGTH) as u64;
        let codes_a_unit = arms.iter().map(of_arms).sum::<u64>() * of_each as u64;
        let networks = self.keys.network.iter().flatten().map(|network| (network.unit_count(), network.milliseconds()));
        let noise = self.keys.noise_scores.iter().map(|_| (1, NO_NETWORK));
        let mut extent = Extent { runs: 0, codes: 0, seconds: 0.0 };
        for (units, milliseconds) in networks.chain(noise) {
            let codes = units as u64 * codes_a_unit;
            extent.runs += units * arms.len() * of_each;
            extent.codes += codes;
            extent.seconds += codes as f64 * milliseconds / 1e3;
        }
        Ok(extent)
    }
}

impl NetworkKeys {
    fn unit_count(&self) -> usize {
        self.layers.len() * self.channels.len() + self.units.len() + self.targets.len()
    }

    fn milliseconds(&self) -> f64 {
        let is_embedded = embedded_models::FILES
            .iter()
            .any(|(file, _)| file.strip_suffix(".onnx") == Some(self.generator.get_ref().as_str()));
        // Raw pixels cost nothing beside the CNN.
        let pixels = gen_models::PixelGrid::named(self.generator.get_ref()).is_some();
        let small_cnn = embedded_models::FILES
            .iter()
            .any(|(file, _)| file.strip_suffix(".onnx") == Some(self.cnn.get_ref().as_str()));
        if is_embedded || (pixels && small_cnn) { EMBEDDED } else { PUBLISHED }
    }
}

#[cfg(test)]
mod tests {
    use crate::{Library, PRESETS, Size, resolve};

    #[test]
    fn a_preset_has_the_runs_that_its_grid_has() {
        let library = Library::embedded().unwrap();
        for preset in PRESETS {
            let mut largest = 0;
            for size in [Size::Smoke, Size::Quick, Size::Standard] {
                let config = preset.config(size).unwrap();
                let runs = resolve(&config, &library).unwrap().runs();
                let extent = config.extent().unwrap();
                assert_eq!(extent.runs, runs.len(), "{} {size}", preset.name);
                let codes = runs
                    .iter()
                    .map(|run| u64::from(run.spec.generations) * run.spec.method.population_size(run.spec.dim) as u64);
                assert_eq!(extent.codes, codes.sum::<u64>(), "{} {size}", preset.name);
                largest = largest.max(extent.codes);
            }
            // No model of this size is needed to count its runs.
            let full = preset.config(Size::Full).unwrap().extent().unwrap();
            assert!(full.codes > largest && full.seconds > 60.0, "{}: {full:?}", preset.name);
        }
    }
}
