//! The CMA-ES with a diagonal covariance matrix: sampling and update, without the ask/tell contract.

use nalgebra::DMatrix;

use super::tpa::TwoPoint;
use crate::linalg::{axpy, norm, scale};
use crate::methods::pycma::constants::Constants;
use crate::methods::pycma::samples::{Batches, Origin};
use crate::methods::pycma::start::RANGE;
use crate::methods::pycma::update::{clip, hsig, nan_to_median, recombine, weight_of_rank};
use crate::{Population, Ranking};

/// From this dimension on the step size is adapted by two points.
const TWO_POINT_FROM: usize = 300;

/// State of the distribution `N(mean, sigma^2 diag(s)^2)`; [`DiagonalCma`] says what it does.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct DiagonalStrategy {
    constants: Constants,
    lambda: usize,
    mean: Vec<f64>,
    sigma: f64,
    pc: Vec<f64>,
    ps: Vec<f64>,
    sigma_vec: Vec<f64>,
    countiter: u64,
    two_point: Option<TwoPoint>,
    batches: Batches,
}

impl DiagonalStrategy {
    pub(crate) fn new(mean: Vec<f64>, sigma: f64, lambda: usize) -> Self {
        let dim = mean.len();
        Self {
            constants: Constants::diagonal(dim, lambda),
            lambda,
            sigma,
            pc: vec![0.0; dim],
            ps: vec![0.0; dim],
            sigma_vec: vec![1.0; dim],
            countiter: 0,
            two_point: (dim >= TWO_POINT_FROM && lambda > 1).then(|| TwoPoint::new(dim)),
            batches: Batches::new(),
            mean,
        }
    }

    /// An upper estimate of the numbers of 8 bytes that a strategy holds at once.
    pub(crate) fn numbers_held(dim: f64, lambda: f64) -> f64 {
        dim * (2.0 * lambda + 12.0)
    }

    /// Samples a batch of lambda codes into `out`; `draw` fills vectors of N normals: those of the
    /// probes' lengths, then one a code.
    pub(crate) fn sample(&mut self, mut draw: impl FnMut(&mut [f64]), out: &mut Population) {
        out.reshape(self.mean.len(), self.lambda);
        let probes = self
            .two_point
            .as_ref()
            .and_then(|two_point| two_point.probes(self.sigma, &self.sigma_vec, self.countiter, &mut draw));
        let batch = self.batches.begin(self.mean.len());
        batch.probes = probes.as_ref().map_or(0, |probes| probes.len());
        for (i, probe) in probes.iter().flatten().enumerate() {
            out.code_mut(i).copy_from_slice(probe);
        }
        for i in 0..self.lambda {
            let code = out.code_mut(i);
            if i >= batch.probes {
                draw(code);
                code.iter_mut().zip(&self.sigma_vec).for_each(|(x, s)| *x *= s);
            }
            for (x, mean) in code.iter_mut().zip(&self.mean) {
                *x = mean + self.sigma * *x;
            }
        }
        batch.codes.clone_from(out);
    }

    /// Updates the distribution with lambda solutions, not all of which need be samples.
    pub(crate) fn update(&mut self, told: &Population, scores: &[f64]) {
        let scores = nan_to_median(scores);
        let ranking = Ranking::best_first(&scores);
        let origins = self.batches.origins(told);
        let z = self.standard_steps(told, &origins);

        let Constants { weights, mu, mueff, cc_sep: cc, c1_sep: c1, cs, .. } = &self.constants;
        let mut shift = vec![0.0; self.mean.len()];
        recombine(weights, *mu, &z, &ranking, &mut shift);
        self.countiter += 1;
        scale(1.0 - cs, &mut self.ps);
        axpy((cs * (2.0 - cs) * mueff).sqrt(), &shift, &mut self.ps);
        let hsig = hsig(&self.ps, *cs, self.countiter);
        scale(1.0 - cc, &mut self.pc);
        if hsig {
            axpy((cc * (2.0 - cc) * mueff).sqrt(), &shift, &mut self.pc);
        }
        let c1a = if hsig { *c1 } else { c1 * (1.0 - cc * (2.0 - cc)) };
        // From here on in the units of the code.
        for ((shift, s), mean) in shift.iter_mut().zip(&self.sigma_vec).zip(&mut self.mean) {
            *shift *= self.sigma * s;
            *mean += *shift;
        }
        self.adapt_deviations(&z, &ranking, &origins, c1a);
        self.adapt_sigma(&scores, shift);
        self.batches.close();
    }

    /// `z = (x - mean)/(sigma s)` of the solutions, `N x lambda`; foreign ones shortened.
    fn standard_steps(&self, told: &Population, origins: &[Option<Origin>]) -> DMatrix<f64> {
        let mut z = DMatrix::zeros(self.mean.len(), told.len());
        for (i, origin) in origins.iter().enumerate() {
            let mut column = z.column_mut(i);
            for (((z, x), mean), s) in column.iter_mut().zip(told.code(i)).zip(&self.mean).zip(&self.sigma_vec) {
                *z = (x - mean) / (self.sigma * s);
            }
            if origin.is_none() {
                clip(self.constants.longest, &mut [], column.as_mut_slice());
            }
        }
        z
    }

    /// Multiplies every deviation by a factor that estimates its coordinate's variance under the weights.
    fn adapt_deviations(&mut self, z: &DMatrix<f64>, ranking: &Ranking, origins: &[Option<Origin>], c1a: f64) {
        let Constants { weights, mu, cmu_sep, .. } = &self.constants;
        let n = self.mean.len();
        let (mut averages, mut positives) = (vec![0.0; n], vec![0.0; n]);
        let (mut sum, mut eta) = (0.0, 0.0);
        let path = std::iter::once((0.5 * c1a, self.pc.as_slice()));
        let solutions = ranking.order().iter().enumerate().map(|(rank, &i)| {
            let is_probe = origins[i].is_some_and(|origin| origin.1 < self.batches.batch(origin).probes);
            (
                if is_probe { 0.0 } else { 0.5 * cmu_sep * weight_of_rank(weights, *mu, z.ncols(), rank) },
                z.column(i).data.into_slice(),
            )
        });
        for (weight, u) in path.chain(solutions).filter(|(weight, _)| *weight != 0.0) {
            sum += weight;
            eta += weight.max(0.0);
            let target = if weight > 0.0 { &mut positives } else { &mut averages };
            target.iter_mut().zip(u).for_each(|(q, u)| *q += weight * u * u);
        }
        averages.iter_mut().zip(&positives).for_each(|(q, positive)| *q += positive);
        let power = eta_max(&positives, eta).map_or(1.0, |largest| (largest / eta).min(1.0));
        for (s, q) in self.sigma_vec.iter_mut().zip(&averages) {
            let factor = (power * std::f64::consts::LN_2 * (q - sum)).exp();
            *s = (*s * factor).clamp(*RANGE.start(), *RANGE.end());
        }
    }

    fn adapt_sigma(&mut self, scores: &[f64], shift: Vec<f64>) {
        let Constants { cs, damps, chi_n, .. } = &self.constants;
        let factor = match &mut self.two_point {
            Some(two_point) => two_point.adapt(scores, shift),
            None => ((cs / damps) * (norm(&self.ps) / chi_n - 1.0)).clamp(-1.0, 1.0).exp(),
        };
        self.sigma = (self.sigma * factor).clamp(*RANGE.start(), *RANGE.end());
    }

    pub(crate) fn constants(&self) -> &Constants {
        &self.constants
    }

    pub(crate) fn sigma(&self) -> f64 {
        self.sigma
    }

    pub(crate) fn pc(&self) -> &[f64] {
        &self.pc
    }

    pub(crate) fn ps(&self) -> &[f64] {
        &self.ps
    }

    pub(crate) fn sigma_vec(&self) -> &[f64] {
        &self.sigma_vec
    }

    pub(crate) fn countiter(&self) -> u64 {
        self.countiter
    }

    /// What was sampled, and not told yet.
    pub(crate) fn batches(&mut self) -> &mut Batches {
        &mut self.batches
    }

    /// Smoothed rank difference of the two-point adaptation, where it is used.
    pub(crate) fn tpa_s(&self) -> Option<f64> {
        self.two_point.as_ref().map(|two_point| two_point.s)
    }

    pub(crate) fn mean(&self) -> &[f64] {
        &self.mean
    }

    pub(crate) fn mean_mut(&mut self) -> &mut [f64] {
        &mut self.mean
    }

    pub(crate) fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        // The eigenvalues of diag(s)^2.
        let eigenvalues = || self.sigma_vec.iter().map(|s| s * s);
        let (smallest, largest) = (eigenvalues().fold(f64::INFINITY, f64::min), eigenvalues().fold(0.0, f64::max));
        let squared = |offset: f64| eigenvalues().map(|x| (x - offset) * (x - offset)).sum::<f64>();
        vec![
            ("sigma", self.sigma),
            ("norm_ps", norm(&self.ps)),
            ("norm_pc", norm(&self.pc)),
            ("condition_number", largest / smallest),
            ("deviation_from_identity", squared(1.0) / squared(0.0)),
            ("largest_eigenvalue", largest),
            ("smallest_eigenvalue", smallest),
        ]
    }
}

/// `max_j ln(r_j)/(r_j - 1)` over the coordinates with `r_j = positives_j / eta > 1`.
fn eta_max(positives: &[f64], eta: f64) -> Option<f64> {
    // ln(r)/(r - 1) falls with r: its largest value is at the smallest r above 1.
    let ratios = positives.iter().map(|q| q / eta).filter(|r| *r > 1.0);
    ratios.min_by(f64::total_cmp).map(|r| (r - 1.0).ln_1p() / (r - 1.0))
}
