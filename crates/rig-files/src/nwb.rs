//! A finished session as NWB (Neurodata Without Borders, 2.x, on HDF5), as archives and analysis tools take it.
//!
//! What is in a file: `/intervals/trials`, a row a presentation; `/stimulus/templates/images`, the images that were shown;
//! `/scratch`, codes and texts as the caller names them; `/general` with the subject. There is no copy of the schema within
//! (readers have their own) and no link. The file appears under its name when it is whole.

mod metadata;
mod time;
mod tree;

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

pub use metadata::{NwbInfo, NwbMetadata};
pub use time::utc;

use crate::hdf5::{Appender, create};

/// The version of the NWB core schema that the files follow.
const NWB_VERSION: &str = "2.11.0";

/// The group of the images.
const IMAGES: &str = "stimulus/templates/images";

/// A session without its images.
#[derive(Clone, Debug, PartialEq)]
pub struct NwbSession {
    /// What is said about session and subject, checked.
    pub info: NwbInfo,
    /// When this file is made, RFC 3339 with zone.
    pub created: String,
    /// Names of the channels.
    pub channels: Vec<String>,
    /// Time bins of each response; 1 if a response is a number a channel.
    pub bins: usize,
    /// The presentations, in any order; the file has them by start.
    pub trials: Vec<NwbTrial>,
    /// What goes to `/scratch`.
    pub scratch: Vec<NwbScratch>,
}

/// A presentation of an image.
#[derive(Clone, Debug, PartialEq)]
pub struct NwbTrial {
    /// When the image came on, in seconds from the start of the session.
    pub start_time: f64,
    /// When it went off.
    pub stop_time: f64,
    /// The file name of the image, which is also the name of its template.
    pub stimulus_name: String,
    /// The block that showed it.
    pub block: u32,
    /// The thread that the image belongs to, from 0; none of a reference.
    pub thread: Option<u32>,
    /// The generation that the image belongs to, from 0; none of a reference.
    pub generation: Option<u32>,
    /// What the image is for, such as `generated` or `reference`.
    pub role: String,
    /// The score that the thread's method was told, or that the presentation had; NaN if none.
    pub score: f64,
    /// Whether the response came after its block was closed, so that no method heard of it.
    pub late: bool,
    /// When the image came on by the rig's own clock, in seconds; NaN if the rig did not say.
    pub rig_time: f64,
    /// The response of each channel, or of each channel and bin in C order; NaN where it is missing.
    pub channels: Vec<f64>,
}

/// An entry of `/scratch`.
#[derive(Clone, Debug, PartialEq)]
pub struct NwbScratch {
    /// The name; no `/` or `:`.
    pub name: String,
    /// What it is, in a sentence.
    pub notes: String,
    /// The content.
    pub data: NwbData,
}

/// The content of an entry of `/scratch`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum NwbData {
    /// A text.
    Text(String),
    /// A list of texts.
    Texts(Vec<String>),
    /// A matrix: rows of `columns` values, one after the other.
    Matrix {
        /// The length of a row.
        columns: usize,
        /// All rows.
        values: Vec<f64>,
    },
    /// A matrix in single precision.
    Singles {
        /// The length of a row.
        columns: usize,
        /// All rows.
        values: Vec<f32>,
    },
}

impl NwbData {
    /// Number of values and length of a row, of a matrix.
    fn size(&self) -> Option<(usize, usize)> {
        match self {
            Self::Matrix { columns, values } => Some((values.len(), *columns)),
            Self::Singles { columns, values } => Some((values.len(), *columns)),
            _ => None,
        }
    }
}

/// An image in colour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NwbImage {
    /// The file name; no `/` or `:`.
    pub name: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row: `height` x `width` x 3.
    pub rgb: Vec<u8>,
    /// What it shows, in a few words.
    pub description: String,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NwbReport {
    /// Rows of the table of trials.
    pub trials: usize,
    /// Images; of several with one name the first counts.
    pub images: usize,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Why a session cannot be written as NWB.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum NwbError {
    /// Archives refuse a file without these.
    #[error("NWB needs {}", fields.join(", "))]
    Missing {
        /// All fields that are missing.
        fields: Vec<&'static str>,
    },
    /// A field is not in the form that archives ask for.
    #[error("{field} is '{value}': it must be {expected}")]
    Invalid {
        /// The field.
        field: String,
        /// Its value.
        value: String,
        /// The form.
        expected: &'static str,
    },
    /// The file cannot be written, or an image not be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Writes a session with its images. The file has its name when it is whole; until then there is a temporary one beside it.
/// Images are taken one by one, so that memory holds about 32 MiB of them.
///
/// # Errors
/// If a trial, a scratch entry or an image is not in order (with the number or name of it), an image cannot be read, or
/// the file cannot be written.
pub fn write(
    path: &Path,
    session: &NwbSession,
    images: impl IntoIterator<Item = io::Result<NwbImage>>,
) -> Result<NwbReport, NwbError> {
    session.check()?;
    let failed = |source| NwbError::Io { path: path.to_owned(), source };
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = temporary(folder).map_err(failed)?;
    let mut images = images.into_iter().peekable();
    let (attrs, members) = tree::of(session, images.peek().is_some());
    create(file.as_file(), attrs, members).map_err(failed)?;
    let mut written = BTreeSet::new();
    if images.peek().is_some() {
        let mut appender = Appender::open(file.path(), IMAGES).map_err(failed)?;
        for image in images {
            let image = image.map_err(failed)?;
            image.check()?;
            if written.insert(image.name.clone()) {
                appender.add(tree::image(session, image)).map_err(failed)?;
            }
        }
        appender.finish().map_err(failed)?;
    }
    file.as_file().sync_all().map_err(failed)?;
    let bytes = file.as_file().metadata().map_err(failed)?.len();
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(NwbReport { trials: session.trials.len(), images: written.len(), bytes })
}

/// A file that nobody takes for the export, with the rights of other new files.
fn temporary(folder: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".export-").suffix(".part");
    #[cfg(unix)]
    let builder = builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
}

impl NwbSession {
    fn check(&self) -> Result<(), NwbError> {
        time::parse("the time of making", &self.created)?;
        let channels = self.channels.len() * self.bins;
        if self.trials.is_empty() {
            return Err(invalid("the table of trials", "empty", "of one presentation at least"));
        }
        for (number, trial) in self.trials.iter().enumerate() {
            let field = |what: &str| format!("{what} of trial {number} ({})", trial.stimulus_name);
            if !(trial.start_time >= 0.0 && trial.start_time.is_finite()) {
                return Err(invalid(field("start_time"), &trial.start_time, "seconds from the start of the session"));
            }
            if !(trial.stop_time >= trial.start_time && trial.stop_time.is_finite()) {
                return Err(invalid(field("stop_time"), &trial.stop_time, "seconds, not before start_time"));
            }
            if trial.channels.len() != channels {
                return Err(invalid(
                    field("the responses"),
                    &trial.channels.len(),
                    "one a channel and bin of the session",
                ));
            }
        }
        for scratch in &self.scratch {
            check_name("the name of a scratch entry", &scratch.name)?;
            if let Some((count, columns)) = scratch.data.size()
                && (columns == 0 || !count.is_multiple_of(columns) || count == 0)
            {
                let text = format!("{count} values in rows of {columns}");
                return Err(invalid(scratch.name.clone(), &text, "whole rows, and one at least"));
            }
        }
        let names: BTreeSet<_> = self.scratch.iter().map(|scratch| &scratch.name).collect();
        if names.len() < self.scratch.len() {
            return Err(invalid("the names of the scratch entries", "repeated", "different from each other"));
        }
        Ok(())
    }
}

impl NwbImage {
    fn check(&self) -> Result<(), NwbError> {
        check_name("the name of an image", &self.name)?;
        let expected = u64::from(self.width) * u64::from(self.height) * 3;
        if expected == 0 || self.rgb.len() as u64 != expected {
            let text = format!("{} bytes for {} x {} pixels", self.rgb.len(), self.width, self.height);
            return Err(invalid(self.name.clone(), &text, "three bytes a pixel"));
        }
        Ok(())
    }
}

/// Names of groups and datasets.
fn check_name(field: &str, name: &str) -> Result<(), NwbError> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', ':', '\0']) {
        return Err(invalid(field, name, "a name without '/' and ':'"));
    }
    Ok(())
}

fn invalid(field: impl Into<String>, value: &(impl ToString + ?Sized), expected: &'static str) -> NwbError {
    NwbError::Invalid { field: field.into(), value: value.to_string(), expected }
}
