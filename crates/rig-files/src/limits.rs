//! What a file may cost.

use crate::FormatError;

/// The most that a file may hold. No reader takes more memory than a small multiple of these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file, and bytes of all that is compressed in it, inflated.
    pub bytes: u64,
    /// Rows of scores, names, codes, and cells of cell arrays.
    pub rows: usize,
    /// Numbers of all arrays together.
    pub values: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 64 << 20, rows: 100_000, values: 10_000_000 }
    }
}

/// What is left of the limits while a file is read.
#[derive(Debug)]
pub(crate) struct Budget<'a> {
    limits: &'a Limits,
    bytes: u64,
    rows: usize,
    values: usize,
}

impl<'a> Budget<'a> {
    pub(crate) fn new(limits: &'a Limits) -> Self {
        Self { limits, bytes: 0, rows: 0, values: 0 }
    }

    /// Bytes that may still be inflated.
    pub(crate) fn bytes_left(&self) -> u64 {
        self.limits.bytes.saturating_sub(self.bytes)
    }

    pub(crate) fn take_bytes(&mut self, count: u64) -> Result<(), FormatError> {
        self.bytes = self.bytes.saturating_add(count);
        within("bytes", self.bytes, self.limits.bytes)
    }

    pub(crate) fn take_rows(&mut self, count: usize) -> Result<(), FormatError> {
        self.rows = self.rows.saturating_add(count);
        within("rows", self.rows as u64, self.limits.rows as u64)
    }

    pub(crate) fn take_values(&mut self, count: usize) -> Result<(), FormatError> {
        self.values = self.values.saturating_add(count);
        within("values", self.values as u64, self.limits.values as u64)
    }

    /// The number of entries of an array of this shape, taken from the values. A side of 0 counts as 1: the other sides
    /// of an empty array have to be within the limits too.
    pub(crate) fn take_shape(&mut self, shape: &[usize]) -> Result<usize, FormatError> {
        let sides = shape.iter().map(|side| (*side).max(1));
        self.take_values(sides.fold(1, usize::saturating_mul))?;
        Ok(shape.iter().product())
    }
}

pub(crate) fn within(what: &'static str, found: u64, limit: u64) -> Result<(), FormatError> {
    if found > limit { Err(FormatError::TooLarge { what, found, limit }) } else { Ok(()) }
}
