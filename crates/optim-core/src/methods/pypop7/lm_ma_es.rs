//! LM-MA-ES: a matrix-adaptation evolution strategy with limited memory.

use nalgebra::DMatrix;
use rand::Rng;

use super::options::{Constants, LmMaEsConfig};
use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::{axpy, dot, norm, real, scale, weighted_sum};
use crate::methods::pycma::start::RANGE;
use crate::methods::recombination::mean_of_best;
use crate::options::Options;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, Optimizer, Population, Ranking, TellError};

/// Evolution strategy that learns `m = 4 + floor(3 ln N)` directions in place of a covariance matrix.
///
/// ```text
/// rates  mu = floor(lambda/2);  w_i = ln(mu + 1/2) - ln i, i = 1..mu, normalised to sum 1;  mu_w = 1 / sum w_i^2
///        c_sigma = min(1, 2 lambda / N);  c_d_j = 1 / (1.5^(j-1) N);  c_c_j = min(1, lambda / (4^(j-1) N)),  j = 1..m
/// ask    z_i ~ N(0, I);  d_i = z_i,  i = 1..lambda
///        for j = 1..min(t, m):  d_i = (1 - c_d_j) d_i + c_d_j (m_j . d_i) m_j        (t updates so far)
///        code_i = mean + sigma d_i
/// tell   z_w = sum_(i <= mu) w_i z_(i:lambda);  d_w, the same of d                   (best first)
///        mean += sigma d_w
///        p = (1 - c_sigma) p + sqrt(mu_w c_sigma (2 - c_sigma)) z_w
///        m_j = (1 - c_c_j) m_j + sqrt(mu_w c_c_j (2 - c_c_j)) z_w,  j = 1..m
///        sigma *= exp(c_sigma / 2 (|p|^2 / N - 1))
/// ```
///
/// The directions are paths of the selected steps, each slower than the one before. A code costs O(m N).
/// `d_w` is made from `z_w` by the directions, as a sample is: the same up to rounding.
///
/// Uses the order of the scores alone. Ties: the lower index first; NaN last. The steps are those that were drawn, whatever
/// codes are told. Guards: the step size stays within 1e-100 and 1e100, components of the mean within 1e100.
///
/// [`start_from`](Optimizer::start_from): the codes are a generation before the first, and the weighted mean of their best
/// becomes the mean. [`recommend`](Optimizer::recommend) gives the mean.
///
/// # Source
/// Loshchilov, Glasmachers and Beyer 2017, Large scale black-box optimization by limited-memory matrix adaptation
/// (arXiv:1705.06693), algorithm 1; `LMMAES` of pypop7 0.0.82, whose runs it repeats. Where implementations part:
///
/// * **Rates above 1** are 1 here. The publication takes `lambda < N / 2` for granted, and 40 codes exceed that in fewer than
///   80 dimensions. pypop7 then keeps half of a path but does not adapt the gain, so that the step size shrinks whatever the
///   scores are.
/// * **Odd populations**: pypop7 has `ln((lambda + 1)/2)` in the weights; here it is `ln(mu + 1/2)`, as in the
///   implementation of Müller and Glasmachers (2018). Even populations have the same weights in both.
/// * pypop7's restarts and its box for the initial mean are left out.
/// * `LM_MA_ES` of evosax 0.3.2 is not followed. It weighs the z of its directions in the order in which they were drawn
///   instead of by rank, so that they learn nothing, and takes rates and damping of the step size from CMA-ES.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct LmMaEs {
    config: LmMaEsConfig,
    ledger: Ledger,
    first: GivenCodes,
    mean: Vec<f64>,
    sigma: f64,
    /// The path p of the step size.
    path: Vec<f64>,
    /// The directions, `N x m`.
    directions: Population,
    /// How many of them took part in the samples asked last: `min(t, m)`.
    used: usize,
    /// Normals of the generation asked last, `N x lambda`.
    z: Population,
}

impl LmMaEs {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: LmMaEsConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            ledger: Ledger::new(dim)?,
            first: GivenCodes::default(),
            mean: vec![config.x0; dim],
            sigma: config.sigma0,
            path: vec![0.0; dim],
            directions: Population::zeros(dim, config.directions(dim)),
            used: 0,
            z: Population::new(dim),
            config,
        })
    }

    /// [`ask`](Optimizer::ask) with given normals, `N x lambda`, one column a code.
    ///
    /// # Panics
    /// If the normals are not of this shape.
    pub fn ask_with(&mut self, z: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(z.shape(), (self.ledger.dim(), self.lambda()), "normals must be N x lambda");
        self.propose(out, |normals| normals.copy_from_slice(z.as_slice()));
    }

    /// The mean, length N.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The step size.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// The path p of the step size, length N.
    #[must_use]
    pub fn path(&self) -> &[f64] {
        &self.path
    }

    /// The directions, `N x m`, the fastest first.
    #[must_use]
    pub fn directions(&self) -> &Population {
        &self.directions
    }

    fn lambda(&self) -> usize {
        self.config.population_size(self.ledger.dim())
    }

    fn propose(&mut self, out: &mut Population, draw: impl FnOnce(&mut [f64])) {
        if self.first.hand_out(&mut self.ledger, out) {
            return;
        }
        let (dim, lambda) = (self.ledger.dim(), self.lambda());
        self.z.reshape(dim, lambda);
        draw(self.z.as_mut_slice());
        let constants = Constants::new(dim, lambda);
        out.clone_from(&self.z);
        for i in 0..lambda {
            let code = out.code_mut(i);
            self.transform(&constants, code);
            code.iter_mut().zip(&self.mean).for_each(|(x, mean)| *x = mean + self.sigma * *x);
        }
        self.ledger.note_ask(lambda);
    }

    /// z becomes d.
    fn transform(&self, constants: &Constants, z: &mut [f64]) {
        for (j, direction) in self.directions.iter().take(self.used).enumerate() {
            let c_d = constants.c_d(j);
            let along = c_d * dot(direction, z);
            z.iter_mut().zip(direction).for_each(|(x, m)| *x = (1.0 - c_d) * *x + along * m);
        }
    }

    fn update(&mut self, ranking: &Ranking) {
        let constants = Constants::new(self.ledger.dim(), self.z.len());
        let mut step = vec![0.0; self.ledger.dim()];
        weighted_sum(&constants.weights, &self.z, ranking.order(), &mut step);
        let follow = |path: &mut [f64], rate: f64| {
            scale(1.0 - rate, path);
            axpy(constants.gain(rate), &step, path);
        };
        follow(&mut self.path, constants.c_sigma);
        let mut of_d = step.clone();
        self.transform(&constants, &mut of_d);
        for j in 0..self.directions.len() {
            follow(self.directions.code_mut(j), constants.c_c(j));
        }
        self.used = (self.used + 1).min(self.directions.len());
        let largest = *RANGE.end();
        for (mean, d) in self.mean.iter_mut().zip(&of_d) {
            *mean = (*mean + self.sigma * d).clamp(-largest, largest);
        }
        let growth = dot(&self.path, &self.path) / real(self.path.len()) - 1.0;
        self.sigma = (self.sigma * (constants.c_sigma / 2.0 * growth).exp()).clamp(*RANGE.start(), largest);
    }
}

impl Optimizer for LmMaEs {
    through_ledger!(given);

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.propose(out, |normals| fill_normal(&mut rng, normals));
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let ranking = Ranking::best_first(scores);
        if self.first.take() {
            let weights = Constants::new(self.ledger.dim(), self.lambda()).weights;
            mean_of_best(&weights, codes, &ranking, &mut self.mean);
        } else {
            self.update(&ranking);
        }
        self.ledger.note_tell(codes, scores, ranking.order()[0]);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        &self.mean
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("sigma", self.sigma), ("path", norm(&self.path))]
    }
}
