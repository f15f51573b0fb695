//! The genetic algorithm of ActMax-Optimizer-Dev, descendant of XDream's.
//!
//! # References
//! * Xiao and Kreiman, "XDream: finding preferred stimuli for visual neurons using generative networks
//!   and gradient-free optimization", PLoS Computational Biology 2020.
//! * Wang and Ponce, "High-performance Evolutionary Algorithms for Online Neuron Control", GECCO 2022.

use nalgebra::DMatrix;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};

use super::{real, require};
use crate::contract::{Ledger, through_ledger};
use crate::method::Options;
use crate::registry::{MethodInfo, POPULATION_SIZE, option};
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, Method, Optimizer, Population, TellError};

/// Options of [`Genetic`], under the names of the reference.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GeneticConfig {
    /// Codes a generation (lambda), 1 or more.
    pub population_size: usize,
    /// Probability that a gene of a child mutates.
    pub mutation_rate: f64,
    /// Standard deviation of a mutation, in units of the code.
    pub mutation_size: f64,
    /// Selection temperature in standard deviations of the scores: higher is softer.
    #[serde(rename = "kT_multiplier")]
    pub kt_multiplier: f64,
    /// Probability that a gene comes from the first parent.
    pub parental_skew: f64,
    /// Number of best codes that pass on unchanged and are evaluated again; `None`: a quarter of the
    /// population (the reference's 10 of 40).
    pub n_conserve: Option<usize>,
}

impl Default for GeneticConfig {
    fn default() -> Self {
        Self {
            population_size: 40,
            mutation_rate: 0.25,
            mutation_size: 0.75,
            kt_multiplier: 2.0,
            parental_skew: 0.75,
            n_conserve: None,
        }
    }
}

impl GeneticConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        let lambda = self.population_size;
        require(lambda >= 1, "population_size", real(lambda), "1 or more")?;
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

    fn population_size(&self) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<Genetic, ConfigError> {
        Genetic::new(dim, self)
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "genetic",
    aliases: &["Genetic"],
    about: "genetic algorithm with conserved best codes",
    source: "Xiao and Kreiman 2020; Wang and Ponce 2022, ActMax-Optimizer-Dev",
    options: &[
        POPULATION_SIZE,
        option("mutation_rate", "probability that a gene mutates"),
        option("mutation_size", "standard deviation of a mutation"),
        option("kT_multiplier", "selection temperature in standard deviations of the scores"),
        option("parental_skew", "probability that a gene comes from the first parent"),
        option("n_conserve", "best codes that pass on unchanged; none: a quarter of the population"),
    ],
    size_option: "population_size",
    rank_based: false,
    method: || Method::Genetic(GeneticConfig::default()),
};

/// Random numbers of one generation of `c` children, in the order of the reference.
#[derive(Clone, Debug, PartialEq)]
pub struct GeneticDraws {
    /// Uniforms on [0, 1) that choose the first parents, length c.
    pub parent1: Vec<f64>,
    /// Uniforms that choose the second parents, length c.
    pub parent2: Vec<f64>,
    /// Uniforms that choose the parent of each gene, `N x c`, one column a child.
    pub parentage: DMatrix<f64>,
    /// Uniforms that choose the genes that mutate, `N x c`, one column a child.
    pub mutate: DMatrix<f64>,
    /// One mutation, scaled already, for every gene that mutates, child by child.
    pub mutations: Vec<f64>,
}

/// Random numbers of one child.
struct ChildDraws<'a> {
    parent1: f64,
    parent2: f64,
    parentage: &'a [f64],
    /// Genes that mutate, in order, and by how much.
    mutating: &'a [usize],
    mutations: &'a [f64],
}

/// Room for the random numbers of one child, each of length N.
struct Scratch {
    parentage: Vec<f64>,
    mutate: Vec<f64>,
    mutating: Vec<usize>,
    mutations: Vec<f64>,
}

impl Scratch {
    fn new(dim: usize) -> Self {
        let zeros = vec![0.0; dim];
        Self { parentage: zeros.clone(), mutate: zeros.clone(), mutating: vec![0; dim], mutations: zeros }
    }

    fn draw<R: Rng>(&mut self, rng: &mut R, config: &GeneticConfig) -> ChildDraws<'_> {
        // Two uniforms of 32 bits out of one number of 64: a probability needs no more.
        const UNIT: f64 = 1.0 / 4_294_967_296.0;
        for (a, b) in self.parentage.iter_mut().zip(&mut self.mutate) {
            let bits = rng.next_u64();
            #[expect(clippy::cast_possible_truncation, reason = "the low half")]
            let (high, low) = ((bits >> 32) as u32, bits as u32);
            (*a, *b) = (f64::from(high) * UNIT, f64::from(low) * UNIT);
        }
        let count = mutating_genes(&self.mutate, config.mutation_rate, &mut self.mutating);
        for mutation in &mut self.mutations[..count] {
            let normal: f64 = StandardNormal.sample(rng);
            *mutation = config.mutation_size * normal;
        }
        let (parent1, parent2) = (rng.random(), rng.random());
        let (mutating, mutations) = (&self.mutating[..count], &self.mutations[..count]);
        ChildDraws { parent1, parent2, parentage: &self.parentage, mutating, mutations }
    }
}

/// Writes the indices of the uniforms below `rate` to the front of `genes` and returns their number.
/// Every index is stored, but only those that count advance: a branch would be mispredicted every
/// few genes.
fn mutating_genes(uniforms: &[f64], rate: f64, genes: &mut [usize]) -> usize {
    let mut count = 0;
    for (i, u) in uniforms.iter().enumerate() {
        genes[count] = i;
        count += usize::from(*u < rate);
    }
    count
}

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
/// [`recommend`](Optimizer::recommend) gives the incumbent, there being no distribution.
///
/// # Source
/// `Genetic` of ActMax-Optimizer-Dev (Wang and Ponce 2022).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Genetic {
    config: GeneticConfig,
    ledger: Ledger,
    first: Option<Population>,
    /// Codes told last, best first.
    parents: Population,
    /// Cumulative probability of each parent.
    bins: Vec<f64>,
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
            first: None,
            parents: Population::new(dim),
            bins: Vec::new(),
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
        let shape = (self.ledger.dim(), self.children());
        assert!(!self.parents.is_empty(), "the first generation has no parents");
        assert_eq!((draws.parentage.shape(), draws.mutate.shape()), (shape, shape), "draws must be N x children");
        assert_eq!((draws.parent1.len(), draws.parent2.len()), (shape.1, shape.1), "one draw a child and parent");
        self.conserve(out);
        let mut scratch = Scratch::new(shape.0);
        let mut mutations = draws.mutations.as_slice();
        for child in 0..shape.1 {
            let (parentage, mutate) = (draws.parentage.column(child), draws.mutate.column(child));
            let count = mutating_genes(mutate.as_slice(), self.config.mutation_rate, &mut scratch.mutating);
            let (own, rest) = mutations.split_at_checked(count).expect("one mutation a mutating gene");
            mutations = rest;
            let draws = ChildDraws {
                parent1: draws.parent1[child],
                parent2: draws.parent2[child],
                parentage: parentage.as_slice(),
                mutating: &scratch.mutating[..count],
                mutations: own,
            };
            self.breed(&draws, out, child);
        }
    }

    /// Number of children of the next generation.
    #[must_use]
    pub fn children(&self) -> usize {
        self.config.population_size - self.conserved()
    }

    fn conserved(&self) -> usize {
        self.config.conserved().min(self.parents.len())
    }

    /// Shapes the next generation and copies the best codes of the last one into it.
    fn conserve(&mut self, out: &mut Population) {
        out.reshape(self.ledger.dim(), self.config.population_size);
        for i in 0..self.conserved() {
            out.code_mut(i).copy_from_slice(self.parents.code(i));
        }
        self.ledger.note_ask(out.len());
    }

    /// Writes child number `child`. The choice of a gene's parent is a mask instead of a branch, which
    /// would be mispredicted every few genes.
    fn breed(&self, draws: &ChildDraws, out: &mut Population, child: usize) {
        let first = self.parents.code(self.parent(draws.parent1));
        let second = self.parents.code(self.parent(draws.parent2));
        let genes = out.code_mut(self.conserved() + child);
        let skew = self.config.parental_skew;
        for (((gene, u), a), b) in genes.iter_mut().zip(draws.parentage).zip(first).zip(second) {
            let from_first = u64::from(*u < skew).wrapping_neg();
            *gene = f64::from_bits((a.to_bits() & from_first) | (b.to_bits() & !from_first));
        }
        for (&i, mutation) in draws.mutating.iter().zip(draws.mutations) {
            genes[i] += mutation;
        }
    }

    /// Index of the parent that a uniform on [0, 1) chooses: the number of bins at or below it.
    fn parent(&self, u: f64) -> usize {
        self.bins.partition_point(|&bin| bin <= u).min(self.parents.len() - 1)
    }

    /// Order of `scores`, best first; NaN last; ties: higher index first, as in the reference.
    fn order(scores: &[f64]) -> Vec<usize> {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        let key = |i: usize| if scores[i].is_nan() { (0, 0.0) } else { (1, scores[i]) };
        order.sort_by(|&a, &b| {
            let ((class_a, a_score), (class_b, b_score)) = (key(a), key(b));
            class_b
                .cmp(&class_a)
                .then(b_score.partial_cmp(&a_score).unwrap_or(std::cmp::Ordering::Equal))
                .then(b.cmp(&a))
        });
        order
    }

    fn update(&mut self, codes: &Population, scores: &[f64], order: &[usize]) {
        let usable = usable_scores(scores);
        self.kt = (self.config.kt_multiplier * population_sd(&usable)).max(1e-8);
        let best = usable.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut fitness: Vec<f64> =
            order.iter().map(|&i| ((finite(scores[i], &usable) - best) / self.kt).exp()).collect();
        let smallest = fitness.iter().copied().filter(|&f| f > 0.0).fold(f64::INFINITY, f64::min);
        for f in &mut fitness {
            if f.is_nan() || *f <= 0.0 {
                *f = smallest;
            }
        }
        let total: f64 = fitness.iter().sum();
        let mut cumulated = 0.0;
        self.bins.clear();
        self.bins.extend(fitness.iter().map(|f| {
            cumulated += f;
            cumulated / total
        }));
        self.parents.reshape(codes.dim(), codes.len());
        for (rank, &i) in order.iter().enumerate() {
            self.parents.code_mut(rank).copy_from_slice(codes.code(i));
        }
    }
}

/// The finite scores; where there are none, the signs of the infinite ones.
fn usable_scores(scores: &[f64]) -> Vec<f64> {
    let finite: Vec<f64> = scores.iter().copied().filter(|s| s.is_finite()).collect();
    if finite.is_empty() { scores.iter().filter(|s| !s.is_nan()).map(|s| s.signum()).collect() } else { finite }
}

/// `score` brought into the range of the usable scores; NaN stays.
fn finite(score: f64, usable: &[f64]) -> f64 {
    let low = usable.iter().copied().fold(f64::INFINITY, f64::min);
    let high = usable.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    score.clamp(low, high)
}

/// Standard deviation with divisor n.
fn population_sd(values: &[f64]) -> f64 {
    let n = real(values.len());
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt()
}

impl Optimizer for Genetic {
    through_ledger!();

    fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.ledger.check_initial(codes)?;
        self.first = Some(codes.clone());
        Ok(())
    }

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        if self.ledger.generation() > 0 {
            self.conserve(out);
            let mut scratch = Scratch::new(self.ledger.dim());
            for child in 0..self.children() {
                self.breed(&scratch.draw(&mut rng, &self.config), out, child);
            }
            return;
        }
        match &self.first {
            Some(first) => out.clone_from(first),
            None => {
                out.reshape(self.ledger.dim(), self.config.population_size);
                fill_normal(&mut rng, out.as_mut_slice());
            }
        }
        self.ledger.note_ask(out.len());
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)?;
        let order = Self::order(scores);
        self.update(codes, scores, &order);
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
