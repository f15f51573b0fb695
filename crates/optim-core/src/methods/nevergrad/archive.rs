//! Nevergrad's archive: what was learnt about every point, and which is best.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::linalg::real;
use crate::options::{OptionValue, ValueKind};
use crate::rng::splitmix64;

/// The estimate by which points are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Estimate {
    /// Mean less a tenth of the standard error, as in nevergrad. A point that was evaluated once counts with
    /// a variance of 1e6, which is a penalty of 70.7. The first point that is evaluated **again** loses its
    /// penalty and stays best until another is better by more than that.
    #[default]
    Pessimistic,
    /// Mean of the evaluations: the mended behaviour.
    Average,
}

impl OptionValue for Estimate {
    const KIND: ValueKind = ValueKind::Word(&["pessimistic", "average"]);
}

/// Statistics of one point.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Record {
    /// Number of points that were told before this one.
    order: u64,
    count: u32,
    mean: f64,
    square: f64,
    variance: f64,
}

impl Record {
    fn new(order: u64, score: f64) -> Self {
        Self { order, count: 1, mean: score, square: score * score, variance: 1e6 }
    }

    fn add(&mut self, score: f64) {
        let count = f64::from(self.count);
        self.mean = (count * self.mean + score) / (count + 1.0);
        self.square = ((count * self.square + score * score) / (count + 1.0)).max(self.mean * self.mean);
        self.count += 1;
        let factor = ((count + 1.0) / count).sqrt();
        self.variance = factor * (self.square - self.mean * self.mean);
    }

    /// A tenth of the standard error; 0 where infinite scores leave none.
    fn margin(&self) -> f64 {
        let margin = 0.1 * (self.variance / (1.0 + f64::from(self.count))).sqrt();
        if margin.is_finite() { margin } else { 0.0 }
    }

    fn estimate(&self, kind: Estimate) -> f64 {
        worst_if_nan(match kind {
            Estimate::Average => self.mean,
            Estimate::Pessimistic => self.mean - self.margin(),
        })
    }

    fn optimistic(&self) -> f64 {
        worst_if_nan(self.mean + self.margin())
    }
}

fn worst_if_nan(score: f64) -> f64 {
    if score.is_nan() { f64::NEG_INFINITY } else { score }
}

/// The best point by one estimate.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Best {
    key: u64,
    code: Vec<f64>,
}

/// What was learnt about the points told so far, and the best of them by each [`Estimate`].
///
/// ```text
/// tell(code, score)
///     record of the same bytes, or a new one: count = 1, mean = score, variance = 1e6
///     again:  mean, square = running means;  square = max(square, mean^2);  count += 1
///             variance = sqrt(count / (count - 1)) (square - mean^2)
///     margin = 0.1 sqrt(variance / (1 + count))
///     estimate: average = mean, pessimistic = mean - margin
///     for each estimate: if this record was the best: best = best of the archive, the earliest of equals
///                        else if its estimate >= that of the best: best = this record
///     prune when there are max_len records: those stay whose average, pessimistic or optimistic
///         estimate is among the min_len best
/// ```
///
/// Deviations: a 64-bit hash of the exact bytes identifies a point; two of 3000 points collide with probability 2e-13.
/// The archive keeps the codes of the two bests and of the points next behind them; a point further behind cannot
/// become best again. NaN scores count as minus infinity. Where infinite or overflowing scores leave no variance, the
/// margin is 0.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Archive {
    min_len: usize,
    max_len: usize,
    /// Number of points filed so far, pruned ones included.
    filed: u64,
    records: BTreeMap<u64, Record>,
    /// Codes of the points that may become best when the best one loses its place.
    contenders: BTreeMap<u64, Vec<f64>>,
    /// Below this mean a point that is evaluated once is no contender.
    threshold: f64,
    average: Option<Best>,
    pessimistic: Option<Best>,
}

/// Contenders by each estimate that survive a trim; a trim comes when there are four times as many.
const CONTENDERS: usize = 32;

impl Archive {
    /// An empty archive of codes of length `dim` that come `workers` at a time.
    pub(crate) fn new(dim: usize, workers: usize) -> Self {
        let min_len = workers.saturating_mul(7).max(100);
        let gigabyte = (1 << 30) / dim.saturating_mul(16).max(1);
        let max_len = min_len.saturating_mul(10).min(gigabyte).max(min_len.saturating_mul(3));
        Self {
            min_len,
            max_len,
            filed: 0,
            records: BTreeMap::new(),
            contenders: BTreeMap::new(),
            threshold: f64::NEG_INFINITY,
            average: None,
            pessimistic: None,
        }
    }

    /// An upper estimate of the numbers of 8 bytes that an archive holds at once.
    pub(super) fn numbers_held(workers: usize, dim: f64, generations: f64) -> f64 {
        let filed = real(workers) * generations;
        let most_records = 10.0 * (7.0 * real(workers)).max(100.0);
        let most_contenders = real(4 * CONTENDERS + 1);
        12.0 * filed.min(most_records) + (dim + 4.0) * filed.min(most_contenders) + 2.0 * dim
    }

    /// Files one evaluation.
    pub(crate) fn tell(&mut self, code: &[f64], score: f64) {
        let (key, score) = (hash(code), worst_if_nan(score) + 0.0); // -0 and 0 are ties
        let mut again = true;
        let record = self.records.entry(key).and_modify(|record| record.add(score)).or_insert_with(|| {
            again = false;
            self.filed += 1;
            Record::new(self.filed, score)
        });
        let record = *record;
        if again || score >= self.threshold {
            self.contenders.entry(key).or_insert_with(|| code.to_vec());
        }
        for kind in [Estimate::Pessimistic, Estimate::Average] {
            self.update_best(kind, key, &record, code);
        }
        if self.contenders.len() > 4 * CONTENDERS {
            self.trim();
        }
        if self.records.len() >= self.max_len {
            self.prune();
        }
    }

    /// The best code by `kind`, and the mean of its evaluations.
    pub(crate) fn best(&self, kind: Estimate) -> Option<(&[f64], f64)> {
        let best = match kind {
            Estimate::Average => self.average.as_ref(),
            Estimate::Pessimistic => self.pessimistic.as_ref(),
        }?;
        Some((&best.code, self.records.get(&best.key)?.mean))
    }

    /// Largest number of evaluations of one point; 0 before the first.
    pub(crate) fn largest_count(&self) -> u32 {
        self.records.values().map(|record| record.count).max().unwrap_or(0)
    }

    fn update_best(&mut self, kind: Estimate, key: u64, record: &Record, code: &[f64]) {
        let best = match kind {
            Estimate::Average => &mut self.average,
            Estimate::Pessimistic => &mut self.pessimistic,
        };
        match best {
            None => *best = Some(Best { key, code: code.to_vec() }),
            Some(best) if best.key == key => {
                let records = &self.records;
                let ranked = self.contenders.iter().filter_map(|(key, code)| Some((key, code, records.get(key)?)));
                if let Some((key, code, _)) = ranked.min_by(|a, b| better_first(kind, a.2, b.2)) {
                    best.key = *key;
                    best.code.copy_from_slice(code);
                }
            }
            Some(best) => {
                let current = self.records.get(&best.key).map_or(f64::NEG_INFINITY, |r| r.estimate(kind));
                if record.estimate(kind) >= current {
                    best.key = key;
                    best.code.copy_from_slice(code);
                }
            }
        }
    }

    /// Drops the codes of all but the foremost points by each estimate.
    fn trim(&mut self) {
        let ranked = |kind| {
            let mut ranked: Vec<(u64, Record)> = self.records.iter().map(|(key, record)| (*key, *record)).collect();
            ranked.sort_unstable_by(|a, b| better_first(kind, &a.1, &b.1));
            ranked.truncate(CONTENDERS);
            ranked
        };
        let (average, pessimistic) = (ranked(Estimate::Average), ranked(Estimate::Pessimistic));
        self.threshold = average.last().map_or(f64::NEG_INFINITY, |(_, record)| record.mean);
        self.contenders.retain(|key, _| average.iter().chain(&pessimistic).any(|(kept, _)| kept == key));
    }

    /// Drops the records that are among the `min_len` best by no estimate.
    fn prune(&mut self) {
        let estimates: [fn(&Record) -> f64; 3] =
            [|r| r.estimate(Estimate::Average), |r| r.estimate(Estimate::Pessimistic), Record::optimistic];
        let len = real(self.records.len());
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let last = (real(self.min_len) / len * (len - 1.0)).floor() as usize;
        let quantiles = estimates.map(|estimate| {
            let mut values: Vec<f64> = self.records.values().map(estimate).collect();
            *values.select_nth_unstable_by(last, |a, b| b.total_cmp(a)).1
        });
        self.records.retain(|_, record| estimates.iter().zip(quantiles).any(|(estimate, q)| estimate(record) >= q));
        self.contenders.retain(|key, _| self.records.contains_key(key));
    }
}

/// Higher estimates first, the earliest of equals first.
fn better_first(kind: Estimate, a: &Record, b: &Record) -> Ordering {
    b.estimate(kind).total_cmp(&a.estimate(kind)).then(a.order.cmp(&b.order))
}

/// A 64-bit hash of the exact bytes of a code: in four lanes, 128-bit products folded to 64 bits.
pub(crate) fn hash(code: &[f64]) -> u64 {
    const LANES: usize = 4;
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    let mix = |lane: u64, word: u64| {
        let product = u128::from(lane ^ word) * u128::from(FACTOR);
        (product as u64) ^ ((product >> 64) as u64)
    };
    let mut lanes: [u64; LANES] = [1, 2, 3, 4];
    let blocks = code.chunks_exact(LANES);
    for (lane, x) in lanes.iter_mut().zip(blocks.remainder()) {
        *lane = mix(*lane, x.to_bits());
    }
    for block in blocks {
        for (lane, x) in lanes.iter_mut().zip(block) {
            *lane = mix(*lane, x.to_bits());
        }
    }
    lanes.into_iter().fold(0, |hash, lane| splitmix64(hash ^ lane))
}

#[cfg(test)]
mod tests {
    use super::{Archive, CONTENDERS, Estimate, hash};

    fn told(evaluations: &[(f64, f64)]) -> Archive {
        let mut archive = Archive::new(1, 40);
        evaluations.iter().for_each(|&(code, score)| archive.tell(&[code], score));
        archive
    }

    fn bests(archive: &Archive) -> (f64, f64) {
        (archive.best(Estimate::Average).unwrap().0[0], archive.best(Estimate::Pessimistic).unwrap().0[0])
    }

    #[test]
    fn points_told_once_are_ranked_by_score_and_a_later_tie_wins() {
        assert_eq!(bests(&told(&[(1.0, 5.0), (2.0, 7.0), (3.0, 7.0), (4.0, 6.0)])), (3.0, 3.0));
        assert_eq!(bests(&told(&[(1.0, f64::NAN), (2.0, f64::NEG_INFINITY), (3.0, -8.0)])), (3.0, 3.0));
    }

    #[test]
    fn the_first_repeated_point_freezes_the_pessimistic_best() {
        let archive = told(&[(1.0, 5.0), (2.0, 7.0), (1.0, 5.0), (3.0, 9.0), (4.0, 75.0)]);
        assert_eq!(bests(&archive), (4.0, 1.0));
        assert_eq!(archive.best(Estimate::Pessimistic).unwrap().1, 5.0);
        assert_eq!(archive.largest_count(), 2);
        assert_eq!(bests(&told(&[(1.0, 5.0), (1.0, 5.0), (3.0, 75.8)])), (3.0, 3.0)); // 70.7 better
    }

    #[test]
    fn a_best_that_loses_in_a_second_evaluation_gives_way_to_the_earliest_of_the_next() {
        let archive = told(&[(1.0, 5.0), (2.0, 5.0), (3.0, 9.0), (3.0, -9.0)]);
        assert_eq!(archive.best(Estimate::Average), Some((&[1.0][..], 5.0)));
        assert_eq!(archive.best(Estimate::Pessimistic), Some((&[3.0][..], 0.0))); // variance sqrt(2) 81: no penalty of 70
    }

    #[test]
    fn only_codes_near_the_best_are_kept_and_records_are_pruned() {
        let mut archive = Archive::new(1, 40);
        for i in 0..10_000_u32 {
            archive.tell(&[f64::from(i)], f64::from((i * 7919) % 10_007));
            assert!(archive.contenders.len() <= 4 * CONTENDERS && archive.records.len() < 2800);
        }
        let best = (0..10_000_u32).max_by_key(|i| (i * 7919) % 10_007).unwrap();
        assert_eq!(bests(&archive), (f64::from(best), f64::from(best)));
        for _ in 0..2 {
            // Evaluated again with a lower score, a best gives way to the next one.
            let (code, score) =
                (archive.best(Estimate::Average).unwrap().0[0], archive.best(Estimate::Average).unwrap().1);
            archive.tell(&[code], -1e6);
            let mut others = (0..10_000_u32).filter(|&i| f64::from((i * 7919) % 10_007) < score);
            let next = others.clone().max_by_key(|i| (i * 7919) % 10_007);
            assert!(others.next().is_some());
            assert_eq!(archive.best(Estimate::Average).unwrap().0[0], f64::from(next.unwrap()));
        }
    }

    #[test]
    fn infinite_and_huge_scores_leave_a_best() {
        for score in [f64::INFINITY, 1e200, -1e200, f64::NEG_INFINITY] {
            let archive = told(&[(1.0, score), (1.0, score), (2.0, f64::NEG_INFINITY), (1.0, f64::NAN)]);
            assert!(archive.best(Estimate::Average).is_some() && archive.best(Estimate::Pessimistic).is_some());
        }
    }

    #[test]
    fn the_hash_sees_every_bit_of_every_word() {
        let code: Vec<f64> = (0..11).map(f64::from).collect();
        let mut seen = vec![hash(&code)];
        for i in 0..code.len() {
            for bit in 0..64 {
                let mut changed = code.clone();
                changed[i] = f64::from_bits(changed[i].to_bits() ^ (1 << bit));
                seen.push(hash(&changed));
            }
        }
        let all = seen.len();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), all);
        assert_ne!(hash(&[0.0]), hash(&[-0.0]));
        assert_ne!(hash(&[6.0, -6.0, 6.0, 6.0, -6.0]), hash(&[-6.0, 6.0, 6.0, 6.0, -6.0]));
    }
}
