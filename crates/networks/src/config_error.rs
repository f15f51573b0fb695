//! What can be wrong with a campaign's configuration, and in which line.

use std::error::Error;
use std::path::PathBuf;

use optim_core::{did_you_mean, nearest_names};
use thiserror::Error;

use crate::config::line_of;

/// Why a configuration cannot be used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ConfigFileError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// No TOML, an unknown key, or a value of the wrong kind.
    #[error("{file}, line {line}: {message}{}", did_you_mean(nearest))]
    Syntax {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What the reader said.
        message: String,
        /// Known names that resemble what was given.
        nearest: Vec<String>,
    },
    /// A value that is not known or out of range.
    #[error("{file}, line {line}")]
    Value {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: Box<dyn Error + Send + Sync>,
    },
    /// A key without which there is no campaign.
    #[error("{file} says nothing of {what}: give {keys}")]
    Missing {
        /// The file.
        file: String,
        /// What is missing.
        what: &'static str,
        /// The keys that say it.
        keys: &'static str,
    },
    /// Two keys that exclude each other.
    #[error("{file}, line {line}: {message}")]
    Conflict {
        /// The file.
        file: String,
        /// The line of one of them, from 1.
        line: usize,
        /// Which, and what to do.
        message: &'static str,
    },
    /// The configuration has sizes.
    #[error("{file} has the sizes {}: choose one with --size", sizes.join(", "))]
    WhichSize {
        /// The file.
        file: String,
        /// Its sizes.
        sizes: Vec<String>,
    },
    /// No such size.
    #[error("{file} has no size '{size}'{}; it has {}", did_you_mean(nearest), list(sizes))]
    UnknownSize {
        /// The file.
        file: String,
        /// The size as given.
        size: String,
        /// Sizes that resemble it.
        nearest: Vec<String>,
        /// Its sizes.
        sizes: Vec<String>,
    },
    /// Sizes within a size.
    #[error("{file}, line {line}: a [size] section cannot have sizes of its own")]
    NestedSize {
        /// The file.
        file: String,
        /// The line, from 1.
        line: usize,
    },
    /// Neither a file nor a preset.
    #[error("there is no file {} and no preset of that name{}; presets are {}", path.display(), did_you_mean(nearest), presets.join(", "))]
    NoSuchConfig {
        /// As given.
        path: PathBuf,
        /// Presets that resemble it.
        nearest: Vec<String>,
        /// All presets.
        presets: Vec<String>,
    },
}

impl ConfigFileError {
    /// What the TOML reader said, with the nearest of the names that it expected.
    pub(crate) fn syntax(file: &str, text: &str, error: &toml::de::Error) -> Self {
        let line = line_of(text, &error.span().unwrap_or(0..0));
        let message = error.message().to_owned();
        let mut quoted = message.split('`').skip(1).step_by(2).map(str::to_owned);
        let given = quoted.next().filter(|_| message.starts_with("unknown"));
        let known: Vec<String> = quoted.collect();
        let nearest = given.map_or_else(Vec::new, |given| nearest_names(&given, &known));
        Self::Syntax { file: file.to_owned(), line, message, nearest }
    }

    pub(crate) fn unknown_size(file: &str, size: &str, sizes: Vec<String>) -> Self {
        let nearest = nearest_names(size, &sizes);
        Self::UnknownSize { file: file.to_owned(), size: size.to_owned(), nearest, sizes }
    }
}

fn list(sizes: &[String]) -> String {
    if sizes.is_empty() { "none".to_owned() } else { sizes.join(", ") }
}
