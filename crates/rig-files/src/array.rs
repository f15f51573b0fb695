//! Arrays of numbers, and MATLAB's values.

use crate::FormatError;
use crate::table::sides;

/// Numbers of any class as doubles, with their shape. Who reads or writes an array says in which order they lie.
#[derive(Clone, Debug, PartialEq)]
pub struct Array {
    /// The sides.
    pub shape: Vec<usize>,
    /// As many as the product of the sides.
    pub values: Vec<f64>,
}

impl Array {
    /// An array, if the number of values is the product of the sides.
    ///
    /// # Errors
    /// [`FormatError::Mismatch`] if it is not.
    pub fn new(shape: Vec<usize>, values: Vec<f64>) -> Result<Self, FormatError> {
        let count = shape.iter().try_fold(1_usize, |count, side| count.checked_mul(*side));
        if count == Some(values.len()) {
            Ok(Self { shape, values })
        } else {
            Err(FormatError::Mismatch(format!("an array of {} has {} values", sides(&shape), values.len())))
        }
    }
}

/// A variable of a MAT file, of v5 as of v7.3.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum MatValue {
    /// Numbers of any class, or logicals as 0 and 1; columns first, as MATLAB has them.
    Numeric(Array),
    /// A char array, one string a row.
    Char(Vec<String>),
    /// A cell array.
    Cell {
        /// The sides.
        shape: Vec<usize>,
        /// Columns first.
        cells: Vec<MatValue>,
    },
    /// What this crate passes over: structs, objects, sparse arrays, functions, complex numbers; with its name.
    Other(&'static str),
}

impl MatValue {
    /// Strings, one a cell of a cell array of char, or one a row of a char array without the blanks that fill it.
    pub(crate) fn into_strings(self, name: &str) -> Result<Vec<String>, FormatError> {
        match self {
            Self::Char(rows) if rows.len() == 1 => Ok(rows),
            Self::Char(rows) => Ok(rows.iter().map(|row| row.trim_end_matches(' ').to_owned()).collect()),
            Self::Cell { cells, .. } => cells
                .into_iter()
                .enumerate()
                .map(|(cell, value)| match value {
                    Self::Char(mut rows) if rows.len() == 1 => Ok(rows.swap_remove(0)),
                    other => {
                        Err(FormatError::Mismatch(format!("{name}{{{}}} is {}, not text", cell + 1, other.kind())))
                    }
                })
                .collect(),
            other => Err(FormatError::Mismatch(format!("{name} is {}, not a cell array of text", other.kind()))),
        }
    }

    /// Numbers.
    pub(crate) fn into_array(self, name: &str) -> Result<Array, FormatError> {
        match self {
            Self::Numeric(array) => Ok(array),
            other => Err(FormatError::Mismatch(format!("{name} is {}, not numbers", other.kind()))),
        }
    }

    fn kind(&self) -> String {
        match self {
            Self::Numeric(array) => format!("numbers of {}", sides(&array.shape)),
            Self::Char(rows) => format!("text of {} rows", rows.len()),
            Self::Cell { shape, .. } => format!("a cell array of {}", sides(shape)),
            Self::Other(what) => (*what).to_owned(),
        }
    }
}
