//! CR-FM-NES: a natural evolution strategy for many dimensions.

mod covariance;
mod options;

use nalgebra::DMatrix;
use rand::Rng;

use self::covariance::{Covariance, WeightedSteps};
use self::options::Constants;
use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::{axpy, dot, norm, real, scale};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, Optimizer, Population, Ranking, TellError};
pub use options::CrFmNesConfig;
pub(crate) use options::INFO;

/// Components of the mean, and the step size and its inverse, stay within this.
const LARGEST: f64 = 1e100;

/// Natural evolution strategy whose covariance `sigma^2 D (I + v v') D` takes O(N) numbers.
///
/// ```text
/// ask    z_i ~ N(0, I), i = 1..lambda/2;   z_(lambda/2 + i) = -z_i;   in the first generation before them v ~ N(0, I/N)
///        y_i = z_i + (sqrt(1 + |v|^2) - 1) (v . z_i) v / |v|^2;   code_i = m + sigma D y_i
/// tell   codes by rank, best first; codes without a finite score last, those of small |z| before the others
///        w_hat = max(0, ln(lambda/2 + 1) - ln i);   w_rank = w_hat / sum(w_hat) - 1/lambda
///        ps = (1 - cs) ps + sqrt(cs (2 - cs) mueff) sum_i w_rank_i z_i
///        w_dist = w_hat_i exp(alpha |z_i|), normalised, - 1/lambda
///        w, eta_sigma = w_dist, 1                                      if |ps| >= chi (expected |N(0, I)|)
///                       w_rank, eta_stag                               if |ps| >= chi / 10
///                       w_rank, eta_conv                               else
///        step = sum_i w_i (code_i - m);   pc = (1 - cc) pc + sqrt(cc (2 - cc) mueff) step / sigma;   m = m + step
///        v, D = natural gradient step: y_i with weight eta_B w_i, pc / D with weight c1
///        D = D / (det D sqrt(1 + |v|^2))^(1/N)
///        sigma = sigma exp(eta_sigma / 2 sum_i w_i (|z_i|^2 - N) / N)
/// ```
///
/// Uses the order of the scores alone. Ties: the lower index first. The steps are those that were drawn, whatever
/// codes are told. The mean starts at zero. An odd population loses one code.
///
/// Guards, where the reference gives NaN or goes on without sense: a NaN or infinitely low score counts as infeasible, as
/// infinite losses do in the reference; a step that would make a component of D not positive, v zero, or either of them
/// larger than 1e50 leaves v and D as they are; the step size stays within 1e-100 and 1e100, components of the mean within
/// 1e100. Its constraints by boxes are left out.
///
/// [`start_from`](Optimizer::start_from): the codes are a generation before the first, and the mean starts at their best.
/// [`recommend`](Optimizer::recommend) gives the mean; the reference returns the best code evaluated, which is
/// [`incumbent`](Optimizer::incumbent).
///
/// # Source
/// Nomura and Ono 2022, Fast moving natural evolution strategy for high-dimensional problems (CEC); crfmnes 1.0.0, whose
/// runs it repeats. Mean and step size at the start are the caller's there.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CrFmNes {
    config: CrFmNesConfig,
    ledger: Ledger,
    first: GivenCodes,
    m: Vec<f64>,
    sigma: f64,
    covariance: Covariance,
    pc: Vec<f64>,
    ps: Vec<f64>,
    /// Whether v was drawn for good: an update used it.
    settled: bool,
    /// Normals of the generation asked last, `N x lambda/2`.
    z: Population,
}

impl CrFmNes {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: CrFmNesConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            ledger: Ledger::new(dim)?,
            first: GivenCodes::default(),
            m: vec![0.0; dim],
            sigma: config.sigma,
            covariance: Covariance::new(dim),
            pc: vec![0.0; dim],
            ps: vec![0.0; dim],
            settled: false,
            z: Population::new(dim),
            config,
        })
    }

    /// [`ask`](Optimizer::ask) with given normals: v, which is read in the first generation only and stands for
    /// N(0, I/N), and z, `N x lambda/2`.
    ///
    /// # Panics
    /// If the normals are not of these shapes.
    pub fn ask_with(&mut self, v: &[f64], z: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(z.shape(), (self.ledger.dim(), self.config.directions()), "z must be N x lambda/2");
        self.propose(out, |of_v| of_v.copy_from_slice(v), |of_z| of_z.copy_from_slice(z.as_slice()));
    }

    /// The mean m, length N.
    #[must_use]
    pub fn mean(&self) -> &[f64] {
        &self.m
    }

    /// The step size.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// The direction v, length N; zeros before the first ask.
    #[must_use]
    pub fn v(&self) -> &[f64] {
        &self.covariance.v
    }

    /// The diagonal D, length N.
    #[must_use]
    pub fn d(&self) -> &[f64] {
        &self.covariance.d
    }

    fn propose(&mut self, out: &mut Population, draw_v: impl FnOnce(&mut [f64]), draw_z: impl FnOnce(&mut [f64])) {
        if self.first.hand_out(&mut self.ledger, out) {
            return;
        }
        if !self.settled {
            draw_v(&mut self.covariance.v);
        }
        let n = self.config.directions();
        self.z.reshape(self.ledger.dim(), n);
        draw_z(self.z.as_mut_slice());
        out.reshape(self.ledger.dim(), 2 * n);
        for i in 0..2 * n {
            let code = out.code_mut(i);
            self.write_z(i, code);
            self.covariance.stretch(code);
            for ((x, d), m) in code.iter_mut().zip(&self.covariance.d).zip(&self.m) {
                *x = m + self.sigma * *x * d;
            }
        }
        self.ledger.note_ask(out.len());
    }

    /// z of code i: the second half is the first with the other sign.
    fn write_z(&self, i: usize, z: &mut [f64]) {
        let n = self.config.directions();
        z.copy_from_slice(self.z.code(i % n));
        if i >= n {
            scale(-1.0, z);
        }
    }

    fn update(&mut self, scores: &[f64]) {
        let constants = Constants::new(self.ledger.dim(), scores.len());
        let lengths: Vec<f64> = self.z.iter().map(norm).collect();
        let length = |i: usize| lengths[i % lengths.len()];
        let order = order(scores, length);
        let usable = real(scores.iter().filter(|score| is_feasible(**score)).count());
        let mut drift = vec![0.0; self.ledger.dim()];
        let mut z = drift.clone();
        for (&i, w) in order.iter().zip(&constants.w_rank) {
            self.write_z(i, &mut z);
            axpy(*w, &z, &mut drift);
        }
        scale(1.0 - constants.cs, &mut self.ps);
        axpy((constants.cs * (2.0 - constants.cs) * constants.mueff).sqrt(), &drift, &mut self.ps);
        let path = norm(&self.ps);
        let weights = if path >= constants.chi {
            by_distance(&constants, constants.alpha_dist(usable), order.iter().map(|&i| length(i)))
        } else {
            constants.w_rank.clone()
        };
        let eta_sigma = constants.eta_sigma(path, usable);

        let mut steps = WeightedSteps::new(&self.covariance);
        let (mut step, mut growth) = (vec![0.0; self.ledger.dim()], 0.0);
        let n = real(self.ledger.dim());
        for (&i, &w) in order.iter().zip(&weights) {
            growth += w * (length(i).powi(2) - n);
            self.write_z(i, &mut z);
            self.covariance.stretch(&mut z);
            axpy(w, &z, &mut step);
            steps.add(constants.eta_b(usable) * w, &z);
        }
        // step is sum w y: times sigma D it is the move of the mean.
        step.iter_mut().zip(&self.covariance.d).for_each(|(x, d)| *x *= d);
        scale(1.0 - constants.cc, &mut self.pc);
        axpy((constants.cc * (2.0 - constants.cc) * constants.mueff).sqrt(), &step, &mut self.pc);
        axpy(self.sigma, &step, &mut self.m);
        self.m.iter_mut().for_each(|m| *m = m.clamp(-LARGEST, LARGEST));
        z.copy_from_slice(&self.pc);
        z.iter_mut().zip(&self.covariance.d).for_each(|(x, d)| *x /= d);
        steps.add(constants.c1(usable), &z);
        let moved = steps.moved();
        self.covariance.take(moved);
        self.sigma = (self.sigma * (eta_sigma / 2.0 * growth / n).exp()).clamp(1.0 / LARGEST, LARGEST);
    }
}

/// Indices of the codes: by score, best first, then those without a finite score by the length of z.
fn order(scores: &[f64], length: impl Fn(usize) -> f64) -> Vec<usize> {
    let ranking = Ranking::best_first(scores);
    let (mut feasible, mut rest): (Vec<usize>, Vec<usize>) =
        ranking.order().iter().copied().partition(|&i| is_feasible(scores[i]));
    rest.sort_unstable();
    rest.sort_by(|&a, &b| length(a).total_cmp(&length(b)));
    feasible.append(&mut rest);
    feasible
}

fn is_feasible(score: f64) -> bool {
    score > f64::NEG_INFINITY
}

/// `w_hat exp(alpha |z|)`, normalised, less 1/lambda; `lengths` in the order of the ranks.
fn by_distance(constants: &Constants, alpha: f64, lengths: impl Iterator<Item = f64> + Clone) -> Vec<f64> {
    let longest = lengths.clone().fold(0.0, f64::max);
    let weights: Vec<f64> =
        constants.w_hat.iter().zip(lengths).map(|(w, length)| w * (alpha * (length - longest)).exp()).collect();
    let (sum, count) = (weights.iter().sum::<f64>(), real(weights.len()));
    weights.iter().map(|w| w / sum - 1.0 / count).collect()
}

impl Optimizer for CrFmNes {
    through_ledger!(given);

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        let mut of_v = rng.clone();
        let dim = self.ledger.dim();
        if !self.settled {
            // The normals of z come after those of v.
            fill_normal(&mut rng, &mut vec![0.0; dim]);
        }
        self.propose(
            out,
            |v| {
                fill_normal(&mut of_v, v);
                scale(real(dim).sqrt().recip(), v);
            },
            |z| fill_normal(&mut rng, z),
        );
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let best = Ranking::best_first(scores).order()[0];
        if self.first.take() {
            self.m.copy_from_slice(codes.code(best));
        } else {
            self.update(scores);
            self.settled = true;
        }
        self.ledger.note_tell(codes, scores, best);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        &self.m
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        let v = dot(&self.covariance.v, &self.covariance.v);
        vec![("sigma", self.sigma), ("stretch", (1.0 + v).sqrt()), ("path", norm(&self.ps))]
    }
}
