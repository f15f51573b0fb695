//! Nevergrad's `PSO`.

use rand::Rng;

use super::archive::Estimate;
use super::arctan::{from_unit, to_unit};
use super::base::{Base, WORKERS, base_numbers, comparable, norm_in_box, options, through_base};
use super::bounce::{BOUNDS, Bounce};
use crate::linalg::real;
use crate::methods::sources::NEVERGRAD;
use crate::options::Options;
use crate::rng::{fill_uniform, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

options! {
    /// Options of [`NgPso`].
    NgPsoConfig of NgPso, |_| &INFO, {}
    numbers_held: |config, dim, _| dim * (3.0 * real(config.workers.max(PARTICLES)) + real(config.workers) + 3.0),
    start_norm: |config, dim| norm_in_box(config.bounds, dim)
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "ng-pso",
    aliases: &["PSO"],
    about: "nevergrad's PSO: particle swarm in arctangent coordinates",
    source: NEVERGRAD,
    options: NgPsoConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
};

/// Smallest swarm of nevergrad.
const PARTICLES: usize = 40;

/// Random numbers of the codes of one ask.
#[derive(Clone, Debug, PartialEq)]
pub struct NgPsoDraws {
    /// Uniforms on [0, 1), `N x workers`: the place of a code that [is initial](NgPso::is_initial), else `r_p`.
    pub first: Population,
    /// Uniforms, `N x workers`: the speed, on [-1, 1), of a code that is initial, else `r_g`, on [0, 1).
    pub second: Population,
}

/// Particle swarm optimization in a box, in the coordinates `y = 1/2 + atan(x) / pi`.
///
/// ```text
/// max(40, workers) particles;  w = 1 / (2 ln 2),  c = 1/2 + ln 2;  code number k belongs to particle k mod their number
/// ask     first code of a particle:  x ~ U(box),  v ~ U(-1, 1)^N
///         else  v = w v + c r_p (y_p - y) + c r_g (y_g - y),  r_p, r_g ~ U(0, 1)^N
///               x = bounce(tan(pi (clip(y + v, 0, 1) - 1/2)))
/// tell    y, v = those of the code told, whatever its score
///         if score > score of g:  y_g = y         g: best of the swarm, p: best of the particle
///         if score >= score of p: y_p = y
/// ```
///
/// Quirks of the reference that are kept: a speed of 1 is as wide as the whole space; at `y + v <= 0` or `>= 1` the
/// tangent is infinite, and the single bounce throws the coordinate to the **opposite** wall (option `bounce`: `reflect`
/// mends that); the speed is not reset there. Equal scores replace the best of a particle, not that of the swarm.
/// Deviation: NaN scores count as minus infinity; in the reference a first NaN would stay best of the swarm.
/// Arctangent and tangent are polynomial kernels within 2e-15 of the exact values.
///
/// With fewer than 40 workers the first places take several asks. [`start_from`](Optimizer::start_from): the codes,
/// inside the box, are the first generation and places of particles 0, 1, ..., whose speeds are drawn;
/// the others are drawn by the asks that follow; codes beyond the swarm move its particles on.
/// [`recommend`](Optimizer::recommend) gives the code with the best mean score.
///
/// # Source
/// `PSO` of nevergrad 0.4.2.post5 (after Zambrano-Bigiarini, Clerc and Rojas 2013, SPSO 2011).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgPso {
    pub(crate) base: Base,
    /// `y` of each particle, `N x particles`, as is what follows.
    places: Population,
    speeds: Population,
    best_places: Population,
    best_scores: Vec<f64>,
    /// `y_g` and its score.
    swarm_best: Option<(Vec<f64>, f64)>,
    /// Speeds of the codes that wait for their scores, `N x workers`.
    speeds_asked: Population,
}

impl NgPso {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgPsoConfig) -> Result<Self, ConfigError> {
        let particles = config.workers.max(PARTICLES);
        let zeros = Population::zeros(dim, particles);
        Ok(Self {
            base: Base::new(dim, config.workers, config.bounds, config.bounce)?,
            places: zeros.clone(),
            speeds: zeros.clone(),
            best_places: zeros,
            best_scores: vec![f64::NEG_INFINITY; particles],
            swarm_best: None,
            speeds_asked: Population::new(dim),
        })
    }

    /// Number of particles.
    #[must_use]
    pub fn llambda(&self) -> usize {
        self.places.len()
    }

    /// [`ask`](Optimizer::ask) with given draws.
    ///
    /// # Panics
    /// If a shape does not fit.
    pub fn ask_with(&mut self, draws: &NgPsoDraws, out: &mut Population) {
        self.ask_by(out, |i, first, second| {
            first.copy_from_slice(draws.first.code(i));
            second.copy_from_slice(draws.second.code(i));
        });
    }

    /// Whether code `i` of the coming ask is the first place of a particle.
    #[must_use]
    pub fn is_initial(&self, i: usize) -> bool {
        self.base.told() + i < self.llambda()
    }

    fn particle(&self, i: usize) -> usize {
        (self.base.told() + i) % self.llambda()
    }

    /// Asks with draws that `draw(i, first, second)` writes, see [`NgPsoDraws`].
    fn ask_by(&mut self, out: &mut Population, mut draw: impl FnMut(usize, &mut [f64], &mut [f64])) {
        self.base.prepare(out);
        self.speeds_asked.reshape(out.dim(), out.len());
        let (low, width) = (self.base.walls.low(), self.base.walls.high() - self.base.walls.low());
        let mut second = vec![0.0; out.dim()];
        for i in 0..out.len() {
            let code = out.code_mut(i);
            draw(i, code, &mut second);
            if self.is_initial(i) {
                code.iter_mut().for_each(|x| *x = low + *x * width);
                self.speeds_asked.code_mut(i).copy_from_slice(&second);
            } else {
                self.fly(i, code, &second);
            }
            self.base.walls.keep(code);
        }
    }

    /// Moves the particle of code `i`: `code` holds `r_p`, and afterwards the place, not bounced yet.
    fn fly(&mut self, i: usize, code: &mut [f64], rg: &[f64]) {
        let (w, c) = (0.5 / std::f64::consts::LN_2, 0.5 + std::f64::consts::LN_2);
        let particle = self.particle(i);
        let (place, speed) = (self.places.code(particle), self.speeds.code(particle));
        let own_best = self.best_places.code(particle);
        let swarm_best = self.swarm_best.as_ref().map_or(place, |(best, _)| best);
        let next = self.speeds_asked.code_mut(i);
        let towards = own_best.iter().zip(swarm_best);
        for (((((x, rg), v), y), (yp, yg)), next) in
            code.iter_mut().zip(rg).zip(speed).zip(place).zip(towards).zip(next)
        {
            *next = w * v + c * *x * (yp - y) + c * rg * (yg - y);
            *x = (*next + y).clamp(0.0, 1.0);
        }
        from_unit(code);
    }
}

impl Optimizer for NgPso {
    through_base!();

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        let signed = |uniforms: &mut [f64]| uniforms.iter_mut().for_each(|u| *u = 2.0 * *u - 1.0);
        if self.base.hand_out_first(out) {
            self.speeds_asked.reshape(out.dim(), out.len());
            fill_uniform(&mut rng, self.speeds_asked.as_mut_slice());
            signed(self.speeds_asked.as_mut_slice());
            return;
        }
        let initial = self.llambda().saturating_sub(self.base.told());
        self.ask_by(out, |i, first, second| {
            fill_uniform(&mut rng, first);
            fill_uniform(&mut rng, second);
            if i < initial {
                signed(second);
            }
        });
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.base.check_tell(codes, scores)?;
        for (i, (code, &score)) in codes.iter().zip(scores).enumerate() {
            self.base.archive.tell(code, score);
            let (particle, score) = (self.particle(i), comparable(score));
            let place = self.places.code_mut(particle);
            to_unit(code, place);
            self.speeds.code_mut(particle).copy_from_slice(self.speeds_asked.code(i));
            match &mut self.swarm_best {
                None => self.swarm_best = Some((place.to_vec(), score)),
                Some((best, best_score)) if score > *best_score => {
                    best.copy_from_slice(place);
                    *best_score = score;
                }
                Some(_) => {}
            }
            if score >= self.best_scores[particle] {
                self.best_places.code_mut(particle).copy_from_slice(place);
                self.best_scores[particle] = score;
            }
        }
        self.base.note_tell(codes, scores);
        Ok(())
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("llambda", real(self.llambda()))]
    }
}
