//! The part of the ask/tell contract that is the same for every method.

use crate::linalg::all_usable;
use crate::{ConfigError, Population, TellError};

/// The methods of [`crate::Optimizer`] that a `ledger` field answers; with `given`, also the one that a field `first` takes the
/// first codes for.
macro_rules! through_ledger {
    (given) => {
        through_ledger!();

        fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
            self.ledger.check_initial(codes)?;
            self.first.set(codes.clone());
            Ok(())
        }
    };
    () => {
        fn dim(&self) -> usize {
            self.ledger.dim()
        }

        fn generation(&self) -> u64 {
            self.ledger.generation()
        }

        fn incumbent(&self) -> Option<(&[f64], f64)> {
            self.ledger.incumbent()
        }
    };
}
pub(crate) use through_ledger;

/// Dimension, generation count, what was asked, and the incumbent.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Ledger {
    dim: usize,
    generation: u64,
    /// Number of codes of the generation that waits for its scores.
    asked: Option<usize>,
    best: Option<(Vec<f64>, f64)>,
}

impl Ledger {
    pub(crate) fn new(dim: usize) -> Result<Self, ConfigError> {
        if dim == 0 {
            return Err(ConfigError::ZeroDimension);
        }
        Ok(Self { dim, generation: 0, asked: None, best: None })
    }

    pub(crate) fn dim(&self) -> usize {
        self.dim
    }

    pub(crate) fn generation(&self) -> u64 {
        self.generation
    }

    pub(crate) fn incumbent(&self) -> Option<(&[f64], f64)> {
        self.best.as_ref().map(|(code, score)| (code.as_slice(), *score))
    }

    /// Checks initial codes before they are taken over.
    pub(crate) fn check_initial(&self, codes: &Population) -> Result<(), ConfigError> {
        if self.asked.is_some() || self.generation > 0 {
            return Err(ConfigError::AlreadyStarted);
        }
        if codes.dim() != self.dim || codes.is_empty() {
            return Err(ConfigError::InitialCodes { expected: self.dim, found: codes.dim(), count: codes.len() });
        }
        match unusable(codes) {
            Some((index, _)) => Err(ConfigError::UnusableInitialCode {
                index,
                reason: "it holds a value that is not finite or beyond 1e250",
            }),
            None => Ok(()),
        }
    }

    /// Notes that `len` codes were handed out.
    pub(crate) fn note_ask(&mut self, len: usize) {
        self.asked = Some(len);
    }

    /// Checks a `tell` before anything changes.
    pub(crate) fn check_tell(&self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.check_tell_or_gap(codes, scores)?;
        if scores.iter().all(|s| s.is_nan()) { Err(TellError::AllNan { count: scores.len() }) } else { Ok(()) }
    }

    /// The same for a method that can use a generation without a single score.
    pub(crate) fn check_tell_or_gap(&self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        let asked = self.asked.ok_or(TellError::NotAsked)?;
        if codes.dim() != self.dim {
            return Err(TellError::WrongDimension { expected: self.dim, found: codes.dim() });
        }
        if codes.len() != asked {
            return Err(TellError::WrongCodeCount { asked, told: codes.len() });
        }
        if scores.len() != asked {
            return Err(TellError::WrongScoreCount { codes: asked, scores: scores.len() });
        }
        match unusable(codes) {
            Some((index, component)) => Err(TellError::NonFiniteCode { index, component }),
            None => Ok(()),
        }
    }

    /// Records a checked generation whose best code is number `best`. NaN is no score.
    pub(crate) fn note_tell(&mut self, codes: &Population, scores: &[f64], best: usize) {
        self.asked = None;
        self.generation += 1;
        match &mut self.best {
            None if !scores[best].is_nan() => self.best = Some((codes.code(best).to_vec(), scores[best])),
            Some((code, score)) if scores[best] > *score => {
                code.copy_from_slice(codes.code(best));
                *score = scores[best];
            }
            _ => {}
        }
    }
}

/// The first generation that the caller gave, until its scores are told.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(transparent))]
pub(crate) struct GivenCodes(Option<Population>);

impl GivenCodes {
    /// Takes codes that [`Ledger::check_initial`] passed.
    pub(crate) fn set(&mut self, codes: Population) {
        self.0 = Some(codes);
    }

    /// Writes the codes into `out`, if they are the generation that comes next.
    pub(crate) fn hand_out(&self, ledger: &mut Ledger, out: &mut Population) -> bool {
        match &self.0 {
            Some(codes) if ledger.generation == 0 => {
                out.clone_from(codes);
                ledger.note_ask(out.len());
                true
            }
            _ => false,
        }
    }

    /// Whether the codes wait for their scores.
    pub(crate) fn are_waiting(&self) -> bool {
        self.0.is_some()
    }

    /// Forgets the codes, once they are told; whether there were any.
    pub(crate) fn take(&mut self) -> bool {
        self.0.take().is_some()
    }
}

/// Code and component of the first value that is not finite, or too large to compute with.
fn unusable(codes: &Population) -> Option<(usize, usize)> {
    codes.iter().enumerate().find_map(|(index, code)| {
        let fits = |x: &f64| all_usable(std::slice::from_ref(x));
        if all_usable(code) { None } else { Some((index, code.iter().position(|x| !fits(x))?)) }
    })
}
