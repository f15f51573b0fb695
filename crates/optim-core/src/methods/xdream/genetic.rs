//! XDream's genetic algorithm.

use std::ops::Range;

use rand::Rng;

use super::center::{LARGEST, require_positive};
use crate::checks::{require, require_size};
use crate::contract::{GivenCodes, Ledger, through_ledger};
use crate::linalg::real;
use crate::methods::breeding::{Breeding, GeneticDraws, Parents, gather, population_sd, ties_last_first};
use crate::methods::sources::XDREAM;
use crate::options::{Options, options};
use crate::ranking::without_infinities;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

options! {
    /// Options of [`XdreamGenetic`], under the names of the reference.
    ///
    /// The reference has no default for the first four; these are those of its examples.
    XdreamGeneticConfig {
        /// Codes a generation (lambda), 1 or more.
        population_size: usize = 20, "codes a generation";
        /// Probability that a gene of a child mutates.
        mutation_rate: f64 = 0.5, "probability that a gene mutates";
        /// Standard deviation of a mutation, in units of the code.
        mutation_size: f64 = 0.5, "standard deviation of a mutation";
        /// Inverse selection temperature in standard deviations of the scores: higher is stricter.
        selectivity: f64 = 2.0, "inverse selection temperature in standard deviations of the scores";
        /// Probability that a gene comes from the first parent; below 0.5 it is mirrored.
        heritability: f64 = 0.5, "probability that a gene comes from the first parent; below 0.5 it is mirrored";
        /// Number of best codes that pass on unchanged and are evaluated again, below the population size;
        /// `None`: as `n_conserve_ratio` says.
        n_conserve: Option<usize> = None, "best codes that pass on unchanged; none: as n_conserve_ratio says";
        /// That number as a part of the population, rounded down; `None`: 0.
        n_conserve_ratio: Option<f64> = None, "that number as a part of the population; none: 0";
    }
}

impl XdreamGeneticConfig {
    fn validate(&self) -> Result<(), ConfigError> {
        let lambda = self.population_size;
        require_size("population_size", lambda)?;
        for (name, p) in [("mutation_rate", self.mutation_rate), ("heritability", self.heritability)] {
            require((0.0..=1.0).contains(&p), name, p, "from 0 to 1")?;
        }
        require((0.0..=LARGEST).contains(&self.mutation_size), "mutation_size", self.mutation_size, "from 0 to 1e100")?;
        require_positive("selectivity", self.selectivity)?;
        if let Some(ratio) = self.n_conserve_ratio {
            require((0.0..1.0).contains(&ratio), "n_conserve_ratio", ratio, "0 or more and below 1")?;
        }
        let (conserved, range) = (self.conserved(), format!("0 or more and below population_size ({lambda})"));
        require(conserved < lambda, "n_conserve", real(conserved), &range)
    }

    fn conserved(&self) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a part of the population")]
        let part = |ratio: f64| (real(self.population_size) * ratio) as usize;
        self.n_conserve.or(self.n_conserve_ratio.map(part)).unwrap_or(0)
    }
}

impl Options for XdreamGeneticConfig {
    type Method = XdreamGenetic;

    fn info(&self) -> &'static MethodInfo {
        &INFO
    }

    fn population_size(&self, _dim: usize) -> usize {
        self.population_size
    }

    fn build(self, dim: usize) -> Result<XdreamGenetic, ConfigError> {
        XdreamGenetic::new(dim, self)
    }

    fn numbers_held(&self, dim: f64, _generations: f64) -> f64 {
        (2.0 * dim + 8.0) * real(self.population_size) + 8.0 * dim
    }

    fn start_norm(&self, dim: usize) -> f64 {
        real(dim).sqrt()
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "xdream-genetic",
    aliases: &[],
    about: "genetic algorithm that evaluates codes without a score again",
    source: XDREAM,
    options: XdreamGeneticConfig::OPTIONS,
    size_option: "population_size",
    smallest_size: 1,
    rank_based: false,
    carries_all_nan: true,
};

/// Where a code comes from; numbers are columns of the generation before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Ancestry {
    /// Drawn or given: there was no generation before.
    Initial,
    /// One of the best codes, unchanged.
    Conserved(usize),
    /// A child of two parents, the first being the one that `heritability` favours.
    Child([usize; 2]),
    /// A code that got no score, unchanged.
    CarriedOver(usize),
}

/// The percentile of the scores above which they are clipped.
const OUTLIER: f64 = 0.95;

/// A genetic algorithm with uniform crossover and Gaussian mutation that keeps codes without a score.
///
/// ```text
/// ask    generation 0: code_i ~ N(0, I)
///        else: the n_conserve best of the last generation, unchanged,
///              then children: parents p1, p2 drawn with probability proportional to fitness
///                             gene  = gene of p1 with probability heritability, else of p2
///                             gene += N(0, mutation_size^2) with probability mutation_rate
///              then the codes of the last generation without a score, unchanged
/// tell   kT = max(std(scores) / selectivity, 1e-8)
///        scores = min(scores, 95th percentile of scores)                 (linear interpolation)
///        fitness = exp((score - best score) / kT);  bins = cumsum(fitness) / sum(fitness)
///        best_score = max(best_score, best score)                        (a clipped one)
/// ```
///
/// NaN is a missing score. Its code does not breed and comes again at the end of the next generation,
/// which has fewer children. If all scores are missing, the same generation comes again. That is no error
/// here; other methods answer [`TellError::AllNan`].
///
/// Quirks of the reference that are kept: among equal scores the later index is better; fitness that
/// underflows to 0 is set to the smallest positive fitness; kT is that of the scores before clipping.
/// Deviations: the reference keeps, as the code of `best_score`, the first code of the *next*
/// generation, a child where nothing is conserved; here [`incumbent`](Optimizer::incumbent) is the code
/// with the best score told, unclipped. `n_conserve_ratio` counts wherever `n_conserve` is not set.
/// Infinite scores keep their rank and count as the extreme finite scores.
///
/// [`start_from`](Optimizer::start_from): the codes are the first generation, however many.
/// [`recommend`](Optimizer::recommend) gives the incumbent, since there is no distribution.
///
/// # Source
/// `Genetic` of XDream (Xiao and Kreiman 2020); see [`crate::methods::Genetic`] for its descendant.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct XdreamGenetic {
    config: XdreamGeneticConfig,
    ledger: Ledger,
    first: GivenCodes,
    /// The codes told last that have a score, and their columns, best first.
    parents: Parents,
    ranked: Vec<usize>,
    /// The codes told last that have none, and their columns.
    unscored: Population,
    missing: Vec<usize>,
    kt: f64,
    best_score: Option<f64>,
    /// Ancestry of the generation asked last.
    genealogy: Vec<Ancestry>,
    origin: Vec<f64>,
}

impl XdreamGenetic {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: XdreamGeneticConfig) -> Result<Self, ConfigError> {
        config.validate()?;
        Ok(Self {
            config,
            ledger: Ledger::new(dim)?,
            first: GivenCodes::default(),
            parents: Parents::new(dim),
            ranked: Vec::new(),
            unscored: Population::new(dim),
            missing: Vec::new(),
            kt: f64::NAN,
            best_score: None,
            genealogy: Vec::new(),
            origin: vec![0.0; dim],
        })
    }

    /// The selection temperature of the last generation with a score; NaN before.
    #[must_use]
    pub fn kt(&self) -> f64 {
        self.kt
    }

    /// The best clipped score; `None` before there is one.
    #[must_use]
    pub fn best_score(&self) -> Option<f64> {
        self.best_score
    }

    /// Where each code of the generation asked last comes from; empty before the first.
    #[must_use]
    pub fn genealogy(&self) -> &[Ancestry] {
        &self.genealogy
    }

    /// Number of children of the next generation.
    #[must_use]
    pub fn children(&self) -> usize {
        self.children_columns().len()
    }

    /// [`ask`](Optimizer::ask) with given draws, for any generation but the first.
    ///
    /// # Panics
    /// If nothing was told yet, or the draws do not fit [`children`](Self::children), N and the number
    /// of genes that mutate.
    pub fn ask_with(&mut self, draws: &GeneticDraws, out: &mut Population) {
        assert!(self.ledger.generation() > 0, "the first generation has no parents");
        let children = self.inherit(out);
        let (breeding, ranked, genealogy) = (self.breeding(), &self.ranked, &mut self.genealogy);
        let mut births = children.clone();
        self.parents.breed_with(breeding, draws, out, children, |parents| {
            note_birth(genealogy, &mut births, ranked, parents);
        });
    }

    fn breeding(&self) -> Breeding {
        let XdreamGeneticConfig { heritability, mutation_rate, mutation_size, .. } = self.config;
        Breeding { skew: heritability.max(1.0 - heritability), mutation_rate, mutation_size }
    }

    /// Columns of the next generation that are children: between the conserved and the carried over.
    fn children_columns(&self) -> Range<usize> {
        let lambda = self.config.population_size;
        let conserved = self.config.conserved().min(self.parents.len());
        if self.parents.len() == 0 { 0..0 } else { conserved..lambda - self.missing.len().min(lambda - conserved) }
    }

    /// Shapes the next generation and copies the codes into it that pass on unchanged; returns the
    /// columns that remain for children.
    fn inherit(&mut self, out: &mut Population) -> Range<usize> {
        let children = self.children_columns();
        let lambda = if self.parents.len() == 0 { self.missing.len() } else { self.config.population_size };
        out.reshape(self.ledger.dim(), lambda);
        self.parents.conserve(children.start, out);
        self.genealogy.clear();
        self.genealogy.extend(self.ranked[..children.start].iter().map(|&i| Ancestry::Conserved(i)));
        self.genealogy.resize(children.end, Ancestry::Initial); // until they are born
        // Of more unscored codes than there is room for, the last ones stay.
        let skipped = self.missing.len() - (lambda - children.end);
        for (column, i) in (children.end..lambda).zip(skipped..) {
            out.code_mut(column).copy_from_slice(self.unscored.code(i));
            self.genealogy.push(Ancestry::CarriedOver(self.missing[i]));
        }
        self.ledger.note_ask(lambda);
        children
    }

    fn update(&mut self, codes: &Population, scores: &[f64], order: &[usize]) {
        let scores = without_infinities(scores);
        self.missing.clear();
        self.missing.extend((0..scores.len()).filter(|&i| scores[i].is_nan()));
        gather(codes, &self.missing, &mut self.unscored);
        self.ranked.clear();
        self.ranked.extend_from_slice(&order[..scores.len() - self.missing.len()]);
        let mut ranked: Vec<f64> = self.ranked.iter().map(|&i| scores[i]).collect();
        if !ranked.is_empty() {
            self.kt = (population_sd(&ranked) / self.config.selectivity).max(1e-8);
            let limit = quantile(&ranked, OUTLIER);
            ranked.iter_mut().for_each(|score| *score = score.min(limit));
            self.best_score = Some(self.best_score.map_or(ranked[0], |best| best.max(ranked[0])));
            // A first generation may be larger than the population.
            self.ranked.truncate(self.config.population_size);
            ranked.truncate(self.config.population_size);
        }
        self.parents.select(codes, &self.ranked, &ranked, self.kt);
    }
}

/// Books the next child of the columns `births`; its parents are given by rank.
fn note_birth(genealogy: &mut [Ancestry], births: &mut Range<usize>, ranked: &[usize], parents: [usize; 2]) {
    if let Some(child) = births.next() {
        genealogy[child] = Ancestry::Child(parents.map(|rank| ranked[rank]));
    }
}

/// Quantile of values in descending order, interpolated linearly.
fn quantile(descending: &[f64], p: f64) -> f64 {
    let last = descending.len() - 1;
    let place = (1.0 - p) * real(last);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the last index")]
    let above = (place as usize).min(last);
    let (weight, below) = (place - real(above), (above + 1).min(last));
    (1.0 - weight) * descending[above] + weight * descending[below]
}

impl Optimizer for XdreamGenetic {
    through_ledger!(given);

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        let mut rng = fork(rng);
        if self.ledger.generation() > 0 {
            let children = self.inherit(out);
            let (breeding, ranked, genealogy) = (self.breeding(), &self.ranked, &mut self.genealogy);
            let mut births = children.clone();
            self.parents.breed(breeding, &mut rng, out, children, |parents| {
                note_birth(genealogy, &mut births, ranked, parents);
            });
            return;
        }
        if !self.first.hand_out(&mut self.ledger, out) {
            out.reshape(self.ledger.dim(), self.config.population_size);
            fill_normal(&mut rng, out.as_mut_slice());
            self.ledger.note_ask(out.len());
        }
        self.genealogy.clear();
        self.genealogy.resize(out.len(), Ancestry::Initial);
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell_or_gap(codes, scores)?;
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
