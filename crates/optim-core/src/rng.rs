//! Random generators that are derived, never continued: one a (seed, stream, generation).

use rand::{Rng, RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

pub(crate) use crate::normals::fill_normal;

/// What a stream of random numbers is for. Streams of one seed are independent of each other, so
/// that switching noise on does not change the codes that a method draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Draws of the optimizer.
    Method,
    /// Response noise.
    Noise,
    /// Order of presentation.
    Shuffle,
    /// Resampling of data in an analysis; no part of a run.
    Resampling,
    /// Codes that a run starts from.
    Start,
}

impl Stream {
    /// Part of the stored format of a run: a change makes old runs irreproducible.
    fn tag(self) -> u64 {
        match self {
            Self::Method => 1,
            Self::Noise => 2,
            Self::Shuffle => 3,
            Self::Resampling => 4,
            Self::Start => 5,
        }
    }
}

/// The generator of one generation: xoshiro256++ seeded by hashing (seed, stream, generation).
///
/// A loop makes it afresh for every generation, so that asking again after a crash gives the same
/// codes without having stored a generator's state.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where generators are made")]
pub fn stream_rng(seed: u64, stream: Stream, generation: u64) -> Xoshiro256PlusPlus {
    let mut hash = 0x6163_746d_6178_2d31; // "actmax-1"
    for word in [seed, stream.tag(), generation] {
        hash = splitmix64(hash ^ splitmix64(word));
    }
    Xoshiro256PlusPlus::seed_from_u64(hash)
}

/// The finalizer of SplitMix64 (Steele, Lea and Flood 2014), a bijection with full avalanche.
pub(crate) fn splitmix64(word: u64) -> u64 {
    let z = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What a concrete generator starts from.
pub(crate) type Seed = [u8; 32];

/// Draws the seed of a generator.
pub(crate) fn draw_seed(rng: &mut dyn Rng) -> Seed {
    let mut seed = [0; 32];
    rng.fill_bytes(&mut seed);
    seed
}

/// The generator of a seed that was drawn.
#[expect(clippy::disallowed_methods, reason = "the one place where generators are made")]
pub(crate) fn seeded(seed: &Seed) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::from_seed(*seed)
}

/// A concrete generator seeded from `rng` by 32 bytes.
///
/// Drawing 160,000 numbers through a trait object costs a virtual call each; one fork a generation
/// keeps the contract object-safe and the draws inlined.
pub(crate) fn fork(rng: &mut dyn Rng) -> Xoshiro256PlusPlus {
    seeded(&draw_seed(rng))
}

/// Fills `out` with independent uniforms on [0, 1).
pub(crate) fn fill_uniform<R: Rng>(rng: &mut R, out: &mut [f64]) {
    for x in out {
        *x = rng.random();
    }
}
