//! The polar averaging evolution strategy: one method for scores with and without noise.

mod options;
mod savage;
mod scores;

use nalgebra::DMatrix;
use rand::Rng;

pub(super) use self::scores::weights;
use self::scores::{all_tied, better_half, by_normal_scores, normal_scores};
use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::{axpy, dot, has_direction, norm, real, scale, scale_to_norm};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, Optimizer, Population, Ranking, TellError};
pub(crate) use options::INFO;
pub use options::PolarEsConfig;
pub(crate) use savage::INFO as SAVAGE;
pub use savage::{PolarEsSavage, PolarEsSavageConfig};

/// Norms of the centre stay within the exponential of this, and of its negative: 1e100 and 1e-100.
const LARGEST_LOG_RADIUS: f64 = 230.258_509_299_404_57;

/// Samples nearer to the centre than this angle, in radians, have no direction.
const SMALLEST_ANGLE: f64 = 1e-12;

/// Evolution strategy in polar coordinates: a direction, which averages all samples of the run, and a radius.
///
/// ```text
/// s_n       normal scores of n places, best first: q_i = Phi^-1((n - i + 0.625) / (n + 0.25)), over sqrt(sum q^2)
/// W(f, w)   the i-th best score gets w_i, NaN last; equal scores share the mean of the weights of their places
///
/// generation 0
/// ask    code_i = R0 u_i / |u_i|,  u_i ~ N(0, I)                             lambda = population_size codes
/// tell   h = ln(lambda/2 + 1/2) - ln i  for i <= lambda/2, else 0
///        m = normalised(sum_i W(f, h)_i u_i);  log_radius = ln R0;  theta = theta_0;  r = 0
///
/// generation k >= 1,  n = lambda - nu - 1 new samples
/// ask    u_i = normalised(v_i - (v_i . m) m),  v_i ~ N(0, I);   xi_i = kappa sin(theta) N(0, 1)
///        code_i = exp(log_radius + xi_i) (cos(theta) m + sin(theta) u_i)
///        codes 1..n, codes 1..nu again, exp(log_radius) m                    lambda codes
/// tell   z = W(all n + nu scores of samples, sqrt(n + nu) s_(n + nu))
///        d = 1 - mean_(j <= nu) (z_j - z_(n + j))^2 / 2;   r += max(c_r, 1/k) (d - r)
///        f_j = (f_j + f_(n + j)) / 2  for j <= nu
///        w = W(f_1..f_n, s_n);   g = sum_i w_i u_i
///        log_radius += sum_i w_i xi_i
///        beta = min(atan(b k^-p |g|), step_limit theta);   m = normalised(cos(beta) m + sin(beta) g / |g|)
///        e = clip((r - r_0) / (1 - r_0), phi, 1)
///        theta = max(theta_T, theta exp(-e ln(theta_0 / theta_T) / (n_gen - 2)))
///        theta = theta ((k + 5) / (k + 6))^(e ln(theta_0 / theta_T) / ln(80 / 6))     if n_gen = 0
/// ```
///
/// Every sample informs, the worse half with negative weights. Far fewer evaluations than dimensions make
/// every g an independent estimate of the same worth, hence steps that fall with the generation and do not depend on
/// the angle. In small spaces `step_limit` binds them to it. The angle falls while two scores of one sample agree (r, the test-retest reliability: 1 without noise,
/// about 0 if the ranking is luck): a wide angle carries the signal over noise, a narrow one spares the curvature.
/// The norm of the centre is learnt by selection. The centre is evaluated in each generation but the first, for the
/// record alone: its score changes nothing. A run is `lambda n_gen` evaluations. With `n_gen = 0` its length is open, and
/// the angle falls with a power of the generation.
///
/// Invariant to rotations around 0, and to increasing maps of the scores but for the mean of two scores of one
/// sample. `rank_invariant` takes the means of z in the place of f there, and makes it exact. Not invariant to
/// translations: 0 is no contrast.
///
/// `u_i` and `xi_i` are those of the codes told, so codes that the caller changed count as what they are. A code
/// without a direction (zero, or along m) has u = 0, one without a norm xi = 0.
/// Guards: if all scores tie, m, `log_radius` and theta stay, and if g = 0, m stays. Pairs with a missing score do not
/// enter d; a sample with one of its two scores has that one. A generation 0 whose weighted sum is
/// zero is followed by the direction of its best code, or else the first axis. The norm of the centre stays within
/// 1e-100 and 1e100.
///
/// [`start_from`](Optimizer::start_from): the codes are generation 0, at their own norms. `log_radius` is the mean of
/// the logarithms of the norms under the weights W(f, h), so that the search goes on where the better codes are.
/// [`recommend`](Optimizer::recommend) gives `exp(log_radius) m`.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PolarEs {
    config: PolarEsConfig,
    ledger: Ledger,
    first: GivenCodes,
    /// Direction of the centre, a unit vector; zeros before the first `tell`.
    m: Vec<f64>,
    log_radius: f64,
    /// In radians.
    theta: f64,
    r: f64,
    /// Step of the centre in the generation told last, in radians.
    beta: f64,
    /// `exp(log_radius) m`.
    center: Vec<f64>,
}

impl PolarEs {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: PolarEsConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            ledger: Ledger::new(dim)?,
            first: GivenCodes::default(),
            m: vec![0.0; dim],
            log_radius: config.start_radius.ln(),
            theta: config.theta_0.to_radians(),
            r: 0.0,
            beta: 0.0,
            center: vec![0.0; dim],
            config,
        })
    }

    /// [`ask`](Optimizer::ask) with given normals, drawn in this order: `v`, one a column (in generation 0 `u`, N x
    /// lambda; then N x n), and `xi`, n of them before their scaling (in generation 0 none is read).
    ///
    /// # Panics
    /// If the normals are not of these shapes.
    pub fn ask_with(&mut self, v: &DMatrix<f64>, xi: &[f64], out: &mut Population) {
        let columns = if self.ledger.generation() == 0 { self.config.population_size } else { self.directions() };
        assert_eq!(v.shape(), (self.ledger.dim(), columns), "v must be N x lambda, then N x n");
        self.propose(out, |i, normals| match i {
            Some(i) => normals.copy_from_slice(v.column(i).as_slice()),
            None => normals.copy_from_slice(xi),
        });
    }

    /// Number n of new samples in each generation but the first.
    #[must_use]
    pub fn directions(&self) -> usize {
        self.config.directions()
    }

    /// Direction of the centre, a unit vector of length N; zeros before the first `tell`.
    #[must_use]
    pub fn m(&self) -> &[f64] {
        &self.m
    }

    /// Logarithm of the norm of the centre.
    #[must_use]
    pub fn log_radius(&self) -> f64 {
        self.log_radius
    }

    /// Angle between the centre and its samples in the next generation, in radians.
    #[must_use]
    pub fn theta(&self) -> f64 {
        self.theta
    }

    /// Test-retest reliability of the scores, at most 1.
    #[must_use]
    pub fn r(&self) -> f64 {
        self.r
    }

    /// Writes the generation; `draw` fills the normals of sample i, and those of all `xi` where there is no i.
    fn propose(&mut self, out: &mut Population, draw: impl FnMut(Option<usize>, &mut [f64])) {
        if self.first.hand_out(&mut self.ledger, out) {
            return;
        }
        out.reshape(self.ledger.dim(), self.config.population_size);
        if self.ledger.generation() == 0 {
            self.sample_whole_sphere(out, draw);
        } else {
            self.sample_around_center(out, draw);
        }
        self.ledger.note_ask(out.len());
    }

    fn sample_whole_sphere(&self, out: &mut Population, mut draw: impl FnMut(Option<usize>, &mut [f64])) {
        for i in 0..out.len() {
            let code = out.code_mut(i);
            draw(Some(i), code);
            if !scale_to_norm(code, self.config.start_radius) {
                code[0] = self.config.start_radius;
            }
        }
    }

    fn sample_around_center(&self, out: &mut Population, mut draw: impl FnMut(Option<usize>, &mut [f64])) {
        let n = self.directions();
        (0..n).for_each(|i| draw(Some(i), out.code_mut(i)));
        let mut xi = vec![0.0; n];
        draw(None, &mut xi);
        let (sin, cos) = self.theta.sin_cos();
        for (i, xi) in xi.iter().enumerate() {
            let radius = (self.log_radius + self.config.kappa * sin * xi).exp();
            let code = out.code_mut(i);
            axpy(-dot(code, &self.m), &self.m, code);
            if scale_to_norm(code, radius * sin) {
                axpy(radius * cos, &self.m, code);
            } else {
                code.copy_from_slice(&self.m);
                scale(radius, code);
            }
        }
        for j in 0..self.config.nu {
            let again = out.code(j).to_vec();
            out.code_mut(n + j).copy_from_slice(&again);
        }
        out.code_mut(n + self.config.nu).copy_from_slice(&self.center);
    }

    fn update_first(&mut self, codes: &Population, scores: &[f64], best: usize) {
        let h = weights(scores, &better_half(codes.len()));
        let (mut sum, mut log_norms) = (vec![0.0; self.ledger.dim()], 0.0);
        for (&weight, code) in h.iter().zip(codes.iter()).filter(|(_, code)| has_direction(code)) {
            axpy(weight / norm(code), code, &mut sum);
            log_norms += weight * (norm(code).ln() - self.log_radius);
        }
        if !scale_to_norm(&mut sum, 1.0) {
            sum.copy_from_slice(codes.code(best));
            if !scale_to_norm(&mut sum, 1.0) {
                sum.fill(0.0);
                sum[0] = 1.0;
            }
        }
        self.m = sum;
        self.move_radius(log_norms / h.iter().sum::<f64>());
    }

    /// [`tell`](Optimizer::tell) with samples weighted by `weigh` from generation 1 on: sum 0, sum of squares at most 1.
    fn tell_weighed(
        &mut self,
        codes: &Population,
        scores: &[f64],
        weigh: fn(&[f64]) -> Vec<f64>,
    ) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let best = Ranking::best_first(scores).order()[0];
        if self.ledger.generation() == 0 {
            self.update_first(codes, scores, best);
        } else {
            self.update(codes, scores, weigh);
        }
        self.center.copy_from_slice(&self.m);
        scale(self.log_radius.exp(), &mut self.center);
        self.first.take();
        self.ledger.note_tell(codes, scores, best);
        Ok(())
    }

    fn update(&mut self, codes: &Population, scores: &[f64], weigh: fn(&[f64]) -> Vec<f64>) {
        let (n, nu, k) = (self.directions(), self.config.nu, self.generation_number());
        let scores = &scores[..n + nu];
        let mut z_by_place = normal_scores(n + nu);
        scale(real(n + nu).sqrt(), &mut z_by_place);
        let z = weights(scores, &z_by_place);
        self.learn_reliability(scores, &z, k);
        let f = joined(if self.config.rank_invariant { &z } else { scores }, scores, n);
        if all_tied(&f) {
            self.beta = 0.0;
            return;
        }
        let (g, log_norms) = self.sum_of_samples(codes, &weigh(&f));
        let longest = self.config.longest_step(self.ledger.dim()) * self.theta;
        self.turn((self.config.b * k.powf(-self.config.p) * norm(&g)).atan().min(longest), g);
        self.move_radius(log_norms);
        let e = ((self.r - self.config.r_0) / (1.0 - self.config.r_0)).clamp(self.config.phi, 1.0);
        self.theta = (self.theta * (-e * self.config.rate(k)).exp()).max(self.config.least_angle());
    }

    /// k of the pseudocode.
    #[expect(clippy::cast_precision_loss, reason = "generations are far below 2^53")]
    fn generation_number(&self) -> f64 {
        self.ledger.generation() as f64
    }

    fn learn_reliability(&mut self, scores: &[f64], z: &[f64], k: f64) {
        let n = self.directions();
        let pairs = (0..self.config.nu).filter(|&j| !scores[j].is_nan() && !scores[n + j].is_nan());
        let (count, squares) = pairs.fold((0, 0.0), |(count, sum), j| (count + 1, sum + (z[j] - z[n + j]).powi(2)));
        if count > 0 {
            let d = 1.0 - squares / (2.0 * real(count));
            self.r += self.config.c_r.max(1.0 / k) * (d - self.r);
        }
    }

    /// `sum_i w_i u_i` and `sum_i w_i xi_i` of the samples told.
    fn sum_of_samples(&self, codes: &Population, w: &[f64]) -> (Vec<f64>, f64) {
        let (mut g, mut log_norms) = (vec![0.0; self.ledger.dim()], 0.0);
        let mut tangent = vec![0.0; self.ledger.dim()];
        for (&w, code) in w.iter().zip(codes.iter()).filter(|(_, code)| has_direction(code)) {
            let length = norm(code);
            log_norms += w * (length.ln() - self.log_radius);
            tangent.copy_from_slice(code);
            axpy(-dot(code, &self.m), &self.m, &mut tangent);
            if norm(&tangent) > SMALLEST_ANGLE * length && scale_to_norm(&mut tangent, 1.0) {
                axpy(w, &tangent, &mut g);
            }
        }
        (g, log_norms)
    }

    /// Turns m by the angle `beta` towards `g`, a tangent.
    fn turn(&mut self, beta: f64, mut g: Vec<f64>) {
        self.beta = beta;
        if scale_to_norm(&mut g, beta.sin()) {
            scale(beta.cos(), &mut self.m);
            axpy(1.0, &g, &mut self.m);
            scale_to_norm(&mut self.m, 1.0);
        }
    }

    fn move_radius(&mut self, difference: f64) {
        self.log_radius = (self.log_radius + difference).clamp(-LARGEST_LOG_RADIUS, LARGEST_LOG_RADIUS);
    }
}

/// `values` of the n samples, each that was scored twice with the mean of its two; a missing score has no part in it.
fn joined(values: &[f64], scores: &[f64], n: usize) -> Vec<f64> {
    let mut f = values[..n].to_vec();
    for (j, &again) in values[n..].iter().enumerate() {
        f[j] = match (scores[j].is_nan(), scores[n + j].is_nan()) {
            (false, false) => f64::midpoint(f[j], again),
            (true, false) => again,
            _ => f[j],
        };
    }
    f
}

impl Optimizer for PolarEs {
    through_ledger!();

    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.ledger.check_initial(codes)?;
        if let Some(index) = codes.iter().position(|code| !has_direction(code)) {
            return Err(ConfigError::UnusableInitialCode { index, reason: "a zero code has no direction" });
        }
        self.first.set(codes.clone());
        Ok(())
    }

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.propose(out, |_, normals| fill_normal(&mut rng, normals));
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.tell_weighed(codes, scores, by_normal_scores)
    }

    fn recommend(&self) -> &[f64] {
        &self.center
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![
            ("angle_degrees", self.theta.to_degrees()),
            ("step_degrees", self.beta.to_degrees()),
            ("reliability", self.r),
            ("radius", self.log_radius.exp()),
        ]
    }
}
