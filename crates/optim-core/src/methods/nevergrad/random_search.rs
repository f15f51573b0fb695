//! Nevergrad's `RandomSearch`.

use rand::Rng;

use super::archive::Estimate;
use super::base::{Base, WORKERS, base_numbers, options, through_base};
use super::bounce::{BOUNDS, Bounce};
use crate::linalg::real;
use crate::methods::sources::NEVERGRAD;
use crate::options::Options;
use crate::rng::{fill_normal, fork};
use crate::{ConfigError, MethodInfo, Optimizer, Population, TellError};

options! {
    /// Options of [`NgRandomSearch`].
    NgRandomSearchConfig of NgRandomSearch, |_| &INFO, {}
    numbers_held: |_, _, _| 0.0
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "ng-random-search",
    aliases: &["RandomSearch"],
    about: "nevergrad's RandomSearch: independent standard normals",
    source: NEVERGRAD,
    options: NgRandomSearchConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: true,
    carries_all_nan: false,
};

/// Independent standard normal codes.
///
/// ```text
/// ask    code = bounce(z),  z ~ N(0, I)
/// ```
///
/// The norm of a code is about `sqrt(N)`, and the bounce is practically never active.
///
/// [`start_from`](Optimizer::start_from): the codes, inside the box, are the first generation.
/// [`recommend`](Optimizer::recommend) gives the code with the best mean score, a later one among equals, as upstream
/// reports it.
///
/// # Source
/// `RandomSearch` of nevergrad 0.4.2.post5.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgRandomSearch {
    pub(crate) base: Base,
}

impl NgRandomSearch {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgRandomSearchConfig) -> Result<Self, ConfigError> {
        Ok(Self { base: Base::new(dim, config.workers, config.bounds, config.bounce)? })
    }

    /// [`ask`](Optimizer::ask) with given standard normals, `N x workers`.
    ///
    /// # Panics
    /// If the shape does not fit.
    pub fn ask_with(&mut self, normals: &Population, out: &mut Population) {
        self.base.prepare(out);
        out.as_mut_slice().copy_from_slice(normals.as_slice());
        self.base.walls.keep(out.as_mut_slice());
    }
}

impl Optimizer for NgRandomSearch {
    through_base!();

    fn ask(&mut self, rng: &mut dyn Rng, out: &mut Population) {
        if self.base.hand_out_first(out) {
            return;
        }
        self.base.prepare(out);
        fill_normal(&mut fork(rng), out.as_mut_slice());
        self.base.walls.keep(out.as_mut_slice());
    }

    fn tell(&mut self, codes: &Population, scores: &[f64]) -> Result<(), TellError> {
        self.base.check_tell(codes, scores)?;
        for (code, &score) in codes.iter().zip(scores) {
            self.base.archive.tell(code, score);
        }
        self.base.note_tell(codes, scores);
        Ok(())
    }
}
