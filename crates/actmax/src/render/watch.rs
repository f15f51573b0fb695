//! Code files in, images out.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use experiments::place_whole;
use gen_models::GeneratorSession;
use optim_core::{Generator, to_f32};
use rig_files::{Codes, Limits, read_codes};

use crate::CommandError;
use crate::console::{say, warn};
use crate::pictures::encode_all;
use sessions::ImageKind;

/// Time between two looks. Network shares tell of no changes, so the folder is asked.
pub(crate) const POLL: Duration = Duration::from_millis(20);

/// A file that stays broken for so long is named in a warning.
const PATIENCE: Duration = Duration::from_secs(2);

/// A folder in which a rig asks for images.
pub(crate) struct Watch {
    folder: PathBuf,
    generator: GeneratorSession,
    seen: HashMap<String, Seen>,
}

/// A code file at the last look.
struct Seen {
    length: u64,
    modified: Option<SystemTime>,
    since: Instant,
    /// Whether it was there in another form before.
    changed: bool,
    /// Whether it is answered, or given up.
    done: bool,
}

impl Seen {
    /// Whether an earlier process has answered the file: all its images are there, and newer than it. Clocks of file systems
    /// are coarse: images of the same time may be answers to another file.
    fn was_answered(&self, files: &[(PathBuf, ImageKind)]) -> bool {
        let time = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
        !self.changed && files.iter().all(|(path, _)| time(path).is_some_and(|image| Some(image) > self.modified))
    }
}

impl Watch {
    pub(crate) fn new(folder: &Path, generator: GeneratorSession) -> Self {
        Self { folder: folder.to_owned(), generator, seen: HashMap::new() }
    }

    /// One look: answers every code file that has come to rest.
    pub(crate) fn look(&mut self) -> Result<(), CommandError> {
        let failed = |source| CommandError::Read { path: self.folder.clone(), source };
        let entries = fs::read_dir(&self.folder).map_err(failed)?;
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.retain(|name| is_code_file(name));
        names.sort();
        for name in names {
            if self.is_at_rest(&name) {
                self.answer(&name)?;
            }
        }
        Ok(())
    }

    /// Whether size and time are those of the last look, and the file is not done with.
    fn is_at_rest(&mut self, name: &str) -> bool {
        let Ok(metadata) = fs::metadata(self.folder.join(name)) else { return false };
        let (length, modified) = (metadata.len(), metadata.modified().ok());
        match self.seen.get(name) {
            Some(seen) if (seen.length, seen.modified) == (length, modified) => !seen.done,
            before => {
                let changed = before.is_some();
                let seen = Seen { length, modified, since: Instant::now(), changed, done: false };
                self.seen.insert(name.to_owned(), seen);
                false
            }
        }
    }

    /// Reads a code file and writes its images. A file that cannot be read may be half-written: it is looked at again.
    fn answer(&mut self, name: &str) -> Result<(), CommandError> {
        let path = self.folder.join(name);
        let Some(seen) = self.seen.get_mut(name) else { return Ok(()) };
        let codes = match read_codes(&path, &Limits::default()) {
            Ok(codes) => codes,
            Err(error) => {
                if seen.since.elapsed() > PATIENCE {
                    seen.done = true;
                    warn(&format!("{error}; the file is kept, and read again when it changes"));
                }
                return Ok(());
            }
        };
        seen.done = true;
        let files = match self.files(&codes) {
            Ok(files) => files,
            Err(why) => {
                warn(&format!("{}: {why}; the file is kept, and read again when it changes", path.display()));
                return Ok(());
            }
        };
        if self.seen.get(name).is_some_and(|seen| seen.was_answered(&files)) {
            return Ok(());
        }
        self.render(&codes, &files)?;
        say(&format!("{name}: {} images", files.len()));
        Ok(())
    }

    /// Where the images of codes go, or why they go nowhere.
    fn files(&self, codes: &Codes) -> Result<Vec<(PathBuf, ImageKind)>, String> {
        let expected = self.generator.latent_dim();
        if codes.dim != expected {
            return Err(format!("codes have {} numbers, the generator takes {expected}", codes.dim));
        }
        let file = |id: &String| file_name(id).map(|(name, kind)| (self.folder.join(name), kind));
        codes.ids.iter().map(file).collect()
    }

    /// Makes all images before the first one appears.
    fn render(&mut self, codes: &Codes, files: &[(PathBuf, ImageKind)]) -> Result<(), CommandError> {
        let images = self.generator.generate(&to_f32(&codes.rows))?;
        let kinds: Vec<ImageKind> = files.iter().map(|(_, kind)| *kind).collect();
        for ((path, _), bytes) in files.iter().zip(encode_all(&images, &kinds)?) {
            place_whole(path, &bytes).map_err(|source| CommandError::Write { path: path.clone(), source })?;
        }
        Ok(())
    }
}

/// Whether it is `block###_thread###_code.mat`, `block###_code.mat` or `init_code.mat`.
fn is_code_file(name: &str) -> bool {
    let digits = |text: &str| text.len() >= 3 && text.bytes().all(|byte| byte.is_ascii_digit());
    let Some(stem) = name.strip_suffix("_code.mat") else { return false };
    let Some(rest) = stem.strip_prefix("block") else { return stem == "init" };
    let (block, thread) = rest.split_once("_thread").map_or((rest, None), |(block, thread)| (block, Some(thread)));
    digits(block) && thread.is_none_or(digits)
}

/// The name and type of the image of an id. An id is a name, never a path.
fn file_name(id: &str) -> Result<(String, ImageKind), String> {
    let plain = !id.is_empty() && !id.starts_with('.') && id.len() <= 200;
    if !plain || id.chars().any(|c| c.is_control() || "/\\:".contains(c)) {
        return Err(format!("'{}' is no name of an image file", id.escape_debug()));
    }
    let lower = id.to_ascii_lowercase();
    match lower.rsplit_once('.').map(|(_, extension)| extension) {
        Some("bmp") => Ok((id.to_owned(), ImageKind::Bmp)),
        Some("png") => Ok((id.to_owned(), ImageKind::Png)),
        Some("jpg" | "jpeg" | "tif" | "tiff" | "gif" | "mat") => {
            Err(format!("'{id}' is to be written as .bmp or .png only"))
        }
        _ => Ok((format!("{id}.bmp"), ImageKind::Bmp)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_files_are_known_by_their_names() {
        for name in
            ["block000_thread001_code.mat", "block1234_thread000_code.mat", "block007_code.mat", "init_code.mat"]
        {
            assert!(is_code_file(name), "{name}");
        }
        for name in
            ["block000.mat", "block_code.mat", "block01_code.mat", "blockx01_code.mat", "other_code.mat", "code.mat"]
        {
            assert!(!is_code_file(name), "{name}");
        }
    }

    #[test]
    fn no_id_is_a_path() {
        assert_eq!(file_name("founder_001").unwrap(), ("founder_001.bmp".to_owned(), ImageKind::Bmp));
        assert_eq!(file_name("a.b (1).PNG").unwrap(), ("a.b (1).PNG".to_owned(), ImageKind::Png));
        for id in
            ["", ".", "..", "../a.bmp", "a/b.bmp", "a\\b.bmp", "C:a.bmp", ".hidden.bmp", "a\0.bmp", "block000_code.mat"]
        {
            assert!(file_name(id).is_err(), "{id}");
        }
    }
}
