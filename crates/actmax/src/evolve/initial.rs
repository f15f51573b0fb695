//! `--init`: the codes that a run starts from.

use std::path::{Path, PathBuf};

use experiments::{
    EVOLUTION_FILE, EvolveError, INITIAL_CODES_FILE, RunCodes, RunSpec, codes_sha256, codes_to_npy, read_codes,
    read_initial_codes,
};
use optim_core::{AnyOptimizer, ConfigError, Population};

use crate::CommandError;
use crate::console::counted;

/// The copy as runs of earlier versions have it: the whole file that `--init` named.
const WHOLE_COPY: &str = "initial_codes.npz";

/// Codes to start from, and which ones they are.
#[derive(Debug)]
pub(crate) struct InitialCodes {
    codes: Population,
    file: PathBuf,
    part: Option<RunCodes>,
    /// Codes of zeros that the method could not start from.
    dropped: usize,
}

impl InitialCodes {
    /// Reads what `--init` names: a file or the folder of a run, and after a colon which codes of the run.
    pub(crate) fn read(argument: &Path, dim: usize) -> Result<Self, CommandError> {
        let (path, part) = split(argument);
        let file = if path.is_dir() { path.join(EVOLUTION_FILE) } else { path.to_owned() };
        let (codes, part) = read_initial_codes(&file, dim, part)?;
        Ok(Self { codes, file, part, dropped: 0 })
    }

    /// Reads the copy in the folder of a run.
    pub(crate) fn read_copy(folder: &Path, dim: usize) -> Result<Self, CommandError> {
        let copies = [INITIAL_CODES_FILE, WHOLE_COPY].map(|name| folder.join(name));
        let missing = || CommandError::NoInitialCodes { folder: folder.to_owned() };
        let file = copies.into_iter().find(|copy| copy.is_file()).ok_or_else(missing)?;
        Ok(Self { codes: read_codes(&file, dim)?, file, part: None, dropped: 0 })
    }

    /// The codes, `N x n`.
    pub(crate) fn codes(&self) -> &Population {
        &self.codes
    }

    /// The content of the copy in the run's folder.
    pub(crate) fn to_npy(&self) -> Result<Vec<u8>, CommandError> {
        codes_npy(&self.codes)
    }

    /// Builds the method of `spec` and starts it from the codes. Codes of zeros are dropped where the method cannot
    /// use them, and the specification names the others.
    pub(crate) fn start(&mut self, spec: &mut RunSpec) -> Result<AnyOptimizer, CommandError> {
        spec.initial_codes_sha256 = Some(codes_sha256(&self.codes));
        match spec.optimizer(Some(&self.codes)) {
            Err(EvolveError::Config(ConfigError::UnusableInitialCode { index, .. })) if self.drop_zeros(index) => {
                self.start(spec)
            }
            started => Ok(started?),
        }
    }

    /// Drops the codes of zeros if the one at `index` is one and others remain.
    fn drop_zeros(&mut self, index: usize) -> bool {
        let is_zero = |code: &[f64]| code.iter().all(|x| *x == 0.0);
        let others: Vec<f64> = self.codes.iter().filter(|code| !is_zero(code)).flatten().copied().collect();
        let drops = is_zero(self.codes.code(index)) && !others.is_empty();
        if drops {
            let others = Population::from_rows(self.codes.dim(), &others);
            self.dropped += self.codes.len() - others.len();
            self.codes = others;
        }
        drops
    }

    /// Number and origin in a few words.
    pub(crate) fn describe(&self) -> String {
        let part = self.part.map_or_else(String::new, |part| format!(" ({part})"));
        format!("the run starts from {}{part} of {}", counted(self.codes.len(), "code"), self.file.display())
    }

    /// What the user is warned of: codes that were dropped, and a first generation larger than the method's own.
    pub(crate) fn warnings(&self, population: usize) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.dropped > 0 {
            let dropped = counted(self.dropped, "code");
            warnings
                .push(format!("dropped {dropped} of zeros: the method cannot start from a code without a direction"));
        }
        // SphereCMA adds one code to every generation but its first.
        if self.codes.len() > population + 1 {
            let (given, times) = (self.codes.len(), self.codes.len() as f64 / population.max(1) as f64);
            warnings.push(format!(
                "the first generation has {given} codes and costs as much as {times:.0} others: the population is {population}"
            ));
        }
        warnings
    }
}

/// The content of the copy of codes in a run's folder.
pub(crate) fn codes_npy(codes: &Population) -> Result<Vec<u8>, CommandError> {
    codes_to_npy(codes).map_err(|source| CommandError::Write { path: INITIAL_CODES_FILE.into(), source })
}

/// A path, and what follows its last colon where that names codes of a run: other colons belong to the path.
fn split(argument: &Path) -> (&Path, Option<RunCodes>) {
    let (path, name) = argument.to_str().and_then(|text| text.rsplit_once(':')).unwrap_or_default();
    name.parse().map_or((argument, None), |part| (Path::new(path), Some(part)))
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
