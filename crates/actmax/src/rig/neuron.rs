//! A unit of a CNN as a neuron: rates, spikes, gaps.

use std::collections::HashMap;
use std::time::Duration;

use experiments::{EvolveError, Noise};
use gen_models::{Images, Runtime, UnitScorer, WeightedUnits};
use optim_core::{Scorer, Stream, stream_rng};
use rand_distr::{Distribution, StandardUniform};
use xxhash_rust::xxh3::xxh3_64;

use super::{Block, Response, SimulateArgs};
use crate::console::say;
use crate::pictures::session_options;
use crate::{CommandError, Library};

/// The neuron that a pretend rig records.
///
/// What it answers depends on seed, block, image and how often the block showed the image before: not on the door, nor on
/// what came before the block.
pub(super) struct Neuron<'a> {
    args: &'a SimulateArgs,
    scorer: UnitScorer,
    noise: Noise,
}

impl<'a> Neuron<'a> {
    pub(super) fn new(library: &Library, args: &'a SimulateArgs) -> Result<Self, CommandError> {
        let cnn = library.cnn(&args.cnn)?;
        let units = WeightedUnits::parse(&args.units, &library.layers(&cnn)?)?;
        let scorer = UnitScorer::new(&cnn, &units, Runtime::get(&say)?, session_options())?;
        let noise = args.poisson.map_or(Noise::None, |scale| Noise::Poisson { scale, repeats: 1 });
        noise.validate().map_err(EvolveError::from)?;
        Ok(Self { args, scorer, noise })
    }

    /// Responses to the presentations of a block, in their order. Those that are lost are left out.
    pub(super) fn respond(&mut self, block: &Block) -> Result<Vec<Response>, CommandError> {
        let (mut responses, mut scores) = (Vec::new(), Vec::new());
        let mut shown: HashMap<&str, u32> = HashMap::new();
        for &i in &block.order {
            let (name, image) = &block.images[i];
            let id = sessions::image_id(name);
            let times = shown.entry(id).or_default();
            let stream = xxh3_64(format!("{}/{id}/{times}", block.number).as_bytes());
            *times += 1;
            if self.chance(stream) < self.args.missing {
                continue;
            }
            self.scorer.score(&Images::from_rgb8(image), &mut scores)?;
            let rates = self.noise.apply(&scores, self.args.seed, stream).map_err(EvolveError::from)?;
            responses.push((i, rates[0]));
        }
        Ok(responses)
    }

    /// Time from a block to its scores.
    pub(super) fn delay(&self, block: u32) -> Duration {
        Duration::from_millis(self.args.delay.into()).mul_f64(2.0 * self.chance(u64::from(block)))
    }

    /// A number from 0 to below 1.
    fn chance(&self, stream: u64) -> f64 {
        StandardUniform.sample(&mut stream_rng(self.args.seed, Stream::Shuffle, stream))
    }
}
