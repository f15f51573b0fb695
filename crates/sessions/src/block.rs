//! What is shown: images of a step, blocks of presentations.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// A block is out.
    Open,
    /// No block is offered until the session continues.
    Paused,
    /// The session ends when the block that is out is closed.
    Stopping,
    /// All threads are over, or the session was stopped.
    Finished,
}

/// Why an image is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// A thread made it; its score goes to the optimizer.
    Evolved,
    /// It comes from a folder and is shown again and again.
    Reference,
}

/// An image of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presented {
    /// Its id: unique in the session; of a reference, the stem of its file.
    pub id: String,
    /// Number of its thread; in a dialect that shows references for each thread, also of a reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread: Option<usize>,
    /// Why it is shown.
    pub role: Role,
    /// Its generation, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    /// Its column in the generation, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
}

/// An image of a block with its file.
#[derive(Clone, Debug)]
pub struct BlockImage {
    /// What it is.
    pub image: Presented,
    /// Names of its files: one a presentation, or one for all, as the dialect has it.
    pub names: Vec<String>,
    /// How often the block shows it.
    pub shows: u32,
    /// The bytes of its file.
    pub file: Arc<[u8]>,
}

impl BlockImage {
    /// The name by which doors call it: that of its first file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.names[0]
    }

    /// Lower-case hexadecimal SHA-256 of its file.
    #[must_use]
    pub fn sha256(&self) -> String {
        use sha2::{Digest, Sha256};
        Sha256::digest(&self.file).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// A block: images in an order of presentation.
#[derive(Clone, Debug)]
pub struct Block {
    /// Its number, from the dialect's first.
    pub number: u32,
    /// Its step: the generation of all threads that the block is part of, from 0.
    pub step: u32,
    /// Its images, each once.
    pub images: Vec<BlockImage>,
    /// Presentations: indices into `images`.
    pub order: Vec<usize>,
}

impl Block {
    /// Names of all files, sorted as a rig sorts them: the order of rows without names.
    #[must_use]
    pub fn sorted_names(&self) -> Vec<&str> {
        let mut names: Vec<&str> =
            self.images.iter().flat_map(|image| image.names.iter().map(String::as_str)).collect();
        names.sort_unstable();
        names
    }
}
