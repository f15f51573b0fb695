//! A method on another scale, for methods whose options hold no scale.

use rand::Rng;

use crate::checks::require;
use crate::linalg::{real, scale};
use crate::method::{AnyOptimizer, Method};
use crate::options::Options;
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

/// A method and what all of its codes are multiplied by; [`Method::with_norm`] makes it.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(deny_unknown_fields))]
pub struct ScaledConfig {
    /// Codes are this many times as long, above 0.
    pub factor: f64,
    /// The method that is scaled.
    pub method: Box<Method>,
}

impl Options for ScaledConfig {
    type Method = Scaled;

    fn info(&self) -> &'static MethodInfo {
        self.method.info()
    }

    fn population_size(&self, dim: usize) -> usize {
        self.method.population_size(dim)
    }

    fn build(self, dim: usize) -> Result<Scaled, ConfigError> {
        Scaled::new(dim, &self)
    }

    fn fit_generations(&mut self, generations: usize) {
        *self.method = self.method.clone().for_generations(generations);
    }

    fn numbers_held(&self, dim: f64, generations: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they were whole numbers")]
        let (dim, generations) = (dim as usize, generations as u64);
        #[expect(clippy::cast_precision_loss, reason = "an estimate")]
        let inner = self.method.memory_bytes(dim, generations) as f64 / 8.0;
        inner + real(dim) * (2.0 * real(self.population_size(dim)) + 4.0)
    }

    fn start_norm(&self, dim: usize) -> f64 {
        self.factor * self.method.start_norm(dim)
    }

    fn set_start_norm(&mut self, norm: f64, dim: usize) -> bool {
        self.factor = norm / self.method.start_norm(dim);
        true
    }
}

/// A method in coordinates of its own: its codes times a factor are the codes that are asked and told.
///
/// ```text
/// ask    code = factor * code of the method
/// tell   the method is told the code that it gave where the code is as it was asked, bit for bit,
///        else code / factor
/// ```
///
/// Everything that is a length for the method is multiplied with its codes: steps, mutations, walls of a
/// box. Lengths in its options and in [`diagnostics`](Optimizer::diagnostics) are in its own units.
/// [`start_from`](Optimizer::start_from), [`recommend`](Optimizer::recommend) and
/// [`incumbent`](Optimizer::incumbent) are in those of the codes asked.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Scaled {
    factor: f64,
    optimizer: Box<AnyOptimizer>,
    /// The generation asked last, in the units of the method and as it was asked.
    own: Population,
    asked: Population,
    recommended: Vec<f64>,
    best: Option<(Vec<f64>, f64)>,
}

impl Scaled {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the factor is out of range, or the method cannot be built.
    pub fn new(dim: usize, config: &ScaledConfig) -> Result<Self, ConfigError> {
        let factor = config.factor;
        require((1e-100..=1e100).contains(&factor), "factor", factor, "from 1e-100 to 1e100")?;
        let optimizer = Box::new(config.method.build(dim)?);
        let (own, asked) = (Population::new(dim), Population::new(dim));
        let mut scaled = Self { factor, optimizer, own, asked, recommended: vec![0.0; dim], best: None };
        scaled.take_over();
        Ok(scaled)
    }

    /// What the codes of the method are multiplied by.
    #[must_use]
    pub fn factor(&self) -> f64 {
        self.factor
    }

    /// The method itself, in its own units.
    #[must_use]
    pub fn optimizer(&self) -> &AnyOptimizer {
        &self.optimizer
    }

    /// Recommendation and incumbent in the units of the codes asked.
    fn take_over(&mut self) {
        let factor = self.factor;
        self.recommended.copy_from_slice(self.optimizer.recommend());
        scale(factor, &mut self.recommended);
        let best = self.optimizer.incumbent();
        self.best = best.map(|(code, score)| (code.iter().map(|x| factor * x).collect(), score));
    }

    /// Codes told, in the units of the method.
    fn own_units(&self, codes: &Population) -> Population {
        let mut own = codes.clone();
        for i in 0..codes.len() {
            let as_asked = i < self.asked.len() && same_bits(codes.code(i), self.asked.code(i));
            if as_asked {
                own.code_mut(i).copy_from_slice(self.own.code(i));
            } else {
                own.code_mut(i).iter_mut().for_each(|x| *x /= self.factor);
            }
        }
        own
    }
}

fn same_bits(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.to_bits() == y.to_bits())
}

impl Optimizer for Scaled {
    fn dim(&self) -> usize {
        self.optimizer.dim()
    }

    fn generation(&self) -> u64 {
        self.optimizer.generation()
    }

    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        let mut own = codes.clone();
        own.as_mut_slice().iter_mut().for_each(|x| *x /= self.factor);
        self.optimizer.start_from(&own)
    }

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        self.optimizer.ask(rng, &mut self.own);
        out.clone_from(&self.own);
        scale(self.factor, out.as_mut_slice());
        self.asked.clone_from(out);
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.optimizer.tell(&self.own_units(codes), scores)?;
        self.take_over();
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        &self.recommended
    }

    fn incumbent(&self) -> Option<(&[f64], f64)> {
        self.best.as_ref().map(|(code, score)| (code.as_slice(), *score))
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        self.optimizer.diagnostics()
    }
}
