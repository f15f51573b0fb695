//! SphereCMA: an evolution strategy on a sphere of codes with a fixed schedule of angular steps.
//!
//! # References
//! * Wang and Ponce, "High-performance Evolutionary Algorithms for Online Neuron Control", GECCO 2022,
//!   algorithm 1.

mod geometry;
mod options;

use nalgebra::DMatrix;
use rand::Rng;

use self::geometry::{exponential_map, slerp};
use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::real;
use crate::linalg::{has_direction, norm, scale_to_norm, weighted_sum};
use crate::methods::recombination::log_rank_weights;
use crate::ranking::without_infinities;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, Optimizer, Population, Ranking, TellError};
pub use options::{AngleSchedule, SphereCmaConfig};
pub(crate) use options::{EXP, INV, LIN};

/// Evolution strategy on the sphere |z| = R.
///
/// ```text
/// ask    generation 0:  code_i = R u_i / |u_i|,  u_i ~ N(0, I)                    lambda codes
///        k >= 1:        mu_k = angle of the schedule / sqrt(N)                     lambda + 1 codes
///                       v_i = mu_k (u_i - (u_i . xnew) xnew / |xnew|^2)
///                       code_0 = xnew
///                       code_i = R (cos|v_i| xnew / |xnew| + sin|v_i| v_i / |v_i|)
/// tell   generation 0:  xnew = R normalised(sum_i w_i code_(i:lambda))
///        k >= 1:        xcur = code_0,  wm = R normalised(sum_i w_i code_(i:lambda))   (code_0 apart)
///                       xnew = slerp(xcur, wm, lr),  overshooting for lr > 1
/// ```
///
/// `w_i = ln(h + 1/2) - ln i`, i = 1..floor(h), divided by their sum. In generation 0, h is half the
/// number of its codes as a real number (9 codes: 4.5), whatever `select_size` is; from then on h is
/// `select_size`. The angle of a sample is `|v_i|`, whose root mean square is the schedule's angle times
/// `sqrt((N - 1) / N)`.
///
/// Quirk of the reference that is kept: the base point is evaluated in every generation but the first
/// without being ranked, so 75 generations are 3074 evaluations.
/// Guards where the reference gives NaN: a mean that is parallel or opposite to the base point is
/// itself the next base point; a weighted mean of length zero leaves the base point where it is; a
/// sample without a tangent (N = 1) is the base point. In raw-score weights NaN counts as no weight
/// and infinities as the extreme finite scores.
///
/// [`start_from`](Optimizer::start_from): the codes, scaled to the sphere, are the first generation.
/// [`recommend`](Optimizer::recommend) gives xnew.
///
/// # Source
/// `ZOHA_Sphere_lr_euclid` of ActMax-Optimizer-Dev (Wang and Ponce 2022).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SphereCma {
    config: SphereCmaConfig,
    ledger: Ledger,
    /// Angles in radians over sqrt(N).
    mulist: Vec<f64>,
    first: GivenCodes,
    xcur: Vec<f64>,
    xnew: Vec<f64>,
}

impl SphereCma {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: SphereCmaConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let degrees = config.degrees();
        Ok(Self {
            ledger: Ledger::new(dim)?,
            mulist: degrees.iter().map(|a| a / 180.0 * std::f64::consts::PI / real(dim).sqrt()).collect(),
            first: GivenCodes::default(),
            xcur: vec![0.0; dim],
            xnew: vec![0.0; dim],
            config,
        })
    }

    /// [`ask`](Optimizer::ask) with given normals, `N x lambda`: `u_i` of the pseudocode, one a column.
    ///
    /// # Panics
    /// If `normals` does not have N rows, or lambda columns where they are needed.
    pub fn ask_with(&mut self, normals: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(normals.shape(), (self.ledger.dim(), self.config.population_size), "normals must be N x lambda");
        self.propose(out, |i, u| u.copy_from_slice(normals.column(i).as_slice()));
    }

    /// Angles of the schedule in radians over sqrt(N), one a generation from the second on.
    #[must_use]
    pub fn mulist(&self) -> &[f64] {
        &self.mulist
    }

    /// Code 0 of the generation told last, its base point from the second generation on; length N.
    #[must_use]
    pub fn xcur(&self) -> &[f64] {
        &self.xcur
    }

    /// Base point of the next generation, length N.
    #[must_use]
    pub fn xnew(&self) -> &[f64] {
        &self.xnew
    }

    /// Angular step of the next generation in radians over sqrt(N); `None` for the first generation,
    /// whose codes are spread over the whole sphere.
    #[must_use]
    pub fn mu(&self) -> Option<f64> {
        let step = usize::try_from(self.ledger.generation().checked_sub(1)?).unwrap_or(usize::MAX);
        Some(self.mulist[step.min(self.mulist.len() - 1)])
    }

    /// Writes the generation; `draw` fills the normals of sample i, which become the sample while they
    /// are still in the cache.
    fn propose(&mut self, out: &mut Population, draw: impl FnMut(usize, &mut [f64])) {
        if self.first.hand_out(&mut self.ledger, out) {
            return;
        }
        match self.mu() {
            Some(mu) => self.sample_around_base(mu, out, draw),
            None => self.sample_whole_sphere(out, draw),
        }
        self.ledger.note_ask(out.len());
    }

    fn sample_whole_sphere(&self, out: &mut Population, mut draw: impl FnMut(usize, &mut [f64])) {
        out.reshape(self.ledger.dim(), self.config.population_size);
        for i in 0..out.len() {
            let code = out.code_mut(i);
            draw(i, code);
            if !scale_to_norm(code, self.config.sphere_norm) {
                code[0] = self.config.sphere_norm;
            }
        }
    }

    fn sample_around_base(&self, mu: f64, out: &mut Population, mut draw: impl FnMut(usize, &mut [f64])) {
        out.reshape(self.ledger.dim(), self.config.population_size + 1);
        let (radius, base_norm) = (self.config.sphere_norm, norm(&self.xnew));
        out.code_mut(0).copy_from_slice(&self.xnew);
        scale_to_norm(out.code_mut(0), radius);
        for i in 1..out.len() {
            let code = out.code_mut(i);
            draw(i - 1, code);
            exponential_map(&self.xnew, base_norm, mu, code);
            scale_to_norm(code, radius);
        }
    }

    fn update_first(&mut self, codes: &Population, scores: &[f64], ranking: &Ranking) {
        self.xcur.copy_from_slice(codes.code(0));
        let weights = self.weights(real(codes.len()) / 2.0, scores, ranking);
        weighted_sum(&weights, codes, ranking.order(), &mut self.xnew);
        if !scale_to_norm(&mut self.xnew, self.config.sphere_norm) {
            self.xnew.copy_from_slice(codes.code(ranking.order()[0]));
            scale_to_norm(&mut self.xnew, self.config.sphere_norm);
        }
    }

    fn update(&mut self, codes: &Population, scores: &[f64], ranking: &Ranking) {
        let mut ranked = ranking.order().to_vec();
        if self.config.rankweight && !self.config.rankbasis {
            ranked.retain(|&i| i != 0);
        }
        self.xcur.copy_from_slice(codes.code(0));
        let mut mean = vec![0.0; self.ledger.dim()];
        let weights = self.weights(real(self.config.parents()), scores, ranking);
        weighted_sum(&weights, codes, &ranked, &mut mean);
        if scale_to_norm(&mut mean, self.config.sphere_norm) {
            slerp(&self.xcur, &mean, self.config.lr, &mut self.xnew);
        } else {
            self.xnew.copy_from_slice(&self.xcur);
        }
    }

    /// Where the codes told have no direction (zeros, or too long for a norm): the base point as it was,
    /// in the first generation the pole.
    fn fall_back(&mut self, base: Vec<f64>) {
        self.xnew = base;
        if !has_direction(&self.xnew) {
            self.xnew.fill(0.0);
            self.xnew[0] = self.config.sphere_norm;
        }
    }

    /// Weights in the order of the ranking, `parents` of them where they come from ranks.
    fn weights(&self, parents: f64, scores: &[f64], ranking: &Ranking) -> Vec<f64> {
        if self.config.rankweight {
            return log_rank_weights(parents);
        }
        let clamped = finite_scores(scores);
        ranking.order().iter().map(|&i| (clamped[i] - clamped[0]) / real(self.config.population_size)).collect()
    }
}

/// Scores with infinities replaced by the extreme finite scores and NaN by that of code 0, whose
/// weight is zero (by the middle of the scores where code 0 has none).
fn finite_scores(scores: &[f64]) -> Vec<f64> {
    let mut scores = without_infinities(scores);
    let numbers = scores.iter().copied().filter(|s| !s.is_nan());
    let (low, high) = numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), s| (l.min(s), h.max(s)));
    let neutral = if scores[0].is_nan() { f64::midpoint(low, high) } else { scores[0] };
    for score in scores.iter_mut().filter(|s| s.is_nan()) {
        *score = neutral;
    }
    scores
}

impl Optimizer for SphereCma {
    through_ledger!();

    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.ledger.check_initial(codes)?;
        let mut first = codes.clone();
        for index in 0..first.len() {
            if !scale_to_norm(first.code_mut(index), self.config.sphere_norm) {
                return Err(ConfigError::UnusableInitialCode { index, reason: "a zero code has no direction" });
            }
        }
        self.first.set(first);
        Ok(())
    }

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.propose(out, |_, u| fill_normal(&mut rng, u));
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let ranking = Ranking::best_first(scores);
        let base = self.xnew.clone();
        if self.ledger.generation() == 0 {
            self.update_first(codes, scores, &ranking);
        } else {
            self.update(codes, scores, &ranking);
        }
        if !has_direction(&self.xnew) {
            self.fall_back(base);
        }
        self.first.take();
        self.ledger.note_tell(codes, scores, ranking.order()[0]);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        &self.xnew
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        let angle = self.mu().map_or(f64::NAN, |mu| (mu * real(self.ledger.dim()).sqrt()).to_degrees());
        vec![("angle_degrees", angle)]
    }
}
