//! What requests ask of the session.

use axum::body::Bytes;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use experiments::journal::Score;
use rig_files::formats::json;
use rig_files::{ImageRef, Limits, ScoreRow};
use serde::Deserialize;
use tokio::sync::oneshot;

use super::MOST_BYTES;
use super::answer::{Refusal, json_of};
use crate::error::SessionError;
use crate::event::{Responses, Row};
use crate::session::Session;

/// Longest key of a request.
const LONGEST_KEY: usize = 200;

/// A request on its way to the session, and where its answer goes.
#[derive(Debug)]
pub(super) struct Request {
    pub(super) ask: Ask,
    pub(super) reply: oneshot::Sender<Response>,
}

/// What is asked.
#[derive(Debug)]
pub(super) enum Ask {
    /// Take these responses.
    Scores { block: u32, responses: Responses },
    /// Close this block.
    Close(u32),
    /// Do what the experimenter wants.
    Do(Action),
    /// Say where the session stands.
    Status,
}

/// What an experimenter may want.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Action {
    /// Offer no block.
    Pause,
    /// Offer blocks again.
    Continue,
    /// End when the block that is out is closed.
    Stop,
    /// Make no more generations of a thread.
    StopThread {
        /// Its number.
        thread: usize,
    },
    /// Keep a note.
    Note {
        /// Its text.
        text: String,
    },
}

impl Action {
    /// Does it; the answer is the session's status.
    fn serve(&self, session: &mut Session) -> Result<(), SessionError> {
        match self {
            Self::Pause => session.pause(),
            Self::Continue => session.proceed(),
            Self::Stop => session.stop(),
            Self::StopThread { thread } => session.stop_thread(*thread),
            Self::Note { text } => session.note(text),
        }
    }
}

impl Ask {
    /// Does it. Beside the answer stands what ends the session.
    pub(super) fn serve(self, session: &mut Session) -> (Response, Result<(), SessionError>) {
        let done = match self {
            Self::Status => return (json_of(&session.status()), Ok(())),
            Self::Do(action) => match action.serve(session) {
                Ok(()) => return (json_of(&session.status()), Ok(())),
                Err(error) => Err(error),
            },
            Self::Close(block) => session.close(block, "asked"),
            Self::Scores { block, responses } => session.take(block, responses),
        };
        match done {
            Ok(receipt) => (json_of(&receipt), Ok(())),
            Err(error) if error.is_usage() => (refused(&error, session).into_response(), Ok(())),
            Err(error) => {
                let refusal = Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the session stops: {error}"));
                (refusal.into_response(), Err(error))
            }
        }
    }
}

fn refused(error: &SessionError, session: &Session) -> Refusal {
    match error {
        SessionError::WrongBlock { current, .. } => {
            Refusal::new(StatusCode::CONFLICT, error.to_string()).with_block(*current)
        }
        _ => Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, error.to_string()).with_block(session.current()),
    }
}

/// The members of a body of scores that are not rows.
#[derive(Deserialize)]
struct Head {
    block: f64,
    #[serde(default)]
    key: Option<String>,
}

impl Ask {
    /// Reads the body of `POST /v1/scores`.
    pub(super) fn scores(body: &Bytes) -> Result<Self, Refusal> {
        let wrong = |why: String| Refusal::new(StatusCode::BAD_REQUEST, why);
        let head: Head = serde_json::from_slice(body).map_err(|error| {
            wrong(format!(
                "the body must be a JSON object with 'block' and 'rows', and a text as 'key' if any: {error}"
            ))
        })?;
        if head.block.fract() != 0.0 || !(0.0..=f64::from(u32::MAX)).contains(&head.block) {
            return Err(wrong(format!("'block' is {}, and must be the number of a block", head.block)));
        }
        let key = head.key.filter(|key| !key.is_empty());
        if let Some(key) = key.as_ref().filter(|key| key.len() > LONGEST_KEY) {
            return Err(wrong(format!("'key' has {} bytes, {LONGEST_KEY} are allowed", key.len())));
        }
        let limits = Limits { bytes: MOST_BYTES as u64, ..Limits::default() };
        let table = json::parse(body, &limits).map_err(|error| wrong(error.to_string()))?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "whole and in range")]
        let block = head.block as u32;
        let rows = table.rows.into_iter().map(row).collect();
        let (channels, bins_ms) = (table.channels, table.bins_ms);
        Ok(Self::Scores { block, responses: Responses { source: "http".to_owned(), key, channels, bins_ms, rows } })
    }
}

fn row(row: ScoreRow) -> Row {
    let name = match row.image {
        ImageRef::Name(name) => name,
        ImageRef::Index(index) => index.to_string(),
    };
    Row { name, id: None, trial: row.trial, t: row.time, values: row.values.into_iter().map(Score).collect() }
}
