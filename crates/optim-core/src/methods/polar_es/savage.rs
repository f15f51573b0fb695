//! The polar averaging evolution strategy with Savage scores.

use nalgebra::DMatrix;
use rand::Rng;

use super::options::SMALL_SPACE;
use super::scores::by_savage_scores;
use super::{PolarEs, PolarEsConfig};
use crate::options::{Options, options};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

/// `phi` in small spaces and beyond: docs/polar-es.md has what that gains and costs.
const PHI: [f64; 2] = [0.4, 0.2];

options! {
    /// Options of [`PolarEsSavage`]: those of [`PolarEs`], but for `rank_invariant`.
    PolarEsSavageConfig {
        /// Evaluations a generation (lambda), as in [`PolarEsConfig`].
        population_size: usize = 40, "evaluations a generation: new samples, replicates, the centre";
        /// Generations over which the angle falls (T), as in [`PolarEsConfig`].
        n_gen: Option<usize> = None,
            "generations over which the angle falls; none: the length of the run; 0: that is unknown";
        /// Norm of the first codes.
        start_radius as "R0": f64 = 300.0, "norm of the first codes";
        /// First angle between the centre and its samples, in degrees.
        theta_0: f64 = 55.0, "first angle between the centre and its samples, in degrees";
        /// The angle falls no lower, in degrees.
        theta_t as "theta_T": f64 = 7.33, "the angle falls no lower, in degrees";
        /// Samples a generation that are scored twice.
        nu: usize = 2, "samples a generation that are scored twice";
        /// The angle falls at least at this share of the full rate; `None`: 0.4 in up to 256 dimensions, 0.2 beyond.
        phi: Option<f64> = None,
            "least share of the rate at which the angle falls; none: 0.4 in up to 256 dimensions, 0.2 beyond";
        /// Up to this reliability the angle falls at the least rate.
        r_0: f64 = 0.5, "up to this reliability of scores the angle falls at the least rate";
        /// Learning rate of the reliability.
        c_r: f64 = 0.1, "learning rate of the reliability";
        /// Step of the centre: `atan(b k^-p |g|)` in generation k.
        b: f64 = 1.1, "step of the centre: atan(b k^-p |g|) in generation k";
        /// Exponent by which steps of the centre become shorter.
        p: f64 = 0.6, "exponent by which steps of the centre become shorter";
        /// Longest step of the centre in units of the angle, as in [`PolarEsConfig`].
        step_limit: Option<f64> = None,
            "longest step of the centre in units of the angle; none: 0.4 in up to 256 dimensions, no limit beyond";
        /// Spread of the logarithm of the samples' norms, in units of the sine of the angle. With 0 the norm stays.
        kappa: f64 = 0.2, "spread of the samples' log norms per sine of the angle; 0: the norm stays";
    }
}

impl PolarEsSavageConfig {
    /// The same as options of [`PolarEs`], in `dim` dimensions.
    fn polar(self, dim: usize) -> PolarEsConfig {
        let Self { population_size, n_gen, start_radius, theta_0, theta_t, nu, .. } = self;
        let Self { phi, r_0, c_r, b, p, step_limit, kappa, .. } = self;
        let phi = phi.unwrap_or(if dim <= SMALL_SPACE { PHI[0] } else { PHI[1] });
        PolarEsConfig {
            population_size,
            n_gen,
            start_radius,
            theta_0,
            theta_t,
            nu,
            phi,
            r_0,
            c_r,
            b,
            p,
            step_limit,
            kappa,
            rank_invariant: false,
        }
    }
}

/// [`PolarEs`] with Savage scores in place of normal scores: the best samples weigh more than the worst.
///
/// ```text
/// a_n       Savage scores of n places, best first: q_i = 1/i + 1/(i+1) + .. + 1/n - 1, over sqrt(sum q^2)
/// d         share of distinct values among f_1..f_n; missing scores are one value
/// w = W(f_1..f_n, q / |q|),   q = d a_n + (1 - d) s_n        in place of W(f_1..f_n, s_n)
/// phi       0.4 in up to 256 dimensions, 0.2 beyond
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
        Ok(Self(PolarEs::new(dim, config.polar(dim))?))
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

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<PolarEsSavage, ConfigError> {
        PolarEsSavage::new(dim, self)
    }

    fn fit_generations(&mut self, generations: usize) {
        self.n_gen.get_or_insert(generations.max(1));
    }

    fn numbers_held(&self, dim: f64, generations: f64) -> f64 {
        self.polar(1).numbers_held(dim, generations)
    }

    fn start_norm(&self, _dim: usize) -> f64 {
        self.start_radius
    }

    fn set_start_norm(&mut self, norm: f64, _dim: usize) -> bool {
        self.start_radius = norm;
        true
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "polar-es-savage",
    about: "polar-es with Savage scores: the best samples weigh more than the worst",
    options: PolarEsSavageConfig::OPTIONS,
    ..super::INFO
};
