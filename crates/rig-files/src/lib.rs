//! What recording rigs write, and what labs read: files only, nothing of sessions, methods or networks.
//!
//! | file | holds | read by |
//! |---|---|---|
//! | `.h5`, `.hdf5` | XDream's scores: `scores` images x channels, optional `indices` | [`formats::h5`] |
//! | `.mat` | `stimulusID` with `tEvokedResp` or `rasters`, as v5, v7 or v7.3 | [`formats::mat`] |
//! | `.npz` | `scores`, optional `indices` or `names` | [`formats::npz`] |
//! | `.csv` | a header, then one row a presentation | [`formats::csv`] |
//! | `.json` | what a rig posts over HTTP | [`formats::json`] |
//!
//! [`read_scores`] chooses by the extension. [`read_codes`] reads the code files of closed-loop rigs, [`mat5::Writer`]
//! writes them and other MAT files of v5, and [`nwb::write`] writes a finished session as NWB.
//!
//! Files come from outside. Whatever is in them, a reader gives an error rather than panic, and takes no more memory than
//! a small multiple of [`Limits`]. A file that a rig is still writing is mostly an error too, so that who waits for it
//! looks again. The exception is CSV, which has no end mark: cut at a place where it could end, it reads as a shorter file.

mod array;
mod codes;
mod error;
pub mod formats;
mod hdf5;
mod limits;
pub mod nwb;
mod read;
mod table;

pub use array::{Array, MatValue};
pub use codes::{Codes, read_codes};
pub use error::{FormatError, ScoreFileError};
pub use formats::mat::Prefer;
pub use formats::mat5;
pub use limits::Limits;
pub use read::{EXTENSIONS, read_scores, read_scores_preferring};
pub use table::{ImageRef, ScoreRow, ScoreTable};
