//! A configuration with what it names, as another folder may hold it.

use std::io;
use std::ops::Range;
use std::path::{Component, Path, PathBuf};

use crate::campaign_target::CampaignTarget;
use crate::config::Config;
use crate::starts::image_folder;

/// Folder of the files that lie outside the configuration's.
const OUTSIDE: &str = "outside";
/// As many digits of a file's hash as tell files of one name apart.
const DIGITS: usize = 12;

/// A configuration with the files that it names, as another folder may hold them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// The configuration. It names the files relative to itself, and folders of images absolutely.
    pub text: String,
    /// Where the files go, relative to the configuration, and what they hold. Files with absolute names stay where they are.
    pub files: Vec<(PathBuf, Vec<u8>)>,
}

impl Config {
    /// The configuration for another folder. Files of `targets` above its own folder get names below it, with the same stem,
    /// because runs are named after that. Folders of images that runs start from stay where they are.
    ///
    /// # Errors
    /// If such a folder is not there.
    pub fn carried(&self, targets: &[CampaignTarget]) -> io::Result<Carried> {
        let (mut replaced, mut files): (Vec<(Range<usize>, String)>, _) = (Vec::new(), Vec::new());
        for CampaignTarget { file, named, place, .. } in targets.iter().filter(|target| !target.named.is_absolute()) {
            let digits = &file.spec.sha256[..DIGITS.min(file.spec.sha256.len())];
            if is_below(named) {
                files.push((named.clone(), file.bytes.clone()));
            } else {
                let name = named.file_name().unwrap_or_default().to_string_lossy();
                let to = format!("{OUTSIDE}/{digits}/{name}");
                replaced.push((place.clone(), to.clone()));
                files.push((to.into(), file.bytes.clone()));
            }
        }
        for init in self.keys.optimizer.iter().flatten().filter_map(|optimizer| optimizer.init.as_ref()) {
            if let Some((rule, folder)) = image_folder(init.get_ref()) {
                let folder = self.beside(Path::new(folder)).canonicalize()?;
                replaced.push((init.span(), format!("{rule}{}", folder.display())));
            }
        }
        // From the end on, so that places before a replacement stay right.
        replaced.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
        let mut text = self.text.clone();
        for (place, name) in replaced {
            text.replace_range(place, &toml::Value::from(name).to_string());
        }
        Ok(Carried { text, files })
    }
}

/// Whether a relative name never leaves its folder.
fn is_below(named: &Path) -> bool {
    named.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}
