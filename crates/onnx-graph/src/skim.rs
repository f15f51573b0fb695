//! Reading an ONNX file without its weights: they stay where they are, and the graph says where that is.
//!
//! A file of hundreds of megabytes is a few kilobytes of graph and the rest weights. The runtime maps weights
//! that a graph refers to into memory; so nothing large is read, copied or joined here.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use prost::Message;

use super::proto::{GraphProto, ModelProto, TensorProto};

/// Larger weights stay in the file. Smaller tensors may be shapes and axes, which the runtime wants to see.
const INLINE: u64 = 1024;

/// Numbers of fields in the ONNX schema.
const GRAPH: u64 = 7;
const INITIALIZER: u64 = 5;
const RAW_DATA: u64 = 9;

/// Offset and length of bytes in the file.
pub(super) type ByteRange = (u64, u64);

/// The model without the large weights, and where the bytes of each of its initializers are, if left out.
///
/// # Errors
/// If the file cannot be read, or is no protobuf message; the latter is of kind `InvalidData`.
pub(super) fn skim(path: &Path) -> io::Result<(ModelProto, Vec<Option<ByteRange>>)> {
    let file = File::open(path)?;
    let end = file.metadata()?.len();
    let mut reader = Skimmer { file: BufReader::new(file), at: 0 };
    let (mut graph_rest, mut has_graph, mut weights) = (Vec::new(), false, Vec::new());
    let rest = reader.split(end, GRAPH, &mut |reader, end| {
        has_graph = true;
        graph_rest.extend(reader.split(end, INITIALIZER, &mut |reader, end| {
            weights.push(reader.tensor(end)?);
            Ok(())
        })?);
        Ok(())
    })?;
    let mut model = ModelProto::decode(&rest[..])?;
    let (tensors, places) = weights.into_iter().unzip();
    if has_graph {
        model.graph = Some(GraphProto { initializer: tensors, ..GraphProto::decode(&graph_rest[..])? });
    }
    Ok((model, places))
}

/// Walks through the fields of messages.
struct Skimmer {
    file: BufReader<File>,
    at: u64,
}

type OnField<'a> = &'a mut dyn FnMut(&mut Skimmer, u64) -> io::Result<()>;

impl Skimmer {
    /// Hands the fields of number `apart` of the message that ends at `end` to `part`, with where they end;
    /// returns the other fields as they are.
    fn split(&mut self, end: u64, apart: u64, part: OnField<'_>) -> io::Result<Vec<u8>> {
        let mut rest = Vec::new();
        while self.at < end {
            let mut header = Vec::new();
            let tag = self.varint(&mut header)?;
            let length = match tag & 7 {
                0 => {
                    self.varint(&mut header)?;
                    0
                }
                1 => 8,
                2 => self.varint(&mut header)?,
                5 => 4,
                _ => return Err(malformed()),
            };
            let stop = self.at.checked_add(length).filter(|stop| *stop <= end).ok_or_else(malformed)?;
            if tag == apart << 3 | 2 {
                part(self, stop)?;
                self.skip_to(stop)?;
            } else {
                rest.extend(header);
                self.file.by_ref().take(length).read_to_end(&mut rest)?;
                self.at = stop;
            }
        }
        Ok(rest)
    }

    /// A tensor, its raw data left out if they are large.
    fn tensor(&mut self, end: u64) -> io::Result<(TensorProto, Option<ByteRange>)> {
        let (mut small, mut place) = (None, None);
        let rest = self.split(end, RAW_DATA, &mut |reader, end| {
            let length = end - reader.at;
            if length > INLINE {
                place = Some((reader.at, length));
            } else {
                let mut bytes = Vec::new();
                reader.file.by_ref().take(length).read_to_end(&mut bytes)?;
                reader.at = end;
                small = Some(bytes);
            }
            Ok(())
        })?;
        let tensor = TensorProto { raw_data: small, ..TensorProto::decode(&rest[..])? };
        Ok((tensor, place))
    }

    /// Reads a number, and appends its bytes to `seen`.
    fn varint(&mut self, seen: &mut Vec<u8>) -> io::Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = *self.file.fill_buf()?.first().ok_or_else(malformed)?;
            self.file.consume(1);
            self.at += 1;
            seen.push(byte);
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(malformed())
    }

    fn skip_to(&mut self, position: u64) -> io::Result<()> {
        let distance = i64::try_from(position - self.at).map_err(|_| malformed())?;
        self.file.seek_relative(distance)?;
        self.at = position;
        Ok(())
    }
}

fn malformed() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "no protobuf message")
}
