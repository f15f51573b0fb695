//! Doors for rigs.

mod folder;

pub use folder::{FolderDoor, POLL};
