//! The polar averaging evolution strategy with Savage scores.

use nalgebra::DMatrix;
use rand::Rng;

use super::scores::by_savage_scores;
use super::{PolarEs, PolarEsConfig};
use crate::options::Options;
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

/// Options of [`PolarEsSavage`]: those of [`PolarEs`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub struct PolarEsSavageConfig(pub PolarEsConfig);

/// [`PolarEs`] with Savage scores in place of normal scores: the best samples weigh more than the worst.
///
/// ```text
/// a_n       Savage scores of n places, best first: q_i = 1/i + 1/(i+1) + .. + 1/n - 1, over sqrt(sum q^2)
/// d         share of distinct values among f_1..f_n; missing scores are one value
/// w = W(f_1..f_n, q / |q|),   q = d a_n + (1 - d) s_n        in place of W(f_1..f_n, s_n)
/// ```
///
/// Everything else, the reliability r too, is as there. Savage scores are the means of ordered draws from an exponential
/// distribution (Savage 1956). Normal scores are best where the score of a sample is a line in its direction and noise.
/// Far from the centre some samples are bad because their images fall apart, and say little about where better ones are.
/// Under Savage scores they count less. Counts of few spikes tie. Their noise is larger than that curvature,
/// so the fewer distinct scores a generation has the more it is weighed by normal scores. docs/polar-es.md has what that gains.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PolarEsSavage(PolarEs);

impl PolarEsSavage {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: PolarEsSavageConfig) -> Result<Self, ConfigError> {
        Ok(Self(PolarEs::new(dim, config.0)?))
    }

    /// [`ask`](Optimizer::ask) with given normals, as [`PolarEs::ask_with`].
    ///
    /// # Panics
    /// If the normals are not of its shapes.
    pub fn ask_with(&mut self, v: &DMatrix<f64>, xi: &[f64], out: &mut Population) {
        self.0.ask_with(v, xi, out);
    }

    /// The state, which is that of [`PolarEs`].
    #[must_use]
    pub fn polar(&self) -> &PolarEs {
        &self.0
    }
}

impl Optimizer for PolarEsSavage {
    fn dim(&self) -> usize {
        self.0.dim()
    }

    fn generation(&self) -> u64 {
        self.0.generation()
    }

    fn incumbent(&self) -> Option<(&[f64], f64)> {
        self.0.incumbent()
    }

    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.0.start_from(codes)
    }

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        self.0.ask(rng, out);
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.0.tell_weighed(codes, scores, by_savage_scores)
    }

    fn recommend(&self) -> &[f64] {
        self.0.recommend()
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        self.0.diagnostics()
    }
}

impl Options for PolarEsSavageConfig {
    type Method = PolarEsSavage;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, dim: usize) -> usize {
        self.0.population_size(dim)
    }

    fn build(self, dim: usize) -> Result<PolarEsSavage, ConfigError> {
        PolarEsSavage::new(dim, self)
    }

    fn fit_generations(&mut self, generations: usize) {
        self.0.fit_generations(generations);
    }

    fn numbers_held(&self, dim: f64, generations: f64) -> f64 {
        self.0.numbers_held(dim, generations)
    }

    fn start_norm(&self, dim: usize) -> f64 {
        self.0.start_norm(dim)
    }

    fn set_start_norm(&mut self, norm: f64, dim: usize) -> bool {
        self.0.set_start_norm(norm, dim)
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "polar-es-savage",
    about: "polar-es with Savage scores: the best samples weigh more than the worst",
    ..super::INFO
};
