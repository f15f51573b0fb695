//! How nevergrad keeps codes in their box.

use crate::ConfigError;
use crate::checks::require;
use crate::options::{OptionValue, ValueKind};

/// The box of the published benchmark.
pub(crate) const BOUNDS: [f64; 2] = [-6.0, 6.0];

/// What becomes of a coordinate that left the box.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Bounce {
    /// One reflection, then clipping, as nevergrad does it: a coordinate that overshoots a wall by more
    /// than the width of the box lands on the **opposite** wall.
    #[default]
    Single,
    /// As many reflections as it takes: the mended behaviour.
    Reflect,
}

impl OptionValue for Bounce {
    const KIND: ValueKind = ValueKind::Word(&["single", "reflect"]);
}

/// A box with the same walls in every coordinate.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Walls {
    low: f64,
    high: f64,
    mode: Bounce,
}

impl Walls {
    /// The box of the options `bounds` and `bounce`.
    ///
    /// # Errors
    /// If the walls are not in order, or the origin, where nevergrad starts, lies outside.
    pub(crate) fn new([low, high]: [f64; 2], mode: Bounce) -> Result<Self, ConfigError> {
        const RANGE: &str = "two numbers of size at most 1e100, in order, with 0 between them";
        require((-1e100..=0.0).contains(&low), "bounds", low, RANGE)?;
        require((0.0..=1e100).contains(&high) && high - low >= 1e-100, "bounds", high, RANGE)?;
        Ok(Self { low, high, mode })
    }

    pub(crate) fn low(&self) -> f64 {
        self.low
    }

    pub(crate) fn high(&self) -> f64 {
        self.high
    }

    /// Brings every coordinate of `code` into the box; those inside stay as they are, bit for bit.
    pub(crate) fn keep(&self, code: &mut [f64]) {
        match self.mode {
            Bounce::Single => bounce(code, self.low, self.high),
            Bounce::Reflect => reflect(code, self.low, self.high),
        }
    }
}

/// Nevergrad's map into a box: `clip(2 clip(x) - x)`, one reflection at the wall that was passed.
///
/// Infinities become the opposite wall, as all that overshoots by more than the width of the box.
pub(crate) fn bounce(code: &mut [f64], low: f64, high: f64) {
    for x in code {
        *x = clip(2.0 * clip(*x, low, high) - *x, low, high);
    }
}

/// `x` brought between the walls, one instruction a wall: `f64::max` would also look for NaN.
fn clip(x: f64, low: f64, high: f64) -> f64 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// Reflects at both walls until every coordinate is inside; an infinity becomes the wall it passed.
fn reflect(code: &mut [f64], low: f64, high: f64) {
    let width = high - low;
    for x in code {
        if *x < low || *x > high {
            let beyond = (x.clamp(f64::MIN / 4.0, f64::MAX / 4.0) - low).rem_euclid(2.0 * width);
            let folded = if x.is_finite() { low + (width - (beyond - width).abs()) } else { *x };
            *x = clip(folded, low, high);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{BOUNDS, Bounce, Walls};

    fn kept(mode: Bounce, x: f64) -> f64 {
        let mut code = [x];
        Walls::new(BOUNDS, mode).unwrap().keep(&mut code);
        code[0]
    }

    #[test]
    fn the_inside_stays_bit_for_bit() {
        for mode in [Bounce::Single, Bounce::Reflect] {
            for x in [0.1, -5.999_999_999_999_999, 6.0, -6.0, 1.0 / 3.0, 5e-324] {
                assert_eq!(kept(mode, x).to_bits(), x.to_bits(), "{mode:?} {x}");
            }
        }
    }

    #[test]
    fn a_single_bounce_throws_far_overshoots_to_the_opposite_wall() {
        let pairs = [(6.5, 5.5), (-6.5, -5.5), (17.0, -5.0), (18.0, -6.0), (40.0, -6.0), (-18.5, 6.0), (1e300, -6.0)];
        for (x, y) in pairs {
            assert_eq!(kept(Bounce::Single, x), y, "{x}");
        }
        assert_eq!(kept(Bounce::Single, f64::INFINITY), -6.0);
        assert_eq!(kept(Bounce::Single, f64::NEG_INFINITY), 6.0);
    }

    #[test]
    fn reflection_folds_as_often_as_needed() {
        for (x, y) in [(6.5, 5.5), (-6.5, -5.5), (17.0, -5.0), (19.0, -5.0), (30.5, 5.5), (-31.0, -5.0)] {
            assert_eq!(kept(Bounce::Reflect, x), y, "{x}");
        }
        for x in [1e17, -1e300, f64::MAX, f64::MIN] {
            assert!(kept(Bounce::Reflect, x).abs() <= 6.0, "{x}");
        }
        assert_eq!(kept(Bounce::Reflect, f64::INFINITY), 6.0);
        assert_eq!(kept(Bounce::Reflect, f64::NEG_INFINITY), -6.0);
    }

    #[test]
    fn a_box_without_the_origin_is_refused() {
        for bounds in [[1.0, 2.0], [-2.0, -1.0], [6.0, -6.0], [0.0, 0.0], [f64::NAN, 1.0], [-1.0, f64::INFINITY]] {
            assert!(Walls::new(bounds, Bounce::Single).is_err(), "{bounds:?}");
        }
    }
}
