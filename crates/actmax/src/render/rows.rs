//! Which rows of an array of codes are meant: `0,5,10-20`.

use std::ops::RangeInclusive;
use std::str::FromStr;

/// Rows, each part from first to last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows(Vec<RangeInclusive<usize>>);

impl Rows {
    /// All of them, in the order given, of an array with so many rows.
    ///
    /// # Errors
    /// The first row that the array does not have.
    pub fn of(&self, rows: usize) -> Result<Vec<usize>, usize> {
        match self.0.iter().find(|part| *part.end() >= rows) {
            Some(part) => Err((*part.start()).max(rows)),
            None => Ok(self.0.iter().cloned().flatten().collect()),
        }
    }
}

impl FromStr for Rows {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let part = |part: &str| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let part = first.trim().parse().ok()?..=last.trim().parse().ok()?;
            (!part.is_empty()).then_some(part)
        };
        let parts: Option<Vec<_>> = text.split(',').map(part).collect();
        parts.map(Self).ok_or("write rows from 0 and ranges, for example 0,5,10-20")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_numbers_and_ranges() {
        let rows: Rows = "4,0, 2-3".parse().unwrap();
        assert_eq!(rows.of(5), Ok(vec![4, 0, 2, 3]));
        assert_eq!(rows.of(4), Err(4));
        assert_eq!("1-9".parse::<Rows>().unwrap().of(3), Err(3));
        for text in ["", "a", "3-1", "1,,2", "-1", "1-"] {
            assert!(text.parse::<Rows>().is_err(), "{text}");
        }
    }
}
