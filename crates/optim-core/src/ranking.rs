//! The order of a generation's scores.

/// Indices of scores, best first; NaN last; ties: lower index first.
///
/// Rank-based methods use only this of the scores. Strictly increasing maps of the scores therefore change
/// nothing for them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ranking(Vec<usize>);

impl Ranking {
    /// Ranks `scores`, higher is better. `-0.0` and `0.0` are equal.
    #[must_use]
    pub fn best_first(scores: &[f64]) -> Self {
        let mut order: Vec<usize> = (0..scores.len()).collect();
        order.sort_by(|&a, &b| descending(scores[a], scores[b])); // stable: ties keep the lower index first
        Self(order)
    }

    /// Indices, best first.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.0
    }

    /// Index of the best score; `None` if there is none.
    #[must_use]
    pub fn best(&self) -> Option<usize> {
        self.0.first().copied()
    }
}

/// Descending order with NaN after everything else.
fn descending(a: f64, b: f64) -> std::cmp::Ordering {
    b.partial_cmp(&a).unwrap_or_else(|| a.is_nan().cmp(&b.is_nan()))
}

/// Scores with infinities replaced by the extreme finite scores (by their signs where no score is
/// finite), for methods that compute with them. NaN stays.
pub(crate) fn without_infinities(scores: &[f64]) -> Vec<f64> {
    let finite = scores.iter().copied().filter(|s| s.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), s| (l.min(s), h.max(s)));
    let (low, high) = if low > high { (-1.0, 1.0) } else { (low, high) };
    scores.iter().map(|score| score.clamp(low, high)).collect()
}

#[cfg(test)]
mod tests {
    use super::{Ranking, without_infinities};

    #[test]
    fn nan_is_last_and_ties_keep_their_order() {
        let scores = [1.0, f64::NAN, 3.0, 3.0, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0];
        assert_eq!(Ranking::best_first(&scores).order(), [4, 2, 3, 0, 6, 7, 5, 1]);
    }

    #[test]
    fn nothing_has_no_best() {
        assert_eq!(Ranking::best_first(&[]).best(), None);
    }

    #[test]
    fn infinities_become_the_extremes() {
        let (inf, nan) = (f64::INFINITY, f64::NAN);
        assert_eq!(without_infinities(&[inf, 2.0, -inf, -3.0]), [2.0, 2.0, -3.0, -3.0]);
        assert_eq!(without_infinities(&[inf, -inf]), [1.0, -1.0]);
        assert!(without_infinities(&[nan, inf])[0].is_nan());
    }
}
