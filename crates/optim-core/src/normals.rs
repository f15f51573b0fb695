//! Standard normals by the ziggurat of `rand_distr`: the same numbers, faster.

use std::convert::Infallible;
use std::sync::LazyLock;

use rand::{Rng, TryRng};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Layers of the ziggurat.
const LAYERS: usize = 256;

/// Half widths of the layers, from the lowest to the highest, and 0.
static WIDTHS: LazyLock<[f64; LAYERS + 1]> =
    LazyLock::new(|| std::array::from_fn(|layer| if layer < LAYERS { width(layer) } else { 0.0 }));

/// Fills `out` with independent standard normals (ziggurat: Marsaglia and Tsang 2000, as Doornik 2005 has it).
///
/// ```text
/// b = 64 random bits;  i = b mod 256;  u = 2 (b >> 12) / 2^52 - 1
/// x = u width_i
/// |x| < width_(i + 1): x, which holds for nearly 99 of 100 draws;  else: from b on as rand_distr does it
/// ```
///
/// The numbers are those of `rand_distr`'s `StandardNormal`, and `rng` is left as it leaves it. A method draws 160,000 of
/// them a generation. Where the compiler does not inline `StandardNormal::sample`, as in the dev profile, each draw loads
/// and stores the generator. Here its state stays in registers.
pub(crate) fn fill_normal(rng: &mut Xoshiro256PlusPlus, out: &mut [f64]) {
    let widths: &[f64; LAYERS + 1] = &WIDTHS;
    let mut state = rng.clone();
    for value in out {
        let before = state.clone();
        let bits = state.next_u64();
        let layer = bits as usize % LAYERS;
        let x = unit(bits) * widths[layer];
        *value = x;
        if x.abs() >= widths[layer + 1] {
            (*value, state) = drawn_by_the_library(before);
        }
    }
    *rng = state;
}

/// A number from -1 to below 1, of the upper 52 bits: as mantissa they are a number from 2 to below 4.
fn unit(bits: u64) -> f64 {
    f64::from_bits((bits >> 12) | (0x400 << 52)) - 3.0
}

/// One normal, and the generator after it.
#[cold]
#[inline(never)]
fn drawn_by_the_library(mut rng: Xoshiro256PlusPlus) -> (f64, Xoshiro256PlusPlus) {
    let x = StandardNormal.sample(&mut rng);
    (x, rng)
}

/// The half width of a layer, which the library does not tell: a draw of 2^-20 of it, inside the layer at any height.
fn width(layer: usize) -> f64 {
    const PART: u64 = 1 << 20;
    let draw: f64 = StandardNormal.sample(&mut Probe { first: Some(layer as u64 | (1 << 63) | ((1 << 63) / PART)) });
    draw * PART as f64
}

/// A generator of one given number; all further ones are the largest.
struct Probe {
    first: Option<u64>,
}

impl TryRng for Probe {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|bits| (bits >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.first.take().unwrap_or(u64::MAX))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        bytes.fill(u8::MAX);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Stream, stream_rng};

    /// Ten million draws, of which some 2,600 lie in the tail and 120,000 beside a layer, as the library makes them.
    #[test]
    fn the_numbers_are_those_of_the_library() {
        let mut ours = stream_rng(1, Stream::Method, 0);
        let mut theirs = ours.clone();
        let mut normals = vec![0.0; 1000];
        let mut tail = 0;
        for _ in 0..10_000 {
            fill_normal(&mut ours, &mut normals);
            for &normal in &normals {
                let expected: f64 = StandardNormal.sample(&mut theirs);
                assert_eq!(normal.to_bits(), expected.to_bits());
                tail += u32::from(expected.abs() > WIDTHS[1]);
            }
            assert_eq!(ours, theirs);
        }
        assert!(tail > 1000, "{tail} in the tail");
    }

    /// Layers narrow from below to above, and the tail begins at the r of 256 layers (Marsaglia and Tsang 2000).
    #[test]
    fn the_layers_are_those_of_the_paper() {
        assert!(WIDTHS.windows(2).all(|pair| pair[0] > pair[1]));
        assert_eq!(WIDTHS[1], 3.654_152_885_361_009);
    }
}
