//! The watched folder: images of a block appear in one folder, and the rig answers with a file in another.
//!
//! ```text
//! publish:  write all images under temporary names, then rename them: a rig sees each whole or not at all
//! look:     `block###.EXT` of the block that is out: taken when size and time are stable over two looks and it parses
//!           -> rows to the session, block closed, images removed, moved or left
//! ```
//!
//! Rows without names are places among the block's sorted file names.

use std::collections::HashMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use experiments::journal::Score;
use rayon::prelude::*;
use rig_files::{ImageRef, Limits, ScoreTable, read_scores};

use crate::block::Block;
use crate::config::AfterScores;
use crate::error::SessionError;
use crate::event::{Responses, Row};
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
        let door = Self {
            images: under(&settings.images),
            scores: under(&settings.scores),
            shown: under(Path::new("shown")),
            after: settings.after_scores,
            published: None,
            names: Vec::new(),
            seen: HashMap::new(),
        };
        for folder in [&door.images, &door.scores] {
            fs::create_dir_all(folder).map_err(|source| failed("create", folder, source))?;
        }
        for entry in fs::read_dir(&door.images).map_err(|source| failed("read", &door.images, source))?.flatten() {
            if entry.file_name().to_string_lossy().starts_with(TEMPORARY) {
                let _ = fs::remove_file(entry.path());
            }
        }
        Ok(door)
    }

    /// One look: publishes the block that is out, and takes what came. Returns whether anything came.
    ///
    /// # Errors
    /// If images or journal cannot be written. Score files that cannot be read are waited for, and named in a warning.
    pub fn look(&mut self, session: &mut Session) -> Result<bool, SessionError> {
        if let Some(block) = session.block().cloned()
            && self.published != Some(block.number)
        {
            self.publish(&block)?;
        }
        let Some(block) = session.current() else { return Ok(false) };
        let came = self.find(block).map_err(|source| failed("read", &self.scores, source))?;
        let Some((path, table)) = came else { return self.look_for_late(session) };
        let out = session.block().cloned();
        let sorted: Vec<String> =
            out.as_ref().map_or_else(Vec::new, |block| block.sorted_names().into_iter().map(str::to_owned).collect());
        match session.take(block, responses(&path, table, &sorted)) {
            Ok(_) => {}
            Err(error) if error.is_usage() => tracing::warn!("{}: {error}", path.display()),
            Err(error) => return Err(error),
        }
        if session.current() == Some(block) {
            session.close(block, "score file")?;
        }
        self.clear()?;
        Ok(true)
    }

    /// Writes the images of a block, all within a moment: first under temporary names, then by rename.
    fn publish(&mut self, block: &Block) -> Result<(), SessionError> {
        let files: Vec<(&str, &[u8])> = block
            .images
            .iter()
            .flat_map(|image| image.names.iter().map(|name| (name.as_str(), &image.file[..])))
            .collect();
        let write = |(name, bytes): &(&str, &[u8])| {
            let path = self.images.join(format!("{TEMPORARY}{name}"));
            fs::File::create(&path)
                .and_then(|mut file| file.write_all(bytes))
                .map_err(|source| failed("write", &path, source))
        };
        files.par_iter().try_for_each(write)?;
        for (name, _) in &files {
            let (from, to) = (self.images.join(format!("{TEMPORARY}{name}")), self.images.join(name));
            fs::rename(&from, &to).map_err(|source| failed("rename", &from, source))?;
        }
        self.names = files.iter().map(|(name, _)| (*name).to_owned()).collect();
        self.published = Some(block.number);
        Ok(())
    }

    /// The score file of a block, if there is one that is whole.
    fn find(&mut self, block: u32) -> std::io::Result<Option<(PathBuf, ScoreTable)>> {
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
            match read_scores(&path, &Limits::default()) {
                Ok(table) => {
                    seen.done = true;
                    return Ok(Some((path, table)));
                }
                Err(error) if seen.since.elapsed() > PATIENCE && !seen.told => {
                    seen.told = true;
                    tracing::warn!("{error}; waiting for it to be written anew");
                }
                Err(_) => {}
            }
        }
        Ok(None)
    }

    /// Files of earlier blocks that came or changed after their block was closed.
    fn look_for_late(&mut self, session: &mut Session) -> Result<bool, SessionError> {
        let (Some(current), first) = (session.current(), session.config().session.dialect.first_block()) else {
            return Ok(false);
        };
        // Rigs are a block or two late, not hundreds.
        for block in current.saturating_sub(3).max(first)..current {
            if let Some((path, table)) = self.find(block).map_err(|source| failed("read", &self.scores, source))? {
                session.take(block, responses(&path, table, &[]))?;
                return Ok(true);
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
                AfterScores::Move => fs::rename(&path, self.shown.join(&name)),
            };
            // A rig may have tidied up by itself.
            if let Err(source) = done.or_else(|error| if path.exists() { Err(error) } else { Ok(()) }) {
                return Err(failed("remove", &path, source));
            }
        }
        Ok(())
    }
}

/// The rows of a score file. Places become names; `sorted` are the sorted names of the block.
fn responses(path: &Path, table: ScoreTable, sorted: &[String]) -> Responses {
    let name = |image: ImageRef| match image {
        ImageRef::Name(name) => name,
        ImageRef::Index(i) => sorted.get(i).cloned().unwrap_or_else(|| format!("#{i}")),
    };
    let row = |row: rig_files::ScoreRow| Row {
        name: name(row.image),
        id: None,
        trial: row.trial,
        t: row.time,
        values: row.values.into_iter().map(|value| Score(if value.is_nan() { f64::NAN } else { value })).collect(),
    };
    Responses {
        source: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        key: None,
        channels: table.channels,
        bins_ms: table.bins_ms,
        rows: table.rows.into_iter().map(row).collect(),
    }
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> SessionError {
    SessionError::File { action, path: path.to_owned(), source }
}
