//! Doors for rigs.

mod codes;
mod folder;
pub mod http;

pub use folder::{FolderDoor, POLL};
pub use http::HttpDoor;
