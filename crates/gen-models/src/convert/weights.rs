//! The tensors of a checkpoint under the names that the architecture gives them.

use std::collections::{BTreeMap, BTreeSet};

use super::ConvertError;
use crate::checkpoint::Checkpoint;

/// What parallel training, wrapper modules and the published generators' class put before a name.
const PREFIXES: &[&str] = &["module.", "model.", "G."];

/// Parts of a training checkpoint that are copies of the network, or are none of it.
const LEFT_OUT: &[&str] = &["attacker.", "normalizer.", "normalize."];

/// Tensors by name; each is to be taken once.
pub(super) struct Weights {
    checkpoint: Checkpoint,
    architecture: String,
    /// Name in the file by name in the architecture.
    names: BTreeMap<String, String>,
    taken: BTreeSet<String>,
}

impl Weights {
    /// Finds the tensors; `rename` turns old names into those of the architecture.
    pub(super) fn new(
        checkpoint: Checkpoint,
        architecture: &str,
        rename: impl Fn(&str) -> String,
    ) -> Result<Self, ConvertError> {
        let mut names = BTreeMap::new();
        for name in checkpoint.names() {
            let Some(short) = without_prefixes(name) else { continue };
            // A counter of training steps.
            if short.ends_with(".num_batches_tracked") {
                continue;
            }
            if let Some(other) = names.insert(rename(short), name.to_owned()).filter(|other| other != name) {
                let checkpoint = checkpoint.path().display().to_string();
                return Err(ConvertError::Ambiguous {
                    checkpoint,
                    tensor: rename(without_prefixes(&other).unwrap_or(short)),
                });
            }
        }
        Ok(Self { checkpoint, architecture: architecture.to_owned(), names, taken: BTreeSet::new() })
    }

    fn file(&self) -> String {
        self.checkpoint.path().display().to_string()
    }

    /// Values of a tensor of this shape, C-order, as little-endian single-precision numbers.
    pub(super) fn take(&mut self, tensor: &str, shape: &[usize]) -> Result<Vec<u8>, ConvertError> {
        let name = self.names.get(tensor).cloned().ok_or_else(|| ConvertError::MissingTensor {
            checkpoint: self.file(),
            architecture: self.architecture.clone(),
            tensor: tensor.to_owned(),
            found: self.names.keys().cloned().collect(),
        })?;
        if let Some(found) = self.checkpoint.shape(&name).filter(|found| *found != shape) {
            return Err(ConvertError::WrongShape {
                checkpoint: self.file(),
                architecture: self.architecture.clone(),
                tensor: name,
                expected: shape.to_vec(),
                found: found.to_vec(),
            });
        }
        self.taken.insert(tensor.to_owned());
        Ok(self.checkpoint.read(&name)?)
    }

    /// Fails if tensors are left: they would be of another architecture.
    pub(super) fn finish(self) -> Result<(), ConvertError> {
        let tensors: Vec<String> = self.names.keys().filter(|name| !self.taken.contains(*name)).cloned().collect();
        if tensors.is_empty() {
            return Ok(());
        }
        Err(ConvertError::UnknownTensors { checkpoint: self.file(), architecture: self.architecture, tensors })
    }
}

/// The name within the network; `None` if it is no part of it.
fn without_prefixes(name: &str) -> Option<&str> {
    let mut short = name;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| short.strip_prefix(prefix)) {
        short = rest;
    }
    (!LEFT_OUT.iter().any(|part| short.starts_with(part))).then_some(short)
}
