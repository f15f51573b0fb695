//! What `--init` names: codes of files, codes of images, random codes, codes like others.

use std::fs;
use std::path::{Path, PathBuf};

use experiments::{
    ArrayFileError, EVOLUTION_FILE, RunCodes, codes_like, filled_by_mating, random_codes, read_codes,
    read_initial_codes,
};
use gen_models::{GeneratorModel, Runtime};
use networks::{Pictures, StartNorm};
use optim_core::Population;
use paradigm::{image_names, is_image};

use crate::console::{counted, say, warn};
use crate::pictures::session_options;
use crate::{CommandError, Library, codes_argument};

/// What the codes to start from are for.
pub(crate) struct Start<'a> {
    pub(crate) library: &'a Library,
    pub(crate) generator: &'a GeneratorModel,
    /// Codes of the method's generations.
    pub(crate) population: usize,
    pub(crate) seed: u64,
    /// Whether children fill fewer codes up to the population.
    pub(crate) fill: bool,
}

impl Start<'_> {
    /// The codes that an argument names, and where they come from: what follows their number in a sentence.
    pub(super) fn codes(&self, argument: &Path) -> Result<(Population, String), CommandError> {
        let (codes, origin) = self.named(argument)?;
        let (found, wanted) = (codes.len(), self.population);
        if !self.fill || found >= wanted {
            return Ok((codes, origin));
        }
        let children = counted(wanted - found, "child").replace("childs", "children");
        Ok((filled_by_mating(&codes, wanted, self.seed), format!("{origin}, and {children} of them")))
    }

    fn named(&self, argument: &Path) -> Result<(Population, String), CommandError> {
        let text = argument.to_str().unwrap_or_default();
        if let Some(norm) = text.strip_prefix("random:") {
            return self.random(norm);
        }
        if let Some(of) = text.strip_prefix("stats:") {
            let (codes, origin) = self.stored(Path::new(of))?;
            let drawn = codes_like(&codes, self.population, self.seed)?;
            let of = counted(codes.len(), "code");
            return Ok((drawn, format!(", drawn from mean and spread of {of}{origin}")));
        }
        self.stored(argument)
    }

    fn random(&self, norm: &str) -> Result<(Population, String), CommandError> {
        let wrong = |_| CommandError::InitialNorm { text: norm.to_owned() };
        let norm = norm.parse::<StartNorm>().map_err(wrong)?.value(self.generator.spec());
        let codes = random_codes(self.dim(), self.population, norm, self.seed)?;
        Ok((codes, format!(", random ones of norm {norm}")))
    }

    /// Codes of a file or folder: of a run, of NumPy files, or of images.
    fn stored(&self, argument: &Path) -> Result<(Population, String), CommandError> {
        let (path, part) = split(argument);
        if path.is_dir() && part.is_none() && !path.join(EVOLUTION_FILE).exists() {
            return self.folder(path);
        }
        if is_image(path) {
            return self.encoded(&[path.to_owned()], path);
        }
        let file = if path.is_dir() { path.join(EVOLUTION_FILE) } else { path.to_owned() };
        if file.extension().is_none() && !file.exists() {
            return Err(ArrayFileError::NotFound { path: file }.into());
        }
        let (codes, part) = read_initial_codes(&file, self.dim(), part)?;
        let part = part.map_or_else(String::new, |part| format!(" ({part})"));
        Ok((codes, format!("{part} of {}", file.display())))
    }

    /// All codes of the NumPy files in a folder, by name; of the images, if there is no such file.
    fn folder(&self, folder: &Path) -> Result<(Population, String), CommandError> {
        let unreadable = |source| CommandError::Read { path: folder.to_owned(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let path = entry.map_err(unreadable)?.path();
            if path.extension().is_some_and(|extension| extension == "npy" || extension == "npz") {
                files.push(path);
            }
        }
        files.sort();
        if files.is_empty() {
            let names = image_names(folder, warn)
                .map_err(|_| CommandError::NothingToStartFrom { folder: folder.to_owned() })?;
            let paths: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
            return self.encoded(&paths, folder);
        }
        let mut values = Vec::new();
        for file in &files {
            values.extend_from_slice(read_codes(file, self.dim())?.as_slice());
        }
        let origin = format!(" of {} in {}", counted(files.len(), "file"), folder.display());
        Ok((Population::from_rows(self.dim(), &values), origin))
    }

    /// Codes of images: what the layer that the manifest names as the generator's encoder answers to them.
    fn encoded(&self, paths: &[PathBuf], origin: &Path) -> Result<(Population, String), CommandError> {
        let pictures = Pictures::of_files(paths)?;
        let codes = pictures.encoded(self.generator, self.library, Runtime::get(&say)?, session_options())?;
        let encoder = self.generator.spec().encoder.as_deref().unwrap_or_default();
        let origin = format!(", the answers of {encoder} to {} of {}", counted(paths.len(), "image"), origin.display());
        Ok((codes, origin))
    }

    fn dim(&self) -> usize {
        self.generator.spec().latent_dim
    }
}

/// A path, and what follows its last colon where that names codes of a run: other colons belong to the path.
fn split(argument: &Path) -> (&Path, Option<RunCodes>) {
    let (path, name) = codes_argument::split(argument);
    name.and_then(|name| name.parse().ok()).map_or((argument, None), |part| (path, Some(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_names_of_codes_are_cut_off_a_path() {
        for (argument, path, part) in [
            ("runs/first/evolution.npz", "runs/first/evolution.npz", None),
            ("runs/first/evolution.npz:best", "runs/first/evolution.npz", Some(RunCodes::Best)),
            (r"C:\runs\evolution.npz", r"C:\runs\evolution.npz", None),
            (r"C:\runs\evolution.npz:all", r"C:\runs\evolution.npz", Some(RunCodes::All)),
            ("12:30.npz", "12:30.npz", None),
            ("a.npz:lst", "a.npz:lst", None),
        ] {
            assert_eq!(split(Path::new(argument)), (Path::new(path), part), "{argument}");
        }
    }
}
