//! Operators that read a window of rows for every row that they write: convolutions, pools, and their transposes.
//!
//! Everything here is about one axis; rows and columns do not know of each other.

use super::span::Span;

/// How an operator goes along one axis of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kernel {
    /// Rows from the first that a kernel touches to the last, dilation included.
    pub(super) reach: usize,
    /// Rows between one position and the next.
    pub(super) stride: usize,
    /// Rows that are added (of a transposed convolution: cut off) before the first and after the last.
    pub(super) pads: [usize; 2],
}

/// A part of an operator's output along one axis: what it needs and how it is then padded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Rows of the input.
    pub(super) input: Span,
    /// Pads, with those rows for an input.
    pub(super) pads: [usize; 2],
    /// Rows that are added behind the output of a transposed convolution.
    pub(super) output_padding: usize,
}

impl Kernel {
    /// Rows that come out of `size`; `ceil` counts a last position that only partly fits.
    ///
    /// A position that would begin in the padding behind the input is none.
    pub(super) fn narrowed(self, size: usize, ceil: bool) -> Option<usize> {
        let padded = size + self.pads[0] + self.pads[1];
        let room = padded.checked_sub(self.reach)?;
        let steps = if ceil { room.div_ceil(self.stride) } else { room / self.stride };
        let beyond = ceil && steps * self.stride >= size + self.pads[0];
        Some(steps + 1 - usize::from(beyond))
    }

    /// Rows that come out of `size` when transposed, `added` of them by the output padding.
    pub(super) fn widened(self, size: usize, added: usize) -> Option<usize> {
        (size.checked_sub(1)? * self.stride + self.reach + added).checked_sub(self.pads[0] + self.pads[1])
    }

    /// What `output` needs of an input of `size` rows.
    pub(super) fn part(self, output: Span, size: usize) -> Option<Part> {
        let begin = output.start * self.stride;
        let end = (output.end - 1) * self.stride + self.reach;
        let start = begin.saturating_sub(self.pads[0]);
        let input = Span { start, end: end.saturating_sub(self.pads[0]).min(size) };
        let pads = [self.pads[0].saturating_sub(begin), end.saturating_sub(self.pads[0] + size)];
        (input.start < input.end).then_some(Part { input, pads, output_padding: 0 })
    }

    /// What `output` needs of an input of `size` rows when transposed.
    pub(super) fn transposed_part(self, output: Span, size: usize) -> Option<Part> {
        // In rows of the output before its pads are cut off.
        let (begin, end) = (output.start + self.pads[0], output.end + self.pads[0]);
        // The first row that reaches as far as the beginning, but none that begins after it.
        let start = (begin + 1).saturating_sub(self.reach).div_ceil(self.stride).min(begin / self.stride).min(size - 1);
        let input = Span { start, end: ((end - 1) / self.stride + 1).min(size) };
        if input.start >= input.end {
            return None;
        }
        let covered = (input.end - 1) * self.stride + self.reach;
        let before = begin.checked_sub(input.start * self.stride)?;
        Some(Part { input, pads: [before, covered.saturating_sub(end)], output_padding: end.saturating_sub(covered) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which rows of the input contribute to a row of the output, and by which row of the kernel.
    fn reads(kernel: Kernel, row: usize, size: usize) -> Vec<(usize, usize)> {
        let at = |k: usize| (row * kernel.stride + k).checked_sub(kernel.pads[0]).filter(|&i| i < size).map(|i| (i, k));
        (0..kernel.reach).filter_map(at).collect()
    }

    fn transposed_reads(kernel: Kernel, row: usize, size: usize) -> Vec<(usize, usize)> {
        let at = |i: usize| (row + kernel.pads[0]).checked_sub(i * kernel.stride).filter(|&k| k < kernel.reach);
        (0..size).filter_map(|i| Some((i, at(i)?))).collect()
    }

    fn kernels() -> Vec<Kernel> {
        let mut kernels = Vec::new();
        for reach in 1..6 {
            for stride in 1..5 {
                for pads in [[0, 0], [1, 1], [0, 2], [2, 1]] {
                    kernels.push(Kernel { reach, stride, pads });
                }
            }
        }
        kernels
    }

    fn spans(rows: usize) -> impl Iterator<Item = Span> {
        (0..rows).flat_map(move |start| (start + 1..=rows).map(move |end| Span { start, end }))
    }

    #[test]
    fn a_part_of_the_output_reads_what_the_whole_reads_there() {
        let mut looked_at = 0;
        for kernel in kernels() {
            for size in 3..9 {
                let Some(rows) = kernel.narrowed(size, false) else { continue };
                for output in spans(rows) {
                    let alone = (output.start..output.end).all(|row| reads(kernel, row, size).is_empty());
                    let Some(part) = kernel.part(output, size) else {
                        assert!(alone, "{kernel:?} {size} {output:?}");
                        continue;
                    };
                    let cut = Kernel { pads: part.pads, ..kernel };
                    assert_eq!(
                        cut.narrowed(part.input.size(), false),
                        Some(output.size()),
                        "{kernel:?} {size} {output:?}"
                    );
                    for row in output.start..output.end {
                        let found = reads(cut, row - output.start, part.input.size());
                        let found: Vec<_> = found.into_iter().map(|(i, k)| (i + part.input.start, k)).collect();
                        assert_eq!(found, reads(kernel, row, size), "{kernel:?} {size} {output:?}");
                        looked_at += 1;
                    }
                }
            }
        }
        assert!(looked_at > 5_000, "{looked_at}");
    }

    #[test]
    fn a_part_of_a_transposed_output_reads_what_the_whole_reads_there() {
        let mut looked_at = 0;
        for kernel in kernels() {
            for (size, added) in (2..7).flat_map(|size| (0..kernel.stride).map(move |added| (size, added))) {
                let Some(rows) = kernel.widened(size, added) else { continue };
                for output in spans(rows) {
                    let Some(part) = kernel.transposed_part(output, size) else {
                        let alone =
                            (output.start..output.end).all(|row| transposed_reads(kernel, row, size).is_empty());
                        assert!(alone, "{kernel:?} {size} {output:?}");
                        continue;
                    };
                    let cut = Kernel { pads: part.pads, ..kernel };
                    let rows = cut.widened(part.input.size(), part.output_padding);
                    assert_eq!(rows, Some(output.size()), "{kernel:?} {size} {output:?} {part:?}");
                    for row in output.start..output.end {
                        let found = transposed_reads(cut, row - output.start, part.input.size());
                        let found: Vec<_> = found.into_iter().map(|(i, k)| (i + part.input.start, k)).collect();
                        assert_eq!(found, transposed_reads(kernel, row, size), "{kernel:?} {size} {output:?}");
                        looked_at += 1;
                    }
                }
            }
        }
        assert!(looked_at > 5_000, "{looked_at}");
    }

    #[test]
    fn a_position_in_the_padding_behind_the_input_is_none() {
        let kernel = Kernel { reach: 3, stride: 2, pads: [0, 0] };
        assert_eq!([12, 13, 14].map(|size| kernel.narrowed(size, true)), [Some(6), Some(6), Some(7)]);
        assert_eq!(Kernel { reach: 2, stride: 2, pads: [1, 1] }.narrowed(3, true), Some(2));
        assert_eq!(Kernel { reach: 1, stride: 2, pads: [0, 1] }.narrowed(3, true), Some(2));
        assert_eq!(kernel.narrowed(2, false), None);
    }
}
