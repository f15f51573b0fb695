//! The journal of a run: an append-only file from which an interrupted run goes on.
//!
//! `journal.jsonl` holds one JSON object a line. The first line is the [`Header`]. Every further line is the [`Entry`] of
//! a scored generation, in order. A line is handed to the system when the method has taken the scores of its generation,
//! and forced to the disk at most once a second.
//!
//! A run is **resumed by replay**. The optimizer is built again and asked for the codes of each generation in the
//! journal. Their hash must be the recorded one. Then it is told the recorded noisy scores; the objective is not called.
//! After that the run goes on, and its results are equal bit for bit to those of a run that was not interrupted. If the
//! last line has no line break (after a crash or a power loss), it is dropped and its generation is scored again.
//!
//! A run is **extended** in the same way: [`Journal::resume`] takes a specification with more generations and rewrites
//! the header. The result is the run that would have had that many generations from the start. So a run is not extended
//! if the method's schedule depends on the length of the run.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use crate::whole_file::{lock_if_free, write_whole};
use crate::{JournalError, Keep, PhaseSeconds, Provenance, RunSpec};

/// Name of the format, the first field of every journal.
pub const FORMAT: &str = "actmax-journal";

/// Version of the format.
pub const VERSION: u32 = 1;

/// How every journal begins.
const MAGIC: &[u8] = b"{\"format\":\"actmax-journal\"";

/// Longest time that a written line waits before it is forced to the disk.
const SYNC_EVERY: Duration = Duration::from_secs(1);

/// First line of a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Header {
    format: String,
    version: u32,
    /// What was to be run.
    pub spec: RunSpec,
    /// Which program started the run, and on what.
    pub provenance: Provenance,
    /// Which codes the run keeps. It does not determine any code or score.
    #[serde(default, skip_serializing_if = "Keep::is_all")]
    pub keep: Keep,
}

/// One generation in a journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The generation, counted from 0.
    pub generation: u32,
    /// Clean scores, one a code.
    pub clean: Vec<Score>,
    /// Scores that the method saw, one a code.
    pub noisy: Vec<Score>,
    /// XXH3-64 of the little-endian bytes of the C-order `[lambda, N]` array of codes, hexadecimal.
    pub codes_xxh3: String,
    /// Seconds by phase. `observe` is 0, because observers are called after the line is written.
    pub seconds: PhaseSeconds,
}

/// A score that JSON keeps exactly. A number is the shortest text that reads back as the same `f64`; the others are the
/// strings `"NaN"`, `"inf"` and `"-inf"`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score(pub f64);

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            score if score.is_finite() => serializer.serialize_f64(score),
            score if score.is_nan() => serializer.serialize_str("NaN"),
            score => serializer.serialize_str(if score > 0.0 { "inf" } else { "-inf" }),
        }
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ScoreVisitor;
        impl Visitor<'_> for ScoreVisitor {
            type Value = Score;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, \"NaN\", \"inf\" or \"-inf\"")
            }
            fn visit_f64<E: de::Error>(self, score: f64) -> Result<Score, E> {
                Ok(Score(score))
            }
            fn visit_u64<E: de::Error>(self, score: u64) -> Result<Score, E> {
                Ok(Score(score as f64))
            }
            fn visit_i64<E: de::Error>(self, score: i64) -> Result<Score, E> {
                Ok(Score(score as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Score, E> {
                match text {
                    "NaN" => Ok(Score(f64::NAN)),
                    "inf" => Ok(Score(f64::INFINITY)),
                    "-inf" => Ok(Score(f64::NEG_INFINITY)),
                    _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
                }
            }
        }
        deserializer.deserialize_any(ScoreVisitor)
    }
}

impl Entry {
    /// Clean and noisy scores as numbers.
    #[must_use]
    pub fn scores(&self) -> (Vec<f64>, Vec<f64>) {
        let numbers = |scores: &[Score]| scores.iter().map(|score| score.0).collect();
        (numbers(&self.clean), numbers(&self.noisy))
    }
}

/// An open journal. While it is open no other process can open it.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    header: Header,
    recorded: Vec<Entry>,
    here: Provenance,
    synced: Instant,
}

impl Journal {
    /// Starts a journal in a new file.
    ///
    /// # Errors
    /// If the file exists already or cannot be written.
    pub fn create(path: &Path, spec: &RunSpec, keep: Keep, here: &Provenance) -> Result<Self, JournalError> {
        let file = File::create_new(path).map_err(|source| failed("create", path, source))?;
        let mut journal = Self::over(file, path, spec, here)?;
        journal.header.keep = keep;
        journal.write_header()?;
        Ok(journal)
    }

    /// Opens the journal of an interrupted run, to replay it and to go on with it, or that of a shorter run, to
    /// extend it.
    ///
    /// A torn last line is cut off. A file torn within its header is started anew.
    ///
    /// # Errors
    /// If there is none, another process writes it, it is damaged, it is of another run, or the run cannot be extended
    /// because a schedule spans its generations.
    pub fn resume(path: &Path, spec: &RunSpec, here: &Provenance) -> Result<Self, JournalError> {
        let mut journal = Self::over(open(path)?, path, spec, here)?;
        let mut whole = journal.read()?;
        if whole > 0 && spec.extends(&journal.header.spec) {
            whole = journal.extend(spec, whole)?;
        }
        journal.file.set_len(whole).map_err(|source| failed("cut the torn end off", path, source))?;
        journal.file.seek(SeekFrom::End(0)).map_err(|source| failed("append to", path, source))?;
        if whole == 0 {
            journal.write_header()?;
        }
        for difference in here.differences(&journal.header.provenance) {
            tracing::warn!("{}: {difference} since the run was started", path.display());
        }
        Ok(journal)
    }

    /// Rewrites the file with the header of a longer run; `whole` is the length of its whole lines. Returns their new
    /// length.
    fn extend(&mut self, spec: &RunSpec, whole: u64) -> Result<u64, JournalError> {
        self.header.spec = spec.clone();
        let header = self.line(&self.header)?;
        let failed = |source| failed("extend", &self.path, source);
        let mut text = std::fs::read(&self.path).map_err(failed)?;
        text.truncate(usize::try_from(whole).unwrap_or(usize::MAX));
        let entries = text.iter().position(|&byte| byte == b'\n').map_or(text.len(), |at| at + 1);
        write_whole(&self.path, |file| file.write_all(&header).and_then(|()| file.write_all(&text[entries..])))
            .map_err(failed)?;
        self.file = open(&self.path)?;
        lock(&self.file, &self.path)?;
        Ok((header.len() + text.len() - entries) as u64)
    }

    /// What was to be run, and by which program.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Generations that earlier processes recorded and that are to be replayed.
    #[must_use]
    pub fn recorded(&self) -> &[Entry] {
        &self.recorded
    }

    pub(crate) fn take_recorded(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.recorded)
    }

    /// What differs between the program that started the run and this one.
    pub(crate) fn differences(&self) -> Vec<String> {
        self.here.differences(&self.header.provenance)
    }

    pub(crate) fn append(&mut self, entry: &Entry) -> Result<(), JournalError> {
        self.write_line(entry)?;
        if self.synced.elapsed() >= SYNC_EVERY { self.sync() } else { Ok(()) }
    }

    /// Forces everything that was written to the disk.
    pub(crate) fn sync(&mut self) -> Result<(), JournalError> {
        self.file.sync_data().map_err(|source| failed("write", &self.path, source))?;
        self.synced = Instant::now();
        Ok(())
    }

    fn over(file: File, path: &Path, spec: &RunSpec, here: &Provenance) -> Result<Self, JournalError> {
        lock(&file, path)?;
        let header = Header {
            format: FORMAT.to_owned(),
            version: VERSION,
            spec: spec.clone(),
            provenance: here.clone(),
            keep: Keep::All,
        };
        Ok(Self {
            path: path.to_owned(),
            file,
            header,
            recorded: Vec::new(),
            here: here.clone(),
            synced: Instant::now(),
        })
    }

    fn write_header(&mut self) -> Result<(), JournalError> {
        self.write_line(&self.header.clone())?;
        self.sync()
    }

    /// Writes a line with one `write` call, so that a crash can tear only the last line.
    fn write_line(&mut self, value: &impl Serialize) -> Result<(), JournalError> {
        let line = self.line(value)?;
        self.file.write_all(&line).map_err(|source| failed("write", &self.path, source))
    }

    fn line(&self, value: &impl Serialize) -> Result<Vec<u8>, JournalError> {
        let mut line = serde_json::to_vec(value).map_err(|error| failed("write", &self.path, error.into()))?;
        line.push(b'\n');
        Ok(line)
    }

    /// Reads header and entries; returns the length of the whole lines in bytes.
    fn read(&mut self) -> Result<u64, JournalError> {
        let mut reader = BufReader::new(&self.file);
        let (mut line, mut whole, mut number) = (Vec::new(), 0, 0);
        let (mut header, mut recorded) = (None, Vec::new());
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(|source| failed("read", &self.path, source))?;
            if line.last() != Some(&b'\n') {
                break;
            }
            number += 1;
            whole += line.len() as u64;
            if number == 1 {
                header = Some(self.parse_header(&line)?);
            } else {
                recorded.push(self.parse_entry(&line, number)?);
            }
        }
        match header {
            Some(header) => (self.header, self.recorded) = (header, recorded),
            None if is_torn_header(&line) => {}
            None => return Err(self.damaged(1, "it is not the header of a journal".to_owned())),
        }
        Ok(whole)
    }

    fn parse_header(&self, line: &[u8]) -> Result<Header, JournalError> {
        #[derive(Deserialize)]
        struct Kind {
            format: String,
            version: u32,
        }
        let Kind { format, version } =
            serde_json::from_slice(line).map_err(|error| self.damaged(1, error.to_string()))?;
        if format != FORMAT || version != VERSION {
            return Err(JournalError::OtherFormat { path: self.path.clone(), format, version });
        }
        let header: Header = serde_json::from_slice(line).map_err(|error| self.damaged(1, error.to_string()))?;
        self.check_spec(&header.spec)?;
        Ok(header)
    }

    /// Whether the recorded run is the one that is asked for, or can be extended to it.
    fn check_spec(&self, recorded: &RunSpec) -> Result<(), JournalError> {
        let (path, asked) = (self.path.clone(), &self.header.spec);
        if !asked.extends(recorded) {
            let fields = asked.differences(recorded);
            return if fields.is_empty() { Ok(()) } else { Err(JournalError::OtherSpec { path, fields }) };
        }
        let options = asked.options_of_length(recorded.generations);
        if options.is_empty() {
            return Ok(());
        }
        let (recorded, asked, method) = (recorded.generations, asked.generations, asked.method.name());
        Err(JournalError::Schedule { path, recorded, asked, method, options })
    }

    fn parse_entry(&self, line: &[u8], number: usize) -> Result<Entry, JournalError> {
        let entry: Entry = serde_json::from_slice(line).map_err(|error| self.damaged(number, error.to_string()))?;
        if entry.generation as usize != number - 2 {
            return Err(self.damaged(number, format!("generation {} instead of {}", entry.generation, number - 2)));
        }
        if entry.generation >= self.header.spec.generations {
            let planned = self.header.spec.generations;
            return Err(self.damaged(number, format!("generation {} of a run of {planned}", entry.generation)));
        }
        if entry.clean.len() != entry.noisy.len() {
            let (clean, noisy) = (entry.clean.len(), entry.noisy.len());
            return Err(self.damaged(number, format!("{clean} clean scores and {noisy} noisy ones")));
        }
        Ok(entry)
    }

    fn damaged(&self, line: usize, reason: String) -> JournalError {
        JournalError::Damaged { path: self.path.clone(), line, reason }
    }
}

fn open(path: &Path) -> Result<File, JournalError> {
    File::options().read(true).write(true).open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => JournalError::NotFound { path: path.to_owned() },
        _ => failed("open", path, source),
    })
}

fn lock(file: &File, path: &Path) -> Result<(), JournalError> {
    if lock_if_free(file, path) { Ok(()) } else { Err(JournalError::InUse { path: path.to_owned() }) }
}

/// Whether bytes without a line break may be the beginning of a header.
fn is_torn_header(bytes: &[u8]) -> bool {
    let common = bytes.len().min(MAGIC.len());
    bytes[..common] == MAGIC[..common]
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> JournalError {
    JournalError::Io { action, path: path.to_owned(), source }
}
