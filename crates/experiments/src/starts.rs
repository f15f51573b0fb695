//! Codes to start from: random ones, ones like given codes, children of given codes.

use optim_core::rand::{Rng, RngExt};
use optim_core::{Population, Stream, stream_rng};
use rand_distr::{Distribution, StandardNormal};
use thiserror::Error;

/// Why there are no codes to start from.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum StartError {
    /// A norm that no code has.
    #[error("initial codes cannot have the norm {norm}; give a finite number above 0")]
    Norm {
        /// The norm.
        norm: f64,
    },
    /// Too few codes to know how they spread.
    #[error("the spread of {codes} code cannot be measured; give two codes or more")]
    TooFew {
        /// Number of codes.
        codes: usize,
    },
}

/// `count` codes of length `dim` in directions that are all equally likely, each of norm `norm`.
///
/// # Errors
/// If the norm is not finite or not above 0.
pub fn random_codes(dim: usize, count: usize, norm: f64, seed: u64) -> Result<Population, StartError> {
    if !(norm.is_finite() && norm > 0.0) {
        return Err(StartError::Norm { norm });
    }
    let mut rng = stream_rng(seed, Stream::Start, 0);
    let mut values = normals(dim * count, &mut rng);
    for code in values.chunks_mut(dim.max(1)) {
        let length = code.iter().map(|x| x * x).sum::<f64>().sqrt();
        code.iter_mut().for_each(|x| *x *= norm / length);
    }
    Ok(Population::from_rows(dim, &values))
}

/// `count` codes drawn from the mean and the spread of `codes`: each component is normal by itself, with the mean and the
/// standard deviation (divisor n - 1) that it has in `codes`.
///
/// # Errors
/// If there are fewer than two codes.
pub fn codes_like(codes: &Population, count: usize, seed: u64) -> Result<Population, StartError> {
    let (n, dim) = (codes.len(), codes.dim());
    let Some(mean) = codes.mean().filter(|_| n > 1) else { return Err(StartError::TooFew { codes: n }) };
    let mut spread = vec![0.0; dim];
    for code in codes.iter() {
        spread.iter_mut().zip(code).zip(&mean).for_each(|((sum, x), mean)| *sum += (x - mean).powi(2));
    }
    spread.iter_mut().for_each(|sum| *sum = (*sum / (n - 1) as f64).sqrt());
    let mut values = normals(dim * count, &mut stream_rng(seed, Stream::Start, 0));
    for code in values.chunks_mut(dim.max(1)) {
        code.iter_mut().zip(&mean).zip(&spread).for_each(|((x, mean), spread)| *x = mean + spread * *x);
    }
    Ok(Population::from_rows(dim, &values))
}

/// The codes, and children of them up to `count` codes: each child takes every component from one of two parents, which are
/// drawn with equal chances, as XDream fills an initial population (Xiao and Kreiman, 2020). Children do not mutate.
///
/// More codes than `count` stay as they are, and so does an empty population.
#[must_use]
pub fn filled_by_mating(codes: &Population, count: usize, seed: u64) -> Population {
    let mut rng = stream_rng(seed, Stream::Start, 1);
    let mut values = codes.as_slice().to_vec();
    if !codes.is_empty() {
        for _ in codes.len()..count {
            let parents = [0; 2].map(|_: i32| codes.code(rng.random_range(0..codes.len())));
            values.extend((0..codes.dim()).map(|gene| parents[usize::from(rng.random_bool(0.5))][gene]));
        }
    }
    Population::from_rows(codes.dim(), &values)
}

fn normals(count: usize, rng: &mut impl Rng) -> Vec<f64> {
    (0..count).map(|_| StandardNormal.sample(rng)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_codes_have_the_norm() {
        let codes = random_codes(50, 20, 125.0, 3).unwrap();
        assert_eq!((codes.len(), codes.dim()), (20, 50));
        assert!(codes.norms().all(|norm| (norm - 125.0).abs() < 1e-9));
        assert_eq!(codes, random_codes(50, 20, 125.0, 3).unwrap());
        assert_ne!(codes, random_codes(50, 20, 125.0, 4).unwrap());
        for norm in [0.0, -1.0, f64::INFINITY] {
            assert_eq!(random_codes(5, 2, norm, 3), Err(StartError::Norm { norm }));
        }
    }

    #[test]
    fn drawn_codes_have_mean_and_spread_of_the_given_ones() {
        let given = Population::from_rows(2, &[1.0, 5.0, 3.0, 5.0, 5.0, 5.0]);
        let drawn = codes_like(&given, 40_000, 3).unwrap();
        // Component 0: mean 3, standard deviation 2; component 1 does not vary.
        let first: Vec<f64> = drawn.iter().map(|code| code[0]).collect();
        let mean = first.iter().sum::<f64>() / first.len() as f64;
        let variance = first.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / first.len() as f64;
        // Five standard errors of the mean are 0.05, of the variance 0.14.
        assert!((mean - 3.0).abs() < 0.05 && (variance - 4.0).abs() < 0.14, "{mean} {variance}");
        assert!(drawn.iter().all(|code| code[1] == 5.0));
        let one = Population::from_rows(2, &[1.0, 5.0]);
        assert_eq!(codes_like(&one, 3, 0), Err(StartError::TooFew { codes: 1 }));
    }

    #[test]
    fn children_mix_two_parents() {
        let given = Population::from_rows(200, &[[1.0; 200], [2.0; 200]].concat());
        let filled = filled_by_mating(&given, 12, 3);
        assert_eq!(filled.len(), 12);
        assert_eq!(filled.as_slice()[..400], *given.as_slice());
        assert!(filled.iter().all(|code| code.iter().all(|x| *x == 1.0 || *x == 2.0)));
        let mixed = filled.iter().skip(2).filter(|code| code.contains(&1.0) && code.contains(&2.0)).count();
        // Half of the children have two different parents; all ten of one parent have a chance of 1 in 1000.
        assert!((1..10).contains(&mixed), "{mixed}");
        assert_eq!(filled_by_mating(&given, 1, 3), given);
        assert!(filled_by_mating(&Population::new(3), 4, 3).is_empty());
    }
}
