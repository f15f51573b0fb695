//! HTTP/JSON on loopback, shaped for MATLAB's `webread` and `webwrite`, and for Python.
//!
//! ```text
//! GET  /v1/block?after=11&wait=4   the block that is out, if its number is above 11; else 204 after at most 4 s
//! GET  /v1/block/12.zip            all images of the block in one answer
//! GET  /v1/images/NAME             one image of the block
//! POST /v1/scores                  responses, in parts as they come
//! POST /v1/block/12/close          what is missing counts as missing
//! GET  /v1/status                  where the session stands
//! GET  /v1/events                  what happens, as server-sent events
//! POST /v1/actions                 pause, continue, stop, stop a thread, keep a note
//! POST /v1/enter                   a cookie with which a page may read
//! ```
//!
//! Every request carries `Authorization: Bearer TOKEN`; the token lies in the session's folder. Requests under a foreign
//! name (`Host`) or from a foreign page (`Origin`) are refused, so that no web page reaches the door. Every error is a JSON
//! object with a sentence in `error`.
//!
//! The session stays on the caller's thread. A thread of the door answers what only reads; everything else it sends to
//! [`HttpDoor::serve`].

mod answer;
mod guard;
mod images;
mod requests;
mod routes;
mod token;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{broadcast, oneshot, watch};

use crate::error::SessionError;
use crate::event::Event;
use crate::session::Session;
use guard::Guard;
use requests::Request;
use routes::{Out, Shared};

pub use token::TOKEN_FILE;

/// Where the door stood last, in the session's folder: `http://127.0.0.1:PORT`.
pub const URL_FILE: &str = "http-url";

/// Most bytes of a request's body.
pub const MOST_BYTES: usize = 8 << 20;

/// Longest time that a request for a block waits. MATLAB gives up after 5 s.
pub const LONGEST_WAIT: Duration = Duration::from_secs(4);

/// Events that a slow reader may lag behind before it misses some.
const EVENTS: usize = 256;

/// Requests that wait for the session at most.
const REQUESTS: usize = 64;

/// Time for answers that are on their way when the door closes.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A page that the door serves beside its own paths.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Its files, for everybody who calls the door by its own name.
    pub files: axum::Router,
    /// What it reads, for who has the token.
    pub data: axum::Router,
}

/// An open door. It closes when it is dropped.
#[derive(Debug)]
pub struct HttpDoor {
    address: SocketAddr,
    token: String,
    requests: mpsc::Receiver<Request>,
    out: watch::Sender<Out>,
    close: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl HttpDoor {
    /// Listens at `address` (port 0: any free one), and writes its URL and token into the session's folder. A session
    /// that is resumed keeps its token.
    ///
    /// # Errors
    /// If the address is taken, or a file cannot be written.
    pub fn open(session: &mut Session, address: SocketAddr) -> Result<Self, SessionError> {
        Self::open_with(session, address, Page::default())
    }

    /// As [`open`](Self::open), with a page.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(session: &mut Session, address: SocketAddr, page: Page) -> Result<Self, SessionError> {
        let failed = |source| SessionError::Listen { address, source };
        let token = token::of_session(session.folder())?;
        let listener = TcpListener::bind(address).map_err(failed)?;
        listener.set_nonblocking(true).map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        if !address.ip().is_loopback() {
            tracing::warn!(
                "the session listens on {address}: every machine that reaches it and has the token can send scores, and \
                 nothing is encrypted"
            );
        }
        write_url(session.folder(), address)?;
        let (events, _) = broadcast::channel(EVENTS);
        let (send, requests) = mpsc::sync_channel(REQUESTS);
        let (out, look) = watch::channel(Out::of(session));
        let (close, closed) = oneshot::channel();
        let guard = Arc::new(Guard::new(&token, address));
        let shared = Arc::new(Shared { guard, requests: send, out: look, events: events.clone() });
        session.listen(move |event: &Event| {
            // Nobody may be listening.
            let _ = events.send(serde_json::to_string(event).unwrap_or_default().into());
        });
        let thread = std::thread::Builder::new()
            .name("http door".to_owned())
            .spawn(move || answer_until(listener, routes::router(&shared, page), closed))
            .map_err(failed)?;
        Ok(Self { address, token, requests, out, close: Some(close), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What every request has to carry.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Does what requests ask of the session: waits for one up to `wait`, then takes all that are there. Returns whether
    /// there were any.
    ///
    /// # Errors
    /// If the session can no longer be written. The client is told as well.
    pub fn serve(&mut self, session: &mut Session, wait: Duration) -> Result<bool, SessionError> {
        self.publish(session);
        let Ok(first) = self.requests.recv_timeout(wait) else { return Ok(false) };
        let mut next = Some(first);
        while let Some(request) = next {
            let (answer, result) = request.ask.serve(session);
            // The next block is there before the client hears of it.
            self.publish(session);
            // A client that is gone needs no answer.
            let _ = request.reply.send(answer);
            result?;
            next = self.requests.try_recv().ok();
        }
        Ok(true)
    }

    /// Shows the block that is out to who waits for it.
    fn publish(&self, session: &Session) {
        let now = Out::of(session);
        self.out.send_if_modified(|out| {
            let changed = *out != now;
            *out = now;
            changed
        });
    }
}

impl Drop for HttpDoor {
    fn drop(&mut self) {
        end(&mut self.close, &mut self.thread);
    }
}

/// Serves a page that belongs to no session, until the returned handle is dropped.
///
/// # Errors
/// If the address is taken, or no token can be made.
pub fn serve_page(address: SocketAddr, page: Page) -> Result<PageServer, SessionError> {
    let failed = |source| SessionError::Listen { address, source };
    let listener = TcpListener::bind(address).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let token = token::new().map_err(failed)?;
    let guard = Arc::new(Guard::new(&token, address));
    let (close, closed) = oneshot::channel();
    let router = routes::page_alone(page, guard);
    let thread = std::thread::Builder::new()
        .name("page".to_owned())
        .spawn(move || answer_until(listener, router, closed))
        .map_err(failed)?;
    Ok(PageServer { address, token, close: Some(close), thread: Some(thread) })
}

/// A page that is served. It ends when it is dropped.
#[derive(Debug)]
pub struct PageServer {
    address: SocketAddr,
    token: String,
    close: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl PageServer {
    /// Where the page is, with its token.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/#{}", self.address, self.token)
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        end(&mut self.close, &mut self.thread);
    }
}

/// Closes a server and waits for its last answers.
fn end(close: &mut Option<oneshot::Sender<()>>, thread: &mut Option<JoinHandle<()>>) {
    if let Some(close) = close.take() {
        let _ = close.send(());
    }
    if let Some(thread) = thread.take() {
        let _ = thread.join();
    }
}

/// Answers requests until the door closes.
fn answer_until(listener: TcpListener, router: axum::Router, closed: oneshot::Receiver<()>) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build() {
        Ok(runtime) => runtime,
        Err(error) => return tracing::error!("the HTTP door cannot work: {error}"),
    };
    runtime.block_on(async {
        let listener = match tokio::net::TcpListener::from_std(listener) {
            Ok(listener) => listener,
            Err(error) => return tracing::error!("the HTTP door cannot listen: {error}"),
        };
        let (finish, finished) = oneshot::channel::<()>();
        let serve = axum::serve(listener, router).with_graceful_shutdown(async {
            let _ = finished.await;
        });
        let last_words = async {
            let _ = closed.await;
            let _ = finish.send(());
            tokio::time::sleep(LAST_WORDS).await;
        };
        tokio::select! {
            served = serve => if let Err(error) = served { tracing::error!("the HTTP door: {error}") },
            () = last_words => {}
        }
    });
}

fn write_url(folder: &Path, address: SocketAddr) -> Result<(), SessionError> {
    let path = folder.join(URL_FILE);
    let url = format!("http://{address}\n");
    experiments::write_whole(&path, |file| std::io::Write::write_all(file, url.as_bytes()))
        .map_err(|source| SessionError::File { action: "write", path, source })
}
