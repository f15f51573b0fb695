//! What a session's journal records.

use experiments::journal::Score;
use experiments::{Provenance, RunSpec};
use serde::{Deserialize, Serialize};

use crate::block::Presented;

/// A response as it came: one row a presentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Name of the image, as the rig wrote it, or its place among the sorted names of the block.
    pub name: String,
    /// Id of the image that it was matched with; none if it matches nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// The rig's number of the trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<u64>,
    /// When, in seconds of the rig's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub t: Option<f64>,
    /// Channels, or channels x bins in C order.
    pub values: Vec<Score>,
}

/// Responses that came together: a file, or a request.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Responses {
    /// Where they came from: name of the file, or of the client.
    #[serde(default)]
    pub source: String,
    /// A key that makes a resend harmless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Names of the channels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<String>>,
    /// Edges of the time bins in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bins_ms: Option<Vec<f64>>,
    /// The rows.
    pub rows: Vec<Row>,
}

/// An event of a session. The first is [`Event::Begun`]; the state of a session is what its events add up to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum Event {
    /// The session was made.
    Begun {
        /// Version of the format.
        version: u32,
        /// The configuration, as TOML.
        config: String,
        /// What determines the codes of each thread.
        threads: Vec<RunSpec>,
        /// Ids of the reference images, in order.
        references: Vec<String>,
        /// Which program made it, on what.
        provenance: Provenance,
    },
    /// Another process goes on with the session.
    Resumed {
        /// Which program, on what.
        provenance: Provenance,
    },
    /// A block is ready to be shown.
    Offered {
        /// Its number.
        block: u32,
        /// Its step.
        step: u32,
        /// Its images.
        images: Vec<Presented>,
        /// Presentations: indices into `images`.
        order: Vec<usize>,
    },
    /// Responses to the block that is out.
    Scored {
        /// The block.
        block: u32,
        /// The responses.
        responses: Responses,
    },
    /// Responses to an earlier block. They are kept, and change nothing.
    Late {
        /// The block.
        block: u32,
        /// The responses.
        responses: Responses,
    },
    /// A block takes no more responses.
    Closed {
        /// The block.
        block: u32,
        /// Why: `complete`, `asked` or `time-out`.
        why: String,
    },
    /// A thread's optimizer took the scores of a generation.
    Told {
        /// Number of the thread.
        thread: usize,
        /// The generation, from 0.
        generation: u32,
        /// Scores, one a code.
        scores: Vec<Score>,
        /// Responses behind each score.
        counts: Vec<u32>,
        /// XXH3-64 of the little-endian bytes of the C-order `[lambda, N]` array of codes, hexadecimal.
        codes_xxh3: String,
    },
    /// Something that the experimenter should know of.
    Warning {
        /// What.
        text: String,
    },
    /// A note of the experimenter.
    Note {
        /// The note.
        text: String,
    },
    /// No block is offered until the session continues.
    Paused,
    /// Blocks are offered again.
    Continued,
    /// The session ends when the block that is out is closed.
    Stopping,
    /// A thread makes no more generations.
    ThreadStopped {
        /// Number of the thread.
        thread: usize,
    },
}
