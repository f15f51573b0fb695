//! The scores of a file, whatever its format.

use crate::limits::{Limits, within};
use crate::{Array, FormatError};

/// Scores as a rig wrote them, one row a presentation or an image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ScoreTable {
    /// Names of the channels, where the file has them.
    pub channels: Option<Vec<String>>,
    /// Edges of the time bins in ms from image onset, one more than there are bins; `None` where a channel has one value.
    pub bins_ms: Option<Vec<f64>>,
    /// The rows in the order of the file. All have the same number of values.
    pub rows: Vec<ScoreRow>,
}

/// The response to one presentation of an image, or the mean over several.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreRow {
    /// Which image was shown.
    pub image: ImageRef,
    /// The rig's number of the presentation.
    pub trial: Option<u64>,
    /// When it was shown, in seconds of the rig's clock.
    pub time: Option<f64>,
    /// One value a channel, or channels x bins in C order; NaN where the rig has none.
    pub values: Vec<f64>,
}

/// How a file names an image.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ImageRef {
    /// The file name: what follows the last `/` or `\` of what the rig wrote.
    Name(String),
    /// A position, from 0, in the block's file names when they are sorted.
    Index(usize),
}

impl ImageRef {
    /// The image of a name that may be a path of any system.
    ///
    /// # Errors
    /// [`FormatError::Malformed`] if nothing follows the last divider.
    pub fn from_path(path: &str) -> Result<Self, FormatError> {
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default().trim_end_matches('\0');
        if name.is_empty() {
            return Err(FormatError::Malformed(format!("'{path}' names no image")));
        }
        Ok(Self::Name(name.to_owned()))
    }

    /// The image of an index as a number.
    pub(crate) fn from_number(index: f64) -> Result<Self, FormatError> {
        if index >= 0.0 && index.fract() == 0.0 && index < 9e15 {
            Ok(Self::Index(index as usize))
        } else {
            Err(FormatError::Malformed(format!("{index} is no index of an image: they are whole numbers from 0")))
        }
    }
}

impl ScoreTable {
    /// The number of values of a row; 0 of a table without rows.
    pub fn width(&self) -> usize {
        self.rows.first().map_or(0, |row| row.values.len())
    }

    /// The table, if its parts fit each other and the limits.
    ///
    /// # Errors
    /// [`FormatError::Mismatch`] with the numbers that disagree, [`FormatError::TooLarge`], or
    /// [`FormatError::Malformed`] if the edges of the bins do not rise.
    pub fn checked(self, limits: &Limits) -> Result<Self, FormatError> {
        let (rows, width) = (self.rows.len(), self.width());
        within("rows", rows as u64, limits.rows as u64)?;
        within("values", (rows as u64).saturating_mul(width as u64), limits.values as u64)?;
        if let Some((row, other)) = self.rows.iter().enumerate().find(|(_, row)| row.values.len() != width) {
            let other = other.values.len();
            return Err(FormatError::Mismatch(format!("row 0 has {width} values and row {row} has {other}")));
        }
        let bins = match &self.bins_ms {
            None => 1,
            Some(edges) if edges.len() < 2 => {
                return Err(FormatError::Malformed(format!("{} edges of time bins make no bin", edges.len())));
            }
            Some(edges) if !edges.is_sorted_by(|a, b| a < b) || !edges.iter().all(|edge| edge.is_finite()) => {
                return Err(FormatError::Malformed("the edges of the time bins do not rise".to_owned()));
            }
            Some(edges) => edges.len() - 1,
        };
        if rows > 0 && width % bins != 0 {
            return Err(FormatError::Mismatch(format!("{width} values a row are not channels x {bins} time bins")));
        }
        if let Some(channels) = self.channels.as_ref().map(Vec::len)
            && rows > 0
            && channels.checked_mul(bins) != Some(width)
        {
            let text = format!("there are {channels} names of channels and {} channels of values", width / bins);
            return Err(FormatError::Mismatch(text));
        }
        Ok(self)
    }

    /// A table from arrays: `scores` images x channels, images x channels x bins, or one value an image.
    pub(crate) fn from_arrays(
        scores: &Array,
        images: Option<Vec<ImageRef>>,
        extra: Extra,
        limits: &Limits,
    ) -> Result<Self, FormatError> {
        let count = match (scores.shape.as_slice(), &extra.bins_ms) {
            ([images] | [images, _], None) => *images,
            ([images, _, bins], Some(edges)) if edges.len().checked_sub(1) == Some(*bins) => *images,
            (shape, edges) => {
                let edges = edges.as_ref().map_or("no".to_owned(), |edges| edges.len().to_string());
                let text = "scores must be images x channels, or images x channels x bins with the edges of the bins";
                return Err(FormatError::Mismatch(format!("{text}: they are {} with {edges} edges", sides(shape))));
            }
        };
        within("rows", count as u64, limits.rows as u64)?;
        let images = images.unwrap_or_else(|| (0..count).map(ImageRef::Index).collect());
        if images.len() != count {
            let text = format!("{} images are named, and there are scores of {count}", images.len());
            return Err(FormatError::Mismatch(text));
        }
        let width = scores.values.len().checked_div(count).unwrap_or(0);
        let rows = images.into_iter().enumerate().map(|(row, image)| {
            let values = scores.values[row * width..(row + 1) * width].to_vec();
            ScoreRow { image, trial: None, time: None, values }
        });
        Ok(Self { channels: extra.channels, bins_ms: extra.bins_ms, rows: rows.collect() })
    }
}

/// What may stand beside an array of scores.
#[derive(Debug, Default)]
pub(crate) struct Extra {
    pub(crate) channels: Option<Vec<String>>,
    pub(crate) bins_ms: Option<Vec<f64>>,
}

/// A shape in words: `40 x 3`.
pub(crate) fn sides(shape: &[usize]) -> String {
    shape.iter().map(usize::to_string).collect::<Vec<_>>().join(" x ")
}
