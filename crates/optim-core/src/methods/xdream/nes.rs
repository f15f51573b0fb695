//! XDream's natural evolution strategy.

use nalgebra::DMatrix;
use rand::Rng;

use super::center::{Center, LARGEST, bounded, require_positive};
use crate::checks::{require, require_at_most};
use crate::contract::{Ledger, through_ledger};
use crate::linalg::real;
use crate::linalg::weighted_sum;
use crate::methods::sources::XDREAM;
use crate::options::{Options, options};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, Ranking, TellError};

options! {
    /// Options of [`XdreamNes`], under the names of the reference.
    ///
    /// The reference has no default for the first three; these are its settings for the DeePSiM fc6 space.
    XdreamNesConfig {
        /// Codes a generation (lambda), 2 or more where `antithetic` (an odd number loses one), else 1.
        n_samples: usize = 20, "codes a generation; an odd number loses one where antithetic";
        /// Standard deviation of the samples at the start, in units of the code.
        search_radius: f64 = 1.25, "standard deviation of the samples at the start";
        /// Length of a move in units of the gradient: to be chosen with the scale of the scores.
        learning_rate: f64 = 1.75, "length of a move in units of the gradient";
        /// Whether every direction is sampled both ways.
        antithetic: bool = true, "sample every direction both ways";
        /// The radius falls no lower.
        min_search_radius: f64 = 0.01, "the radius falls no lower";
        /// Learning rate of the radius; `None` or 0: it stays as it is.
        search_radius_learning_rate: Option<f64> = None, "learning rate of the radius; none: it stays as it is";
        /// Whether every component has a radius of its own, if it is learnt.
        learn_search_radius_eltwise: bool = false, "a radius of its own for every component, if learnt";
    }
}

impl XdreamNesConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        let (least, range) = if self.antithetic { (2, "2 or more where antithetic") } else { (1, "1 or more") };
        require(self.n_samples >= least, "n_samples", real(self.n_samples), range)?;
        require_at_most("n_samples", self.n_samples)?;
        require_positive("search_radius", self.search_radius)?;
        require_positive("learning_rate", self.learning_rate)?;
        require_positive("min_search_radius", self.min_search_radius)?;
        let rate = self.search_radius_learning_rate.unwrap_or(0.0);
        require((0.0..=LARGEST).contains(&rate), "search_radius_learning_rate", rate, "from 0 to 1e100")
    }

    /// Number n of directions a generation.
    fn directions(&self) -> usize {
        if self.antithetic { self.n_samples / 2 } else { self.n_samples }
    }

    /// The radius' learning rate, where it is learnt.
    fn radius_rate(&self) -> Option<f64> {
        self.search_radius_learning_rate.filter(|&rate| rate > 0.0)
    }
}

impl Options for XdreamNesConfig {
    type Method = XdreamNes;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.n_samples
    }

    fn build(self, dim: usize) -> Result<XdreamNes, ConfigError> {
        XdreamNes::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        dim * (real(self.n_samples) + 6.0)
    }

    fn start_norm(&self, dim: usize) -> f64 {
        self.search_radius.max(self.min_search_radius) * real(dim).sqrt()
    }

    fn set_start_norm(&mut self, norm: f64, dim: usize) -> bool {
        let factor = norm / self.start_norm(dim);
        self.search_radius *= factor;
        self.min_search_radius *= factor;
        self.learning_rate *= factor * factor;
        if let Some(rate) = &mut self.search_radius_learning_rate {
            *rate *= factor * factor;
        }
        true
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "xdream-nes",
    aliases: &[],
    about: "natural evolution strategy with an isotropic or a diagonal radius",
    source: XDREAM,
    options: XdreamNesConfig::OPTIONS,
    size_option: "n_samples",
    smallest_size: 2,
    rank_based: false,
    carries_all_nan: false,
};

/// Gradient ascent on the expected score of a normal distribution around the centre.
///
/// ```text
/// ask    e_i ~ N(0, I),  i = 1..n
///        code_i = center + r e_i;   antithetic: then center + r e_(n+i) with e_(n+i) = -e_i
/// tell   grad   = mean_i f_i e_i / r                         over all codes
///        grad_r = mean_i f_i (e_i^2 - 1) / r                 by component, or its mean over components
///        center = center + learning_rate grad
///        r      = max(r + search_radius_learning_rate grad_r, min_search_radius)
/// ```
///
/// The centre starts at zero; there are `2 n` codes, n = n_samples / 2, or n = n_samples codes if not
/// antithetic. Scores count as they are, without ranks or a baseline, as in the reference: a constant
/// added to all of them changes the radius and, where not antithetic, the gradient. Steps are those that
/// were drawn, whatever codes are told.
/// Guards where the reference gives NaN: a direction without all its scores is left out of the means, and
/// nothing moves if none is left; infinite scores count as the extreme finite ones; scores, radii and
/// components of the centre stay within 1e100. Deviation: the start radius is one number.
///
/// [`start_from`](Optimizer::start_from): the codes are the first generation, and their best is the
/// centre from then on (the reference starts at a given code without evaluating it).
/// [`recommend`](Optimizer::recommend) gives the centre, which is never evaluated itself.
///
/// # Source
/// `NES` of XDream (Xiao and Kreiman 2020), after Wierstra et al., JMLR 2014, and Ilyas et al., ICML 2018.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct XdreamNes {
    config: XdreamNesConfig,
    ledger: Ledger,
    center: Center,
    /// One number, or one a component.
    radius: Vec<f64>,
    /// Normals of the generation asked last, `N x n`.
    e: Population,
}

impl XdreamNes {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: XdreamNesConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        let ledger = Ledger::new(dim)?;
        let eltwise = config.learn_search_radius_eltwise && config.radius_rate().is_some();
        let radius = vec![config.search_radius.max(config.min_search_radius); if eltwise { dim } else { 1 }];
        Ok(Self { config, ledger, center: Center::new(dim), radius, e: Population::new(dim) })
    }

    /// [`ask`](Optimizer::ask) with given standard normals, `N x n`.
    ///
    /// # Panics
    /// If the normals are not `N x n`.
    pub fn ask_with(&mut self, normals: &DMatrix<f64>, out: &mut Population) {
        assert_eq!(normals.shape(), (self.ledger.dim(), self.directions()), "normals must be N x n");
        self.propose(out, |e| e.copy_from_slice(normals.as_slice()));
    }

    /// Number n of directions a generation.
    #[must_use]
    pub fn directions(&self) -> usize {
        self.config.directions()
    }

    /// The centre, length N.
    #[must_use]
    pub fn center(&self) -> &[f64] {
        &self.center.code
    }

    /// The search radius: one number, or one a component.
    #[must_use]
    pub fn search_radius(&self) -> &[f64] {
        &self.radius
    }

    fn propose(&mut self, out: &mut Population, draw: impl FnOnce(&mut [f64])) {
        if self.center.first.hand_out(&mut self.ledger, out) {
            return;
        }
        self.e.reshape(self.ledger.dim(), self.directions());
        draw(self.e.as_mut_slice());
        self.spread(out);
        self.ledger.note_ask(out.len());
    }

    fn spread(&self, out: &mut Population) {
        let signs: &[f64] = if self.config.antithetic { &[1.0, -1.0] } else { &[1.0] };
        let n = self.directions();
        out.reshape(self.ledger.dim(), n * signs.len());
        for (half, sign) in signs.iter().enumerate() {
            for (i, e) in self.e.iter().enumerate() {
                let code = out.code_mut(half * n + i);
                match self.radius[..] {
                    [r] => write_sample(code, &self.center.code, e, std::iter::repeat(sign * r)),
                    _ => write_sample(code, &self.center.code, e, self.radius.iter().map(|r| sign * r)),
                }
            }
        }
    }

    fn update(&mut self, scores: &[f64]) {
        let n = self.directions();
        let scores = bounded(scores);
        let complete = |i: usize| scores.iter().skip(i % n).step_by(n).all(|s| !s.is_nan());
        let used: Vec<usize> = (0..scores.len()).filter(|&i| complete(i)).collect();
        if used.is_empty() {
            return;
        }
        let directions: Vec<usize> = used.iter().map(|i| i % n).collect();
        let weights: Vec<f64> = used.iter().map(|&i| scores[i]).collect();
        let sign = |i: usize| if i < n { 1.0 } else { -1.0 };
        let signed: Vec<f64> = used.iter().map(|&i| sign(i) * scores[i]).collect();
        let count = real(used.len());
        let mut gradient = vec![0.0; self.ledger.dim()];
        weighted_sum(&signed, &self.e, &directions, &mut gradient);
        self.divide_by_radius(&mut gradient);
        self.center.climb(self.config.learning_rate / count, &mut gradient);
        if let Some(rate) = self.config.radius_rate() {
            self.learn_radius(rate / count, &weights, &directions);
        }
    }

    fn divide_by_radius(&self, gradient: &mut [f64]) {
        match self.radius[..] {
            [r] => gradient.iter_mut().for_each(|g| *g /= r),
            _ => gradient.iter_mut().zip(&self.radius).for_each(|(g, r)| *g /= r),
        }
    }

    fn learn_radius(&mut self, rate: f64, weights: &[f64], directions: &[usize]) {
        let mut gradient = vec![0.0; self.ledger.dim()];
        for (weight, &direction) in weights.iter().zip(directions) {
            for (g, e) in gradient.iter_mut().zip(self.e.code(direction)) {
                *g += weight * (e * e - 1.0);
            }
        }
        if self.radius.len() == 1 {
            gradient = vec![gradient.iter().sum::<f64>() / real(gradient.len())];
        }
        for (r, g) in self.radius.iter_mut().zip(&gradient) {
            *r = (*r + rate * g / *r).clamp(self.config.min_search_radius, LARGEST);
        }
    }
}

/// `code = center + radius * e`.
fn write_sample(code: &mut [f64], center: &[f64], e: &[f64], radius: impl Iterator<Item = f64>) {
    for (((x, c), e), r) in code.iter_mut().zip(center).zip(e).zip(radius) {
        *x = c + r * e;
    }
}

impl Optimizer for XdreamNes {
    through_ledger!();

    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.ledger.check_initial(codes)?;
        self.center.first.set(codes.clone());
        Ok(())
    }

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        self.propose(out, |e| fill_normal(&mut rng, e));
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let best = Ranking::best_first(scores).order()[0];
        if !self.center.settle(codes.code(best)) {
            self.update(scores);
        }
        self.ledger.note_tell(codes, scores, best);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        &self.center.code
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        let radius = self.radius.iter().sum::<f64>() / real(self.radius.len());
        vec![("search_radius", radius), ("moved", self.center.moved)]
    }
}
