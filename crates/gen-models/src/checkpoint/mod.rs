//! PyTorch checkpoints, read without PyTorch: tensors by name, and nothing else.
//!
//! A checkpoint is a pickle stream beside raw numbers, and a pickle stream is a program. Here it is read as
//! data: nothing in it is ever called, imported or looked up, and a stream that names something other than
//! what checkpoints are made of is refused.

mod container;
mod error;
mod globals;
mod object;
mod pickle;

#[cfg(test)]
mod tests;

use std::fs::File;
use std::path::{Path, PathBuf};

use container::{Container, ContainerError, element_width};
pub use error::CheckpointError;
use object::{Id, Object, Objects, Tensor};

/// Entries of a training checkpoint that may hold the state dict.
const WRAPPERS: &[&str] = &["state_dict", "model", "model_state_dict"];

/// The state dict of a checkpoint: tensors by name, in the order of the file.
pub(crate) struct Checkpoint {
    path: PathBuf,
    container: Container,
    tensors: Vec<(String, Option<Tensor>)>,
}

impl Checkpoint {
    /// Opens a checkpoint that is a state dict, or that holds one beside other things.
    pub(crate) fn open(path: &Path) -> Result<Self, CheckpointError> {
        let file = File::open(path).map_err(|source| CheckpointError::Read { path: path.to_owned(), source })?;
        let (container, objects, root) = Container::open(file).map_err(|error| at(path, error))?;
        let tensors = state_dict(&objects, root)
            .map_err(|found| CheckpointError::NoStateDict { path: path.to_owned(), found })?;
        Ok(Self { path: path.to_owned(), container, tensors })
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Names of the entries, in the order of the file.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.iter().map(|(name, _)| name.as_str())
    }

    /// Shape of a tensor; `None` if there is no tensor of this name.
    pub(crate) fn shape(&self, name: &str) -> Option<&[usize]> {
        self.find(name).map(|tensor| &tensor.shape[..])
    }

    fn find(&self, name: &str) -> Option<&Tensor> {
        self.tensors.iter().find(|(other, _)| other == name).and_then(|(_, tensor)| tensor.as_ref())
    }

    /// Values of a tensor, C-order, as little-endian single-precision numbers.
    pub(crate) fn read(&mut self, name: &str) -> Result<Vec<u8>, CheckpointError> {
        let fail = |path: &Path, reason: String| CheckpointError::Tensor {
            path: path.to_owned(),
            tensor: name.to_owned(),
            reason,
        };
        let Some(tensor) = self.find(name).cloned() else {
            return Err(fail(&self.path, "it is not there".to_owned()));
        };
        let kind = tensor.storage.kind.as_str();
        if !["FloatStorage", "DoubleStorage"].contains(&kind) {
            return Err(fail(&self.path, format!("it is stored as {kind}, not in single or double precision")));
        }
        let width = element_width(kind);
        // First of all, as what the stream claims of sizes is true only if that many bytes are there.
        let bytes = self.container.read(&tensor.storage, width).map_err(|error| at(&self.path, error))?;
        let places = places(&tensor).ok_or_else(|| fail(&self.path, "it reaches beyond its storage".to_owned()))?;
        Ok(gather(bytes, usize::try_from(width).unwrap_or(usize::MAX), &places))
    }
}

/// An error with the file that it is about.
fn at(path: &Path, error: ContainerError) -> CheckpointError {
    let path = path.to_owned();
    match error {
        ContainerError::Io(source) => CheckpointError::Read { path, source },
        ContainerError::Foreign(reason) => CheckpointError::NotACheckpoint { path, reason },
        ContainerError::Damaged(reason) => CheckpointError::Damaged { path, reason },
        ContainerError::Forbidden(global) => CheckpointError::ForbiddenGlobal { path, global },
    }
}

/// The entries with tensors, `None` for entries that are something else; or what there is instead.
fn state_dict(objects: &Objects, root: Id) -> Result<Vec<(String, Option<Tensor>)>, String> {
    let Some(entries) = objects.entries(root) else {
        return Err(match objects.get(root) {
            Object::Tensor(_) => "a single tensor",
            Object::List(_) | Object::Tuple(_) => "a list",
            _ => "a whole object: save its state_dict() instead",
        }
        .to_owned());
    };
    let tensor = |id: Id| match objects.get(id) {
        Object::Tensor(tensor) => Some(tensor.clone()),
        _ => None,
    };
    let named = |entries: Vec<(&str, Id)>| -> Option<Vec<(String, Option<Tensor>)>> {
        let named: Vec<_> = entries.into_iter().map(|(name, id)| (name.to_owned(), tensor(id))).collect();
        named.iter().any(|(_, tensor)| tensor.is_some()).then_some(named)
    };
    // Looked at first: a training checkpoint may have tensors of its own, such as an accuracy.
    let wrapped = WRAPPERS.iter().find_map(|wrapper| entries.iter().find(|(name, _)| name == wrapper));
    if let Some(inner) = wrapped.and_then(|&(_, id)| objects.entries(id)).and_then(named) {
        return Ok(inner);
    }
    let keys = entries.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
    let nothing = || if keys.is_empty() { "nothing".to_owned() } else { format!("only {keys}") };
    named(entries).ok_or_else(nothing)
}

/// Where the elements of a tensor are within its storage: a run, or one by one.
enum Places {
    Run(usize, usize),
    Each(Vec<usize>),
}

/// The places of the elements in C-order; `None` if any is outside the storage.
fn places(tensor: &Tensor) -> Option<Places> {
    let count = tensor.shape.iter().try_fold(1_usize, |product, &size| product.checked_mul(size))?;
    if count == 0 {
        return Some(Places::Run(0, 0));
    }
    let reach = tensor
        .shape
        .iter()
        .zip(&tensor.stride)
        .try_fold(tensor.offset, |last, (&size, &stride)| last.checked_add((size - 1).checked_mul(stride)?))?;
    if reach as u64 >= tensor.storage.len {
        return None;
    }
    let mut run = 1;
    let contiguous = tensor.shape.iter().zip(&tensor.stride).rev().all(|(&size, &stride)| {
        let fits = size == 1 || stride == run;
        run *= size;
        fits
    });
    if contiguous {
        return Some(Places::Run(tensor.offset, count));
    }
    // A tensor may repeat its elements, but none of the published ones is larger than its storage.
    if count as u64 > tensor.storage.len {
        return None;
    }
    let mut places = vec![tensor.offset];
    for (&size, &stride) in tensor.shape.iter().zip(&tensor.stride) {
        places = places.iter().flat_map(|&place| (0..size).map(move |i| place + i * stride)).collect();
    }
    Some(Places::Each(places))
}

/// Picks elements and turns them into single precision.
fn gather(bytes: Vec<u8>, width: usize, places: &Places) -> Vec<u8> {
    let single = |element: &[u8]| match element.try_into() {
        Ok(double) => {
            #[expect(clippy::cast_possible_truncation, reason = "networks compute in single precision")]
            let single = f64::from_le_bytes(double) as f32;
            single.to_le_bytes().to_vec()
        }
        Err(_) => element.to_vec(),
    };
    match *places {
        Places::Run(0, count) if width == 4 && bytes.len() == 4 * count => bytes,
        Places::Run(start, count) if width == 4 => bytes[4 * start..4 * (start + count)].to_vec(),
        Places::Run(start, count) => {
            bytes[start * width..(start + count) * width].chunks_exact(width).flat_map(single).collect()
        }
        Places::Each(ref places) => {
            places.iter().flat_map(|&place| single(&bytes[place * width..(place + 1) * width])).collect()
        }
    }
}
