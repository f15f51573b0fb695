//! A method that another program drives, by JSON lines: docs/ask-tell.md.

mod opening;
mod reply;
mod request;
mod session;
mod state;

pub(crate) use opening::Opening;
pub use opening::OpeningError;
pub(crate) use reply::Replies;
pub(crate) use request::Request;
pub(crate) use session::Session;
pub use state::StateError;
