//! Files of other programs read here, and files written here read by other programs.

mod broken;
mod foreign;
mod nwb;
mod written;

use std::path::{Path, PathBuf};

/// A file of the folder `fixtures`.
fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}
