//! Weights by rank under which samples of equal score count alike.

use crate::Ranking;
use crate::linalg::{norm, real, scale};

/// Normal scores of `n` places, best first: `Phi^-1((n - i + 0.625) / (n + 0.25))`, i = 1..=n, scaled to sum of squares 1.
/// Their sum is 0; one place has the score 0.
pub(super) fn normal_scores(n: usize) -> Vec<f64> {
    let mut scores = vec![0.0; n];
    for i in 0..n / 2 {
        scores[i] = normal_quantile((real(n - i) - 0.375) / (real(n) + 0.25));
        scores[n - 1 - i] = -scores[i];
    }
    to_unit_length(&mut scores);
    scores
}

/// Savage scores of `n` places, best first: `1/i + 1/(i+1) + .. + 1/n - 1`, i = 1..=n, scaled to sum of squares 1. Before the
/// scaling they are the means of ordered draws from an exponential distribution of mean 1, less that mean (Savage 1956).
/// Their sum is 0; one place has the score 0.
fn savage_scores(n: usize) -> Vec<f64> {
    let mut scores = vec![0.0; n];
    let mut mean = 0.0;
    for i in (0..n).rev() {
        mean += 1.0 / real(i + 1);
        scores[i] = mean - 1.0;
    }
    to_unit_length(&mut scores);
    scores
}

/// The weight of each score by its normal score.
pub(super) fn by_normal_scores(scores: &[f64]) -> Vec<f64> {
    weights(scores, &normal_scores(scores.len()))
}

/// The weight of each score by a mixture of Savage and normal scores: the share of Savage scores is that of distinct scores.
/// All NaN are one score.
pub(super) fn by_savage_scores(scores: &[f64]) -> Vec<f64> {
    let n = scores.len();
    let order = Ranking::best_first(scores);
    let distinct = order.order().chunk_by(|&i, &j| same(scores[i], scores[j])).count();
    let share = real(distinct) / real(n.max(1));
    let mut by_place = normal_scores(n);
    by_place.iter_mut().zip(savage_scores(n)).for_each(|(normal, savage)| *normal += share * (savage - *normal));
    to_unit_length(&mut by_place);
    weights(scores, &by_place)
}

fn to_unit_length(scores: &mut [f64]) {
    let length = norm(scores);
    if length > 0.0 {
        scale(1.0 / length, scores);
    }
}

/// Logarithmic weights of the better half of `n` places, best first: `ln(n/2 + 1/2) - ln i`. One place has weight 1.
pub(super) fn better_half(n: usize) -> Vec<f64> {
    if n == 1 { vec![1.0] } else { (1..=n / 2).map(|i| (real(n) / 2.0 + 0.5).ln() - real(i).ln()).collect() }
}

/// The weight of each score if the weights of places, best first, are `by_place`; places beyond have weight 0. NaN comes
/// last. Equal scores, and all NaN, share the mean of the weights of their places.
pub(in crate::methods) fn weights(scores: &[f64], by_place: &[f64]) -> Vec<f64> {
    let ranking = Ranking::best_first(scores);
    let weight_at = |place: usize| by_place.get(place).copied().unwrap_or(0.0);
    let mut weights = vec![0.0; scores.len()];
    let mut place = 0;
    for tied in ranking.order().chunk_by(|&i, &j| same(scores[i], scores[j])) {
        let mean = (place..place + tied.len()).map(weight_at).sum::<f64>() / real(tied.len());
        tied.iter().for_each(|&i| weights[i] = mean);
        place += tied.len();
    }
    weights
}

/// Whether the scores do not tell one sample from another.
pub(super) fn all_tied(scores: &[f64]) -> bool {
    scores.windows(2).all(|pair| same(pair[0], pair[1]))
}

fn same(a: f64, b: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan())
}

/// The inverse of the standard normal distribution function, for `q` from 1/2 to below 1.
///
/// Newton's method from 0. It comes from below, because the function is concave there.
fn normal_quantile(q: f64) -> f64 {
    let mut x = 0.0;
    for _ in 0..100 {
        let (density, below) = normal_distribution(x);
        let step = (q - 0.5 - below) / density;
        x += step;
        if step <= 1e-15 * x {
            break;
        }
    }
    x
}

/// Density at `x`, and probability from 0 to `x` by the series `density (x + x^3/3 + x^5/(3 5) + ...)` (Marsaglia 2004).
fn normal_distribution(x: f64) -> (f64, f64) {
    let density = (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    let (mut term, mut sum, mut odd) = (x, x, 1.0);
    while term > 1e-17 * sum {
        odd += 2.0;
        term *= x * x / odd;
        sum += term;
    }
    (density, density * sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_tables() {
        // Python's statistics.NormalDist().inv_cdf.
        let tables = [
            (0.5, 0.0),
            (0.75, 0.674_489_750_196_081_7),
            (0.975, 1.959_963_984_540_054),
            (0.999_999, 4.753_424_308_817_088),
        ];
        for (q, x) in tables {
            assert!((normal_quantile(q) - x).abs() < 1e-9, "{q}: {} instead of {x}", normal_quantile(q));
        }
    }

    #[test]
    fn normal_scores_are_centred_and_of_unit_length() {
        for n in [1, 2, 3, 37, 40, 5001] {
            let s = normal_scores(n);
            assert!(s.iter().sum::<f64>().abs() < 1e-12);
            assert!(n == 1 || (norm(&s) - 1.0).abs() < 1e-12);
            assert!(s.windows(2).all(|pair| pair[0] > pair[1]));
        }
    }

    #[test]
    fn savage_scores_are_centred_and_of_unit_length() {
        assert_eq!(savage_scores(1), [0.0]);
        let raw = [0.833_333_333_333_333_3, -0.166_666_666_666_666_7, -0.666_666_666_666_666_7];
        let length = norm(&raw);
        assert!(savage_scores(3).iter().zip(raw).all(|(s, raw)| (s - raw / length).abs() < 1e-15));
        for n in [2, 37, 40, 5001] {
            let s = savage_scores(n);
            assert!(s.iter().sum::<f64>().abs() < 1e-11 && (norm(&s) - 1.0).abs() < 1e-12);
            assert!(s.windows(2).all(|pair| pair[0] > pair[1]));
        }
    }

    #[test]
    fn scores_that_tie_count_more_like_normal_scores() {
        let (normal, savage) = (normal_scores(4), savage_scores(4));
        assert_eq!(by_savage_scores(&[1.0, 4.0, 2.0, 3.0]), [savage[3], savage[0], savage[2], savage[1]]);
        let tied = by_savage_scores(&[9.0, 9.0, 0.0, 0.0]);
        let mixed: Vec<f64> = normal.iter().zip(&savage).map(|(normal, savage)| normal + savage).collect();
        let pair = (mixed[0] + mixed[1]) / (2.0 * norm(&mixed));
        assert!(tied.iter().zip([pair, pair, -pair, -pair]).all(|(a, b)| (a - b).abs() < 1e-15), "{tied:?}");
        assert_eq!(by_savage_scores(&[f64::NAN, f64::NAN, 1.0])[2], by_savage_scores(&[0.0, 0.0, 1.0])[2]);
        assert!(by_savage_scores(&[]).is_empty());
    }

    #[test]
    fn equal_scores_share_the_weights_of_their_places() {
        let nan = f64::NAN;
        let by_place = [8.0, 4.0, 2.0, 1.0];
        assert_eq!(weights(&[1.0, 5.0, 5.0, nan], &by_place), [2.0, 6.0, 6.0, 1.0]);
        assert_eq!(weights(&[nan, 0.0, nan, -0.0, 3.0], &by_place), [0.5, 3.0, 0.5, 3.0, 8.0]);
        assert!(all_tied(&[nan, nan]) && all_tied(&[0.0, -0.0]) && all_tied(&[7.0]) && !all_tied(&[nan, 0.0]));
    }

    #[test]
    fn the_better_half_has_positive_weights() {
        assert_eq!(better_half(1), [1.0]);
        for n in [2usize, 5, 9, 40] {
            assert!(better_half(n).len() == n / 2 && better_half(n).iter().all(|w| *w > 0.0), "{n}");
        }
    }
}
