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
    /// `None`: whatever is asked for is made up.
    checkpoint: Option<Checkpoint>,
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
        let architecture = architecture.to_owned();
        Ok(Self { checkpoint: Some(checkpoint), architecture, names, taken: BTreeSet::new() })
    }

    /// Made-up numbers for every tensor that is asked for, always the same, by which signals neither fade nor grow
    /// from layer to layer.
    pub(super) fn made_up(architecture: &str) -> Self {
        let (architecture, names) = (architecture.to_owned(), BTreeMap::new());
        Self { checkpoint: None, architecture, names, taken: BTreeSet::new() }
    }

    fn file(&self) -> String {
        self.checkpoint.as_ref().map_or_else(String::new, |checkpoint| checkpoint.path().display().to_string())
    }

    /// Values of a tensor of this shape, C-order, as little-endian single-precision numbers.
    pub(super) fn take(&mut self, tensor: &str, shape: &[usize]) -> Result<Vec<u8>, ConvertError> {
        let file = self.file();
        let Some(checkpoint) = &mut self.checkpoint else { return Ok(made_up(tensor, shape)) };
        let name = self.names.get(tensor).cloned().ok_or_else(|| ConvertError::MissingTensor {
            checkpoint: file.clone(),
            architecture: self.architecture.clone(),
            tensor: tensor.to_owned(),
            found: self.names.keys().cloned().collect(),
        })?;
        if let Some(found) = checkpoint.shape(&name).filter(|found| *found != shape) {
            return Err(ConvertError::WrongShape {
                checkpoint: file,
                architecture: self.architecture.clone(),
                tensor: name,
                expected: shape.to_vec(),
                found: found.to_vec(),
            });
        }
        self.taken.insert(tensor.to_owned());
        Ok(checkpoint.read(&name)?)
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

/// Uniform numbers of variance `2 / fan-in` (He et al. 2015, <https://arxiv.org/abs/1502.01852>) for what multiplies
/// many inputs; 1 for what multiplies one, 0 for what is added.
#[expect(clippy::cast_possible_truncation, reason = "networks compute in f32")]
fn made_up(tensor: &str, shape: &[usize]) -> Vec<u8> {
    let fan_in: usize = shape.iter().skip(1).product();
    let bound = (6.0 / fan_in as f64).sqrt();
    let value = |i: u64| match shape.len() {
        0 | 1 if tensor.ends_with("weight") || tensor.ends_with("running_var") => 1.0,
        0 | 1 => 0.0,
        _ => {
            // The finalizer of SplitMix64 (Steele, Lea and Flood 2014).
            let mut z = (i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(shape.len() as u64);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            bound * (2.0 * ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 - 1.0)
        }
    };
    let count = shape.iter().product::<usize>() as u64;
    (0..count).flat_map(|i| (value(i) as f32).to_le_bytes()).collect()
}

/// The name within the network; `None` if it is no part of it.
fn without_prefixes(name: &str) -> Option<&str> {
    let mut short = name;
    while let Some(rest) = PREFIXES.iter().find_map(|prefix| short.strip_prefix(prefix)) {
        short = rest;
    }
    (!LEFT_OUT.iter().any(|part| short.starts_with(part))).then_some(short)
}
