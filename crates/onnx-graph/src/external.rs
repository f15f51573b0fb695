//! Weights that are not in the graph but in a file: the model's own, or another one beside it.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use super::proto::{GraphProto, StringStringEntryProto, TensorProto};
use crate::GraphError;

/// `TensorProto.DataLocation.EXTERNAL`.
const EXTERNAL: i32 = 1;

/// The folder that references are relative to.
///
/// The runtime takes one folder for a whole graph, whose parts may come from anywhere.
pub const EXTERNAL_ROOT: &str = "/";

/// Bytes in a file.
struct Stretch {
    path: PathBuf,
    offset: u64,
    length: u64,
}

/// Replaces external weights by their values, in graphs inside nodes too; returns whether there were any.
pub(crate) fn take_in(graph: &mut GraphProto, model: &str, folder: Option<&Path>) -> Result<bool, GraphError> {
    let mut found = false;
    for tensor in &mut graph.initializer {
        found |= take_in_tensor(tensor, model, folder)?;
    }
    Ok(take_in_attributes(graph, model, folder)? || found)
}

/// Makes external weights of the file at `path`, and those whose bytes in the file itself `places` gives, references
/// below [`EXTERNAL_ROOT`]. Constants in nodes are taken in: the runtime finds none of those elsewhere.
pub(super) fn refer(
    graph: &mut GraphProto,
    model: &str,
    path: &Path,
    places: &[Option<(u64, u64)>],
) -> Result<(), GraphError> {
    let own = std::path::absolute(path).map_err(|source| GraphError::Read { path: path.to_owned(), source })?;
    let folder = own.parent();
    for (tensor, place) in graph.initializer.iter_mut().zip(places) {
        let stretch = match place {
            Some((offset, length)) => Stretch { path: own.clone(), offset: *offset, length: *length },
            None if tensor.data_location() == EXTERNAL => {
                stretch(tensor, folder).map_err(|reason| unusable(tensor, model, reason))?
            }
            None => continue,
        };
        stretch.refer(tensor).map_err(|reason| unusable(tensor, model, reason))?;
    }
    take_in_attributes(graph, model, folder).map(drop)
}

fn take_in_attributes(graph: &mut GraphProto, model: &str, folder: Option<&Path>) -> Result<bool, GraphError> {
    let mut found = false;
    for attribute in graph.node.iter_mut().flat_map(|node| &mut node.attribute) {
        if let Some(tensor) = &mut attribute.t {
            found |= take_in_tensor(tensor, model, folder)?;
        }
        for inner in attribute.g.iter_mut().chain(&mut attribute.graphs) {
            found |= take_in(inner, model, folder)?;
        }
    }
    Ok(found)
}

fn take_in_tensor(tensor: &mut TensorProto, model: &str, folder: Option<&Path>) -> Result<bool, GraphError> {
    if tensor.data_location() != EXTERNAL {
        return Ok(false);
    }
    let read = |stretch: Stretch| stretch.read().map_err(|error| error.to_string());
    let raw = stretch(tensor, folder).and_then(read).map_err(|reason| unusable(tensor, model, reason))?;
    tensor.raw_data = Some(raw);
    tensor.data_location = None;
    tensor.external_data.clear();
    Ok(true)
}

impl Stretch {
    fn read(&self) -> std::io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.offset))?;
        let mut bytes = Vec::new();
        file.take(self.length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Has the tensor refer to these bytes.
    fn refer(&self, tensor: &mut TensorProto) -> Result<(), String> {
        let below = self.path.strip_prefix(EXTERNAL_ROOT).ok().and_then(Path::to_str);
        let location = below.ok_or_else(|| format!("{} is no Unicode path", self.path.display()))?;
        let entry = |key: &str, value: String| StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value),
            ..StringStringEntryProto::default()
        };
        tensor.raw_data = None;
        tensor.data_location = Some(EXTERNAL);
        tensor.external_data = vec![
            entry("location", location.to_owned()),
            entry("offset", self.offset.to_string()),
            entry("length", self.length.to_string()),
        ];
        Ok(())
    }
}

fn value<'a>(tensor: &'a TensorProto, key: &str) -> Option<&'a str> {
    tensor.external_data.iter().find(|entry| entry.key() == key).map(StringStringEntryProto::value)
}

fn unusable(tensor: &TensorProto, model: &str, reason: String) -> GraphError {
    GraphError::ExternalData {
        model: model.to_owned(),
        tensor: tensor.name().to_owned(),
        location: value(tensor, "location").unwrap_or_default().to_owned(),
        reason,
    }
}

/// Where the bytes of an external tensor are, or what is wrong with that.
fn stretch(tensor: &TensorProto, folder: Option<&Path>) -> Result<Stretch, String> {
    let number = |key| match value(tensor, key) {
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| format!("its {key} '{text}' is no number")),
        None => Ok(None),
    };
    let folder = folder.ok_or("the model was given as bytes: give its file")?;
    let location = value(tensor, "location").unwrap_or_default();
    // A model must not read files outside its own folder.
    let below = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    if location.is_empty() || !Path::new(location).components().all(below) {
        return Err("it is not a path below the model's folder".to_owned());
    }
    let path = folder.join(location);
    let about = fs::metadata(&path).map_err(|error| error.to_string())?;
    if !about.is_file() {
        return Err("it is no file".to_owned());
    }
    let size = about.len();
    let offset = number("offset")?.unwrap_or(0);
    let length = number("length")?.unwrap_or(size.saturating_sub(offset));
    let end = offset.checked_add(length).ok_or("its offset and length are no numbers of bytes")?;
    if end > size {
        return Err(format!("it ends {} bytes too early", end - size));
    }
    Ok(Stretch { path, offset, length })
}
