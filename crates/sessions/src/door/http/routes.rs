//! Paths, and what they lead to.

use std::convert::Infallible;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, QueryRejection};
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Query, Request as HttpRequest, State};
use axum::http::{StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event as Sse, KeepAlive};
use axum::response::{IntoResponse, Response, Sse as SseResponse};
use axum::routing::{get, post};
use futures_util::stream::{self, Stream};
use serde::Deserialize;
use tokio::sync::{broadcast, oneshot, watch};

use super::Page;
use super::answer::Refusal;
use super::guard::Guard;
use super::images;
use super::requests::{Ask, Request};
use super::{LONGEST_WAIT, MOST_BYTES};
use crate::block::Block;
use crate::session::Session;

/// The block that is out, for who waits for one.
#[derive(Clone, Debug)]
pub(super) struct Out(Option<Arc<Block>>);

impl Out {
    pub(super) fn of(session: &Session) -> Self {
        Self(session.block().cloned())
    }

    fn number(&self) -> Option<u32> {
        self.0.as_ref().map(|block| block.number)
    }
}

impl PartialEq for Out {
    fn eq(&self, other: &Self) -> bool {
        self.number() == other.number()
    }
}

/// What the answers are made of.
pub(super) struct Shared {
    pub(super) guard: Arc<Guard>,
    pub(super) requests: mpsc::SyncSender<Request>,
    pub(super) out: watch::Receiver<Out>,
    pub(super) events: broadcast::Sender<Arc<str>>,
}

type Door = State<Arc<Shared>>;

/// All paths, with those of a page. Nothing is answered before the guard has looked: only the files of the page, which say
/// nothing of the session, come without a token.
pub(super) fn router(shared: &Arc<Shared>, page: Page) -> Router {
    let unknown = |uri: Uri| async move {
        Refusal::new(StatusCode::NOT_FOUND, format!("there is nothing at {}: see docs/online.md", uri.path()))
    };
    let method = || async { Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "this path takes another method") };
    Router::new()
        .route("/v1/block", get(block))
        .route("/v1/block/{file}", get(archive))
        .route("/v1/block/{number}/close", post(close))
        .route("/v1/images/{name}", get(image))
        .route("/v1/scores", post(scores))
        .route("/v1/status", get(status))
        .route("/v1/events", get(events))
        .route("/v1/actions", post(action))
        .with_state(Arc::clone(shared))
        .merge(guarded(page.clone(), Arc::clone(&shared.guard)))
        .fallback(unknown)
        .method_not_allowed_fallback(method)
        .layer(DefaultBodyLimit::max(MOST_BYTES))
        .layer(middleware::from_fn_with_state(Arc::clone(&shared.guard), guard))
        .merge(page.files.layer(middleware::from_fn_with_state(Arc::clone(&shared.guard), guard_place)))
}

/// A page without a session.
pub(super) fn page_alone(page: Page, own: Arc<Guard>) -> Router {
    let files = page.files.clone().layer(middleware::from_fn_with_state(Arc::clone(&own), guard_place));
    let data = guarded(page, Arc::clone(&own)).layer(middleware::from_fn_with_state(own, guard));
    data.merge(files)
}

/// What a page reads, behind the guard, and a way to get the cookie.
fn guarded(page: Page, guard: Arc<Guard>) -> Router {
    page.data.route("/v1/enter", post(async move || ([(header::SET_COOKIE, guard.cookie())], StatusCode::NO_CONTENT)))
}

async fn guard(State(guard): State<Arc<Guard>>, request: HttpRequest, next: Next) -> Response {
    match guard.check(request.method(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn guard_place(State(guard): State<Arc<Guard>>, request: HttpRequest, next: Next) -> Response {
    match guard.check_place(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn action(State(shared): Door, body: Bytes) -> Response {
    match serde_json::from_slice(&body) {
        Ok(action) => ask(&shared, Ask::Do(action)).await,
        Err(error) => {
            let actions = "{\"do\": \"pause\"}, continue, stop, stop_thread with thread, or note with text";
            Refusal::new(StatusCode::BAD_REQUEST, format!("an action is {actions}: {error}")).into_response()
        }
    }
}

#[derive(Deserialize)]
struct Wanted {
    /// Number of the last block that the client has.
    after: Option<u32>,
    /// Seconds.
    wait: Option<f64>,
}

/// The block that is out, if it is a new one; 204 if none came in time.
async fn block(State(shared): Door, wanted: Result<Query<Wanted>, QueryRejection>) -> Response {
    let Ok(Query(Wanted { after, wait })) = wanted else {
        let why = "'after' must be the number of a block, and 'wait' a number of seconds";
        return Refusal::new(StatusCode::BAD_REQUEST, why).into_response();
    };
    let wait = wait.unwrap_or(0.0).clamp(0.0, LONGEST_WAIT.as_secs_f64());
    let wait = Duration::try_from_secs_f64(wait).unwrap_or(Duration::ZERO);
    let mut out = shared.out.clone();
    let fresh = |out: &Out| out.number().is_some_and(|number| after.is_none_or(|after| number > after));
    let found = match tokio::time::timeout(wait, out.wait_for(fresh)).await {
        Ok(Ok(out)) => out.0.clone(),
        _ => None,
    };
    found.map_or_else(|| StatusCode::NO_CONTENT.into_response(), |block| images::block_json(&block))
}

/// The block that is out, if it has this number.
fn numbered(shared: &Shared, number: Option<u32>) -> Result<Arc<Block>, Refusal> {
    let out = shared.out.borrow().clone();
    match (number, out.0) {
        (Some(number), Some(block)) if block.number == number => Ok(block),
        (Some(number), out) => {
            let current = out.map(|block| block.number);
            let is = current.map_or("no block is".to_owned(), |block| format!("block {block} is"));
            let why = format!("block {number} is not out: {is}");
            Err(Refusal::new(StatusCode::CONFLICT, why).with_block(current))
        }
        (None, _) => Err(Refusal::new(StatusCode::NOT_FOUND, "a block is /v1/block/12.zip, with its number")),
    }
}

async fn archive(State(shared): Door, Path(file): Path<String>) -> Response {
    let number = file.strip_suffix(".zip").and_then(|number| number.parse().ok());
    numbered(&shared, number).map_or_else(IntoResponse::into_response, |block| images::archive(&block))
}

async fn image(State(shared): Door, Path(name): Path<String>) -> Response {
    let out = shared.out.borrow().clone();
    match out.0 {
        Some(block) => images::image(&block, &name),
        None => Refusal::new(StatusCode::NOT_FOUND, "no block is out").with_block(None).into_response(),
    }
}

async fn close(State(shared): Door, Path(number): Path<String>) -> Response {
    match number.parse() {
        Ok(number) => ask(&shared, Ask::Close(number)).await,
        Err(_) => Refusal::new(StatusCode::NOT_FOUND, format!("'{number}' is no number of a block")).into_response(),
    }
}

async fn scores(State(shared): Door, request: HttpRequest) -> Response {
    let body: Result<Bytes, BytesRejection> = Bytes::from_request(request, &()).await;
    let asked = match body {
        Ok(body) => Ask::scores(&body),
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let why = format!("the body is larger than {MOST_BYTES} bytes: send the rows in parts");
            Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, why))
        }
        Err(error) => Err(Refusal::new(error.status(), error.body_text())),
    };
    match asked {
        Ok(asked) => ask(&shared, asked).await,
        Err(refusal) => refusal.into_response(),
    }
}

async fn status(State(shared): Door) -> Response {
    ask(&shared, Ask::Status).await
}

/// Hands a request to the session's thread and waits for the answer.
async fn ask(shared: &Shared, ask: Ask) -> Response {
    let (reply, answer) = oneshot::channel();
    let busy = || Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "the session has ended, or is busy: try again");
    if shared.requests.try_send(Request { ask, reply }).is_err() {
        return busy().into_response();
    }
    answer.await.unwrap_or_else(|_| busy().into_response())
}

/// Events of the journal from now on. A reader that is too slow is told how many it missed.
async fn events(State(shared): Door) -> SseResponse<impl Stream<Item = Result<Sse, Infallible>>> {
    let next = |mut events: broadcast::Receiver<Arc<str>>| async move {
        let event = match events.recv().await {
            Ok(event) => Sse::default().data(&*event),
            Err(broadcast::error::RecvError::Lagged(missed)) => Sse::default().event("missed").data(missed.to_string()),
            Err(broadcast::error::RecvError::Closed) => return None,
        };
        Some((Ok(event), events))
    };
    SseResponse::new(stream::unfold(shared.events.subscribe(), next)).keep_alive(KeepAlive::default())
}
