//! Selection, crossover and mutation, which XDream's genetic algorithm and its descendant share, with the
//! order in which they draw random numbers.

use std::ops::Range;

use nalgebra::DMatrix;
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

use crate::Population;
use crate::linalg::real;

/// Random numbers of one generation of `c` children, in the order of the references.
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

/// Crossover and mutation.
#[derive(Clone, Copy, Debug)]
pub(super) struct Breeding {
    /// Probability that a gene comes from the first parent.
    pub(super) skew: f64,
    /// Probability that a gene mutates.
    pub(super) mutation_rate: f64,
    /// Standard deviation of a mutation.
    pub(super) mutation_size: f64,
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

    fn draw<R: Rng>(&mut self, rng: &mut R, breeding: Breeding) -> ChildDraws<'_> {
        // Two uniforms of 32 bits out of one number of 64: a probability needs no more.
        const UNIT: f64 = 1.0 / 4_294_967_296.0;
        for (a, b) in self.parentage.iter_mut().zip(&mut self.mutate) {
            let bits = rng.next_u64();
            #[expect(clippy::cast_possible_truncation, reason = "the low half")]
            let (high, low) = ((bits >> 32) as u32, bits as u32);
            (*a, *b) = (f64::from(high) * UNIT, f64::from(low) * UNIT);
        }
        let count = mutating_genes(&self.mutate, breeding.mutation_rate, &mut self.mutating);
        for mutation in &mut self.mutations[..count] {
            let normal: f64 = StandardNormal.sample(rng);
            *mutation = breeding.mutation_size * normal;
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

/// The codes that breed.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Parents {
    /// Best first.
    codes: Population,
    /// Cumulative probability of each parent.
    bins: Vec<f64>,
}

impl Parents {
    pub(super) fn new(dim: usize) -> Self {
        Self { codes: Population::new(dim), bins: Vec::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// Takes the columns `order` of `codes`, best first, with the probabilities
    ///
    /// ```text
    /// fitness = exp((score - best score) / kT);  bins = cumsum(fitness) / sum(fitness)
    /// ```
    ///
    /// `scores` are in that order too. Fitness that is NaN or underflows to 0 is set to the smallest
    /// positive fitness.
    pub(super) fn select(&mut self, codes: &Population, order: &[usize], scores: &[f64], kt: f64) {
        let mut fitness: Vec<f64> = scores.iter().map(|score| ((score - scores[0]) / kt).exp()).collect();
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
        gather(codes, order, &mut self.codes);
    }

    /// Copies the best codes into the first columns of `out`.
    pub(super) fn conserve(&self, count: usize, out: &mut Population) {
        for i in 0..count {
            out.code_mut(i).copy_from_slice(self.codes.code(i));
        }
    }

    /// Writes children into the columns `children` of `out`, with numbers from `rng`, and calls `born`
    /// with the ranks of each one's parents.
    pub(super) fn breed<R: Rng>(
        &self,
        breeding: Breeding,
        rng: &mut R,
        out: &mut Population,
        children: Range<usize>,
        mut born: impl FnMut([usize; 2]),
    ) {
        let mut scratch = Scratch::new(out.dim());
        for child in children {
            born(self.make_child(breeding.skew, &scratch.draw(rng, breeding), out.code_mut(child)));
        }
    }

    /// The same with given draws.
    ///
    /// # Panics
    /// If the draws do not fit the number of children, N and the number of genes that mutate.
    pub(super) fn breed_with(
        &self,
        breeding: Breeding,
        draws: &GeneticDraws,
        out: &mut Population,
        children: Range<usize>,
        mut born: impl FnMut([usize; 2]),
    ) {
        let shape = (out.dim(), children.len());
        assert_eq!((draws.parentage.shape(), draws.mutate.shape()), (shape, shape), "draws must be N x children");
        assert_eq!((draws.parent1.len(), draws.parent2.len()), (shape.1, shape.1), "one draw a child and parent");
        let mut mutating = vec![0; shape.0];
        let mut mutations = draws.mutations.as_slice();
        for (i, child) in children.enumerate() {
            let (parentage, mutate) = (draws.parentage.column(i), draws.mutate.column(i));
            let count = mutating_genes(mutate.as_slice(), breeding.mutation_rate, &mut mutating);
            let (own, rest) = mutations.split_at_checked(count).expect("one mutation a mutating gene");
            mutations = rest;
            let draws = ChildDraws {
                parent1: draws.parent1[i],
                parent2: draws.parent2[i],
                parentage: parentage.as_slice(),
                mutating: &mutating[..count],
                mutations: own,
            };
            born(self.make_child(breeding.skew, &draws, out.code_mut(child)));
        }
    }

    /// Writes a child and returns the ranks of its parents. The choice of a gene's parent is a mask
    /// instead of a branch, which would be mispredicted every few genes.
    fn make_child(&self, skew: f64, draws: &ChildDraws, genes: &mut [f64]) -> [usize; 2] {
        let parents = [self.chosen_by(draws.parent1), self.chosen_by(draws.parent2)];
        let [first, second] = parents.map(|parent| self.codes.code(parent));
        for (((gene, u), a), b) in genes.iter_mut().zip(draws.parentage).zip(first).zip(second) {
            let from_first = u64::from(*u < skew).wrapping_neg();
            *gene = f64::from_bits((a.to_bits() & from_first) | (b.to_bits() & !from_first));
        }
        for (&i, mutation) in draws.mutating.iter().zip(draws.mutations) {
            genes[i] += mutation;
        }
        parents
    }

    /// Rank of the parent that a uniform on [0, 1) chooses: the number of bins at or below it.
    fn chosen_by(&self, u: f64) -> usize {
        self.bins.partition_point(|&bin| bin <= u).min(self.codes.len() - 1)
    }
}

/// Copies the columns `order` of `codes` into `out`.
pub(super) fn gather(codes: &Population, order: &[usize], out: &mut Population) {
    out.reshape(codes.dim(), order.len());
    for (column, &i) in order.iter().enumerate() {
        out.code_mut(column).copy_from_slice(codes.code(i));
    }
}

/// Order of `scores`, best first; NaN last; ties: higher index first, as in the references.
pub(super) fn ties_last_first(scores: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    let key = |i: usize| if scores[i].is_nan() { (0, 0.0) } else { (1, scores[i]) };
    order.sort_by(|&a, &b| {
        let ((class_a, a_score), (class_b, b_score)) = (key(a), key(b));
        class_b.cmp(&class_a).then(b_score.partial_cmp(&a_score).unwrap_or(std::cmp::Ordering::Equal)).then(b.cmp(&a))
    });
    order
}

/// Standard deviation with divisor n.
pub(super) fn population_sd(values: &[f64]) -> f64 {
    let n = real(values.len());
    let mean = values.iter().sum::<f64>() / n;
    (values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt()
}
