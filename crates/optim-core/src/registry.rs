//! What methods there are: names, aliases, options, sources.

use strsim::levenshtein;

use crate::Method;
use crate::methods::{cholesky_cmaes, cma, diagonal_cma, genetic, nevergrad, random_search, sphere_cma, xdream};

/// One entry of the [`registry`]; it stands in the file of its method.
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
    /// Whether the method uses nothing of the scores but their order.
    pub rank_based: bool,
    /// Whether a generation without a single score is shown again by the method itself, instead of being
    /// refused with [`TellError::AllNan`](crate::TellError::AllNan).
    pub carries_all_nan: bool,
    /// Makes the method with its default options.
    pub(crate) method: fn() -> Method,
}

/// An option of a method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OptionInfo {
    /// Name, as in the reference.
    pub name: &'static str,
    /// What it sets.
    pub about: &'static str,
}

pub(crate) const fn option(name: &'static str, about: &'static str) -> OptionInfo {
    OptionInfo { name, about }
}

pub(crate) const POPULATION_SIZE: OptionInfo = option("population_size", "codes a generation");

pub(crate) const ACTMAX: &str = "Wang and Ponce 2022, ActMax-Optimizer-Dev";

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

/// Up to three of `known` that resemble `name`, most similar first: for messages.
#[must_use]
pub fn nearest_names(name: &str, known: &[String]) -> Vec<String> {
    let wanted = name.to_lowercase();
    let mut close: Vec<(usize, &String)> = known.iter().map(|k| (levenshtein(&wanted, &k.to_lowercase()), k)).collect();
    close.retain(|(distance, k)| {
        *distance <= wanted.len().max(k.len()).div_ceil(2).min(4) || k.to_lowercase().starts_with(&wanted)
    });
    close.sort();
    close.into_iter().take(3).map(|(_, k)| k.clone()).collect()
}
