//! Nevergrad's differential evolution: `DE` and `TwoPointsDE`.

use rand::{Rng, RngExt};

use super::archive::Estimate;
use super::base::{Base, WORKERS, base_numbers, comparable, options, through_base};
use super::bounce::{BOUNDS, Bounce};
use super::crossover::{Crossover, CrossoverDraws};
use crate::linalg::real;
use crate::methods::sources::NEVERGRAD;
use crate::options::Options;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

options! {
    /// Options of [`NgDe`].
    NgDeConfig of NgDe, |config| match config.crossover {
        Crossover::VariableWise => &DE,
        Crossover::TwoPoints => &TWO_POINTS_DE,
    },
    {
        /// How a child mixes its parent and its donor.
        crossover: Crossover = Crossover::VariableWise,
            "variable-wise (every coordinate on its own) or two-points (a segment)";
        /// By which estimate the best point is chosen that attracts all others.
        best: Estimate = Estimate::Pessimistic,
            "point that attracts all others: pessimistic (freezes after a repeated evaluation) or average";
    }
    numbers_held: |config, dim, _| dim * real(config.workers.max(POPULATION))
}

pub(crate) static DE: MethodInfo = MethodInfo {
    name: "ng-de",
    aliases: &["DE"],
    about: "nevergrad's DE: current-to-best differential evolution",
    source: NEVERGRAD,
    options: NgDeConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: false,
    carries_all_nan: false,
};

pub(crate) static TWO_POINTS_DE: MethodInfo = MethodInfo {
    name: "ng-two-points-de",
    aliases: &["TwoPointsDE"],
    about: "nevergrad's TwoPointsDE: differential evolution with two-point crossover",
    ..DE
};

/// Smallest population of nevergrad's differential evolution.
const POPULATION: usize = 30;

/// Differential weights of nevergrad.
const F1: f64 = 0.8;
const F2: f64 = 0.8;

/// Random numbers of one code.
#[derive(Clone, Debug, PartialEq)]
pub enum NgDeDraws {
    /// A member of the first population.
    Initial(
        /// Standard normals, length N.
        Vec<f64>,
    ),
    /// A child of the member whose turn it is.
    Child {
        /// First member of the difference, `0..llambda`.
        a: usize,
        /// Second member of the difference, `0..llambda`.
        b: usize,
        /// What is the parent's and what the donor's.
        crossover: CrossoverDraws,
    },
}

/// Current-to-best differential evolution in a box.
///
/// ```text
/// llambda = max(30, workers) members p_i with scores f_i; code number k belongs to member i = k mod llambda
/// ask     k < llambda:  p_i = bounce(z),  z ~ N(0, I),  f_i = -inf
///         else a child: a, b ~ U{members}, independent: they may be equal, or i itself
///              donor = p_i + F1 (p_a - p_b) + F2 (best - p_i),  F1 = F2 = 0.8
///              child = bounce(crossover(p_i, donor))
/// tell    archive, then: if f >= f_i:  p_i = code,  f_i = f
/// ```
///
/// *Variable-wise* crossover (`DE`): a coordinate R ~ U{0..N-1} is the donor's; every other one is the parent's where
/// U(0, 1) > 1/2. *Two-point* crossover (`TwoPointsDE`): two distinct points of 0..=N; should they be 0 and N, one of
/// them, by a coin, moves to U{1..N-1}; a coin decides whether the parent's coordinates are those between the points or
/// all others. Below four dimensions two-point crossover is the variable-wise one, draws and all.
///
/// Quirks of the reference that are kept: `f_i` is the score of the one evaluation that made `p_i` a member, which is a
/// lucky one under noise, and no member is evaluated again. All children of an ask come from the population before it. `best` is the **pessimistic** best of the archive ([`Estimate`]): a child that repeats a point
/// (slot of the best, `a = b`: once in 40 generations, or more often where members coincide) freezes the attractor
/// until a score is better by 70.7. Option `best`: `average` mends that.
/// Deviation: NaN scores count as minus infinity, also against `f_i`.
///
/// With fewer than 30 workers the first population takes several asks, the last of which may hold children of the
/// first members as well. [`start_from`](Optimizer::start_from): the codes, inside the box, are the first generation and
/// fill members 0, 1, ...; members that are left are drawn by the asks that follow; codes beyond the population
/// compete for its members in turn. [`recommend`](Optimizer::recommend) gives the code with the best mean score.
///
/// # Source
/// `DE` and `TwoPointsDE` of nevergrad 0.4.2.post5 (Storn and Price 1997).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgDe {
    pub(crate) base: Base,
    crossover: Crossover,
    best: Estimate,
    /// Members `p_i`, `N x llambda`.
    members: Population,
    /// Scores `f_i` of the members.
    scores: Vec<f64>,
}

impl NgDe {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgDeConfig) -> Result<Self, ConfigError> {
        let base = Base::new(dim, config.workers, config.bounds, config.bounce)?;
        let llambda = config.workers.max(POPULATION);
        let (members, scores) = (Population::zeros(dim, llambda), vec![f64::NEG_INFINITY; llambda]);
        Ok(Self { base, crossover: config.crossover, best: config.best, members, scores })
    }

    /// Size of the population.
    #[must_use]
    pub fn llambda(&self) -> usize {
        self.members.len()
    }

    /// [`ask`](Optimizer::ask) with given draws, one a worker.
    ///
    /// # Panics
    /// If the draws do not fit: [`Initial`](NgDeDraws::Initial) for the first `llambda` codes, then
    /// [`Child`](NgDeDraws::Child) with members and a crossover that [fit](CrossoverDraws::fit).
    pub fn ask_with(&mut self, draws: &[NgDeDraws], out: &mut Population) {
        self.base.prepare(out);
        assert_eq!(draws.len(), out.len(), "one draw a worker");
        let mut from_parent = vec![false; self.base.dim()];
        for (i, draw) in draws.iter().enumerate() {
            assert_eq!(self.is_initial(i), matches!(draw, NgDeDraws::Initial(_)), "draw {i} is of the wrong kind");
            match draw {
                NgDeDraws::Initial(normals) => {
                    out.code_mut(i).copy_from_slice(normals);
                    self.adopt(i, out);
                }
                NgDeDraws::Child { a, b, crossover } => {
                    assert!(crossover.fit(self.crossover, self.base.dim()), "draw {i} has another crossover");
                    crossover.mask(&mut from_parent);
                    self.breed(i, [*a, *b], &from_parent, out);
                }
            }
        }
    }

    /// Whether code `i` of the coming ask is one of the first population.
    #[must_use]
    pub fn is_initial(&self, i: usize) -> bool {
        self.base.told() + i < self.llambda()
    }

    /// The member whose turn it is with code `i` of the coming ask.
    fn member(&self, i: usize) -> usize {
        (self.base.told() + i) % self.llambda()
    }

    /// Bounces code `i` and makes it a member that waits for its score.
    fn adopt(&mut self, i: usize, out: &mut Population) {
        self.base.walls.keep(out.code_mut(i));
        let member = self.member(i);
        self.members.code_mut(member).copy_from_slice(out.code(i));
    }

    /// Writes code `i`, the child of its member.
    fn breed(&self, i: usize, [a, b]: [usize; 2], from_parent: &[bool], out: &mut Population) {
        let [parent, a, b] = [self.member(i), a, b].map(|member| self.members.code(member));
        let best = self.base.best(self.best);
        let child = out.code_mut(i);
        for ((((x, p), (a, b)), best), keep) in
            child.iter_mut().zip(parent).zip(a.iter().zip(b)).zip(best).zip(from_parent)
        {
            let donor = p + F1 * (a - b) + F2 * (best - p);
            *x = if *keep { *p } else { donor };
        }
        self.base.walls.keep(child);
    }
}

impl Optimizer for NgDe {
    through_base!();

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        if self.base.hand_out_first(out) {
            return;
        }
        let mut rng = fork(rng);
        self.base.prepare(out);
        let mut from_parent = vec![false; self.base.dim()];
        for i in 0..out.len() {
            if self.is_initial(i) {
                fill_normal(&mut rng, out.code_mut(i));
                self.adopt(i, out);
            } else {
                let pair = [(); 2].map(|()| rng.random_range(0..self.llambda()));
                self.crossover.draw(&mut rng, &mut from_parent);
                self.breed(i, pair, &from_parent, out);
            }
        }
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.base.check_tell(codes, scores)?;
        for (i, (code, &score)) in codes.iter().zip(scores).enumerate() {
            self.base.archive.tell(code, score);
            let member = self.member(i);
            if comparable(score) >= self.scores[member] {
                self.members.code_mut(member).copy_from_slice(code);
                self.scores[member] = comparable(score);
            }
        }
        self.base.note_tell(codes, scores);
        Ok(())
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("llambda", real(self.llambda())), ("largest_count", f64::from(self.base.archive.largest_count()))]
    }
}
