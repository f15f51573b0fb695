//! Answers: JSON, whatever happens.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Why a request is not followed, as a status and a JSON object with a sentence.
#[derive(Debug)]
pub(super) struct Refusal {
    status: StatusCode,
    error: String,
    beside: Map<String, Value>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, error: impl Into<String>) -> Self {
        Self { status, error: error.into(), beside: Map::new() }
    }

    /// Adds the block that is out.
    pub(super) fn with_block(mut self, block: Option<u32>) -> Self {
        self.beside.insert("block".to_owned(), json!(block));
        self
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut body = self.beside;
        body.insert("error".to_owned(), self.error.into());
        with_status(self.status, &body)
    }
}

/// A value as JSON.
pub(super) fn json_of(value: &impl Serialize) -> Response {
    with_status(StatusCode::OK, value)
}

fn with_status(status: StatusCode, value: &impl Serialize) -> Response {
    let body = serde_json::to_vec(value).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body).into_response()
}
