//! Random search on a sphere: the control that every method should beat.

use rand::Rng;

use crate::checks::{require, require_size};
use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::scale_to_norm;
use crate::options::{Options, options};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, Ranking, TellError};

options! {
    /// Options of [`RandomSearch`].
    RandomSearchConfig {
        /// Codes a generation (lambda), 1 or more.
        population_size: usize = 40, "codes a generation";
        /// Norm of every code.
        norm: f64 = 300.0, "norm of every code";
    }
}

impl Options for RandomSearchConfig {
    type Method = RandomSearch;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<RandomSearch, ConfigError> {
        RandomSearch::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        2.0 * dim
    }

    fn start_norm(&self, _dim: usize) -> f64 {
        self.norm
    }

    fn set_start_norm(&mut self, norm: f64, _dim: usize) -> bool {
        self.norm = norm;
        true
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "random-search",
    aliases: &[],
    about: "control: independent random directions at a fixed norm",
    source: "own",
    options: RandomSearchConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
};

/// Independent codes in uniformly random directions at a fixed norm.
///
/// ```text
/// ask    code_i = norm * u_i / |u_i|,  u_i ~ N(0, I)
/// tell   keeps the best code
/// ```
///
/// The default norm is that of [`super::SphereCma`]'s sphere, so that the two differ in the search alone. [`start_from`](Optimizer::start_from): the codes are the first generation.
/// [`recommend`](Optimizer::recommend) gives the incumbent.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RandomSearch {
    config: RandomSearchConfig,
    ledger: Ledger,
    first: GivenCodes,
    origin: Vec<f64>,
}

impl RandomSearch {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: RandomSearchConfig) -> Result<Self, ConfigError> {
        require_size("population_size", config.population_size)?;
        require(config.norm > 0.0 && config.norm <= 1e100, "norm", config.norm, "above 0")?;
        Ok(Self { config, ledger: Ledger::new(dim)?, first: GivenCodes::default(), origin: vec![0.0; dim] })
    }
}

impl Optimizer for RandomSearch {
    through_ledger!(given);

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        if self.first.hand_out(&mut self.ledger, out) {
            return;
        }
        out.reshape(self.ledger.dim(), self.config.population_size);
        fill_normal(&mut fork(rng), out.as_mut_slice());
        for i in 0..out.len() {
            scale_to_norm(out.code_mut(i), self.config.norm);
        }
        self.ledger.note_ask(out.len());
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let ranking = Ranking::best_first(scores);
        self.first.take();
        self.ledger.note_tell(codes, scores, ranking.order()[0]);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        self.ledger.incumbent().map_or(&self.origin, |(code, _)| code)
    }
}
