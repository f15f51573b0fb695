//! The journal of a session: an append-only file of events.
//!
//! `session.jsonl` holds a line an event: 16 hexadecimal digits, the XXH3-64 of the rest of the line; a blank; a JSON
//! object with the time (`unix_s`, seconds since 1970 by the clock of this machine, which nothing depends on) and the event. A
//! line that is cut off or damaged at the end of the file is dropped: its event did not happen. Damage in the middle is
//! an error, since what follows depends on it.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use experiments::lock_if_free;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::disk;
use crate::error::JournalError;
use crate::event::Event;

/// Name of the journal in a session's folder.
pub const JOURNAL_FILE: &str = "session.jsonl";

/// Version of the format.
pub const VERSION: u32 = 1;

/// Hexadecimal digits of a checksum.
const DIGITS: usize = 16;

/// An event with its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Seconds since 1970, by the clock of the machine.
    pub unix_s: f64,
    /// The event.
    #[serde(flatten)]
    pub event: Event,
}

/// An open journal. While it is open no other process can open it.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    /// Length of the lines that are whole.
    length: u64,
}

impl Journal {
    /// Starts a journal with its first events. A file without a single whole event, which a process left that was killed at
    /// its beginning, is none.
    ///
    /// # Errors
    /// If there is a journal, or it cannot be written.
    pub fn create(path: &Path, events: &[Event]) -> Result<Self, JournalError> {
        let open = File::options().read(true).write(true).create(true).truncate(false).open(path);
        drop(open.map_err(|source| failed("create", path, source))?);
        let (mut journal, records) = Self::open(path)?;
        if !records.is_empty() {
            return Err(failed("create", path, ErrorKind::AlreadyExists.into()));
        }
        journal.append(events)?;
        Ok(journal)
    }

    /// Opens a journal and reads its events. What is torn at its end is cut off.
    ///
    /// # Errors
    /// If there is none, another process has it, or it is damaged before its end.
    pub fn open(path: &Path) -> Result<(Self, Vec<Record>), JournalError> {
        let mut file =
            File::options().read(true).write(true).open(path).map_err(|source| failed("open", path, source))?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|source| failed("read", path, source))?;
        let (records, length) = parse(&bytes, path)?;
        file.set_len(length).map_err(|source| failed("cut the torn end off", path, source))?;
        file.seek(SeekFrom::End(0)).map_err(|source| failed("append to", path, source))?;
        Ok((Self { path: path.to_owned(), file, length }, records))
    }

    /// Appends events and forces them to the disk: all of them, or none.
    ///
    /// # Errors
    /// If the disk is full or fails. The file is as long as before then, and the call can be repeated.
    pub fn append(&mut self, events: &[Event]) -> Result<(), JournalError> {
        let unix_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |time| time.as_secs_f64());
        let mut lines = Vec::new();
        for event in events {
            let json = serde_json::to_vec(&Record { unix_s, event: event.clone() })
                .map_err(|error| failed("write", &self.path, error.into()))?;
            write!(lines, "{:0DIGITS$x} ", xxh3_64(&json)).expect("writing to memory");
            lines.extend_from_slice(&json);
            lines.push(b'\n');
        }
        let written = disk::write(&mut self.file, &self.path, &lines).and_then(|()| disk::sync(&self.file, &self.path));
        if let Err(source) = written {
            // What was written in part must not stand before the next attempt.
            let _ = self.file.set_len(self.length);
            let _ = self.file.seek(SeekFrom::Start(self.length));
            return Err(failed("write", &self.path, source));
        }
        self.length += lines.len() as u64;
        Ok(())
    }
}

impl Drop for Journal {
    /// Gives the lock back at once. A process that another thread is about to start holds copies of all files for a moment,
    /// and with them their locks.
    fn drop(&mut self) {
        // Some file systems have no locks.
        let _ = self.file.unlock();
    }
}

/// Reads the events of a journal that another process may be writing.
///
/// # Errors
/// If there is none, or it is damaged before its end.
pub fn read(path: &Path) -> Result<Vec<Record>, JournalError> {
    let bytes = std::fs::read(path).map_err(|source| failed("read", path, source))?;
    Ok(parse(&bytes, path)?.0)
}

/// Reads the events that were appended behind a place, from the start 0; returns them with the place behind the last whole
/// one.
///
/// # Errors
/// As [`read`]. The number of a damaged line counts from the place.
pub fn read_from(path: &Path, place: u64) -> Result<(Vec<Record>, u64), JournalError> {
    let mut bytes = Vec::new();
    let mut file = File::open(path).map_err(|source| failed("read", path, source))?;
    file.seek(SeekFrom::Start(place)).map_err(|source| failed("read", path, source))?;
    file.read_to_end(&mut bytes).map_err(|source| failed("read", path, source))?;
    let (records, length) = parse(&bytes, path)?;
    Ok((records, place + length))
}

/// The whole records and the length of their lines.
fn parse(bytes: &[u8], path: &Path) -> Result<(Vec<Record>, u64), JournalError> {
    let (mut records, mut length) = (Vec::new(), 0);
    for (number, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
        match line.strip_suffix(b"\n").map(parse_line) {
            Some(Ok(record)) => records.push(record),
            Some(Err(reason)) if length + line.len() < bytes.len() => {
                return Err(JournalError::Damaged { path: path.to_owned(), line: number + 1, reason });
            }
            // The last line: its event did not happen.
            _ => break,
        }
        length += line.len();
    }
    Ok((records, length as u64))
}

fn parse_line(line: &[u8]) -> Result<Record, String> {
    let (checksum, json) = line.split_at_checked(DIGITS + 1).ok_or("it is too short")?;
    if checksum != format!("{:0DIGITS$x} ", xxh3_64(json)).as_bytes() {
        return Err("its checksum is wrong".to_owned());
    }
    serde_json::from_slice(json).map_err(|error| error.to_string())
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    if lock_if_free(file, path) { Ok(()) } else { Err(JournalError::InUse { path: path.to_owned() }) }
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> JournalError {
    JournalError::Io { action, path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notes(records: &[Record]) -> Vec<&str> {
        fn text(record: &Record) -> &str {
            if let Event::Note { text } = &record.event { text } else { "" }
        }
        records.iter().map(text).collect()
    }

    #[test]
    fn a_journal_cut_at_any_byte_holds_the_events_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(JOURNAL_FILE);
        let note = |text: &str| Event::Note { text: text.into() };
        std::fs::write(&path, "0123 {").unwrap(); // torn at its beginning
        let mut journal = Journal::create(&path, &[note("one")]).unwrap();
        let first = journal.length;
        journal.append(&[note("two")]).unwrap();
        drop(journal);
        let whole = std::fs::read(&path).unwrap();
        for length in first as usize..whole.len() {
            std::fs::write(&path, &whole[..length]).unwrap();
            let (mut journal, records) = Journal::open(&path).unwrap();
            assert_eq!(notes(&records), ["one"], "{length}");
            journal.append(&[note("again")]).unwrap();
            drop(journal);
            assert_eq!(notes(&read(&path).unwrap()), ["one", "again"]);
        }
    }

    #[test]
    fn damage_in_the_middle_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(JOURNAL_FILE);
        let journal = Journal::create(&path, &[Event::Paused, Event::Continued]).unwrap();
        assert!(matches!(Journal::open(&path), Err(JournalError::InUse { .. })));
        drop(journal);
        assert!(Journal::create(&path, &[Event::Paused]).is_err());
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[30] ^= 1;
        std::fs::write(&path, &bytes).unwrap();
        assert!(matches!(Journal::open(&path), Err(JournalError::Damaged { line: 1, .. })));
    }
}
