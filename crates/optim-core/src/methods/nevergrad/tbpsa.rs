//! Nevergrad's `TBPSA`.

use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::archive::Estimate;
use super::archive::hash;
use super::base::{Base, WORKERS, base_numbers, options, through_base};
use super::bounce::{BOUNDS, Bounce};
use super::population_size::{PopulationSize, PopulationSizing};
use crate::checks::require;
use crate::linalg::real;
use crate::linalg::{axpy, norm};
use crate::methods::sources::NEVERGRAD;
use crate::options::Options;
use crate::rng::{Seed, draw_seed, fill_normal, fork, seeded};
use crate::{ConfigError, MethodInfo, Optimizer, Population, Ranking, TellError};

options! {
    /// Options of [`NgTbpsa`].
    NgTbpsaConfig of NgTbpsa, |_| &INFO, {
        /// How many codes an update takes.
        population: PopulationSizing = PopulationSizing::Dimension,
            "codes an update: dimension (4 N, more than most budgets) or budget (a twentieth of it)";
        /// Evaluations of the run, which [`PopulationSizing::Budget`] divides; `None`: those of the run where they are
        /// known, else 3000.
        budget: Option<usize> = None, "evaluations of the run; none: those of the run, else 3000";
    }
    numbers_held: |config, dim, generations| {
        let workers = real(config.workers);
        12.0 * workers * generations + dim * (workers + 6.0)
    },
    // A code has its own step, exp(N(0, 1) / sqrt(N)).
    start_norm: |_, dim| dim.sqrt() * (1.0 / dim).exp(),
    fit_generations: |options: &mut Self, generations: usize| {
        options.budget.get_or_insert(generations.saturating_mul(options.workers).max(1));
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "ng-tbpsa",
    aliases: &["TBPSA"],
    about: "nevergrad's TBPSA: evolution strategy with test-based population size",
    source: NEVERGRAD,
    options: NgTbpsaConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: false,
    carries_all_nan: false,
};

/// A code that was asked and waits for its score.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Proposal {
    /// Its own step size s.
    step: f64,
    /// What it was drawn from, and the hash of what was drawn.
    source: Option<(Seed, u64)>,
}

/// A code that was told and waits for the next update.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Candidate {
    step: f64,
    score: f64,
    code: Code,
}

/// How a waiting code can be had again.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Code {
    /// Told as it was asked, drawn around the centre of now.
    Drawn(Seed),
    /// Any other.
    Kept(Vec<f64>),
}

/// Evolution strategy with weighted step sizes and a population size that a test adapts.
///
/// ```text
/// mu = N,  lambda = max(4 N, workers),  centre = 0,  sigma = 1
/// ask     s_k = sigma exp(N(0, 1) / sqrt(N))
///         code_k = bounce(centre + s_k z),  z ~ N(0, I)
/// tell    code by code: its score joins the record, the code waits
///         when 5 lambda scores are recorded: lambda, mu by the test of PopulationSize;  the record is empty
///         when lambda codes wait:  best = the mu best of them (ties: told earlier);  nothing waits
///              centre = mean of best;  sigma = exp(mean of ln s over best)
/// ```
///
/// Quirk of the reference that is kept: at N = 4096 an update takes 16384 codes, more than the published budget of 3000,
/// so that **nothing is ever updated** and this is random search with a jitter of the scale. Option `population`:
/// `budget` mends that ([`PopulationSizing`]).
/// Deviations: sigma stays within `1e-100..=1e100`; NaN scores rank last.
///
/// Waiting codes are not stored. A code that was told as it was asked is drawn again at the update, from its seed of 32
/// bytes. Codes that the caller changed, or that were drawn around an earlier centre, are kept in full.
///
/// [`start_from`](Optimizer::start_from): the codes, inside the box, are the first generation and wait with the steps
/// that the reference guesses of foreign codes, `|code - centre| / sqrt(N)` (sigma for the centre itself).
/// [`recommend`](Optimizer::recommend) gives the code with the best mean score.
///
/// # Source
/// `TBPSA` of nevergrad 0.4.2.post5 (Hellwig and Beyer 2016).
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgTbpsa {
    pub(crate) base: Base,
    centre: Vec<f64>,
    sigma: f64,
    size: PopulationSize,
    proposals: Vec<Proposal>,
    waiting: Vec<Candidate>,
}

impl NgTbpsa {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgTbpsaConfig) -> Result<Self, ConfigError> {
        let base = Base::new(dim, config.workers, config.bounds, config.bounce)?;
        let budget = config.budget.unwrap_or(3000);
        require(budget >= 1, "budget", real(budget), "1 or more")?;
        let size = PopulationSize::new(config.population, dim, config.workers, budget);
        Ok(Self { base, centre: vec![0.0; dim], sigma: 1.0, size, proposals: Vec::new(), waiting: Vec::new() })
    }

    /// The step size.
    #[must_use]
    pub fn sigma(&self) -> f64 {
        self.sigma
    }

    /// The centre of the distribution, length N.
    #[must_use]
    pub fn centre(&self) -> &[f64] {
        &self.centre
    }

    /// Number of codes of an update.
    #[must_use]
    pub fn llambda(&self) -> usize {
        self.size.lambda()
    }

    /// [`ask`](Optimizer::ask) with given standard normals: one a worker for the steps, and `N x workers`.
    ///
    /// # Panics
    /// If a shape does not fit.
    pub fn ask_with(&mut self, step_normals: &[f64], normals: &Population, out: &mut Population) {
        self.base.prepare(out);
        assert_eq!(step_normals.len(), out.len(), "one step a worker");
        out.as_mut_slice().copy_from_slice(normals.as_slice());
        self.proposals.clear();
        for (i, &normal) in step_normals.iter().enumerate() {
            let step = self.step(normal);
            self.place(step, out.code_mut(i));
            self.proposals.push(Proposal { step, source: None });
        }
    }

    fn step(&self, normal: f64) -> f64 {
        self.sigma * (normal / real(self.base.dim()).sqrt()).exp()
    }

    /// Makes a code from standard normals in place.
    fn place(&self, step: f64, code: &mut [f64]) {
        for (x, centre) in code.iter_mut().zip(&self.centre) {
            *x = centre + step * *x;
        }
        self.base.walls.keep(code);
    }

    /// Draws a code and returns its step.
    fn draw(&self, seed: &Seed, code: &mut [f64]) -> f64 {
        let mut rng = seeded(seed);
        let step = self.step(StandardNormal.sample(&mut rng));
        fill_normal(&mut rng, code);
        self.place(step, code);
        step
    }

    /// The step that the reference guesses of a code it did not draw.
    fn guess(&self, code: &[f64]) -> f64 {
        let mut offset = code.to_vec();
        axpy(-1.0, &self.centre, &mut offset);
        let guess = norm(&offset) / real(offset.len()).sqrt();
        if guess > 0.0 && guess.is_finite() { guess } else { self.sigma }
    }

    fn update(&mut self) {
        let scores: Vec<f64> = self.waiting.iter().map(|candidate| candidate.score).collect();
        let mu = self.size.mu();
        let (mut centre, mut code) = (vec![0.0; self.centre.len()], vec![0.0; self.centre.len()]);
        let mut log_steps = 0.0;
        for &i in Ranking::best_first(&scores).order().iter().take(mu) {
            let candidate = &self.waiting[i];
            match &candidate.code {
                Code::Kept(kept) => code.copy_from_slice(kept),
                Code::Drawn(seed) => {
                    self.draw(seed, &mut code);
                }
            }
            axpy(1.0, &code, &mut centre);
            log_steps += candidate.step.ln();
        }
        centre.iter_mut().for_each(|x| *x /= real(mu));
        self.centre = centre;
        self.sigma = (log_steps / real(mu)).exp().clamp(1e-100, 1e100);
        self.waiting.clear();
    }
}

impl Optimizer for NgTbpsa {
    through_base!();

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        if self.base.hand_out_first(out) {
            self.proposals = out.iter().map(|code| Proposal { step: self.guess(code), source: None }).collect();
            return;
        }
        self.base.prepare(out);
        self.proposals.clear();
        let mut rng = fork(rng);
        for i in 0..out.len() {
            let seed = draw_seed(&mut rng);
            let step = self.draw(&seed, out.code_mut(i));
            self.proposals.push(Proposal { step, source: Some((seed, hash(out.code(i)))) });
        }
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.base.check_tell(codes, scores)?;
        let mut same_centre = true;
        for ((code, &score), Proposal { step, source }) in
            codes.iter().zip(scores).zip(std::mem::take(&mut self.proposals))
        {
            self.base.archive.tell(code, score);
            self.size.record(score);
            let code = match source {
                Some((seed, drawn)) if same_centre && drawn == hash(code) => Code::Drawn(seed),
                _ => Code::Kept(code.to_vec()),
            };
            self.waiting.push(Candidate { step, score, code });
            if self.waiting.len() >= self.size.lambda() {
                self.update();
                same_centre = false;
            }
        }
        self.base.note_tell(codes, scores);
        Ok(())
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("sigma", self.sigma), ("llambda", real(self.size.lambda())), ("waiting", real(self.waiting.len()))]
    }
}
