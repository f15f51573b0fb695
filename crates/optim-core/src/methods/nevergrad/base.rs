//! What nevergrad's methods share: box, archive, ledger, given first codes, options.

use super::archive::{Archive, Estimate};
use super::bounce::{Bounce, Walls};
use crate::checks::require_size;
use crate::contract::{GivenCodes, Ledger};
use crate::{ConfigError, Population, Ranking, TellError};

/// Codes an ask in the published benchmark.
pub(super) const WORKERS: usize = 40;

/// The part of a state that every method of nevergrad has.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Base {
    pub(super) ledger: Ledger,
    pub(super) walls: Walls,
    pub(crate) archive: Archive,
    workers: usize,
    /// Codes told so far.
    told: usize,
    /// The given first generation, inside the box, until it is told.
    first: GivenCodes,
    /// All zero, length N: nevergrad's start.
    origin: Vec<f64>,
}

impl Base {
    pub(super) fn new(dim: usize, workers: usize, bounds: [f64; 2], bounce: Bounce) -> Result<Self, ConfigError> {
        require_size("workers", workers)?;
        let (ledger, walls) = (Ledger::new(dim)?, Walls::new(bounds, bounce)?);
        let (archive, origin) = (Archive::new(dim, workers), vec![0.0; dim]);
        Ok(Self { ledger, walls, archive, workers, told: 0, first: GivenCodes::default(), origin })
    }

    pub(super) fn dim(&self) -> usize {
        self.ledger.dim()
    }

    /// Codes told so far: the number of the next code, were all of nevergrad's asks counted from 0.
    pub(super) fn told(&self) -> usize {
        self.told
    }

    pub(super) fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
        self.ledger.check_initial(codes)?;
        let mut first = codes.clone();
        self.walls.keep(first.as_mut_slice());
        self.first.set(first);
        Ok(())
    }

    /// Hands out the given first generation, if there is one that was not told yet.
    pub(super) fn hand_out_first(&mut self, out: &mut Population) -> bool {
        self.first.hand_out(&mut self.ledger, out)
    }

    /// Shapes `out` for one code a worker.
    pub(super) fn prepare(&mut self, out: &mut Population) {
        out.reshape(self.dim(), self.workers);
        self.ledger.note_ask(self.workers);
    }

    /// Whether the generation that waits for its scores is the given first one.
    pub(super) fn waits_for_first(&self) -> bool {
        self.first.are_waiting()
    }

    pub(super) fn check_tell(&self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.ledger.check_tell(codes, scores)
    }

    /// Books a generation whose codes were filed.
    pub(super) fn note_tell(&mut self, codes: &Population, scores: &[f64]) {
        self.ledger.note_tell(codes, scores, Ranking::best_first(scores).order()[0]);
        self.told += codes.len();
        self.first.take();
    }

    /// The best code by `kind`; the origin before the first tell.
    pub(super) fn best(&self, kind: Estimate) -> &[f64] {
        self.archive.best(kind).map_or(&self.origin, |(code, _)| code)
    }
}

/// An upper estimate of the numbers of 8 bytes that a [`Base`] holds at once.
pub(super) fn base_numbers(workers: usize, dim: f64, generations: f64) -> f64 {
    Archive::numbers_held(workers, dim, generations) + 3.0 * dim
}

/// Root mean square of the norms of codes that are uniform in the box.
pub(super) fn norm_in_box([low, high]: [f64; 2], dim: f64) -> f64 {
    (dim * (low * low + low * high + high * high) / 3.0).sqrt()
}

/// A score by which codes compare: NaN counts as minus infinity.
pub(super) fn comparable(score: f64) -> f64 {
    if score.is_nan() { f64::NEG_INFINITY } else { score }
}

/// The methods of [`crate::Optimizer`] that a `base` field answers.
macro_rules! through_base {
    () => {
        fn dim(&self) -> usize {
            self.base.dim()
        }

        fn generation(&self) -> u64 {
            self.base.ledger.generation()
        }

        fn start_from(&mut self, codes: &Population) -> Result<(), ConfigError> {
            self.base.start_from(codes)
        }

        fn incumbent(&self) -> Option<(&[f64], f64)> {
            self.base.ledger.incumbent()
        }

        fn recommend(&self) -> &[f64] {
            self.base.best(Estimate::Average)
        }
    };
}
pub(super) use through_base;

/// The options of a method of nevergrad: `workers`, `bounds`, `bounce`, and those of its own.
macro_rules! options {
    ($(#[$doc:meta])* $config:ident of $method:ident, $info:expr,
     { $($(#[$field_doc:meta])* $field:ident: $type:ty = $default:expr, $about:literal;)* }
     numbers_held: $held:expr
     $(, start_norm: $norm:expr)?
     $(, fit_generations: $fit:expr)?) => {
        crate::options::options! {
            $(#[$doc])*
            $config {
                /// Codes an ask, 1 or more.
                workers: usize = WORKERS, "codes an ask";
                /// Walls of the box, the same in every coordinate, with 0 between them.
                bounds: [f64; 2] = BOUNDS, "walls of the box, the same in every coordinate";
                /// What becomes of coordinates outside the box.
                bounce: Bounce = Bounce::Single,
                    "coordinates outside the box: single (one reflection, far ones to the opposite wall) or reflect \
                    (as many as needed)";
                $($(#[$field_doc])* $field: $type = $default, $about;)*
            }
        }

        impl Options for $config {
            type Method = $method;

            fn info(&self) -> &'static MethodInfo {
                let info: fn(&Self) -> &'static MethodInfo = $info;
                info(self)
            }

            fn population_size(&self, _dim: usize) -> usize {
                self.workers
            }

            fn build(self, dim: usize) -> Result<$method, ConfigError> {
                $method::new(dim, self)
            }

            fn numbers_held(&self, dim: f64, generations: f64) -> f64 {
                let held: fn(&Self, f64, f64) -> f64 = $held;
                base_numbers(self.workers, dim, generations) + held(self, dim, generations)
            }

            fn start_norm(&self, dim: usize) -> f64 {
                let norms: &[fn(&Self, f64) -> f64] = &[$($norm,)? |_, dim| dim.sqrt()];
                norms[0](self, real(dim))
            }

            $(fn fit_generations(&mut self, generations: usize) {
                let fit: fn(&mut Self, usize) = $fit;
                fit(self, generations);
            })?
        }
    };
}
pub(super) use options;
