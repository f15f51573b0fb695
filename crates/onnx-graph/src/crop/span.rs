//! Rows and columns of a map.

/// Rows, or columns, `start..end` of a map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The first.
    pub start: usize,
    /// The one after the last.
    pub end: usize,
}

impl Span {
    /// All of `size` rows.
    pub fn whole(size: usize) -> Self {
        Self { start: 0, end: size }
    }

    /// The one row `at`.
    pub fn one(at: usize) -> Self {
        Self { start: at, end: at + 1 }
    }

    /// Number of rows.
    pub fn size(self) -> usize {
        self.end - self.start
    }

    /// The least span that holds both.
    pub fn hull(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Whether `at` is one of its rows.
    pub fn holds(self, at: usize) -> bool {
        (self.start..self.end).contains(&at)
    }
}

/// Rows and columns of a map.
pub type Window = [Span; 2];

/// The least window that holds both.
pub(super) fn hull(a: Window, b: Window) -> Window {
    [a[0].hull(b[0]), a[1].hull(b[1])]
}

/// The window that is all of a map of this height and width.
pub(super) fn whole(size: [usize; 2]) -> Window {
    size.map(Span::whole)
}
