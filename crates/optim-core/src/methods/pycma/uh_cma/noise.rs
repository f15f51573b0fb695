//! How far ranks change when codes are scored again.

use crate::Ranking;
use crate::linalg::real;

/// Twice the share of all ranks that may lie within the limit of a rank change, in percent: theta of the reference is 0.5.
const PERCENTILE: f64 = 25.0;

/// Mean excess of rank changes over their limits, from about `-lambda` to `2 lambda`; `None` without a pair of scores.
///
/// `first` holds the scores of all codes, `again` second scores of as many of them, from the first on. Ranks are those
/// among both lists, where a code without a second score counts twice. Equal scores are ranked by code, so that a code whose two
/// scores are equal has not changed. A missing score is the
/// other one, and its pair does not count.
pub(super) fn excess(first: &[f64], again: &[f64]) -> Option<f64> {
    let second = |i: usize| again.get(i).copied().unwrap_or(f64::NAN);
    let known = |score: f64, other: f64| if score.is_nan() { other } else { score };
    let both = |i: usize| [known(first[i], second(i)), known(second(i), first[i])];
    let joint: Vec<f64> = (0..first.len()).flat_map(both).collect();
    let mut ranks = vec![0.0; joint.len()];
    for (rank, &i) in Ranking::best_first(&joint).order().iter().enumerate() {
        ranks[i] = real(rank);
    }
    let pairs = (0..again.len()).filter(|&i| !first[i].is_nan() && !again[i].is_nan());
    let excesses: Vec<f64> = pairs.map(|i| of_pair(ranks[2 * i], ranks[2 * i + 1], first.len())).collect();
    (!excesses.is_empty()).then(|| excesses.iter().sum::<f64>() / real(excesses.len()))
}

/// Rank change of a code, ranked `a` and `b` of `0..2 lambda`, less its limit; the code itself does not count.
fn of_pair(a: f64, b: f64, lambda: usize) -> f64 {
    let among_others = |rank: f64, other: f64| if rank > other { rank } else { rank + 1.0 };
    let limit = f64::midpoint(limit(among_others(a, b), lambda), limit(among_others(b, a), lambda));
    // A change by one rank is always fine.
    (a - b).abs() - 1.0 - limit.max(1.0)
}

/// The percentile of the distances of the ranks `1..2 lambda` from a rank.
fn limit(rank: f64, lambda: usize) -> f64 {
    let mut distances: Vec<f64> = (1..2 * lambda).map(|r| (real(r) - rank).abs()).collect();
    distances.sort_by(f64::total_cmp);
    percentile(&distances, PERCENTILE)
}

/// The percentile of sorted numbers, of which the k-th of n stands at `100 (k - 1/2) / n`; linear in between.
fn percentile(sorted: &[f64], percent: f64) -> f64 {
    let place = (percent * real(sorted.len()) / 100.0 - 0.5).clamp(0.0, real(sorted.len() - 1));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
    let below = place as usize;
    let share = place - real(below);
    let above = sorted[(below + 1).min(sorted.len() - 1)];
    (1.0 - share) * sorted[below] + share * above
}

#[cfg(test)]
mod tests {
    use super::{excess, percentile};

    #[test]
    fn equal_scores_have_not_changed() {
        // The limit is 1 at least.
        assert!(excess(&[2.0; 12], &[2.0; 4]).unwrap() <= -1.0);
        assert!(excess(&[3.0, 2.0, 1.0, 0.0], &[3.0, 2.0]).unwrap() <= -1.0);
    }

    #[test]
    fn a_code_that_falls_from_first_to_last_has_changed() {
        let first: Vec<f64> = (0..20).map(|i| 20.0 - f64::from(i)).collect();
        // Ranks 0 and 39 of 40; a quarter of the 39 ranks of the others lies within 9.25 of either end.
        let excess = excess(&first, &[-1.0]).unwrap();
        assert!((excess - (38.0 - 9.25)).abs() < 1e-12, "{excess}");
    }

    #[test]
    fn pairs_without_a_score_do_not_count() {
        let (nan, first) = (f64::NAN, [4.0, 3.0, 2.0, 1.0]);
        assert_eq!(
            excess(&first, &[nan, 3.5]),
            excess(&first, &[4.0, 3.5]).map(|two| 2.0 * two - excess(&first, &[4.0, nan]).unwrap())
        );
        assert_eq!(excess(&first, &[nan, nan]), None);
        assert_eq!(excess(&[nan, 3.0, 2.0, 1.0], &[1.5]), None);
    }

    #[test]
    fn percentiles_lie_between_the_middles_of_the_numbers() {
        let numbers = [0.0, 1.0, 1.0, 3.0];
        let of = |percent| percentile(&numbers, percent);
        assert_eq!([of(0.0), of(12.5), of(25.0), of(75.0), of(100.0)], [0.0, 0.0, 0.5, 2.0, 3.0]);
        assert_eq!(percentile(&[7.0], 25.0), 7.0);
    }
}
