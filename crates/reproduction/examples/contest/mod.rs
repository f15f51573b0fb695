//! What both contests of docs/polar-es.md share: methods as text, and the budget of a run.

use std::num::ParseFloatError;

use optim_core::{ConfigError, Method};

/// Codes a generation of most methods. Times the generations, this is the budget of every method.
const LAMBDA: usize = 40;

/// Generations of the published runs, and of those whose command names no other number.
pub(crate) const GENERATIONS: usize = 75;

/// The method of `name:option=value:..`, told that its run has `generations`.
pub(crate) fn method(text: &str, generations: usize) -> Result<Method, ConfigError> {
    let mut parts = text.split(':');
    let name = parts.next().unwrap_or_default();
    let options =
        parts.filter_map(|part| part.split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(Method::with_options(name, &options.collect::<Vec<_>>())?.for_generations(generations))
}

/// What stands before `*F`, and F: the factor of the norm of the first codes. Without it F is 1.
pub(crate) fn without_factor(text: &str) -> Result<(&str, f64), ParseFloatError> {
    let (text, factor) = text.split_once('*').unwrap_or((text, "1"));
    Ok((text, factor.parse()?))
}

/// Whether a run ends before generation `generation`, of `codes` codes.
pub(crate) fn is_over(generations: usize, generation: u64, evaluations: usize, codes: usize) -> bool {
    evaluations >= LAMBDA * generations || generation >= generations as u64 && codes >= LAMBDA
}
