//! Weights that an ONNX file keeps in other files.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path};

use super::proto::{GraphProto, StringStringEntryProto, TensorProto};
use crate::ModelError;

/// `TensorProto.DataLocation.EXTERNAL`.
const EXTERNAL: i32 = 1;

/// Replaces external weights by their values.
pub(crate) fn take_in(graph: &mut GraphProto, model: &str, folder: Option<&Path>) -> Result<(), ModelError> {
    let in_nodes = graph.node.iter_mut().flat_map(|node| &mut node.attribute).filter_map(|a| a.t.as_mut());
    for tensor in graph.initializer.iter_mut().chain(in_nodes).filter(|tensor| tensor.data_location() == EXTERNAL) {
        let raw = read(tensor, folder).map_err(|(location, reason)| ModelError::ExternalData {
            model: model.to_owned(),
            tensor: tensor.name().to_owned(),
            location,
            reason,
        })?;
        tensor.raw_data = Some(raw);
        tensor.data_location = None;
        tensor.external_data.clear();
    }
    Ok(())
}

/// The bytes of one tensor, or the file in question and what is wrong with it.
fn read(tensor: &TensorProto, folder: Option<&Path>) -> Result<Vec<u8>, (String, String)> {
    let entry = |key| tensor.external_data.iter().find(|entry| entry.key() == key).map(StringStringEntryProto::value);
    let location = entry("location").unwrap_or_default();
    let fail = |reason: String| (location.to_owned(), reason);
    let number = |key| match entry(key) {
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| fail(format!("its {key} '{text}' is no number"))),
        None => Ok(None),
    };
    let folder = folder.ok_or_else(|| fail("the model was given as bytes: give its file".to_owned()))?;
    // A model must not read files outside its own folder.
    if location.is_empty() || !Path::new(location).components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(fail("it is not a path below the model's folder".to_owned()));
    }
    let read = |offset: u64, length: Option<u64>| -> std::io::Result<Vec<u8>> {
        let mut file = File::open(folder.join(location))?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(length.unwrap_or(u64::MAX)).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
    let bytes = read(offset, length).map_err(|error| fail(error.to_string()))?;
    match length {
        Some(length) if bytes.len() as u64 != length => {
            Err(fail(format!("it ends {} bytes too early", length - bytes.len() as u64)))
        }
        _ => Ok(bytes),
    }
}
