//! Weighted means of the best codes.

use crate::linalg::{scale, weighted_sum};
use crate::{Population, Ranking};

/// Recombination weights by rank: `ln(mu + 1/2) - ln(i)`, `i = 1..=floor(mu)`, normalised to sum 1
/// (Hansen and Ostermeier 2001). `mu` keeps its half for odd populations, as in the reference; below
/// one parent the best takes all.
pub(crate) fn log_rank_weights(mu: f64) -> Vec<f64> {
    let mut weights: Vec<f64> = Vec::new();
    let mut rank = 1.0;
    while rank <= mu {
        weights.push((mu + 0.5).ln() - f64::ln(rank));
        rank += 1.0;
    }
    if weights.is_empty() {
        return vec![1.0];
    }
    let total: f64 = weights.iter().sum();
    scale(1.0 / total, &mut weights);
    weights
}

/// The mean of the best codes under `weights`, best first; with fewer codes than weights the weights
/// that are left are scaled to the sum 1.
pub(crate) fn mean_of_best(weights: &[f64], codes: &Population, ranking: &Ranking, mean: &mut [f64]) {
    let weights = &weights[..weights.len().min(codes.len())];
    weighted_sum(weights, codes, ranking.order(), mean);
    scale(1.0 / weights.iter().sum::<f64>(), mean);
}
