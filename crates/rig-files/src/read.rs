//! From a path to a table.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::formats::{csv, h5, json, mat, npz};
use crate::limits::within;
use crate::{FormatError, Limits, Prefer, ScoreFileError, ScoreTable};

/// The extensions that [`read_scores`] knows, in any case.
pub const EXTENSIONS: [&str; 6] = ["h5", "hdf5", "mat", "npz", "csv", "json"];

/// Reads a file of scores in the format of its extension. A MAT file that has both scores and rasters gives the scores;
/// [`read_scores_preferring`] gives the rasters.
///
/// # Errors
/// If the file cannot be read, has another extension, is malformed or cut, or holds more than the limits allow.
pub fn read_scores(path: &Path, limits: &Limits) -> Result<ScoreTable, ScoreFileError> {
    read_scores_preferring(path, limits, Prefer::Scores)
}

/// As [`read_scores`], with the choice of what a file gives that has scores and rasters.
///
/// # Errors
/// As [`read_scores`].
pub fn read_scores_preferring(path: &Path, limits: &Limits, prefer: Prefer) -> Result<ScoreTable, ScoreFileError> {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_ascii_lowercase();
    let parse: &dyn Fn(&[u8]) -> Result<ScoreTable, FormatError> = match extension.as_str() {
        "h5" | "hdf5" => &|bytes| h5::parse(bytes, limits),
        "mat" => &|bytes| mat::parse(bytes, limits, prefer),
        "npz" => &|bytes| npz::parse(bytes, limits),
        "csv" => &|bytes| csv::parse(bytes, limits),
        "json" => &|bytes| json::parse(bytes, limits),
        _ => return Err(ScoreFileError::Extension { path: path.to_owned() }),
    };
    parse(&bytes_of(path, limits)?).map_err(ScoreFileError::format(path))
}

/// The content of a file, if it is not longer than the limit.
pub(crate) fn bytes_of(path: &Path, limits: &Limits) -> Result<Vec<u8>, ScoreFileError> {
    let check = |bytes| within("bytes", bytes, limits.bytes).map_err(ScoreFileError::format(path));
    let file = File::open(path).map_err(ScoreFileError::io(path))?;
    check(file.metadata().map_err(ScoreFileError::io(path))?.len())?;
    let mut bytes = Vec::new();
    // A file may grow between the two looks.
    file.take(limits.bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(ScoreFileError::io(path))?;
    check(bytes.len() as u64)?;
    Ok(bytes)
}
