//! XDream's scores as HDF5: a dataset `scores`, images x channels, in the order of the block's sorted file names, and
//! optional `indices` into these, one a row.
//!
//! Beyond XDream: `scores` images x channels x bins with the edges `bins_ms`, `scores` of one dimension for one channel,
//! `channels` with names, and a matrix `scores` that Octave's `save -hdf5` wrote; of it counts what HDF5 sees, which is
//! the transpose of what Octave shows.

use crate::hdf5::{self, Item, Reader};
use crate::table::Extra;
use crate::{Array, FormatError, ImageRef, Limits, ScoreTable};

/// Reads a table of scores.
///
/// # Errors
/// If the bytes are no such file, or there is more than the limits allow.
pub fn parse(bytes: &[u8], limits: &Limits) -> Result<ScoreTable, FormatError> {
    let table = hdf5::read(bytes, limits, |file| {
        let scores = numbers(file, "scores")?.ok_or_else(|| FormatError::Missing("dataset 'scores'".to_owned()))?;
        let images = numbers(file, "indices")?
            .map(|indices| indices.values.into_iter().map(ImageRef::from_number).collect::<Result<_, _>>());
        let bins_ms = numbers(file, "bins_ms")?.map(|edges| edges.values);
        let channels = match item(file, "channels")? {
            Some(Item::Strings(names)) => Some(names),
            _ => None,
        };
        ScoreTable::from_arrays(&scores, images.transpose()?, Extra { channels, bins_ms }, limits)
    })?;
    table.checked(limits)
}

fn item(file: &mut Reader<'_>, name: &str) -> Result<Option<Item>, FormatError> {
    let dataset = file.dataset(name)?;
    dataset.map(|dataset| file.item(&dataset, name)).transpose()
}

fn numbers(file: &mut Reader<'_>, name: &str) -> Result<Option<Array>, FormatError> {
    match item(file, name)? {
        None => Ok(None),
        Some(Item::Numbers(array)) => Ok(Some(array)),
        Some(_) => Err(FormatError::Mismatch(format!("'{name}' does not have numbers"))),
    }
}
