//! A method that another program drives, by JSON lines: docs/ask-tell.md.

mod dialogue;
mod encoding;
mod folder_run;
mod opening;
mod pictures;
mod reply;
mod request;
mod session;
mod state;

pub(crate) use dialogue::Dialogue;
pub(crate) use opening::Opening;
pub use opening::OpeningError;
pub(crate) use reply::Replies;
pub(crate) use request::Request;
pub use state::{SavedSession, StateError};
