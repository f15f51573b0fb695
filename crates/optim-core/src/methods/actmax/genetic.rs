//! The genetic algorithm of ActMax-Optimizer-Dev, descendant of XDream's.
//!
//! # References
//! * Xiao and Kreiman, "XDream: finding preferred stimuli for visual neurons using generative networks
//!   and gradient-free optimization", PLoS Computational Biology 2020.
//! * Wang and Ponce, "High-performance Evolutionary Algorithms for Online Neuron Control", GECCO 2022.

use rand::Rng;

use crate::checks::{require, require_size};
use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::real;
use crate::methods::breeding::{Breeding, GeneticDraws, Parents, population_sd, ties_last_first};
use crate::options::{Options, options};
use crate::ranking::without_infinities;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

options! {
    /// Options of [`Genetic`], under the names of the reference.
    GeneticConfig {
        /// Codes a generation (lambda), 1 or more.
        population_size: usize = 40, "codes a generation";
        /// Probability that a gene of a child mutates.
        mutation_rate: f64 = 0.25, "probability that a gene mutates";
        /// Standard deviation of a mutation, in units of the code.
        mutation_size: f64 = 0.75, "standard deviation of a mutation";
        /// Selection temperature in standard deviations of the scores: higher is softer.
        kt_multiplier as "kT_multiplier": f64 = 2.0, "selection temperature in standard deviations of the scores";
        /// Probability that a gene comes from the first parent.
        parental_skew: f64 = 0.75, "probability that a gene comes from the first parent";
        /// Number of best codes that pass on unchanged and are evaluated again; `None`: a quarter of the
        /// population (the reference's 10 of 40).
        n_conserve: Option<usize> = None, "best codes that pass on unchanged; none: a quarter of the population";
    }
}

impl GeneticConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        let lambda = self.population_size;
        require_size("population_size", lambda)?;
        for (name, p) in [("mutation_rate", self.mutation_rate), ("parental_skew", self.parental_skew)] {
            require((0.0..=1.0).contains(&p), name, p, "from 0 to 1")?;
        }
        for (name, x) in [("mutation_size", self.mutation_size), ("kT_multiplier", self.kt_multiplier)] {
            require((0.0..=1e100).contains(&x), name, x, "0 or more")?;
        }
        let conserved = self.conserved();
        require(conserved <= lambda, "n_conserve", real(conserved), &format!("from 0 to population_size ({lambda})"))
    }

    fn conserved(&self) -> usize {
        self.n_conserve.unwrap_or(self.population_size / 4)
    }
}

impl Options for GeneticConfig {
    type Method = Genetic;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<Genetic, ConfigError> {
        Genetic::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        dim * (real(self.population_size) + 8.0)
    }

    fn start_norm(&self, dim: usize) -> f64 {
        real(dim).sqrt()
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "genetic",
    aliases: &["Genetic"],
    about: "genetic algorithm with conserved best codes",
    source: "Xiao and Kreiman 2020; Wang and Ponce 2022, ActMax-Optimizer-Dev",
    options: GeneticConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 1,
    rank_based: false,
    carries_all_nan: false,
};

/// A genetic algorithm with uniform crossover, Gaussian mutation and conserved best codes.
///
/// ```text
/// ask    generation 0: code_i ~ N(0, I)
///        else: the n_conserve best of the last generation, unchanged, then children:
///              parents p1, p2 drawn with probability proportional to fitness
///              gene  = gene of p1 with probability parental_skew, else of p2
///              gene += N(0, mutation_size^2) with probability mutation_rate
/// tell   kT = max(kT_multiplier * std(scores), 1e-8)
///        fitness = exp((score - best score) / kT);  bins = cumsum(fitness) / sum(fitness)
/// ```
///
/// Quirks of the reference that are kept: among equal scores the later index is better; fitness that
/// underflows to 0 is set to the smallest positive fitness; `kT_multiplier = 2` is a very soft
/// selection; conserved codes are evaluated again, so that under noise they must re-earn their place.
/// Deviations: NaN, an assertion failure in the reference, ranks last with the smallest fitness;
/// infinite scores keep their rank and count as the extreme finite scores in kT and fitness.
///
/// [`start_from`](Optimizer::start_from): the codes are the first generation, however many.
/// [`recommend`](Optimizer::recommend) gives the incumbent, since there is no distribution.
///
/// # Source
/// `Genetic` of ActMax-Optimizer-Dev (Wang and Ponce 2022).
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Genetic {
    config: GeneticConfig,
    ledger: Ledger,
    first: GivenCodes,
    /// The codes told last.
    parents: Parents,
    kt: f64,
    origin: Vec<f64>,
}

impl Genetic {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: GeneticConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            config,
            ledger: Ledger::new(dim)?,
            first: GivenCodes::default(),
            parents: Parents::new(dim),
            kt: f64::NAN,
            origin: vec![0.0; dim],
        })
    }

    /// The selection temperature of the generation told last; NaN before.
    #[must_use]
    pub fn kt(&self) -> f64 {
        self.kt
    }

    /// [`ask`](Optimizer::ask) with given draws, for any generation but the first.
    ///
    /// # Panics
    /// If nothing was told yet, or the draws do not fit [`children`](Self::children), N and the number
    /// of genes that mutate.
    pub fn ask_with(&mut self, draws: &GeneticDraws, out: &mut Population) {
        assert!(self.parents.len() > 0, "the first generation has no parents");
        self.conserve(out);
        self.parents.breed_with(self.breeding(), draws, out, self.conserved()..out.len(), |_| {});
    }

    /// Number of children of the next generation.
    #[must_use]
    pub fn children(&self) -> usize {
        self.config.population_size - self.conserved()
    }

    fn conserved(&self) -> usize {
        self.config.conserved().min(self.parents.len())
    }

    fn breeding(&self) -> Breeding {
        let GeneticConfig { parental_skew: skew, mutation_rate, mutation_size, .. } = self.config;
        Breeding { skew, mutation_rate, mutation_size }
    }

    /// Shapes the next generation and copies the best codes of the last one into it.
    fn conserve(&mut self, out: &mut Population) {
        out.reshape(self.ledger.dim(), self.config.population_size);
        self.parents.conserve(self.conserved(), out);
        self.ledger.note_ask(out.len());
    }

    fn update(&mut self, codes: &Population, scores: &[f64], order: &[usize]) {
        let scores = without_infinities(scores);
        let numbers: Vec<f64> = scores.iter().copied().filter(|s| !s.is_nan()).collect();
        self.kt = (self.config.kt_multiplier * population_sd(&numbers)).max(1e-8);
        let ranked: Vec<f64> = order.iter().map(|&i| scores[i]).collect();
        self.parents.select(codes, order, &ranked, self.kt);
    }
}

impl Optimizer for Genetic {
    through_ledger!(given);

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        if self.ledger.generation() > 0 {
            self.conserve(out);
            self.parents.breed(self.breeding(), &mut rng, out, self.conserved()..out.len(), |_| {});
            return;
        }
        if !self.first.hand_out(&mut self.ledger, out) {
            out.reshape(self.ledger.dim(), self.config.population_size);
            fill_normal(&mut rng, out.as_mut_slice());
            self.ledger.note_ask(out.len());
        }
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let order = ties_last_first(scores);
        self.update(codes, scores, &order);
        self.first.take();
        self.ledger.note_tell(codes, scores, order[0]);
        Ok(())
    }

    fn recommend(&self) -> &[f64] {
        self.ledger.incumbent().map_or(&self.origin, |(code, _)| code)
    }

    fn diagnostics(&self) -> Vec<(&'static str, f64)> {
        vec![("kT", self.kt)]
    }
}
