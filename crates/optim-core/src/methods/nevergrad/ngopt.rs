//! Nevergrad's `NGOpt`: a method chosen by the dimension.

use super::base::{WORKERS, base_numbers, options};
use super::bounce::{BOUNDS, Bounce};
use super::cma::{NgCma, NgCmaConfig};
use super::de::{NgDe, NgDeConfig};
use super::one_plus_one::{NgOnePlusOne, NgOnePlusOneConfig};
use crate::linalg::real;
use crate::methods::sources::NEVERGRAD;
use crate::optimizer::delegate;
use crate::options::Options;
use crate::{ConfigError, MethodInfo, Optimizer};

options! {
    /// Options of [`NgNgopt`].
    NgNgoptConfig of NgNgopt, |_| &INFO, {}
    numbers_held: |config, dim, generations| if dim > real(CMA_UP_TO) {
        NgDeConfig { workers: config.workers, ..NgDeConfig::default() }.numbers_held(dim, generations)
    } else {
        NgCmaConfig { workers: config.workers, ..NgCmaConfig::default() }.numbers_held(dim, generations)
    }
}

pub(crate) static INFO: MethodInfo = MethodInfo {
    name: "ng-ngopt",
    aliases: &["NGOpt"],
    about: "nevergrad's NGOpt: DE above 2000 dimensions, else CMA (its quadratic model below 11 dimensions is left out)",
    source: NEVERGRAD,
    options: NgNgoptConfig::OPTIONS,
    size_option: "workers",
    smallest_size: 1,
    rank_based: false,
    carries_all_nan: false,
};

/// Above this dimension NGOpt is DE.
const CMA_UP_TO: usize = 2000;

/// The method that NGOpt takes for 40 workers, 3000 evaluations and a continuous space declared free of noise.
///
/// ```text
/// N > 2000         DE                 [`NgDe`]
/// 2 <= N <= 2000   CMA                [`NgCma`]
/// N = 1            OnePlusOne         [`NgOnePlusOne`]
/// ```
///
/// Deviation: up to 10 dimensions the reference's `MetaModel` adds, every few asks, the optimum of a quadratic
/// regression of the archive to the codes of CMA (of OnePlusOne, in one dimension). **That model is left out**: below 11
/// dimensions this is the method without it. The thresholds for other numbers of workers and evaluations are those of
/// the published benchmark too.
///
/// [`start_from`](Optimizer::start_from) and [`recommend`](Optimizer::recommend) are those of the method chosen.
///
/// # Source
/// `NGOpt` of nevergrad 0.4.2.post5.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct NgNgopt(Chosen);

#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
enum Chosen {
    De(NgDe),
    Cma(NgCma),
    OnePlusOne(NgOnePlusOne),
}

impl NgNgopt {
    /// A run in `dim` dimensions.
    ///
    /// # Errors
    /// If the dimension is 0 or an option is out of range.
    pub fn new(dim: usize, config: NgNgoptConfig) -> Result<Self, ConfigError> {
        let NgNgoptConfig { workers, bounds, bounce } = config;
        let cma = NgCmaConfig { workers, bounds, bounce, ..NgCmaConfig::default() };
        let one_plus_one = NgOnePlusOneConfig { workers, bounds, bounce, ..NgOnePlusOneConfig::default() };
        let de = NgDeConfig { workers, bounds, bounce, ..NgDeConfig::default() };
        Ok(Self(match dim {
            1 => Chosen::OnePlusOne(NgOnePlusOne::new(dim, one_plus_one)?),
            _ if dim <= CMA_UP_TO => Chosen::Cma(NgCma::new(dim, cma)?),
            _ => Chosen::De(NgDe::new(dim, de)?),
        }))
    }

    fn chosen(&self) -> &dyn Optimizer {
        match &self.0 {
            Chosen::De(method) => method,
            Chosen::Cma(method) => method,
            Chosen::OnePlusOne(method) => method,
        }
    }

    fn chosen_mut(&mut self) -> &mut dyn Optimizer {
        match &mut self.0 {
            Chosen::De(method) => method,
            Chosen::Cma(method) => method,
            Chosen::OnePlusOne(method) => method,
        }
    }
}

impl Optimizer for NgNgopt {
    delegate!(self => self.chosen(), self.chosen_mut());
}
