//! Nevergrad's `ES`.

use std::collections::VecDeque;

use rand::Rng;

use super::archive::Estimate;
use super::base::{Base, WORKERS, base_numbers, norm_in_box, options, through_base};
use super::bounce::{BOUNDS, Bounce};
use crate::linalg::axpy;
use crate::linalg::real;
use crate::methods::sources::NEVERGRAD;
use crate::options::Options;
use crate::rng::{fill_normal, fill_uniform, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, Ranking, TellError};

options! {
    /// Options of [`NgEs`].
    NgEsConfig of NgEs, |_| &INFO, {}
    numbers_held: |_, dim, _| dim * real(PARENTS + OFFSPRING),
    start_norm: |config, dim| norm_in_box(config.bounds, dim)
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "ng-es",
    aliases: &["ES"],
    about: "nevergrad's ES: (40, 60) evolution strategy with a fixed step",
    source: NEVERGRAD,
    options: NgEsConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
};

/// Number of parents (mu).
const PARENTS: usize = 40;
/// Number of offspring (lambda) that are selected from.
const OFFSPRING: usize = 60;

/// Which parent comes next: those told, in order, then the one that was asked longest ago.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Queue {
    told: VecDeque<usize>,
    asked: VecDeque<usize>,
}

impl Queue {
    fn add(&mut self, parent: usize) {
        self.asked.push_back(parent);
    }

    /// Takes the next parent.
    fn ask(&mut self) -> Option<usize> {
        let parent = self.told.pop_front().or_else(|| self.asked.front().copied())?;
        self.asked.retain(|&other| other != parent);
        self.asked.push_back(parent);
        Some(parent)
    }

    fn tell(&mut self, parent: usize) {
        self.asked.retain(|&other| other != parent);
        self.told.push_back(parent);
    }
}

/// A (40, 60) evolution strategy in a box, without recombination or step-size control.
///
/// ```text
/// mu = 40 parents, lambda = 60 offspring, two queues of parents: told and asked
/// ask     codes 0 to mu - 1 of the run:  code ~ U(box), which becomes a parent and joins asked
///         else  parent = head of told, or the oldest in asked;  it joins asked, again, at the end
///               code = bounce(parent + z),  z ~ N(0, I)
/// tell    while parents are still missing (fewer workers than mu): a parent that was told joins told
///         else the code joins the waiting list, first codes too, and when lambda are waiting:
///               parents = the mu best of them (ties: told earlier);  nothing waits
///               told = the parents, best first;  asked is empty
/// ```
///
/// Quirks of the reference that are kept: the step is 1 forever, so that in many dimensions the codes never leave the
/// shell of the uniform start; selection comes in the middle of a generation wherever the sixtieth code is told,
/// and the codes told after it come from parents that are no more.
///
/// [`start_from`](Optimizer::start_from): the codes, inside the box, are the first generation and the first parents;
/// missing parents are drawn by the asks that follow, codes beyond 40 only wait.
/// [`recommend`](Optimizer::recommend) gives the code with the best mean score.
///
/// # Source
/// `ES` of nevergrad 0.4.2.post5 (`only_offsprings`, `offsprings` 60, `popsize` 40, `recombination_ratio` 0).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgEs {
    pub(crate) base: Base,
    /// `N x mu`.
    parents: Population,
    queue: Queue,
    /// The queue after the ask that waits for its scores.
    queue_asked: Queue,
    /// Codes that wait for selection, `N x lambda`, of which the first `waiting_scores.len()` count.
    waiting: Population,
    waiting_scores: Vec<f64>,
}

impl NgEs {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgEsConfig) -> Result<Self, ConfigError> {
        Ok(Self {
            base: Base::new(dim, config.workers, config.bounds, config.bounce)?,
            parents: Population::zeros(dim, PARENTS),
            queue: Queue::default(),
            queue_asked: Queue::default(),
            waiting: Population::zeros(dim, OFFSPRING),
            waiting_scores: Vec::new(),
        })
    }

    /// [`ask`](Optimizer::ask) with given draws, `N x workers`: uniforms on [0, 1) where a code
    /// [is initial](Self::is_initial), else standard normals.
    ///
    /// # Panics
    /// If the shape does not fit.
    pub fn ask_with(&mut self, draws: &Population, out: &mut Population) {
        self.ask_by(out, |i, _, code| code.copy_from_slice(draws.code(i)));
    }

    /// Whether code `i` of the coming ask is one of the first parents.
    #[must_use]
    pub fn is_initial(&self, i: usize) -> bool {
        self.base.told() + i < PARENTS
    }

    /// Asks with draws that `draw(i, is_initial, code)` writes.
    fn ask_by(&mut self, out: &mut Population, mut draw: impl FnMut(usize, bool, &mut [f64])) {
        self.base.prepare(out);
        let mut queue = self.queue.clone();
        let (low, width) = (self.base.walls.low(), self.base.walls.high() - self.base.walls.low());
        for i in 0..out.len() {
            let code = out.code_mut(i);
            draw(i, self.is_initial(i), code);
            if self.is_initial(i) {
                let parent = self.base.told() + i;
                code.iter_mut().for_each(|x| *x = low + *x * width);
                self.base.walls.keep(code);
                // Children of the same ask need it.
                self.parents.code_mut(parent).copy_from_slice(code);
                queue.add(parent);
            } else if let Some(parent) = queue.ask() {
                axpy(1.0, self.parents.code(parent), code);
                self.base.walls.keep(code);
            }
        }
        self.queue_asked = queue;
    }

    /// The best of the codes that wait become the parents.
    fn select(&mut self) {
        let ranking = Ranking::best_first(&self.waiting_scores);
        for (parent, &i) in ranking.order()[..PARENTS].iter().enumerate() {
            self.parents.code_mut(parent).copy_from_slice(self.waiting.code(i));
        }
        self.waiting_scores.clear();
        self.queue = Queue { told: (0..PARENTS).collect(), asked: VecDeque::new() };
    }
}

impl Optimizer for NgEs {
    through_base!();

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        if self.base.hand_out_first(out) {
            self.queue_asked = Queue { told: VecDeque::new(), asked: (0..out.len().min(PARENTS)).collect() };
            return;
        }
        let mut rng = fork(rng);
        self.ask_by(
            out,
            |_, is_initial, code| {
                if is_initial { fill_uniform(&mut rng, code) } else { fill_normal(&mut rng, code) }
            },
        );
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.base.check_tell(codes, scores)?;
        self.queue = std::mem::take(&mut self.queue_asked);
        let before = self.base.told();
        for (i, (code, &score)) in codes.iter().zip(scores).enumerate() {
            self.base.archive.tell(code, score);
            if self.is_initial(i) {
                self.parents.code_mut(before + i).copy_from_slice(code);
            }
            if before + codes.len() < PARENTS {
                self.queue.tell(before + i);
                continue;
            }
            self.waiting.code_mut(self.waiting_scores.len()).copy_from_slice(code);
            self.waiting_scores.push(score);
            if self.waiting_scores.len() == OFFSPRING {
                self.select();
            }
        }
        self.base.note_tell(codes, scores);
        Ok(())
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("waiting", real(self.waiting_scores.len()))]
    }
}
