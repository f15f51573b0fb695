//! Scores as MATLAB saves them, in the dialects of XDream and of the Ponce lab's rigs.
//!
//! * `stimulusID`: a cell array of the n names; paths of Windows too.
//! * `tEvokedResp`: channels x n.
//! * optional `rasters`: channels x bins x n, in `rasterWindow` ms (by default 0 to 200), whose bins are equal.
//! * optional `spikeID`, with `unitID`: electrode and unit of each channel. The name of a channel is the electrode with a
//!   letter for the unit: `5U` is unsorted (unit 0), `5A` is unit 1, `5B` is unit 2.
//!
//! A file is v5 or v7, or v7.3, which is HDF5. Shapes are those that MATLAB shows.

use std::collections::BTreeMap;

use super::mat5;
use crate::hdf5::{self, Item, Reader};
use crate::table::sides;
use crate::{Array, FormatError, ImageRef, Limits, MatValue, ScoreRow, ScoreTable};

/// Which of the two a table takes, where a file has both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Prefer {
    /// `tEvokedResp`: one value a channel.
    #[default]
    Scores,
    /// `rasters`: one value a channel and time bin.
    Rasters,
}

/// The time that rasters cover where `rasterWindow` is not there, in ms from image onset.
const RASTER_WINDOW: [f64; 2] = [0.0, 200.0];

type Variables = BTreeMap<String, MatValue>;

/// Reads a table of scores.
///
/// # Errors
/// If the bytes are no such file, or there is more than the limits allow.
pub fn parse(bytes: &[u8], limits: &Limits, prefer: Prefer) -> Result<ScoreTable, FormatError> {
    let names = ["stimulusID", "tEvokedResp", "rasters", "rasterWindow", "spikeID", "unitID"];
    table(variables(bytes, &names, limits)?, prefer)?.checked(limits)
}

/// The variables of these names that a file of either kind has.
pub(crate) fn variables(bytes: &[u8], names: &[&str], limits: &Limits) -> Result<Variables, FormatError> {
    if hdf5::is_hdf5(bytes) {
        return hdf5::read(bytes, limits, |file| {
            let found = names.iter().map(|name| Ok((*name, variable(file, name)?)));
            let found: Vec<_> = found.collect::<Result<_, FormatError>>()?;
            Ok(found.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
        });
    }
    Ok(mat5::parse_named(bytes, names, limits)?.into_iter().collect())
}

/// A variable of a v7.3 file. HDF5 has MATLAB's sides in reverse order over the same memory.
fn variable(file: &mut Reader<'_>, name: &str) -> Result<Option<MatValue>, FormatError> {
    let Some(dataset) = file.dataset(name)? else { return Ok(None) };
    let (is_char, is_empty) = (dataset.is_matlab_char(), dataset.is_matlab_empty());
    match file.item(&dataset, name)? {
        _ if is_empty => Ok(Some(MatValue::Numeric(Array { shape: vec![0, 0], values: Vec::new() }))),
        Item::Numbers(array) if is_char => text(&array, name).map(|text| Some(MatValue::Char(vec![text]))),
        Item::Numbers(mut array) => {
            array.shape.reverse();
            Ok(Some(MatValue::Numeric(array)))
        }
        Item::Strings(rows) => Ok(Some(MatValue::Char(rows))),
        Item::References(mut shape, datasets) => {
            shape.reverse();
            let cells = datasets.iter().map(|dataset| match file.item(dataset, name)? {
                Item::Numbers(array) => text(&array, name).map(|text| MatValue::Char(vec![text])),
                _ => Err(FormatError::Mismatch(format!("a cell of {name} is not text"))),
            });
            Ok(Some(MatValue::Cell { shape, cells: cells.collect::<Result<_, _>>()? }))
        }
    }
}

/// Text from the numbers of its UTF-16 units.
fn text(units: &Array, name: &str) -> Result<String, FormatError> {
    let unit = |unit: &f64| if (0.0..65536.0).contains(unit) { Some(*unit as u16) } else { None };
    let units: Option<Vec<u16>> = units.values.iter().map(unit).collect();
    let text = units.and_then(|units| String::from_utf16(&units).ok());
    text.ok_or_else(|| FormatError::Malformed(format!("{name} has text that is not UTF-16")))
}

fn table(mut variables: Variables, prefer: Prefer) -> Result<ScoreTable, FormatError> {
    let mut take = |name: &str| variables.remove(name);
    let missing = |name: &str| FormatError::Missing(format!("variable '{name}'"));
    let names = take("stimulusID").ok_or_else(|| missing("stimulusID"))?.into_strings("stimulusID")?;
    let scores = take("tEvokedResp").map(|value| value.into_array("tEvokedResp")).transpose()?;
    let rasters = take("rasters").map(|value| value.into_array("rasters")).transpose()?;
    let window = take("rasterWindow").map(|value| value.into_array("rasterWindow")).transpose()?;
    let channels = channel_names(take("spikeID"), take("unitID"))?;
    let (values, bins_ms) = match (scores, rasters) {
        (None, None) => return Err(missing("tEvokedResp")),
        (Some(scores), None) => (of_scores(&scores, names.len())?, None),
        // Both are checked: a file whose parts disagree is still being written.
        (Some(scores), Some(rasters)) if prefer == Prefer::Scores => {
            of_rasters(&rasters, names.len(), window)?;
            (of_scores(&scores, names.len())?, None)
        }
        (scores, Some(rasters)) => {
            scores.map(|scores| of_scores(&scores, names.len())).transpose()?;
            let (values, edges) = of_rasters(&rasters, names.len(), window)?;
            (values, Some(edges))
        }
    };
    let rows = names
        .iter()
        .zip(values)
        .map(|(name, values)| Ok(ScoreRow { image: ImageRef::from_path(name)?, trial: None, time: None, values }));
    Ok(ScoreTable { channels, bins_ms, rows: rows.collect::<Result<_, FormatError>>()? })
}

/// The values of each image, from channels x images.
fn of_scores(scores: &Array, images: usize) -> Result<Vec<Vec<f64>>, FormatError> {
    match scores.shape[..] {
        [channels, count] if count == images => Ok(rows(&scores.values, images, channels)),
        _ => {
            let shape = sides(&scores.shape);
            Err(FormatError::Mismatch(format!(
                "tEvokedResp is {shape}; for {images} names it must be channels x {images}"
            )))
        }
    }
}

/// The values of each image, channels x bins in C order, and the edges of the bins, from channels x bins x images.
fn of_rasters(rasters: &Array, images: usize, window: Option<Array>) -> Result<(Vec<Vec<f64>>, Vec<f64>), FormatError> {
    let (channels, bins) = match rasters.shape[..] {
        [channels, bins, count] if count == images => (channels, bins),
        // MATLAB drops a last side of one.
        [channels, bins] if images == 1 => (channels, bins),
        _ => {
            let shape = sides(&rasters.shape);
            let text = format!("rasters are {shape}; for {images} names they must be channels x bins x {images}");
            return Err(FormatError::Mismatch(text));
        }
    };
    let [start, stop] = match window.map(|window| window.values) {
        None => RASTER_WINDOW,
        Some(window) => window.try_into().map_err(|window: Vec<f64>| {
            FormatError::Mismatch(format!("rasterWindow has {} numbers in place of two", window.len()))
        })?,
    };
    let edges = (0..=bins).map(|bin| start + (stop - start) * bin as f64 / bins as f64).collect();
    let values = rows(&rasters.values, images, channels * bins);
    let in_c_order =
        |image: &[f64]| (0..channels * bins).map(|place| image[place / bins + channels * (place % bins)]).collect();
    Ok((values.iter().map(|image| in_c_order(image)).collect(), edges))
}

fn rows(values: &[f64], count: usize, width: usize) -> Vec<Vec<f64>> {
    (0..count).map(|row| values[row * width..(row + 1) * width].to_vec()).collect()
}

/// Names of channels from their electrodes and units.
fn channel_names(electrodes: Option<MatValue>, units: Option<MatValue>) -> Result<Option<Vec<String>>, FormatError> {
    let Some(electrodes) = electrodes else { return Ok(None) };
    let electrodes = electrodes.into_array("spikeID")?.values;
    let units = units.map(|units| units.into_array("unitID")).transpose()?.map(|units| units.values);
    let Some(units) = units else { return Ok(Some(electrodes.iter().map(f64::to_string).collect())) };
    if units.len() != electrodes.len() {
        let text = format!("spikeID has {} entries and unitID {}", electrodes.len(), units.len());
        return Err(FormatError::Mismatch(text));
    }
    let name = |(electrode, unit): (&f64, &f64)| match *unit {
        0.0 => format!("{electrode}U"),
        unit if unit.fract() == 0.0 && (1.0..=20.0).contains(&unit) => {
            format!("{electrode}{}", char::from(b'A' + (unit as u8 - 1)))
        }
        unit => format!("{electrode}.{unit}"),
    };
    Ok(Some(electrodes.iter().zip(&units).map(name).collect()))
}
