//! Code files of closed-loop rigs: `codes`, n x d, and `ids`, a cell array of the n names of their images.

use std::path::Path;

use crate::formats::{mat, mat5};
use crate::read::bytes_of;
use crate::table::sides;
use crate::{FormatError, Limits, ScoreFileError};

/// Codes with the names of their images.
#[derive(Clone, Debug, PartialEq)]
pub struct Codes {
    /// Names of the images as the file has them, one a code.
    pub ids: Vec<String>,
    /// All codes, one after the other.
    pub rows: Vec<f64>,
    /// The length of a code.
    pub dim: usize,
}

/// Reads a code file: MAT of v5, v7 or v7.3, codes in double or single precision.
///
/// # Errors
/// If the file cannot be read, is malformed or cut, lacks a variable, or holds more than the limits allow.
pub fn read_codes(path: &Path, limits: &Limits) -> Result<Codes, ScoreFileError> {
    Codes::parse(&bytes_of(path, limits)?, limits).map_err(ScoreFileError::format(path))
}

impl Codes {
    /// Reads the content of a code file.
    ///
    /// # Errors
    /// As [`read_codes`].
    pub fn parse(bytes: &[u8], limits: &Limits) -> Result<Self, FormatError> {
        let mut variables = mat::variables(bytes, &["codes", "ids"], limits)?;
        let mut take =
            |name: &str| variables.remove(name).ok_or_else(|| FormatError::Missing(format!("variable '{name}'")));
        let ids = take("ids")?.into_strings("ids")?;
        let codes = take("codes")?.into_array("codes")?;
        let dim = match codes.shape[..] {
            [rows, dim] if rows == ids.len() => dim,
            _ => {
                let (shape, ids) = (sides(&codes.shape), ids.len());
                return Err(FormatError::Mismatch(format!("codes are {shape}, and there are {ids} ids")));
            }
        };
        let place = |place: usize| codes.values[place % dim * ids.len() + place / dim];
        let rows = (0..codes.values.len()).map(place).collect();
        Ok(Self { ids, rows, dim })
    }

    /// The content of a code file (v5, doubles).
    ///
    /// # Panics
    /// If the codes are not as many as the names.
    pub fn to_mat(&self) -> Vec<u8> {
        assert_eq!(self.ids.len() * self.dim, self.rows.len(), "codes and ids");
        let mut file = mat5::Writer::new();
        file.rows("codes", self.dim, &self.rows).cells("ids", &self.ids);
        file.finish().to_vec()
    }
}
