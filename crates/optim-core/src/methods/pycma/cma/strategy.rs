//! The CMA-ES with a full covariance matrix: sampling and update, without the ask/tell contract.

use nalgebra::DMatrix;

use super::covariance::{Covariance, Form};
use crate::linalg::real;
use crate::linalg::{axpy, norm, scale};
use crate::methods::pycma::constants::Constants;
use crate::methods::pycma::samples::Batches;
use crate::methods::pycma::start::RANGE;
use crate::methods::pycma::update::{clip, hsig, nan_to_median, recombine, weight_of_rank};
use crate::{Population, Ranking};

/// State of the distribution `N(mean, sigma^2 C)` and its paths; [`super::Cma`] says what it does.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Strategy {
    constants: Constants,
    /// Updates that must have passed before C is decomposed again.
    lazy_update_gap: f64,
    mean: Vec<f64>,
    sigma: f64,
    pc: Vec<f64>,
    ps: Vec<f64>,
    covariance: Covariance,
    /// Number of updates.
    countiter: u64,
    /// Its value at the last decomposition.
    last_update: u64,
    lambda: usize,
    batches: Batches,
}

impl Strategy {
    /// `gap`: updates between two decompositions; `None`: the reference's `0.1 / ((c1 + cmu) N)`.
    pub(crate) fn new(mean: Vec<f64>, sigma: f64, lambda: usize, gap: Option<f64>, form: Form) -> Self {
        let dim = mean.len();
        let constants = Constants::full(dim, lambda);
        let default_gap = 1.0 / (constants.c1 + constants.cmu + 1e-23) / real(dim) / 10.0;
        Self {
            lazy_update_gap: gap.unwrap_or(default_gap),
            sigma,
            pc: vec![0.0; dim],
            ps: vec![0.0; dim],
            covariance: Covariance::new(dim, lambda, form),
            countiter: 0,
            last_update: 0,
            lambda,
            batches: Batches::new(),
            mean,
            constants,
        }
    }

    /// An upper estimate of the numbers of 8 bytes that a strategy holds at once.
    pub(crate) fn numbers_held(dim: f64, lambda: f64, generations: f64, gap: Option<f64>) -> f64 {
        let gap = gap.unwrap_or(dim / (10.0 + lambda));
        9.0 * dim * (lambda + 1.0) + Covariance::numbers_held(dim, lambda + 1.0, generations, gap)
    }

    /// Samples a batch of lambda codes into `out`; `draw` fills the `N x lambda` normals, code by code.
    pub(crate) fn sample(&mut self, draw: impl FnOnce(&mut [f64]), out: &mut Population) {
        self.decompose_if_due();
        let dim = self.mean.len();
        let batch = self.batches.begin(dim);
        if batch.z.ncols() != self.lambda {
            batch.z = DMatrix::zeros(dim, self.lambda);
        }
        draw(batch.z.as_mut_slice());
        let steps = self.covariance.root(&batch.z);
        out.reshape(dim, self.lambda);
        for (code, step) in out.as_mut_slice().chunks_exact_mut(dim).zip(steps.as_slice().chunks_exact(dim)) {
            for ((x, y), mean) in code.iter_mut().zip(step).zip(&self.mean) {
                *x = mean + self.sigma * y;
            }
        }
        batch.codes.clone_from(out);
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
    fn decompose_if_due(&mut self) {
        let since = (self.countiter - self.last_update) as f64;
        if since > 0.0 && since >= self.lazy_update_gap {
            self.covariance.decompose();
            self.last_update = self.countiter;
        }
    }

    /// What was sampled, and not told yet.
    pub(crate) fn batches(&mut self) -> &mut Batches {
        &mut self.batches
    }

    /// Updates the distribution with lambda or more solutions, not all of which need be samples.
    pub(crate) fn update(&mut self, told: &Population, scores: &[f64]) {
        let scores = nan_to_median(scores);
        let ranking = Ranking::best_first(&scores);
        let (mut steps, z) = self.steps(told);
        let hsig = self.move_mean(&steps, &z, &ranking);
        self.adapt_covariance(&mut steps, &z, &ranking, hsig);
        self.adapt_sigma();
        self.batches.close();
    }

    /// The solutions as steps `y = (x - mean)/sigma` (with room for one column more) and as
    /// `z = C^(-1/2) y`; foreign ones shortened.
    fn steps(&self, told: &Population) -> (DMatrix<f64>, DMatrix<f64>) {
        let (dim, count) = (self.mean.len(), told.len());
        let mut steps = DMatrix::zeros(dim, count + 1);
        let mut z = DMatrix::zeros(dim, count);
        let mut foreign = Vec::new();
        for (i, origin) in self.batches.origins(told).into_iter().enumerate() {
            for ((y, x), mean) in steps.column_mut(i).iter_mut().zip(told.code(i)).zip(&self.mean) {
                *y = (x - mean) / self.sigma;
            }
            match origin {
                Some(origin) => z.set_column(i, &self.batches.batch(origin).z.column(origin.1)),
                None => foreign.push(i),
            }
        }
        if !foreign.is_empty() {
            let standard = self.covariance.inverse_root(&steps.select_columns(&foreign));
            for (j, &i) in foreign.iter().enumerate() {
                z.set_column(i, &standard.column(j));
                let (step, z) = (steps.column_mut(i), z.column_mut(i));
                clip(self.constants.longest, { step }.as_mut_slice(), { z }.as_mut_slice());
            }
        }
        (steps, z)
    }

    /// Moves the mean and both paths; whether the path of C follows (hsig).
    fn move_mean(&mut self, steps: &DMatrix<f64>, z: &DMatrix<f64>, ranking: &Ranking) -> bool {
        let Constants { weights, mu, mueff, cc, cs, .. } = &self.constants;
        let n = self.mean.len();
        let (mut shift, mut standard_shift) = (vec![0.0; n], vec![0.0; n]);
        recombine(weights, *mu, steps, ranking, &mut shift);
        recombine(weights, *mu, z, ranking, &mut standard_shift);
        axpy(self.sigma, &shift, &mut self.mean);

        self.countiter += 1;
        scale(1.0 - cs, &mut self.ps);
        axpy((cs * (2.0 - cs) * mueff).sqrt(), &standard_shift, &mut self.ps);
        let hsig = hsig(&self.ps, *cs, self.countiter);
        scale(1.0 - cc, &mut self.pc);
        if hsig {
            axpy((cc * (2.0 - cc) * mueff).sqrt(), &shift, &mut self.pc);
        }
        hsig
    }

    fn adapt_covariance(&mut self, steps: &mut DMatrix<f64>, z: &DMatrix<f64>, ranking: &Ranking, hsig: bool) {
        let Constants { weights, mu, cc, c1, cmu, .. } = &self.constants;
        let count = z.ncols();
        let c1a = if hsig { *c1 } else { c1 * (1.0 - cc * (2.0 - cc)) };
        let mut column_weights = vec![c1a; count + 1];
        for (rank, &i) in ranking.order().iter().enumerate() {
            column_weights[i] = cmu * weight_of_rank(weights, *mu, count, rank);
        }
        let decay = 1.0 - column_weights.iter().sum::<f64>();
        for (i, weight) in column_weights[..count].iter_mut().enumerate().filter(|(_, w)| **w < 0.0) {
            *weight *= real(self.mean.len()) / (norm(z.column(i).as_slice()) + 1e-9).powi(2);
        }
        let mut path = steps.column_mut(count);
        path.as_mut_slice().copy_from_slice(&self.pc);
        path *= (c1 / (c1a + 1e-23)).sqrt();
        self.covariance.update(decay, &column_weights, steps);
        self.keep_in_range();
    }

    fn keep_in_range(&mut self) {
        let variance = self.covariance.mean_variance();
        if !RANGE.contains(&variance) && variance > 0.0 {
            let factor = variance.clamp(*RANGE.start(), *RANGE.end()) / variance;
            self.covariance.rescale(factor);
            scale(factor.sqrt(), &mut self.pc);
        }
    }

    fn adapt_sigma(&mut self) {
        let Constants { cs, damps, chi_n, .. } = &self.constants;
        let change = ((cs / damps) * (norm(&self.ps) / chi_n - 1.0)).clamp(-1.0, 1.0);
        self.widen(change.exp());
    }

    /// Multiplies the step size.
    pub(crate) fn widen(&mut self, factor: f64) {
        self.sigma = (self.sigma * factor).clamp(*RANGE.start(), *RANGE.end());
    }

    pub(crate) fn constants(&self) -> &Constants {
        &self.constants
    }

    pub(crate) fn lazy_update_gap(&self) -> f64 {
        self.lazy_update_gap
    }

    pub(crate) fn lambda(&self) -> usize {
        self.lambda
    }

    pub(crate) fn mean(&self) -> &[f64] {
        &self.mean
    }

    pub(crate) fn mean_mut(&mut self) -> &mut [f64] {
        &mut self.mean
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

    pub(crate) fn countiter(&self) -> u64 {
        self.countiter
    }

    pub(crate) fn covariance(&self) -> &Covariance {
        &self.covariance
    }

    pub(crate) fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        let spectrum = self.covariance.spectrum();
        vec![
            ("sigma", self.sigma),
            ("norm_ps", norm(&self.ps)),
            ("norm_pc", norm(&self.pc)),
            ("condition_number", spectrum.condition_number()),
            ("deviation_from_identity", spectrum.deviation_from_identity),
            ("largest_eigenvalue", spectrum.largest),
            ("smallest_eigenvalue", spectrum.smallest),
        ]
    }
}
