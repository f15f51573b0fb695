//! The two file formats: a zip archive with one member a storage (PyTorch 1.6 and later), and pickle streams
//! followed by the storages in a row (before).

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;
use zip::result::ZipError;

use super::object::{Id, Object, Objects, Storage};
use super::pickle::{self, PickleError};

/// First bytes of the older format: a pickle stream with a magic number.
const LEGACY: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
/// First bytes of a zip archive.
const ZIP: &[u8] = b"PK\x03\x04";

/// Why a file cannot be read.
#[derive(Debug)]
pub(super) enum ContainerError {
    Io(io::Error),
    /// It is none of the two formats.
    Foreign(&'static str),
    /// It is cut off or corrupt.
    Damaged(String),
    /// It names this function or class.
    Forbidden(String),
}

impl From<io::Error> for ContainerError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Damaged("it ends too early".to_owned()),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Self::Damaged(error.to_string()),
            _ => Self::Io(error),
        }
    }
}

impl From<ZipError> for ContainerError {
    fn from(error: ZipError) -> Self {
        match error {
            ZipError::Io(error) => error.into(),
            other => Self::Damaged(other.to_string()),
        }
    }
}

impl From<PickleError> for ContainerError {
    fn from(error: PickleError) -> Self {
        match error {
            PickleError::Read(error) => error.into(),
            PickleError::Malformed(reason) => Self::Damaged(reason),
            PickleError::Forbidden(global) => Self::Forbidden(global),
        }
    }
}

/// An open file.
pub(super) enum Container {
    Zip {
        archive: Box<ZipArchive<BufReader<File>>>,
        /// Folder within the archive, with its slash.
        folder: String,
    },
    Legacy {
        file: BufReader<File>,
        /// Where the elements of each storage begin, and how many there are.
        places: HashMap<String, (u64, u64)>,
    },
}

impl Container {
    /// Opens a file and reads its objects.
    pub(super) fn open(file: File) -> Result<(Self, Objects, Id), ContainerError> {
        let mut file = BufReader::new(file);
        let mut start = Vec::new();
        file.by_ref().take(LEGACY.len() as u64).read_to_end(&mut start)?;
        file.rewind()?;
        if start == LEGACY {
            open_legacy(file)
        } else if start.starts_with(ZIP) {
            open_zip(file)
        } else if LEGACY.starts_with(&start) {
            Err(ContainerError::Damaged("it ends too early".to_owned()))
        } else {
            Err(ContainerError::Foreign("it begins like neither of PyTorch's two formats"))
        }
    }

    /// All bytes of a storage, `width` an element.
    pub(super) fn read(&mut self, storage: &Storage, width: u64) -> Result<Vec<u8>, ContainerError> {
        let damaged = |reason: String| ContainerError::Damaged(reason);
        let expected = storage.len.checked_mul(width).ok_or_else(|| damaged("a storage is too large".to_owned()))?;
        let mut bytes = Vec::new();
        match self {
            Self::Zip { archive, folder } => {
                let member = archive.by_name(&format!("{folder}data/{}", storage.key))?;
                member.take(expected.saturating_add(1)).read_to_end(&mut bytes)?;
            }
            Self::Legacy { file, places } => {
                let place = places.get(&storage.key).filter(|(_, len)| *len == storage.len);
                let &(start, _) = place.ok_or_else(|| damaged(format!("storage {} is missing", storage.key)))?;
                file.seek(SeekFrom::Start(start))?;
                file.take(expected).read_to_end(&mut bytes)?;
            }
        }
        if bytes.len() as u64 == expected {
            Ok(bytes)
        } else {
            Err(damaged(format!("storage {} does not have the {expected} bytes that it should have", storage.key)))
        }
    }
}

fn open_zip(file: BufReader<File>) -> Result<(Container, Objects, Id), ContainerError> {
    let mut archive = ZipArchive::new(file)?;
    let folder = archive.file_names().find_map(|name| name.strip_suffix("data.pkl").map(str::to_owned));
    let Some(folder) = folder else {
        return Err(ContainerError::Foreign("it is a zip archive without a data.pkl"));
    };
    if let Ok(member) = archive.by_name(&format!("{folder}byteorder")) {
        let mut order = String::new();
        member.take(16).read_to_string(&mut order)?;
        if order.trim() != "little" {
            return Err(ContainerError::Foreign("its numbers are not in little-endian order"));
        }
    }
    let (objects, root) = pickle::read(&mut BufReader::new(archive.by_name(&format!("{folder}data.pkl"))?))?;
    Ok((Container::Zip { archive: Box::new(archive), folder }, objects, root))
}

/// Magic number, version, facts about the writing machine, the objects, the keys of the storages, and then
/// each storage: number of elements, elements.
fn open_legacy(mut file: BufReader<File>) -> Result<(Container, Objects, Id), ContainerError> {
    for _ in ["magic number", "version", "machine"] {
        pickle::read(&mut file)?;
    }
    let (objects, root) = pickle::read(&mut file)?;
    let (names, keys) = pickle::read(&mut file)?;
    let no_keys = || ContainerError::Damaged("its list of storages is none".to_owned());
    let keys = names.members(keys).ok_or_else(no_keys)?;
    let widths: HashMap<&str, u64> = objects.storages().map(|s| (s.key.as_str(), element_width(&s.kind))).collect();
    let mut places = HashMap::new();
    for &key in keys {
        let key = match names.get(key) {
            Object::Text(key) => key.clone(),
            Object::Integer(key) => key.to_string(),
            _ => return Err(no_keys()),
        };
        let mut len = [0; 8];
        file.read_exact(&mut len)?;
        let (len, start) = (u64::from_le_bytes(len), file.stream_position()?);
        let width = widths.get(key.as_str()).copied().ok_or_else(no_keys)?;
        let end = len.checked_mul(width).and_then(|bytes| start.checked_add(bytes)).ok_or_else(no_keys)?;
        file.seek(SeekFrom::Start(end))?;
        places.insert(key, (start, len));
    }
    Ok((Container::Legacy { file, places }, objects, root))
}

/// Bytes of an element of a storage.
pub(super) fn element_width(kind: &str) -> u64 {
    match kind {
        "DoubleStorage" | "LongStorage" | "ComplexFloatStorage" => 8,
        "FloatStorage" | "IntStorage" => 4,
        "HalfStorage" | "BFloat16Storage" | "ShortStorage" => 2,
        "ComplexDoubleStorage" => 16,
        _ => 1,
    }
}
