//! Online sessions: images are evolved for a living neuron, shown by a rig, and scored late, in parts, with gaps.
//!
//! [`Session`] is the engine: it offers blocks, takes responses, and tells the methods. It knows no network and no web; its
//! images come from any [`Renderer`]. [`journal`] records every event before anything follows from it, so that a session
//! that was killed goes on bit for bit. [`door`] has the doors through which rigs come in.
//!
//! The methods are driven by `experiments::Evolver`, the loop of all runs.

mod block;
mod compose;
mod config;
mod disk;
mod error;
mod event;
mod intake;
mod matching;
mod metadata;
mod names;
mod order;
mod recorded;
mod references;
mod session;
mod specs;
mod standing;
mod status;
mod step;
mod target;
mod thread;
mod timing;
mod watch;

pub mod door;
pub mod journal;

// What the integration tests share, under the name by which they call this crate.
#[cfg(test)]
#[path = "../tests/it/common.rs"]
#[allow(dead_code, reason = "the integration tests use the rest")]
mod common;
#[cfg(test)]
extern crate self as sessions;

pub use block::{Block, BlockImage, Phase, Presented, Role};
pub use config::{AfterScores, Choice, References, SessionConfig, Settings, ThreadConfig, is_inside};
pub use error::{ConfigError, JournalError, SessionError};
pub use event::{Event, Responses, Row};
pub use intake::Receipt;
pub use metadata::{Experiment, Subject};
pub use names::{Dialect, Matching, image_id, last_part, plain, stem};
pub use paradigm::{Geometry, ImageKind, Measure};
pub use recorded::{Presentation, Recorded, Replay, Told};
pub use references::{REFERENCES_FOLDER, Reference, copy_references, read_references};
pub use session::Session;
pub use specs::run_specs;
pub use standing::Standing;
pub use status::{Status, ThreadStatus};
pub use target::{Channel, Layout, Target};
pub use thread::{Renderer, ThreadParts, codes_file};
pub use timing::shown_at;
