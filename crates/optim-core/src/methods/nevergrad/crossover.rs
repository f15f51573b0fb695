//! Which coordinates a child of differential evolution takes from its parent.

use rand::{Rng, RngExt};

use crate::options::{OptionValue, ValueKind};

/// How a child mixes its parent and its donor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Crossover {
    /// Every coordinate from either with probability 1/2, one at least from the donor.
    #[default]
    VariableWise,
    /// A segment from one, the rest from the other; below four dimensions as [`VariableWise`](Self::VariableWise).
    TwoPoints,
}

impl OptionValue for Crossover {
    const KIND: ValueKind = ValueKind::Word(&["variable-wise", "two-points"]);
}

/// Random numbers of one crossover, in the order in which nevergrad draws them.
#[derive(Clone, Debug, PartialEq)]
pub enum CrossoverDraws {
    /// Coordinate by coordinate.
    VariableWise {
        /// The coordinate that is the donor's in any case, `0..N`.
        donated: usize,
        /// A uniform on [0, 1) for each **other** coordinate, in order, length N - 1: the parent's above 1/2.
        uniforms: Vec<f64>,
    },
    /// By two points.
    TwoPoints {
        /// Two distinct numbers in `0..=N`, in any order.
        points: [usize; 2],
        /// Where the points are 0 and N: a number in `1..N`, and which of the two (0 or 1) it replaces.
        moved: Option<(usize, usize)>,
        /// Whether the parent's coordinates are those between the points; if not, they are all others.
        parent_inside: bool,
    },
}

impl CrossoverDraws {
    /// Whether the draws are what `crossover` draws in `dim` dimensions.
    #[must_use]
    pub fn fit(&self, crossover: Crossover, dim: usize) -> bool {
        match self {
            Self::VariableWise { donated, uniforms } => {
                !crossover.is_two_points(dim) && *donated < dim && uniforms.len() == dim - 1
            }
            Self::TwoPoints { points: [a, b], moved, .. } => {
                let whole = a.abs_diff(*b) == dim;
                let moves = moved.is_none_or(|(point, end)| (1..dim).contains(&point) && end < 2);
                crossover.is_two_points(dim) && a != b && *a.max(b) <= dim && whole == moved.is_some() && moves
            }
        }
    }

    /// Sets `from_parent[i]` where coordinate i is the parent's.
    pub(super) fn mask(&self, from_parent: &mut [bool]) {
        match self {
            Self::VariableWise { donated, uniforms } => {
                let (before, after) = uniforms.split_at(*donated);
                for (mask, u) in from_parent.iter_mut().zip(before.iter().chain(&[0.0]).chain(after)) {
                    *mask = *u > 0.5;
                }
            }
            Self::TwoPoints { points, moved, parent_inside } => {
                let mut bounds = [points[0].min(points[1]), points[0].max(points[1])];
                if let Some((point, end)) = moved {
                    bounds[*end] = *point;
                }
                from_parent.fill(!parent_inside);
                from_parent[bounds[0]..bounds[1]].fill(*parent_inside);
            }
        }
    }
}

impl Crossover {
    fn is_two_points(self, dim: usize) -> bool {
        self == Self::TwoPoints && dim >= 4
    }

    /// Draws a mask. A variable-wise one takes a bit a coordinate, whatever is donated: `u > 1/2` is a fair coin.
    pub(super) fn draw<R: Rng>(self, rng: &mut R, from_parent: &mut [bool]) {
        let dim = from_parent.len();
        if self.is_two_points(dim) {
            let (first, other) = (rng.random_range(0..=dim), rng.random_range(0..dim));
            let points = [first, if other < first { other } else { other + 1 }];
            let whole = points[0].abs_diff(points[1]) == dim;
            let moved = whole.then(|| (rng.random_range(1..dim), rng.random_range(0..2)));
            CrossoverDraws::TwoPoints { points, moved, parent_inside: rng.random() }.mask(from_parent);
        } else {
            let donated = rng.random_range(0..dim);
            for block in from_parent.chunks_mut(64) {
                let bits = rng.next_u64();
                for (i, mask) in block.iter_mut().enumerate() {
                    *mask = (bits >> i) & 1 == 1;
                }
            }
            from_parent[donated] = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Crossover, CrossoverDraws};
    use crate::{Stream, stream_rng};

    fn mask(draws: &CrossoverDraws, dim: usize) -> Vec<bool> {
        let mut mask = vec![false; dim];
        draws.mask(&mut mask);
        mask
    }

    #[test]
    fn the_donated_coordinate_draws_no_uniform() {
        let draws = CrossoverDraws::VariableWise { donated: 1, uniforms: vec![0.6, 0.5, 0.9] };
        assert!(draws.fit(Crossover::VariableWise, 4) && !draws.fit(Crossover::TwoPoints, 4));
        let below_four = CrossoverDraws::VariableWise { donated: 2, uniforms: vec![0.1, 0.7] };
        assert!(below_four.fit(Crossover::TwoPoints, 3) && !below_four.fit(Crossover::VariableWise, 4));
        assert_eq!(mask(&draws, 4), [true, false, false, true]);
    }

    #[test]
    fn two_points_cut_a_segment() {
        let draws = |points, moved, parent_inside| CrossoverDraws::TwoPoints { points, moved, parent_inside };
        assert_eq!(mask(&draws([3, 1], None, true), 4), [false, true, true, false]);
        assert_eq!(mask(&draws([1, 3], None, false), 4), [true, false, false, true]);
        assert_eq!(mask(&draws([4, 0], Some((1, 0)), true), 4), [false, true, true, true]);
        assert_eq!(mask(&draws([0, 4], Some((1, 1)), true), 4), [true, false, false, false]);
        for unfit in [draws([2, 2], None, true), draws([0, 5], None, true), draws([0, 4], None, true)] {
            assert!(!unfit.fit(Crossover::TwoPoints, 4));
        }
    }

    #[test]
    fn a_child_takes_something_from_its_donor() {
        let mut rng = stream_rng(3, Stream::Method, 0);
        for crossover in [Crossover::VariableWise, Crossover::TwoPoints] {
            for dim in [1, 2, 3, 4, 5, 64, 65, 200] {
                let mut share = 0;
                for _ in 0..400 {
                    let mut mask = vec![true; dim];
                    crossover.draw(&mut rng, &mut mask);
                    assert!(mask.contains(&false), "{crossover:?} {dim}");
                    share += mask.iter().filter(|&&m| m).count();
                }
                let expected = 200 * (dim - 1); // by symmetry half of the coordinates that may be the parent's
                assert!(dim < 64 || share.abs_diff(expected) < expected / 8, "{crossover:?} {dim}: {share}");
            }
        }
    }
}
