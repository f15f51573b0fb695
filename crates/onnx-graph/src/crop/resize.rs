//! The operator `Resize` along one axis: which rows it reads.

use super::operator::{integer_attribute, text_attribute};
use super::span::Span;
use crate::proto::NodeProto;

/// How rows of the output are found in the input.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Resampling {
    /// Rows of the input.
    size: usize,
    grid: Grid,
    /// Rows of the output for one of the input.
    scale: f64,
    /// Rows beside the nearest one that may count.
    reach: usize,
}

/// Which points of input and output lie above each other.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grid {
    /// The outer edges of the first and last rows.
    HalfPixel,
    /// The first rows.
    Asymmetric,
    /// The middles of the first and of the last rows, of which the output has so many.
    AlignCorners(usize),
}

impl Resampling {
    /// How a node makes `rows` of `size` rows; `scale` is given, or their ratio. None if it is not known here, or
    /// mixes more rows than a few.
    pub(super) fn of(node: &NodeProto, size: usize, rows: usize, scale: Option<f32>) -> Option<Self> {
        let text = |name, default| text_attribute(node, name).unwrap_or(default);
        let grid = match text("coordinate_transformation_mode", "half_pixel") {
            "half_pixel" | "pytorch_half_pixel" | "half_pixel_symmetric" => Grid::HalfPixel,
            "asymmetric" => Grid::Asymmetric,
            "align_corners" => Grid::AlignCorners(rows),
            _ => return None,
        };
        let reach = if text("mode", "nearest") == "cubic" { 2 } else { 1 };
        let plain =
            integer_attribute(node, "antialias", 0) == 0 && text("keep_aspect_ratio_policy", "stretch") == "stretch";
        plain.then(|| Self { size, grid, scale: scale.map_or(rows as f64 / size as f64, f64::from), reach })
    }

    /// How many rows one row becomes, where what happens to it depends on the rows beside it alone: the grids of the
    /// output lie alike above every row of the input, in floating point too.
    pub(super) fn factor(&self) -> Option<usize> {
        let alike = !matches!(self.grid, Grid::AlignCorners(_));
        [1, 2, 4, 8, 16].into_iter().find(|&factor| alike && factor as f64 == self.scale)
    }

    /// Rows of the input that `output` needs, and perhaps one more on either side.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows are few, and none is below 0")]
    pub(super) fn input(&self, output: Span) -> Span {
        let at = |row: usize| match self.grid {
            Grid::HalfPixel => (row as f64 + 0.5) / self.scale - 0.5,
            Grid::Asymmetric => row as f64 / self.scale,
            Grid::AlignCorners(1) => 0.0,
            Grid::AlignCorners(rows) => row as f64 * (self.size - 1) as f64 / (rows - 1) as f64,
        };
        // A row more on either side, for coordinates are rounded in single precision.
        let first = at(output.start).floor().max(0.0) as usize;
        let last = at(output.end - 1).ceil().max(0.0) as usize;
        let end = (last + self.reach + 1).min(self.size);
        Span { start: first.saturating_sub(self.reach).min(end - 1), end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rows_beside_a_point_are_read() {
        let corners = Resampling { size: 5, grid: Grid::AlignCorners(9), scale: 1.8, reach: 1 };
        assert_eq!(corners.input(Span::one(4)), Span { start: 1, end: 4 });
        assert_eq!(corners.input(Span::one(5)), Span { start: 1, end: 5 });
        assert_eq!(corners.input(Span { start: 0, end: 9 }), Span::whole(5));
        assert_eq!(corners.factor(), None);
        let doubled = Resampling { size: 8, grid: Grid::HalfPixel, scale: 2.0, reach: 1 };
        assert_eq!(doubled.input(Span { start: 6, end: 8 }), Span { start: 1, end: 6 });
        assert_eq!(doubled.input(Span::one(15)), Span { start: 6, end: 8 });
        assert_eq!(doubled.factor(), Some(2));
        assert_eq!(Resampling { scale: 1.5, ..doubled }.factor(), None);
        let one = Resampling { size: 7, grid: Grid::AlignCorners(1), scale: 1.0 / 7.0, reach: 2 };
        assert_eq!(one.input(Span::one(0)), Span { start: 0, end: 3 });
    }
}
