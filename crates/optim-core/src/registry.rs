//! What methods there are: names, aliases, options, sources.

use crate::Method;
use crate::OptionInfo;
use crate::methods::actmax::{cholesky_cmaes, genetic, random_search, sphere_cma};
use crate::methods::pycma::{cma, diagonal_cma};
use crate::methods::{nevergrad, xdream};

/// One entry of the [`registry`].
#[derive(Clone, Copy, Debug)]
pub struct MethodInfo {
    /// Name on the command line, in configurations and journals.
    pub name: &'static str,
    /// Published names, case-sensitive.
    pub aliases: &'static [&'static str],
    /// What it is, in one line.
    pub about: &'static str,
    /// Author, year, code base.
    pub source: &'static str,
    /// Its options; defaults are those of the configuration.
    pub options: &'static [OptionInfo],
    /// The option that sets the number of codes a generation.
    pub size_option: &'static str,
    /// The smallest value of that option.
    pub smallest_size: usize,
    /// Whether the method uses only the order of the scores.
    pub rank_based: bool,
    /// Whether the method takes a generation without a single score and asks for it again. Other methods
    /// refuse it with [`TellError::AllNan`](crate::TellError::AllNan).
    pub carries_all_nan: bool,
    /// Makes the method with its default options.
    pub(crate) method: fn() -> Method,
}

static REGISTRY: &[&MethodInfo] = &[
    &cholesky_cmaes::INFO,
    &sphere_cma::EXP,
    &sphere_cma::INV,
    &sphere_cma::LIN,
    &genetic::INFO,
    &cma::INFO,
    &diagonal_cma::INFO,
    &random_search::INFO,
    &nevergrad::de::DE,
    &nevergrad::de::TWO_POINTS_DE,
    &nevergrad::es::INFO,
    &nevergrad::pso::INFO,
    &nevergrad::one_plus_one::INFO,
    &nevergrad::tbpsa::INFO,
    &nevergrad::random_search::INFO,
    &nevergrad::ngopt::INFO,
    &nevergrad::cma::CMA,
    &nevergrad::cma::DIAGONAL_CMA,
    &nevergrad::rescaled_cma::INFO,
    &nevergrad::sqpcma::INFO,
    &xdream::genetic::INFO,
    &xdream::fdgd::INFO,
    &xdream::nes::INFO,
];

/// All methods, in the order in which they are listed to users.
#[must_use]
pub fn registry() -> &'static [&'static MethodInfo] {
    REGISTRY
}

/// The entry of that name or alias.
pub(crate) fn find(name: &str) -> Option<&'static MethodInfo> {
    REGISTRY.iter().copied().find(|info| info.name == name || info.aliases.contains(&name))
}
