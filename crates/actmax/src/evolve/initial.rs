//! `--init`: the codes that a run starts from.

use std::path::Path;

use experiments::{EvolveError, INITIAL_CODES_FILE, RunSpec, codes_sha256, codes_to_npy, read_codes};
use optim_core::{AnyOptimizer, ConfigError, Population};

use super::start::Start;
use crate::CommandError;
use crate::console::counted;

/// The copy as runs of earlier versions have it: the whole file that `--init` named.
const WHOLE_COPY: &str = "initial_codes.npz";

/// Codes to start from, and which ones they are.
#[derive(Debug)]
pub(crate) struct InitialCodes {
    codes: Population,
    /// Where they come from: what follows their number in a sentence.
    origin: String,
    /// Codes of zeros that the method could not start from.
    dropped: usize,
}

impl InitialCodes {
    /// Takes codes from what `--init` names.
    pub(crate) fn read(argument: &Path, start: &Start<'_>) -> Result<Self, CommandError> {
        let (codes, origin) = start.codes(argument)?;
        Ok(Self { codes, origin, dropped: 0 })
    }

    /// Reads the copy in the folder of a run.
    pub(crate) fn read_copy(folder: &Path, dim: usize) -> Result<Self, CommandError> {
        let copies = [INITIAL_CODES_FILE, WHOLE_COPY].map(|name| folder.join(name));
        let missing = || CommandError::NoInitialCodes { folder: folder.to_owned() };
        let file = copies.into_iter().find(|copy| copy.is_file()).ok_or_else(missing)?;
        Ok(Self { codes: read_codes(&file, dim)?, origin: format!(" of {}", file.display()), dropped: 0 })
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
        format!("the run starts from {}{}", counted(self.codes.len(), "code"), self.origin)
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
