//! The evolution strategy of OpenAI: an estimated gradient, climbed with Adam.

use nalgebra::DMatrix;
use rand::Rng;

use crate::checks::{require, require_at_most};
use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::{axpy, norm, real};
use crate::methods::polar_es::weights;
use crate::methods::sources::EVOSAX;
use crate::options::{Options, options};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, Ranking, TellError};

/// Adam's decay rates of the gradient and of its square, and the term that keeps its division safe.
const BETA: f64 = 0.9;
const BETA_OF_SQUARES: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// Components of the mean stay within this.
const LARGEST: f64 = 1e100;

options! {
    /// Options of [`OpenEs`].
    OpenEsConfig {
        /// Codes a generation (lambda), 2 or more; an odd number loses one.
        population_size: usize = 40, "codes a generation; an odd number loses one";
        /// Standard deviation of the samples, in units of the code. That of the benchmark's `cholesky-cmaes`.
        sigma: f64 = 3.0, "standard deviation of the samples, in units of the code";
        /// Length of a step of Adam a component, in units of the code. The publication has half of the deviation.
        learning_rate: f64 = 1.5, "length of a step of Adam a component, in units of the code";
    }
}

impl OpenEsConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        require(self.population_size >= 2, "population_size", real(self.population_size), "2 or more")?;
        require_at_most("population_size", self.population_size)?;
        for (option, value) in [("sigma", self.sigma), ("learning_rate", self.learning_rate)] {
            require((1e-100..=1e100).contains(&value), option, value, "from 1e-100 to 1e100")?;
        }
        Ok(())
    }

    /// Number of directions a generation, each sampled both ways.
    fn directions(&self) -> usize {
        self.population_size / 2
    }
}

impl Options for OpenEsConfig {
    type Method = OpenEs;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<OpenEs, ConfigError> {
        OpenEs::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        6.0 * dim
    }

    fn start_norm(&self, dim: usize) -> f64 {
        self.sigma * real(dim).sqrt()
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "open-es",
    aliases: &["OpenAI-ES"],
    about: "gradient estimated from centred ranks of mirrored samples, climbed with Adam",
    source: EVOSAX,
    options: OpenEsConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 2,
    rank_based: true,
    carries_all_nan: false,
};

/// Evolution strategy of OpenAI.
///
/// ```text
/// ask    code_i = mean + sigma z_i, code_(lambda/2 + i) = mean - sigma z_i,  z_i ~ N(0, I), i = 1..lambda/2
/// tell   w_i   = centred rank: 1/2 for the best, -1/2 for the worst, evenly spaced
///        g     = sum_i w_i (code_i - mean) / sigma / (lambda sigma)
///        first = 0.9 first + 0.1 g;   second = 0.999 second + 0.001 g^2                (by component)
///        mean  = mean + learning_rate (first / (1 - 0.9^k)) / (sqrt(second / (1 - 0.999^k)) + 1e-8),  k = 1, 2, ..
/// ```
///
/// Uses the order of the scores alone; equal scores share the mean of their ranks, and NaN comes last. The mean starts at
/// zero. The deviation stays as it is. Without the publication's weight decay, as in evosax. Guard: components of the mean
/// stay within 1e100.
///
/// Adam's step does not grow with the gradient, but for its 1e-8. So [`Method::with_norm`](crate::Method::with_norm)
/// multiplies the codes.
///
/// [`start_from`](Optimizer::start_from): the codes are a generation before the first, and the mean starts at their best.
/// [`recommend`](Optimizer::recommend) gives the mean.
///
/// # Source
/// Salimans, Ho, Chen, Sidor and Sutskever 2017, Evolution strategies as a scalable alternative to reinforcement learning;
/// `Open_ES` of evosax 0.3.0 with Adam, whose runs it repeats.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct OpenEs {
    config: OpenEsConfig,
    ledger: Ledger,
    start: GivenCodes,
    mean: Vec<f64>,
    /// Adam's averages of the gradient and of its square, length N.
    first: Vec<f64>,
    second: Vec<f64>,
    /// Updates so far.
    updates: i32,
}

impl OpenEs {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: OpenEsConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let (ledger, zeros) = (Ledger::new(dim)?, vec![0.0; dim]);
        let start = GivenCodes::default();
        Ok(Self { config, ledger, start, mean: zeros.clone(), first: zeros.clone(), second: zeros, updates: 0 })
    }

    /// [`ask`](Optimizer::ask) with given standard normals, `N x lambda/2`.
    ///
    /// # Panics
    /// If the normals are not of this shape.
    pub fn ask_with(&mut self, z: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(z.shape(), (self.ledger.dim(), self.config.directions()), "z must be N x lambda/2");
        self.propose(out, |i, code| code.copy_from_slice(z.column(i).as_slice()));
    }

    /// The mean, length N.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    fn propose(&mut self, out: &mut Population, mut draw: impl FnMut(usize, &mut [f64])) {
        if self.start.hand_out(&mut self.ledger, out) {
            return;
        }
        let (n, sigma) = (self.config.directions(), self.config.sigma);
        out.reshape(self.ledger.dim(), 2 * n);
        let mut z = vec![0.0; self.ledger.dim()];
        for i in 0..n {
            draw(i, &mut z);
            for (index, sign) in [(i, sigma), (n + i, -sigma)] {
                out.code_mut(index).copy_from_slice(&self.mean);
                axpy(sign, &z, out.code_mut(index));
            }
        }
        self.ledger.note_ask(out.len());
    }

    fn update(&mut self, codes: &Population, scores: &[f64]) {
        let last = real(scores.len() - 1).max(1.0);
        let by_place: Vec<f64> = (0..scores.len()).map(|place| 0.5 - real(place) / last).collect();
        let mut g = vec![0.0; self.ledger.dim()];
        let share = 1.0 / (self.config.sigma.powi(2) * real(scores.len()));
        for (w, code) in weights(scores, &by_place).into_iter().zip(codes.iter()) {
            for ((g, x), mean) in g.iter_mut().zip(code).zip(&self.mean) {
                *g += share * w * (x - mean);
            }
        }
        self.updates = self.updates.saturating_add(1);
        let (unbiased, unbiased_squares) = (1.0 - BETA.powi(self.updates), 1.0 - BETA_OF_SQUARES.powi(self.updates));
        for (((mean, first), second), g) in self.mean.iter_mut().zip(&mut self.first).zip(&mut self.second).zip(&g) {
            *first = BETA * *first + (1.0 - BETA) * g;
            *second = BETA_OF_SQUARES * *second + (1.0 - BETA_OF_SQUARES) * g * g;
            let step = *first / unbiased / ((*second / unbiased_squares).sqrt() + EPSILON);
            *mean = (*mean + self.config.learning_rate * step).clamp(-LARGEST, LARGEST);
        }
    }
}

impl Optimizer for OpenEs {
    through_ledger!();

    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.ledger.check_initial(codes)?;
        self.start.set(codes.clone());
        Ok(())
    }

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.propose(out, |_, z| fill_normal(&mut rng, z));
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let best = Ranking::best_first(scores).order()[0];
        if self.start.take() {
            self.mean.copy_from_slice(codes.code(best));
        } else {
            self.update(codes, scores);
        }
        self.ledger.note_tell(codes, scores, best);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        &self.mean
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("norm_of_mean", norm(&self.mean))]
    }
}
