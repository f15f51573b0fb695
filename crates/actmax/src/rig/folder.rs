//! The pretend rig at the watched folder.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::thread;

use experiments::write_whole;
use sessions::{Dialect, Settings, stem};

use super::{Block, Door, LOOK, Response};
use crate::CommandError;
use crate::online::OnlineError;

/// Looks into the folder of images, and writes score files.
pub(super) struct FolderRig {
    images: PathBuf,
    scores: PathBuf,
    dialect: Dialect,
    /// Names of the images at the last look.
    before: BTreeSet<String>,
    answered: BTreeSet<u32>,
}

impl FolderRig {
    pub(super) fn new(session: &Path, settings: &Settings) -> Self {
        let (images, scores) = (session.join(&settings.images), session.join(&settings.scores));
        let answered = answered(&scores);
        Self { images, scores, dialect: settings.dialect, before: BTreeSet::new(), answered }
    }

    /// Names of the images that lie in the folder.
    fn names(&self) -> BTreeSet<String> {
        let Ok(entries) = fs::read_dir(&self.images) else { return BTreeSet::new() };
        let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
        names.filter(|name| !name.starts_with('.') && stem(name) != name).collect()
    }

    /// The block that a name belongs to; none of a reference image that keeps its name from block to block.
    fn block_of(&self, name: &str) -> Option<u32> {
        if self.dialect == Dialect::Poncelab && stem(name).ends_with("_nat") {
            return None;
        }
        name.strip_prefix("block")?.split('_').next()?.parse().ok()
    }
}

impl Door for FolderRig {
    fn look(&mut self) -> Result<Option<Block>, CommandError> {
        let names = self.names();
        let number = names.iter().filter_map(|name| self.block_of(name)).max();
        let fresh = number.filter(|number| names == self.before && !self.answered.contains(number));
        let Some(number) = fresh else {
            self.before = names;
            thread::sleep(LOOK);
            return Ok(None);
        };
        let mut images = Vec::new();
        for name in names.into_iter().filter(|name| self.block_of(name).is_none_or(|block| block == number)) {
            let path = self.images.join(&name);
            match image::open(&path) {
                Ok(image) => images.push((name, image.to_rgb8())),
                // The session took the block away.
                Err(_) if !path.exists() => return Ok(None),
                Err(source) => return Err(OnlineError::Image { path, source: Box::new(source) }.into()),
            }
        }
        let order = (0..images.len()).collect();
        Ok(Some(Block { number, images, order }))
    }

    fn answer(&mut self, block: &Block, responses: &[Response]) -> Result<bool, CommandError> {
        let mut table = String::from("name,rate\n");
        for (i, rate) in responses {
            table.push_str(&format!("\"{}\",{rate}\n", block.images[*i].0.replace('"', "\"\"")));
        }
        let failed = |action, path: &Path| {
            let path = path.to_owned();
            move |source| OnlineError::Io { action, path, source }
        };
        fs::create_dir_all(&self.scores).map_err(failed("create", &self.scores))?;
        let path = self.scores.join(format!("block{:03}.csv", block.number));
        write_whole(&path, |file| file.write_all(table.as_bytes())).map_err(failed("write", &path))?;
        self.answered.insert(block.number);
        Ok(true)
    }
}

/// Blocks whose scores lie in a folder: an earlier rig answered them.
fn answered(scores: &Path) -> BTreeSet<u32> {
    let names = fs::read_dir(scores).into_iter().flatten().flatten().map(|entry| entry.file_name());
    names.filter_map(|name| name.to_str()?.strip_prefix("block")?.split('.').next()?.parse().ok()).collect()
}
