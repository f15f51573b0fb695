//! A later line of a session.

use std::path::PathBuf;

use optim_core::{TellError, did_you_mean, nearest_names};
use serde_json::Value;
use thiserror::Error;

use super::opening::object;
use super::state::StateError;

const KEYS: [&str; 3] = ["scores", "save", "stop"];

/// What a line asks for.
#[derive(Debug)]
pub(crate) enum Request {
    /// Takes the scores of the generation that is out, NaN where one is missing, and asks for the next.
    Scores(Vec<f64>),
    /// Asks for the state.
    Save,
    /// Ends the session.
    Stop,
}

/// Why a line asks for nothing that can be done.
#[derive(Debug, Error)]
pub(crate) enum RequestError {
    #[error("the line is no JSON object: {reason}")]
    NotAnObject { reason: String },
    #[error("unknown key '{key}'{}; a line has one of {}", did_you_mean(nearest), KEYS.join(", "))]
    UnknownKey { key: String, nearest: Vec<String> },
    #[error("a line has one of {}, this one has {found} of them", KEYS.join(", "))]
    NotOneKey { found: usize },
    #[error("'{key}' must be true")]
    NotTrue { key: &'static str },
    #[error("'scores' must be a list of numbers, null where a score is missing")]
    NotAList,
    #[error("score {index} is {found}: a score is a number, or null where it is missing")]
    NotAScore { index: usize, found: Value },
}

/// Why a line that asks for something possible is not followed now.
#[derive(Debug, Error)]
pub(crate) enum Refused {
    #[error(transparent)]
    Tell(#[from] TellError),
    #[error("all {generations} generations of the run are scored: send {{\"stop\": true}}")]
    Over { generations: u64 },
    #[error("the folder keeps this run: {{\"resume\": true, \"out\": \"{}\"}} goes on with it", folder.display())]
    KeptInFolder { folder: PathBuf },
    #[error(transparent)]
    State(#[from] StateError),
}

impl Request {
    /// Reads a line.
    pub(crate) fn parse(line: &[u8]) -> Result<Self, RequestError> {
        let mut keys = object(line).map_err(|reason| RequestError::NotAnObject { reason })?;
        if let Some(key) = keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
            let nearest = nearest_names(key, &KEYS.map(str::to_owned));
            return Err(RequestError::UnknownKey { key: key.clone(), nearest });
        }
        if keys.len() != 1 {
            return Err(RequestError::NotOneKey { found: keys.len() });
        }
        match keys.remove("scores") {
            Some(Value::Array(list)) => scores(&list).map(Self::Scores),
            Some(_) => Err(RequestError::NotAList),
            None if keys.contains_key("save") => is_true(&keys["save"], "save", Self::Save),
            None => is_true(&keys["stop"], "stop", Self::Stop),
        }
    }
}

fn is_true(value: &Value, key: &'static str, request: Request) -> Result<Request, RequestError> {
    if *value == Value::Bool(true) { Ok(request) } else { Err(RequestError::NotTrue { key }) }
}

fn scores(list: &[Value]) -> Result<Vec<f64>, RequestError> {
    let score = |(index, value): (usize, &Value)| match value {
        Value::Null => Ok(f64::NAN),
        value => value.as_f64().ok_or_else(|| RequestError::NotAScore { index, found: value.clone() }),
    };
    list.iter().enumerate().map(score).collect()
}
