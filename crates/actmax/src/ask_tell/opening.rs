//! The first line of a session: which method, in how many dimensions, from where.

use optim_core::{ConfigError, Method, Population, nearest_names};
use serde_json::{Map, Value};
use thiserror::Error;

use super::state::StateError;

/// Keys of the first line.
const KEYS: [&str; 8] = ["optimizer", "dim", "seed", "options", "generations", "x0", "maximize", "resume"];

/// Most numbers that a generation may consist of (1 GiB), so that a slip of the pen is a message
/// instead of a machine without memory.
const LARGEST_GENERATION: usize = 1 << 27;

/// Longest schedule.
const MOST_GENERATIONS: u64 = 10_000_000;

/// Why a session could not begin.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpeningError {
    /// The input was empty.
    #[error("the input ended before the first line, which names optimizer and dim")]
    Ended,
    /// No JSON object.
    #[error("the first line is no JSON object: {reason}")]
    NotAnObject {
        /// What is wrong with it.
        reason: String,
    },
    /// A key that is none.
    #[error("unknown key '{key}' in the first line{}; keys are {}", did_you_mean(nearest), KEYS.join(", "))]
    UnknownKey {
        /// The key as given.
        key: String,
        /// Keys that resemble it.
        nearest: Vec<String>,
    },
    /// A key that must be there.
    #[error("the first line needs '{key}'")]
    Missing {
        /// The key.
        key: &'static str,
    },
    /// A value of the wrong kind.
    #[error("'{key}' must be {expected}")]
    Value {
        /// The key.
        key: &'static str,
        /// What its value must be.
        expected: &'static str,
    },
    /// Initial codes of different lengths.
    #[error("'x0': code {row} has {found} numbers, code 0 has {expected}")]
    Ragged {
        /// Row of the code, from 0.
        row: usize,
        /// Its length.
        found: usize,
        /// Length of the first one.
        expected: usize,
    },
    /// More numbers than a line should hold.
    #[error("{dim} dimensions and {codes} codes a generation are more than {LARGEST_GENERATION} numbers")]
    TooLarge {
        /// Length of a code.
        dim: u64,
        /// Codes a generation.
        codes: usize,
    },
    /// Something beside a state that has it already.
    #[error("'resume' takes everything from the state: leave '{key}' out")]
    BesideResume {
        /// The other key.
        key: String,
    },
    /// The method, an option or the initial codes do not fit.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The state is not one that can be continued.
    #[error("the session cannot be resumed")]
    State(#[from] StateError),
}

/// ` (did you mean ...?)`, or nothing.
pub(super) fn did_you_mean(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!(" (did you mean {}?)", nearest.join(" or ")) }
}

/// What the first line asks for.
#[derive(Debug)]
pub(crate) enum Opening {
    /// A new session.
    New(Start),
    /// One that was saved.
    Resume(String),
}

/// A session that begins.
#[derive(Debug)]
pub(crate) struct Start {
    pub(super) method: Method,
    pub(super) dim: usize,
    pub(super) seed: u64,
    pub(super) maximize: bool,
    pub(super) x0: Option<Population>,
}

impl Opening {
    /// Reads the first line.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, OpeningError> {
        let mut keys = object(line).map_err(|reason| OpeningError::NotAnObject { reason })?;
        if let Some(key) = keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let nearest = nearest_names(key, &KEYS.map(str::to_owned));
            return Err(OpeningError::UnknownKey { key: key.clone(), nearest });
        }
        keys.retain(|_, value| !value.is_null());
        if let Some(state) = keys.remove("resume") {
            return match (state, keys.keys().next()) {
                (_, Some(key)) => Err(OpeningError::BesideResume { key: key.clone() }),
                (Value::String(state), None) => Ok(Self::Resume(state)),
                _ => Err(OpeningError::Value { key: "resume", expected: "the text that 'save' gave" }),
            };
        }
        Start::parse(&keys).map(Self::New)
    }
}

impl Start {
    fn parse(keys: &Map<String, Value>) -> Result<Self, OpeningError> {
        let method = method(keys)?;
        let dim = whole(keys, "dim", "a whole number, 1 or more")?.ok_or(OpeningError::Missing { key: "dim" })?;
        let codes = |dim: usize| method.population_size(dim).max(1);
        let fits = |dim: &usize| dim.checked_mul(codes(*dim)).is_some_and(|numbers| numbers <= LARGEST_GENERATION);
        let wanted = usize::try_from(dim).unwrap_or(usize::MAX);
        let size = Some(wanted).filter(fits).ok_or_else(|| OpeningError::TooLarge { dim, codes: codes(wanted) })?;
        let maximize = match keys.get("maximize") {
            None => true,
            Some(value) => value.as_bool().ok_or(OpeningError::Value { key: "maximize", expected: "true or false" })?,
        };
        let seed = whole(keys, "seed", "a whole number from 0 to 2^64 - 1")?.unwrap_or(0);
        let x0 = keys.get("x0").map(codes_from).transpose()?;
        Ok(Self { method, dim: size, seed, maximize, x0 })
    }
}

fn method(keys: &Map<String, Value>) -> Result<Method, OpeningError> {
    let wrong = |key, expected| OpeningError::Value { key, expected };
    let name = keys.get("optimizer").ok_or(OpeningError::Missing { key: "optimizer" })?;
    let name = name.as_str().ok_or(wrong("optimizer", "the name of an optimizer"))?;
    let method = match keys.get("options") {
        None => Method::from_name(name)?,
        Some(Value::Object(options)) => Method::from_json_options(name, options)?,
        Some(_) => return Err(wrong("options", "an object of options and their values")),
    };
    const GENERATIONS: &str = "a whole number from 1 to 10000000";
    match whole(keys, "generations", GENERATIONS)? {
        None => Ok(method),
        Some(generations) if (1..=MOST_GENERATIONS).contains(&generations) => {
            Ok(method.for_generations(usize::try_from(generations).unwrap_or(usize::MAX)))
        }
        Some(_) => Err(wrong("generations", GENERATIONS)),
    }
}

/// A whole number, also where the client's language writes it as `4096.0`.
fn whole(keys: &Map<String, Value>, key: &'static str, expected: &'static str) -> Result<Option<u64>, OpeningError> {
    const EXACT: f64 = 9_007_199_254_740_992.0; // 2^53
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
    let from_real = |x: f64| (x.fract() == 0.0 && (0.0..=EXACT).contains(&x)).then_some(x as u64);
    let number = |value: &Value| value.as_u64().or_else(|| value.as_f64().and_then(from_real));
    let Some(value) = keys.get(key) else { return Ok(None) };
    number(value).map(Some).ok_or(OpeningError::Value { key, expected })
}

/// One code, or a list of codes.
fn codes_from(value: &Value) -> Result<Population, OpeningError> {
    let wrong = || OpeningError::Value { key: "x0", expected: "a list of numbers, or a list of such lists" };
    let numbers = |row: &Value| -> Option<Vec<f64>> { row.as_array()?.iter().map(Value::as_f64).collect() };
    let items = value.as_array().filter(|items| !items.is_empty()).ok_or_else(wrong)?;
    let rows: Vec<Vec<f64>> = match items[0] {
        Value::Array(_) => items.iter().map(numbers).collect::<Option<_>>().ok_or_else(wrong)?,
        _ => vec![numbers(value).ok_or_else(wrong)?],
    };
    let expected = rows[0].len();
    if expected == 0 {
        return Err(wrong());
    }
    match rows.iter().position(|row| row.len() != expected) {
        Some(row) => Err(OpeningError::Ragged { row, found: rows[row].len(), expected }),
        None => Ok(Population::from_rows(expected, &rows.concat())),
    }
}

/// Whether a line holds what Python and JavaScript write for numbers that are not finite.
fn names_not_a_number(line: &[u8]) -> bool {
    let text = String::from_utf8_lossy(line);
    text.contains("NaN") || text.contains("Infinity")
}

/// The keys of a line, or why it is no JSON object.
pub(super) fn object(line: &[u8]) -> Result<Map<String, Value>, String> {
    match serde_json::from_slice(line) {
        Ok(Value::Object(keys)) => Ok(keys),
        Ok(_) => Err("it is JSON of another kind".to_owned()),
        Err(error) if names_not_a_number(line) => {
            Err(format!("{error}; JSON has no NaN and no Infinity, send null instead"))
        }
        Err(error) => Err(error.to_string()),
    }
}
