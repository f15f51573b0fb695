//! Errors of configurations and of `tell`.

use thiserror::Error;

use crate::names::did_you_mean;

/// Why a `tell` was refused; the method's state is as it was before.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum TellError {
    /// `tell` came before the first `ask`, or twice after one `ask`.
    #[error("tell without ask: ask for codes before telling their scores")]
    NotAsked,
    /// Codes of another length than the method's.
    #[error("codes have {found} components, the method works in {expected} dimensions")]
    WrongDimension {
        /// The method's dimension N.
        expected: usize,
        /// Length of the codes told.
        found: usize,
    },
    /// Another number of codes than was asked for.
    #[error("{told} codes were told, {asked} were asked for")]
    WrongCodeCount {
        /// Codes of the last `ask`.
        asked: usize,
        /// Codes told.
        told: usize,
    },
    /// Not one score a code.
    #[error("{scores} scores were told for {codes} codes")]
    WrongScoreCount {
        /// Codes told.
        codes: usize,
        /// Scores told.
        scores: usize,
    },
    /// A code holds NaN, an infinity, or a number beyond 1e250.
    #[error("code {index} holds a value that is not finite, or beyond 1e250, in component {component}")]
    NonFiniteCode {
        /// Column of the code.
        index: usize,
        /// Component of the value.
        component: usize,
    },
    /// Nothing can be learnt from a generation without a single score.
    #[error("all {count} scores are NaN: present the generation again")]
    AllNan {
        /// Scores told.
        count: usize,
    },
}

/// Why a method could not be made.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No method of this name.
    #[error("unknown optimizer '{name}'{}; known are {}", did_you_mean(nearest), known.join(", "))]
    UnknownMethod {
        /// The name as given.
        name: String,
        /// Names that resemble it.
        nearest: Vec<String>,
        /// All names.
        known: Vec<String>,
    },
    /// The method has no such option.
    #[error("{method} has no option '{option}'{}; its options are {}", did_you_mean(nearest), known.join(", "))]
    UnknownOption {
        /// The method's name.
        method: String,
        /// The option as given.
        option: String,
        /// Options that resemble it.
        nearest: Vec<String>,
        /// All options of the method.
        known: Vec<String>,
    },
    /// An option's value is of the wrong type.
    #[error("option {option} of {method} takes {takes}; '{value}' was given")]
    OptionType {
        /// The method's name.
        method: String,
        /// The option.
        option: String,
        /// The value as given.
        value: String,
        /// The values that the option takes, in words.
        takes: String,
    },
    /// An option's value is out of range.
    #[error("option {option}: {value} is out of range, it must be {range}")]
    OutOfRange {
        /// The option.
        option: &'static str,
        /// The value as given.
        value: f64,
        /// The range in words.
        range: String,
    },
    /// Codes and state of a run cannot be held in memory.
    #[error(
        "{population} codes of {dim} components a generation need {}, more than can be had: take a smaller population",
        in_words(*bytes)
    )]
    TooLarge {
        /// Length of a code.
        dim: usize,
        /// Codes a generation.
        population: usize,
        /// What the first generation needs, in bytes.
        bytes: u64,
    },
    /// A space without dimensions.
    #[error("the dimension of a code space must be 1 or more")]
    ZeroDimension,
    /// Initial codes of another length than the method's, or none.
    #[error("{count} initial codes of {found} components were given, the method takes one or more of {expected}")]
    InitialCodes {
        /// The method's dimension N.
        expected: usize,
        /// Length of the codes given.
        found: usize,
        /// Number of codes given.
        count: usize,
    },
    /// An initial code holds NaN, an infinity, or (on a sphere) has no direction.
    #[error("initial code {index} cannot be used: {reason}")]
    UnusableInitialCode {
        /// Row of the code.
        index: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Initial codes came after the first `ask`.
    #[error("initial codes must be given before the first ask")]
    AlreadyStarted,
}

/// A size in gigabytes.
fn in_words(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let gigabytes = bytes as f64 / 1e9;
    if bytes == u64::MAX { "more than 1.8e10 GB".to_owned() } else { format!("{gigabytes:.3} GB") }
}
