//! The score that the published scripts report of a run.
//!
//! Of nevergrad's methods they report the point with the best mean over its evaluations (`current_bests["average"]`),
//! which is the point that the method recommends; of all others the largest score that the method saw. The two differ
//! where a method evaluates a point again under noise: the largest score is then one lucky draw of several.

use std::hash::{DefaultHasher, Hasher};

use anyhow::{Result, bail};
use experiments::campaign::{Run, StoredRun};
use experiments::{Noise, StoredEvolution};

use crate::replay::replay;

/// By how much, relative to its size, the clean score of one code may differ between two batches of a GPU.
const BATCH_DIFFERENCE: f64 = 1e-3;

/// By how much norms of the recommended code may differ between the run and its replay on another machine.
const REPLAY_DIFFERENCE: f64 = 1e-4;

/// Whether the run's method is one of nevergrad's.
pub(super) fn is_of_nevergrad(run: &Run) -> bool {
    run.spec.method.name().starts_with("ng-")
}

/// The score of the `maxobj` tables; `None` where no score was a number.
pub(super) fn reported_score(stored: &StoredRun) -> Result<Option<f64>> {
    let Some(best) = stored.record.best_noisy else { return Ok(None) };
    // Without noise all evaluations of a point agree.
    if !is_of_nevergrad(&stored.run) || stored.run.spec.noise == Noise::None {
        return Ok(Some(best.score.0));
    }
    // A point that was evaluated once and has the largest score has the largest mean.
    if is_evaluated_once(stored, &stored.arrays()?, best.evaluation) {
        return Ok(Some(best.score.0));
    }
    mean_score_of_recommended(stored).map(Some)
}

/// Whether no other evaluation can be of the same code or have the same score. Codes are not stored; the same code has
/// the same clean score, but for the last digits on a GPU.
fn is_evaluated_once(stored: &StoredRun, arrays: &StoredEvolution, evaluation: usize) -> bool {
    let on_processor = stored.record.provenance.versions.get("device").is_none_or(|device| device == "cpu");
    let (clean, noisy) = (arrays.cleanscores_all[evaluation], arrays.scores_all[evaluation]);
    let tolerance = if on_processor { 0.0 } else { BATCH_DIFFERENCE * clean.abs() };
    let alike = arrays.cleanscores_all.iter().zip(&arrays.scores_all);
    alike.filter(|(other, score)| (*other - clean).abs() <= tolerance || **score == noisy).count() == 1
}

/// Mean of the noisy scores of the recommended code, found by replaying the run.
fn mean_score_of_recommended(stored: &StoredRun) -> Result<f64> {
    let mut hashes = Vec::new();
    let replayed = replay(stored, |codes| hashes.extend(codes.iter().map(hash)))?;
    let norm = replayed.recommended.iter().map(|x| x * x).sum::<f64>().sqrt();
    let recorded = stored.record.norms.recommended;
    if (norm - recorded).abs() > REPLAY_DIFFERENCE * recorded {
        bail!(
            "{}: told the recorded scores, this version's method recommends a code of norm {norm}, not {recorded}; \
             collect with the version that made the run: {}",
            stored.run,
            stored.record.provenance.versions.get("actmax").map_or("unknown", String::as_str)
        );
    }
    let recommended = hash(&replayed.recommended);
    let scores = hashes.iter().zip(&replayed.scores_all).filter(|(hash, _)| **hash == recommended);
    let (sum, count) = scores.fold((0.0, 0.0), |(sum, count), (_, score)| (sum + score, count + 1.0));
    if count == 0.0 {
        bail!("{}: the recommended code was not evaluated", stored.run);
    }
    Ok(sum / count)
}

/// Of the exact bytes of a code.
fn hash(code: &[f64]) -> u64 {
    let mut hasher = DefaultHasher::new();
    code.iter().for_each(|x| hasher.write_u64(x.to_bits()));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use experiments::Noise;
    use experiments::campaign::{Arm, Campaign, Runner, Store, Unit};
    use optim_core::{Method, Objective, Population};

    use super::*;

    const DIM: usize = 20;

    /// `100 exp(-|z|^2 / 2)`: at the origin 100, next to nothing where a method samples.
    struct Hill;

    impl Objective for Hill {
        type Error = Infallible;

        fn dim(&self) -> usize {
            DIM
        }

        fn evaluate(&mut self, codes: &Population, scores: &mut Vec<f64>) -> Result<(), Infallible> {
            *scores = codes.iter().map(|z| 100.0 * (-z.iter().map(|x| x * x).sum::<f64>() / 2.0).exp()).collect();
            Ok(())
        }
    }

    /// Runs of the methods under noise, of so many generations.
    fn runs(methods: &[&str], generations: u32, check: impl Fn(&StoredRun)) {
        let folder = tempfile::tempdir().unwrap();
        let arm = |name: &&str| Arm {
            keep: experiments::Keep::All,
            ..Arm::new(Method::from_name(name).unwrap(), generations)
        };
        let campaign = Campaign {
            arms: methods.iter().map(arm).collect(),
            units: vec![Unit::named("hill", DIM, serde_json::json!({}))],
            noise: vec![Noise::Multiplicative { level: 0.5 }],
            repeats: 2,
            ..Campaign::new("hill")
        };
        let store = Store::create(&folder.path().join("results"), &campaign).unwrap();
        Runner::default().run(&store, &|_: &Run| Ok::<_, Infallible>(Hill)).unwrap();
        let mut count = 0;
        for stored in store.runs() {
            check(&stored.unwrap());
            count += 1;
        }
        assert_eq!(count, 2 * methods.len());
    }

    /// Best mean score over all codes of a run whose codes are kept.
    fn best_mean(arrays: &StoredEvolution) -> f64 {
        let codes = arrays.codes_all.as_ref().unwrap();
        let mut by_code: Vec<(&[f32], f64, f64)> = Vec::new();
        for (code, score) in codes.chunks_exact(arrays.dim).zip(&arrays.scores_all) {
            match by_code.iter_mut().find(|(known, ..)| *known == code) {
                Some((_, sum, count)) => (*sum, *count) = (*sum + score, *count + 1.0),
                None => by_code.push((code, *score, 1.0)),
            }
        }
        by_code.iter().map(|(_, sum, count)| sum / count).fold(f64::NEG_INFINITY, f64::max)
    }

    /// SQPCMA evaluates the origin twenty times, which is best here: its largest score is a lucky draw. After three
    /// generations its other half, a CMA, has not come near.
    #[test]
    fn a_point_that_is_evaluated_again_counts_with_its_mean() {
        runs(&["ng-sqpcma"], 3, |stored| {
            let reported = reported_score(stored).unwrap().unwrap();
            let expected = best_mean(&stored.arrays().unwrap());
            assert!((reported - expected).abs() < 1e-9 * expected, "{reported}, not {expected}");
            assert!(reported < 0.8 * stored.record.best_noisy.unwrap().score.0, "{reported}");
        });
    }

    #[test]
    fn of_points_that_are_evaluated_once_the_largest_score_counts() {
        runs(&["ng-cma", "ng-random-search", "ng-pso", "genetic"], 12, |stored| {
            let largest = stored.record.best_noisy.unwrap().score.0;
            assert_eq!(reported_score(stored).unwrap(), Some(largest));
            if is_of_nevergrad(&stored.run) {
                assert_eq!(best_mean(&stored.arrays().unwrap()), largest);
                assert_eq!(Some(stored.record.norms.recommended), stored.record.best_noisy_norm);
            }
        });
    }
}
