//! The watched folder: images of a block appear in one folder, and the rig answers with a file in another.
//!
//! ```text
//! publish:  write all images under temporary names, then rename them: a rig sees each whole or not at all
//! look:     `block###.EXT` of the block that is out: taken when size and time are stable over two looks and it parses
//!           -> rows to the session, block closed, images removed, moved or left
//! ```
//!
//! A score file that does not fit the session, or names no image of its block, is named in a warning, kept, and read again
//! when it changes. A file that was taken before counts once, also after a restart. Rows without names are places among the
//! block's sorted file names.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use experiments::journal::Score;
use rayon::prelude::*;
use rig_files::{ImageRef, Limits, Prefer, ScoreTable, read_scores_preferring};
use xxhash_rust::xxh3::xxh3_64;

use super::codes::code_files;
use crate::block::Block;
use crate::config::AfterScores;
use crate::disk;
use crate::error::SessionError;
use crate::event::{Responses, Row};
use crate::matching::Names;
use crate::names::stem;
use crate::session::Session;

/// Time between two looks. Network shares tell of no changes, so the folder is asked.
pub const POLL: Duration = Duration::from_millis(20);

/// How names of files begin that are being written. No rig takes them for images.
const TEMPORARY: &str = ".writing-";

/// A file that stays broken for so long is named in a warning.
const PATIENCE: Duration = Duration::from_secs(5);

/// Extensions of score files, in the order in which they are looked for.
const EXTENSIONS: [&str; 6] = ["h5", "hdf5", "mat", "npz", "csv", "json"];

/// The folders of a session through which a rig comes in.
#[derive(Debug)]
pub struct FolderDoor {
    images: PathBuf,
    scores: PathBuf,
    shown: PathBuf,
    after: AfterScores,
    /// Which of two kinds of responses is taken from a file that has both.
    prefer: Prefer,
    /// The block whose images lie in the folder.
    published: Option<u32>,
    /// Names of its files.
    names: Vec<String>,
    /// Size and time of score files at the last look, and when they came to rest.
    seen: HashMap<PathBuf, Seen>,
}

/// A score file at the last look.
#[derive(Debug)]
struct Seen {
    length: u64,
    modified: Option<SystemTime>,
    since: Instant,
    /// Whether it was told that it cannot be read.
    told: bool,
    /// Whether it is done with.
    done: bool,
}

impl FolderDoor {
    /// Makes the folders of a session. What an earlier process left half-written is removed.
    ///
    /// # Errors
    /// If a folder cannot be made.
    pub fn open(session: &Session) -> Result<Self, SessionError> {
        let settings = &session.config().session;
        let under = |folder: &Path| session.folder().join(folder);
        let mut door = Self {
            images: under(&settings.images),
            scores: under(&settings.scores),
            shown: under(Path::new("shown")),
            after: settings.after_scores,
            prefer: prefer(session),
            published: None,
            names: Vec::new(),
            seen: HashMap::new(),
        };
        for folder in [&door.images, &door.scores] {
            fs::create_dir_all(folder).map_err(|source| failed("create", folder, source))?;
        }
        door.tidy_up(session.current())?;
        Ok(door)
    }

    /// Clears what an earlier process left: half-written images, and images of blocks before the one that is out.
    fn tidy_up(&mut self, current: Option<u32>) -> Result<(), SessionError> {
        let entries = fs::read_dir(&self.images).map_err(|source| failed("read", &self.images, source))?;
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let block = name.strip_prefix("block").and_then(|rest| rest.split('_').next()?.parse::<u32>().ok());
            if name.starts_with(TEMPORARY) {
                fs::remove_file(entry.path()).map_err(|source| failed("remove", &entry.path(), source))?;
            } else if stem(&name) != name && block.is_some_and(|block| current.is_none_or(|current| block < current)) {
                self.names.push(name);
            }
        }
        self.clear()
    }

    /// One look: publishes the block that is out, and takes what came. Returns whether anything came.
    ///
    /// # Errors
    /// If images or journal cannot be written. Score files that cannot be read are waited for, and named in a warning.
    pub fn look(&mut self, session: &mut Session) -> Result<bool, SessionError> {
        self.put_out(session)?;
        // A pause hides the block, and still takes its responses.
        let Some(block) = session.block.clone() else { return Ok(false) };
        let Some(came) = self.find(block.number) else { return self.look_for_late(session) };
        if !take(session, block.number, came, &block.sorted_names())? {
            return Ok(false);
        }
        if session.current() == Some(block.number) {
            session.close(block.number, "score file")?;
        }
        self.clear()?;
        // The rig waits.
        self.put_out(session)?;
        Ok(true)
    }

    /// Publishes the block that is out, if that is not done.
    fn put_out(&mut self, session: &Session) -> Result<(), SessionError> {
        if let Some(block) = session.block().cloned()
            && self.published != Some(block.number)
        {
            self.publish(&block, &code_files(session, &block))?;
        }
        Ok(())
    }

    /// Writes the images of a block, all within a moment: first under temporary names, then by rename. Files of their codes
    /// come before them, and stay when the images go.
    fn publish(&mut self, block: &Block, codes: &[(String, Vec<u8>)]) -> Result<(), SessionError> {
        let images =
            block.images.iter().flat_map(|image| image.names.iter().map(|name| (name.as_str(), &image.file[..])));
        let codes = codes.iter().map(|(name, bytes)| (name.as_str(), &bytes[..]));
        let files: Vec<(&str, &[u8])> = codes.chain(images).collect();
        let write = |(name, bytes): &(&str, &[u8])| {
            let path = self.images.join(format!("{TEMPORARY}{name}"));
            disk::write_new(&path, bytes).map_err(|source| failed("write", &path, source))
        };
        files.par_iter().try_for_each(write)?;
        for (name, _) in &files {
            let (from, to) = (self.images.join(format!("{TEMPORARY}{name}")), self.images.join(name));
            disk::rename(&from, &to).map_err(|source| failed("rename", &from, source))?;
        }
        self.names = block.images.iter().flat_map(|image| image.names.clone()).collect();
        self.published = Some(block.number);
        Ok(())
    }

    /// The score file of a block, if there is one that is whole.
    fn find(&mut self, block: u32) -> Option<(PathBuf, ScoreTable)> {
        for extension in EXTENSIONS {
            let path = self.scores.join(format!("block{block:03}.{extension}"));
            let Ok(metadata) = fs::metadata(&path) else { continue };
            let (length, modified) = (metadata.len(), metadata.modified().ok());
            let new = || Seen { length: u64::MAX, modified: None, since: Instant::now(), told: false, done: false };
            let seen = self.seen.entry(path.clone()).or_insert_with(new);
            if (seen.length, seen.modified) != (length, modified) {
                *seen = Seen { length, modified, ..new() };
                continue;
            }
            if seen.done {
                continue;
            }
            match read_scores_preferring(&path, &Limits::default(), self.prefer) {
                Ok(table) => {
                    seen.done = true;
                    return Some((path, table));
                }
                Err(error) if seen.since.elapsed() > PATIENCE && !seen.told => {
                    seen.told = true;
                    tracing::warn!("{error}; waiting for it to be written anew");
                }
                Err(_) => {}
            }
        }
        None
    }

    /// Files of earlier blocks that came or changed after their block was closed.
    fn look_for_late(&mut self, session: &mut Session) -> Result<bool, SessionError> {
        let (Some(current), first) = (session.current(), session.config().session.dialect.first_block()) else {
            return Ok(false);
        };
        // Rigs are a block or two late, not hundreds.
        for block in current.saturating_sub(3).max(first)..current {
            if let Some(came) = self.find(block) {
                return take(session, block, came, &[]);
            }
        }
        Ok(false)
    }

    /// Removes or moves the images of the block that was answered.
    fn clear(&mut self) -> Result<(), SessionError> {
        let names = std::mem::take(&mut self.names);
        if self.after == AfterScores::Move {
            fs::create_dir_all(&self.shown).map_err(|source| failed("create", &self.shown, source))?;
        }
        for name in names {
            let path = self.images.join(&name);
            let done = match self.after {
                AfterScores::Keep => Ok(()),
                AfterScores::Remove => fs::remove_file(&path),
                AfterScores::Move => disk::rename(&path, &self.shown.join(&name)),
            };
            // A rig may have tidied up by itself.
            if let Err(source) = done.or_else(|error| if path.exists() { Err(error) } else { Ok(()) }) {
                return Err(failed("remove", &path, source));
            }
        }
        Ok(())
    }
}

/// Rasters, if a target has a window of time bins.
fn prefer(session: &Session) -> Prefer {
    let windows = session.config().threads.iter().any(|thread| thread.target.window.is_some());
    if windows { Prefer::Rasters } else { Prefer::Scores }
}

/// Hands a score file to the session; false if it does not fit, which a warning says.
fn take(
    session: &mut Session,
    block: u32,
    (path, table): (PathBuf, ScoreTable),
    sorted: &[&str],
) -> Result<bool, SessionError> {
    let bytes = fs::read(&path).map_err(|source| failed("read", &path, source))?;
    let responses = responses(&path, &bytes, table, sorted);
    let why = match misfit(session, block, &path, &bytes, &responses) {
        Some(why) => why,
        None => match session.take(block, responses) {
            Ok(_) => return Ok(true),
            Err(error) if error.is_usage() => error.to_string(),
            Err(error) => return Err(error),
        },
    };
    tracing::warn!("{}: {why}; waiting for it to be written anew", path.display());
    Ok(false)
}

/// Why a file is not about the block that its name says, if it is not.
fn misfit(session: &Session, block: u32, path: &Path, bytes: &[u8], responses: &Responses) -> Option<String> {
    if path.extension().is_some_and(|extension| extension == "json") {
        let table: serde_json::Value = serde_json::from_slice(bytes).unwrap_or_default();
        let number = |value: &serde_json::Value| value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
        let given = table.get("block").filter(|value| !value.is_null());
        if let Some(found) = given.filter(|value| number(value) != Some(f64::from(block))) {
            return Some(format!("its 'block' is {found}, its name says {block}"));
        }
    }
    let out = session.block.as_ref().filter(|out| out.number == block)?;
    let names = Names::of(out, session.config().session.matching);
    let fits = responses.rows.iter().any(|row| names.find(&row.name).is_some());
    (!fits).then(|| format!("no row names an image of block {block}"))
}

/// The rows of a score file. Places become names; `sorted` are the sorted names of the block.
fn responses(path: &Path, bytes: &[u8], table: ScoreTable, sorted: &[&str]) -> Responses {
    let source = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = |image: ImageRef| match image {
        ImageRef::Name(name) => name,
        ImageRef::Index(i) => sorted.get(i).map_or_else(|| format!("#{i}"), |name| (*name).to_owned()),
    };
    let row = |row: rig_files::ScoreRow| Row {
        name: name(row.image),
        id: None,
        trial: row.trial,
        t: row.time,
        values: row.values.into_iter().map(Score).collect(),
    };
    Responses {
        key: Some(format!("{source}:{:016x}", xxh3_64(bytes))),
        source,
        channels: table.channels,
        bins_ms: table.bins_ms,
        rows: table.rows.into_iter().map(row).collect(),
    }
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> SessionError {
    SessionError::File { action, path: path.to_owned(), source }
}
