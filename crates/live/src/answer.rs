//! Answers.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::error::LiveError;

/// What is the same whenever it is asked for. The page is made for one process: after another start its address has
/// another port or another token.
const FOR_GOOD: &str = "private, max-age=86400, immutable";

pub(crate) fn json_of(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => {
            ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], bytes).into_response()
        }
        Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()),
    }
}

pub(crate) fn png(bytes: Vec<u8>) -> Response {
    ([(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, FOR_GOOD)], bytes).into_response()
}

pub(crate) fn refusal(status: StatusCode, error: &str) -> Response {
    let body = json!({ "error": error }).to_string();
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

impl IntoResponse for LiveError {
    fn into_response(self) -> Response {
        refusal(StatusCode::NOT_FOUND, &self.to_string())
    }
}
