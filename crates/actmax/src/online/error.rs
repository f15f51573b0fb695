//! Why a session could not be made, served or exported.

use std::path::PathBuf;

use thiserror::Error;

/// Why a session could not be made, served or exported.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OnlineError {
    /// A file or folder cannot be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was to be done.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// No session there.
    #[error("there is no session in {}: `actmax session new` makes one", folder.display())]
    NoSession {
        /// The folder.
        folder: PathBuf,
    },
    /// A session is there already.
    #[error("{} holds a session already: `actmax session run` goes on with it", folder.display())]
    Exists {
        /// The folder.
        folder: PathBuf,
    },
    /// The generator of a thread makes images that are not square.
    #[error("generator '{generator}' makes images of {width} x {height} pixels: sessions show square images")]
    NotSquare {
        /// The generator.
        generator: String,
        /// Pixels.
        width: usize,
        /// Pixels.
        height: usize,
    },
    /// A session has several threads, or none of that name.
    #[error("which thread of {}? It has {}: write SESSION:THREAD", folder.display(), threads.join(", "))]
    WhichThread {
        /// The folder.
        folder: PathBuf,
        /// Names of its threads.
        threads: Vec<String>,
    },
    /// Nothing was told yet.
    #[error("session {} has no scored generation yet", folder.display())]
    Nothing {
        /// The folder.
        folder: PathBuf,
    },
    /// NWB needs to know more of animal and experiment.
    #[error(
        "NWB needs {}. Write what is missing into {}, as in this example, and export again:\n\n\
         [subject]\nsubject_id = \"monkey1\"\nsex = \"M\"                    # M, F, U (unknown) or O (other)\n\
         species = \"Macaca mulatta\"   # in Latin\nage = \"P7Y3M\"                # 7 years and 3 months\n\n\
         [nwb]\nsession_start_time = {begun}   # when `session new` was run",
        fields.join(", "),
        path.display()
    )]
    NwbIncomplete {
        /// What is missing.
        fields: Vec<&'static str>,
        /// Where to write it.
        path: PathBuf,
        /// When the session was made.
        begun: String,
    },
    /// What is said of animal or experiment has not the form that archives ask for.
    #[error("{}", path.display())]
    NwbField {
        /// Where it is written.
        path: PathBuf,
        /// What is wrong.
        source: Box<rig_files::nwb::NwbError>,
    },
    /// The session was begun before it began.
    #[error("nwb.session_start_time is {seconds:.1} s later than the first image that was shown")]
    StartsLate {
        /// By how much.
        seconds: f64,
    },
    /// The NWB file cannot be written.
    #[error(transparent)]
    Nwb(#[from] rig_files::nwb::NwbError),
    /// An array that the format cannot hold.
    #[error("{} would have an array of {bytes} bytes: MAT files of v5 hold less than 4 GiB an array, export as npz", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Bytes of the array.
        bytes: usize,
    },
    /// The image of a block cannot be read.
    #[error("image {} cannot be read", path.display())]
    Image {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: Box<image::ImageError>,
    },
    /// The HTTP door refuses a request.
    #[error("the session answers {path} with status {status}: {error}")]
    Refused {
        /// What was asked for.
        path: String,
        /// The status.
        status: u16,
        /// The door's sentence.
        error: String,
    },
    /// An answer of the HTTP door cannot be read.
    #[error("the session's answer to {path} cannot be read: {why}")]
    Answer {
        /// What was asked for.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

impl OnlineError {
    /// Whether the user can mend it in the arguments.
    #[must_use]
    pub fn is_usage(&self) -> bool {
        !matches!(
            self,
            Self::Io { .. } | Self::Image { .. } | Self::Refused { .. } | Self::Answer { .. } | Self::Nwb(_)
        )
    }
}
