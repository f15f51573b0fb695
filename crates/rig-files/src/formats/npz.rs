//! Scores as NumPy's npz: `scores` images x channels (or images x channels x bins with the edges `bins_ms`), and which
//! images they belong to: `names`, or `indices` into the block's sorted file names, or neither for all in that order.
//! Optional `channels` are names.

use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::limits::Budget;
use crate::table::Extra;
use crate::{Array, FormatError, ImageRef, Limits, ScoreTable};

mod npy;

/// Reads a table of scores.
///
/// # Errors
/// If the bytes are no such archive, or there is more than the limits allow.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<ScoreTable, FormatError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(FormatError::malformed)?;
    let mut budget = Budget::new(limits);
    let mut member = |name: &str| member(&mut archive, name, &mut budget);
    let scores = member("scores")?.ok_or_else(|| FormatError::Missing("array 'scores'".to_owned()))?;
    let images = match (member("names")?, member("indices")?) {
        (Some(_), Some(_)) => return Err(FormatError::mismatch("'names' and 'indices' exclude each other")),
        (Some(names), None) => {
            Some(names.strings("names")?.iter().map(|name| ImageRef::from_path(name)).collect::<Result<Vec<_>, _>>())
        }
        (None, Some(indices)) => {
            Some(indices.numbers("indices")?.values.into_iter().map(ImageRef::from_number).collect())
        }
        (None, None) => None,
    };
    let channels = member("channels")?.map(|names| names.strings("channels")).transpose()?;
    let bins_ms = member("bins_ms")?.map(|edges| edges.numbers("bins_ms")).transpose()?.map(|edges| edges.values);
    ScoreTable::from_arrays(&scores.numbers("scores")?, images.transpose()?, Extra { channels, bins_ms }, limits)?
        .checked(limits)
}

/// An array of the archive.
enum Member {
    Numbers(Array),
    Strings(Vec<String>),
}

impl Member {
    fn numbers(self, name: &str) -> Result<Array, FormatError> {
        match self {
            Self::Numbers(array) => Ok(array),
            Self::Strings(_) => Err(FormatError::Mismatch(format!("'{name}' has text in place of numbers"))),
        }
    }

    fn strings(self, name: &str) -> Result<Vec<String>, FormatError> {
        match self {
            Self::Strings(strings) => Ok(strings),
            Self::Numbers(_) => Err(FormatError::Mismatch(format!("'{name}' has numbers in place of text"))),
        }
    }
}

fn member(
    archive: &mut ZipArchive<Cursor<&[u8]>>,
    name: &str,
    budget: &mut Budget<'_>,
) -> Result<Option<Member>, FormatError> {
    let file_name = format!("{name}.npy");
    if archive.index_for_name(&file_name).is_none() {
        return Ok(None);
    }
    let file = archive.by_name(&file_name).map_err(|error| FormatError::Malformed(format!("{file_name}: {error}")))?;
    let mut bytes = Vec::new();
    // The archive's word for the size is not to be trusted.
    let mut bounded = file.take(budget.bytes_left().saturating_add(1));
    bounded.read_to_end(&mut bytes).map_err(|error| FormatError::Malformed(format!("{file_name}: {error}")))?;
    budget.take_bytes(bytes.len() as u64)?;
    npy::parse(&bytes, &file_name, budget).map(Some)
}
