//! Whether two samples come from one distribution: the two-sample test of Kolmogorov and Smirnov.

use crate::error::{StatsError, check_count, check_finite};

/// Largest sample for which [`KsTest::of`] computes the exact p; the limit of SciPy's `ks_2samp`.
const LARGEST_EXACT: usize = 10_000;

/// How a p value was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KsMethod {
    /// Over all orders of the pooled sample, every one equally likely (Hodges, 1957). Ties are counted as if broken at
    /// random, as in SciPy.
    Exact,
    /// The limit of large samples (Smirnov, 1948): `2 sum_k (-1)^(k-1) exp(-2 k^2 x^2)` at
    /// `x = D sqrt(n m / (n + m))`, SciPy's `special.kolmogorov`.
    Asymptotic,
}

/// Result of a two-sided two-sample Kolmogorov-Smirnov test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KsTest {
    /// Largest distance between the two empirical distribution functions, in `[0, 1]`.
    pub statistic: f64,
    /// Probability of a distance at least as large where both samples come from one continuous distribution.
    pub p: f64,
    /// How `p` was computed.
    pub method: KsMethod,
}

impl KsTest {
    /// Tests two samples: exactly where the larger has at most 10,000 values, asymptotically above (the choice of
    /// SciPy's `ks_2samp(method="auto")`).
    ///
    /// # Errors
    /// As [`with`](Self::with).
    pub fn of(a: &[f64], b: &[f64]) -> Result<Self, StatsError> {
        let is_small = a.len().max(b.len()) <= LARGEST_EXACT;
        Self::with(a, b, if is_small { KsMethod::Exact } else { KsMethod::Asymptotic })
    }

    /// Tests two samples by a given method. The exact one costs `n m` additions.
    ///
    /// # Errors
    /// An empty sample, or a value that is not finite.
    pub fn with(a: &[f64], b: &[f64], method: KsMethod) -> Result<Self, StatsError> {
        check_count(a.len().min(b.len()), 1)?;
        check_finite(a)?;
        check_finite(b)?;
        let lattice = Lattice::of(a.len(), b.len());
        let distance = lattice.largest_distance(a, b);
        let statistic = distance as f64 / lattice.multiple as f64;
        let p = match method {
            KsMethod::Exact => lattice.probability_outside(distance),
            KsMethod::Asymptotic => {
                let (n, m) = (a.len() as f64, b.len() as f64);
                kolmogorov((n * m / (n + m)).sqrt() * statistic)
            }
        };
        Ok(Self { statistic, p: p.clamp(0.0, 1.0), method })
    }
}

/// Paths from (0, 0) to (n, m): a step right for every value of the first sample, up for every value of the second, in
/// the order of the pooled sample. `|x/n - y/m|` is counted in steps of one over the least common multiple.
struct Lattice {
    n: usize,
    m: usize,
    /// Least common multiple of n and m.
    multiple: u64,
}

impl Lattice {
    fn of(n: usize, m: usize) -> Self {
        Self { n, m, multiple: (n / greatest_divisor(n, m)) as u64 * m as u64 }
    }

    fn distance(&self, x: usize, y: usize) -> u64 {
        (self.multiple / self.n as u64 * x as u64).abs_diff(self.multiple / self.m as u64 * y as u64)
    }

    /// The largest distance on the path of two samples; values that are equal are passed in one stride.
    fn largest_distance(&self, a: &[f64], b: &[f64]) -> u64 {
        let (a, b) = (sorted(a), sorted(b));
        let (mut x, mut y, mut largest) = (0, 0, 0);
        while x < self.n && y < self.m {
            let next = a[x].min(b[y]);
            x += a[x..].partition_point(|value| *value <= next);
            y += b[y..].partition_point(|value| *value <= next);
            largest = largest.max(self.distance(x, y));
        }
        largest
    }

    /// Share of the paths that somewhere are at least `limit` away from the diagonal.
    ///
    /// With `O(x, y)` the share among the paths that end in (x, y):
    /// `O(x, y) = (x O(x-1, y) + y O(x, y-1)) / (x + y)`, and 1 where (x, y) itself lies outside. Only positive numbers
    /// are added, so that small probabilities keep their digits.
    fn probability_outside(&self, limit: u64) -> f64 {
        let mut column = vec![0.0; self.m + 1];
        for x in 0..=self.n {
            for y in 0..=self.m {
                let (left, below) = (column[y], if y > 0 { column[y - 1] } else { 0.0 });
                column[y] = if self.distance(x, y) >= limit {
                    1.0
                } else if x + y == 0 {
                    0.0
                } else {
                    (x as f64 * left + y as f64 * below) / (x + y) as f64
                };
            }
        }
        column[self.m]
    }
}

fn greatest_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_divisor(b, a % b) }
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted
}

/// Survival function of Kolmogorov's limiting distribution.
///
/// Below 1 by its theta transform, `1 - sqrt(2 pi)/x sum_k exp(-(2k-1)^2 pi^2 / (8 x^2))`, which converges where the
/// alternating series does not.
fn kolmogorov(x: f64) -> f64 {
    use std::f64::consts::PI;
    if x <= 0.0 {
        return 1.0;
    }
    if x < 1.0 {
        let term = |k: u32| (-(f64::from(2 * k - 1) * PI / x).powi(2) / 8.0).exp();
        return 1.0 - (2.0 * PI).sqrt() / x * (1..=8).map(term).sum::<f64>();
    }
    let term = |k: u32| {
        let size = (-2.0 * (f64::from(k) * x).powi(2)).exp();
        if k % 2 == 1 { size } else { -size }
    };
    2.0 * (1..=8).map(term).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_against_three_by_counting() {
        // Of 20 orders, 2 keep the samples apart.
        let test = KsTest::of(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0]).unwrap();
        assert_eq!((test.statistic, test.method), (1.0, KsMethod::Exact));
        approx::assert_relative_eq!(test.p, 0.1, max_relative = 1e-14);
    }

    #[test]
    fn one_sample_against_itself_does_not_differ() {
        let sample = [0.5, 0.5, 2.0, -1.0];
        let test = KsTest::of(&sample, &sample).unwrap();
        assert_eq!((test.statistic, test.p), (0.0, 1.0));
        let limit = KsTest::with(&sample, &sample, KsMethod::Asymptotic).unwrap();
        assert_eq!(limit.p, 1.0);
    }

    #[test]
    fn both_series_meet() {
        approx::assert_relative_eq!(kolmogorov(1.0 - 1e-15), kolmogorov(1.0), max_relative = 1e-13);
    }

    #[test]
    fn refuses_what_has_no_answer() {
        assert_eq!(KsTest::of(&[], &[1.0]), Err(StatsError::TooFew { needed: 1, found: 0 }));
        assert_eq!(KsTest::of(&[1.0], &[f64::NAN]), Err(StatsError::NotFinite { index: 0 }));
    }
}
